"""The exam: what a model can do here, measured through the provider's port alone, and what follows from it."""
