"""Patches as models write them: read without touching a file, and placed by content."""
