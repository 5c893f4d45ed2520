"""The further folders that count as workspace: which ones a person named, and whether they can be that."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from trashclaw.config.paths import config_folder, state_folder
from trashclaw.protocol.errors import UsageError
from trashclaw.workspace.presence import is_folder

_HINT = "Check --add-dir, TRASHCLAW_ADD_DIRS and the setting add_dirs."


def find_added(root: Path, named: Sequence[str]) -> tuple[Path, ...]:
    """Return the folders with every symlink followed; what lies in the workspace anyway is left out.

    Raises:
        UsageError: one is no folder, holds the workspace, or belongs to what the program trusts and remembers.
    """
    root = root.resolve()
    found = (_resolved(root, name) for name in named)
    return tuple(dict.fromkeys(folder for folder in found if not folder.is_relative_to(root)))


def _resolved(root: Path, name: str) -> Path:
    try:
        folder = (root / Path(name).expanduser()).resolve()
    except (OSError, ValueError, RuntimeError) as error:
        raise UsageError(f"{name[:200]!r} is no possible folder.", _HINT) from error
    if not is_folder(folder):
        raise UsageError(f"There is no folder {folder}.", _HINT)
    if folder in root.parents:
        raise UsageError(f"{folder} holds the workspace {root}, and cannot be added to it.", "Use -C to work in it.")
    for own in (state_folder().resolve(), config_folder().resolve()):
        if own.is_relative_to(folder) or folder.is_relative_to(own):
            raise UsageError(f"{folder} holds trashclaw's own files, which no tool may write.", _HINT)
    return folder
