"""Where the program works: the folder, whether it is trusted, and the settings that hold there."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from trashclaw.cli.options import overrides
from trashclaw.config.paths import state_folder
from trashclaw.config.trust import TrustStore
from trashclaw.protocol.errors import UsageError
from trashclaw.workspace.presence import is_folder, is_there

if TYPE_CHECKING:
    from trashclaw.config.load import Loaded


@dataclass(frozen=True, slots=True)
class Place:
    """A folder and what holds in it."""

    root: Path
    loaded: Loaded
    is_trusted: bool


def find_place(options: argparse.Namespace) -> Place:
    """Return the folder to work in, and the settings that hold there.

    Raises:
        UsageError: there is no such folder.
        ConfigError: its settings are wrong.
    """
    from trashclaw.config.load import load_settings

    root, is_trusted = find_folder(options)
    loaded = load_settings(root, overrides(options), is_trusted=is_trusted, config_file=options.config)
    return Place(root, loaded, is_trusted)


def find_folder(options: argparse.Namespace) -> tuple[Path, bool]:
    """Return the folder to work in: the one named, else the repository around the current one, else the current one.

    The second value says whether it is trusted.

    Raises:
        UsageError: there is no such folder.
        ConfigError: the answer about trust cannot be stored.
    """
    folder = (options.folder or Path()).expanduser().resolve()
    if not is_folder(folder):
        raise UsageError(f"There is no folder {folder}.", "Check the path after -C.")
    root = folder if options.folder else find_root(folder)
    trust = TrustStore(state_folder())
    if options.trust == "on":
        trust.trust(root)
    elif options.trust == "off":
        trust.revoke(root)
    return root, trust.is_trusted(root)


def find_root(folder: Path) -> Path:
    """Return the top of the git work tree around a folder, or the folder itself."""
    for candidate in (folder, *folder.parents):
        if is_there(candidate / ".git"):
            return candidate
    return folder
