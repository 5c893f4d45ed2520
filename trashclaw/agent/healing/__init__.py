"""Healing: from what a model wrote to a call that can be tried, without inventing anything."""
