"""The agent: a loop over a provider and tools that it knows only by their ports."""
