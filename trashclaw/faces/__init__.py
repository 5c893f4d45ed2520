"""Faces turn events into something seen and input into ops; they do not know each other."""
