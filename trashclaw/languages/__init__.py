"""Programming languages: their grammars, and what checks and formats them in a project."""
