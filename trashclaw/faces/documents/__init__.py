"""A conversation as a document: Markdown, one HTML page, or lines of JSON; every face writes the same ones."""
