"""Where the program works: the folder, whether it is trusted, and the settings that hold there."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from trashclaw.cli.added import find_added
from trashclaw.cli.options import overrides
from trashclaw.config.paths import state_folder
from trashclaw.protocol.errors import UsageError
from trashclaw.workspace.presence import is_folder, is_there

if TYPE_CHECKING:
    from trashclaw.config.load import Loaded
    from trashclaw.config.project_files import ProjectFiles


@dataclass(frozen=True, slots=True)
class Place:
    """A folder and what holds in it."""

    root: Path
    loaded: Loaded
    is_trusted: bool
    project: ProjectFiles | None = None
    """What the folder brings, in the bytes that were vouched for; `None` where it is not trusted."""

    added: tuple[Path, ...] = ()
    """Further folders that count as workspace."""

    notices: tuple[str, ...] = ()
    """What of the folder was passed over, and why."""


def find_place(options: argparse.Namespace) -> Place:
    """Return the folder to work in, and the settings that hold there.

    Raises:
        UsageError: there is no such folder.
        ConfigError: its settings are wrong.
    """
    from trashclaw.config.load import load_settings
    from trashclaw.config.project_files import read_project
    from trashclaw.config.trust import Standing, TrustStore

    root = find_folder(options)
    project = read_project(root)
    standing = TrustStore(state_folder()).standing(project)
    is_trusted = standing is Standing.TRUSTED
    brought = project if is_trusted else None
    loaded = load_settings(overrides(options), project=brought, config_file=options.config)
    added = find_added(root, loaded.settings.add_dirs)
    passed_over = (
        () if is_trusted or not project.files else (_untrusted(root, has_changed=standing is Standing.CHANGED),)
    )
    return Place(root, loaded, is_trusted, brought, added, (*loaded.notices, *passed_over))


def find_folder(options: argparse.Namespace) -> Path:
    """Return the folder to work in: the one named, else the repository around the current one, else the current one.

    Raises:
        UsageError: there is no such folder.
    """
    try:
        folder = (options.folder or Path()).expanduser().resolve()
    except (OSError, RuntimeError) as error:
        # The current folder was removed, or a link leads to itself.
        raise UsageError(
            f"The folder to work in cannot be found: {error}.", "Go to another one, or name one with -C."
        ) from error
    if not is_folder(folder):
        raise UsageError(f"There is no folder {folder}.", "Check the path after -C.")
    return folder if options.folder else find_root(folder)


def settle_trust(options: argparse.Namespace) -> None:
    """Store what `--trust` says, once in a run: what changes in the folder later was not vouched for.

    Raises:
        UsageError: there is no such folder.
        ConfigError: the answer cannot be stored.
    """
    if options.trust is None:
        return
    from trashclaw.config.project_files import read_project
    from trashclaw.config.trust import TrustStore

    root = find_folder(options)
    trust = TrustStore(state_folder())
    if options.trust == "on":
        trust.trust(read_project(root))
    else:
        trust.revoke(root)


def find_root(folder: Path) -> Path:
    """Return the top of the git work tree around a folder, or the folder itself."""
    for candidate in (folder, *folder.parents):
        if is_there(candidate / ".git"):
            return candidate
    return folder


def _untrusted(root: Path, *, has_changed: bool) -> str:
    why = "brings something else than when you answered for it, and is not trusted" if has_changed else "is not trusted"
    return f"{root} {why}, so nothing that it brings is loaded. /trust, or --trust on, vouches for it."
