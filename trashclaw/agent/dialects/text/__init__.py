"""Calls written into the text: the forms of all families, read and written."""
