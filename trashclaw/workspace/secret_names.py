"""Which files are secret by their name alone: `.env` and its kin, but not the examples of them."""

from __future__ import annotations

import unicodedata

OPEN_ENDS = (".example", ".sample", ".template", ".dist", ".defaults", ".schema")
"""Examples, which are no secrets."""


def is_secret_name(name: str) -> bool:
    """Tell whether a file's name (no path) is one of secrets, in any spelling that a file system could take for it."""
    if name.isascii() and not name.startswith("."):
        return False  # Most names; the rest is slow.
    visible = "".join(char for char in unicodedata.normalize("NFKC", name) if unicodedata.category(char) != "Cf")
    plain = visible.split(":")[0].rstrip(". ").casefold()
    if plain in {".env", ".envrc"}:
        return True
    return plain.startswith(".env.") and not plain.endswith(OPEN_ENDS)
