"""Says what a whole write does to a file that has several names."""

from __future__ import annotations

from pathlib import Path

from trashclaw.workspace.presence import has_other_names


def note_on_names(path: Path) -> str:
    """Return a note for the result if the file has hard links: a write is whole, so they keep the old file."""
    return "the file had other names (hard links), which keep the old text" if has_other_names(path) else ""
