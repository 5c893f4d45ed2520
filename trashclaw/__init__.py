"""trashclaw: a terminal coding assistant for models that run on your own hardware."""

__version__ = "0.1.0"
