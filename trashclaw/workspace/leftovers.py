"""Temporary files and folders beside their targets: their names, and how those are found that a dead process left."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import tempfile
from pathlib import Path

TEMPORARY_PREFIX = ".trashclaw-"
_NAME = re.compile(r"\.trashclaw-(\d+)-[0-9a-f]{12}\.tmp")


def temporary_beside(target: Path) -> Path:
    """Return a new name in the target's folder; it says which process will write there."""
    return target.with_name(f"{TEMPORARY_PREFIX}{os.getpid()}-{os.urandom(6).hex()}.tmp")


def sweep_leftovers(folder: Path) -> tuple[str, ...]:
    """Remove the temporary files and folders in a folder whose process is gone, and return their names."""
    swept: list[str] = []
    with contextlib.suppress(OSError):
        for entry in list(os.scandir(folder)):
            match = _NAME.fullmatch(entry.name)
            if match and not _is_alive(int(match[1])):
                if entry.is_dir(follow_symlinks=False):
                    shutil.rmtree(entry.path)
                else:
                    Path(entry.path).unlink()
                swept.append(entry.name)
    return tuple(sorted(swept))


def private_folder(purpose: str) -> Path:
    """Make a folder for this user and this process alone, at a short path, and remove those of processes that are gone.

    Raises:
        OSError: none can be made.
    """
    parent, prefix = Path(tempfile.gettempdir()), f"trashclaw-{purpose}-"
    with contextlib.suppress(OSError):
        for entry in list(os.scandir(parent)):
            match = re.fullmatch(rf"{re.escape(prefix)}(\d+)-\w+", entry.name)
            if match and entry.is_dir(follow_symlinks=False) and not _is_alive(int(match[1])):
                shutil.rmtree(entry.path, ignore_errors=True)
    return Path(tempfile.mkdtemp(prefix=f"{prefix}{os.getpid()}-", dir=parent))


def _is_alive(process_id: int) -> bool:
    """Tell whether a process runs; where that cannot be asked harmlessly (Windows), it counts as running."""
    if os.name == "nt":
        return True
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True
