"""What is at a path; one that cannot be asked about (too long, a folder without leave to enter) counts as absent."""

from __future__ import annotations

import stat
from pathlib import Path


def is_there(path: Path) -> bool:
    """Tell whether something is at a path, at the end of its links."""
    return _mode(path) != 0


def is_file(path: Path) -> bool:
    """Tell whether a regular file is at a path, at the end of its links."""
    return stat.S_ISREG(_mode(path))


def is_folder(path: Path) -> bool:
    """Tell whether a folder is at a path, at the end of its links."""
    return stat.S_ISDIR(_mode(path))


def has_other_names(path: Path) -> bool:
    """Tell whether a file has several names (hard links)."""
    try:
        return path.stat().st_nlink > 1
    except (OSError, ValueError):
        return False


def _mode(path: Path) -> int:
    """Return the mode, 0 if there is none: `Path.exists` itself raises for all but a few reasons."""
    try:
        return path.stat().st_mode
    except (OSError, ValueError):
        return 0
