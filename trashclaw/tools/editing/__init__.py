"""Edits that land: the one place that a model means is found, and what it wrote is fitted to it."""
