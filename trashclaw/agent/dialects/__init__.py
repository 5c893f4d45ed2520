"""Dialects: how a history becomes a request, and a reply becomes words, thoughts and tool calls."""
