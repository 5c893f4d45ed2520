"""Where our own files live: settings, state, and one private folder of state for each workspace."""

from __future__ import annotations

import os
import re
from pathlib import Path

from trashclaw.protocol.errors import ConfigError

HOME_VARIABLE = "TRASHCLAW_HOME"
PROJECT_FOLDER = ".trashclaw"
FILE_NAME = "config.yaml"
PRIVATE = 0o700


def config_folder() -> Path:
    """Return the folder of the person's settings, themes and commands; it need not exist.

    Raises:
        ConfigError: there is no home folder.
    """
    return _own_folder("config")


def state_folder() -> Path:
    """Return the folder of logs, trust and checkpoints, made if it is missing and closed to others.

    Raises:
        ConfigError: there is no home folder, or the folder cannot be made.
    """
    return private_folder(_own_folder("state"))


def workspace_state(root: Path) -> Path:
    """Return the state folder of one workspace, the same for every path that leads to it.

    Raises:
        ConfigError: it cannot be made.
    """
    import hashlib

    resolved = root.resolve()
    digest = hashlib.sha256(os.fsencode(resolved)).hexdigest()[:12]
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", resolved.name)[:40].strip(".-") or "root"
    return private_folder(private_folder(state_folder() / "workspaces") / f"{name}-{digest}")


def private_folder(folder: Path) -> Path:
    """Make a folder that only its owner can enter, and return it.

    Raises:
        ConfigError: it cannot be made or closed.
    """
    try:
        folder.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
        if folder.stat().st_mode & 0o077 and os.name == "posix":
            folder.chmod(PRIVATE)
    except OSError as error:
        reason = error.strerror or str(error)
        raise ConfigError(
            f"The folder {folder} cannot be made: {reason}.", f"Set {HOME_VARIABLE} to a folder that can be written."
        ) from error
    return folder


def _own_folder(kind: str) -> Path:
    chosen = os.environ.get(HOME_VARIABLE)
    folder = Path(chosen).expanduser() / kind if chosen else _platform_folder(kind)
    if not folder.is_absolute():
        raise ConfigError(f"No folder for {kind}: {folder} is not absolute.", f"Set HOME, or {HOME_VARIABLE}.")
    return folder


def _platform_folder(kind: str) -> Path:
    import platformdirs

    if kind == "config":
        return platformdirs.user_config_path("trashclaw", appauthor=False)
    return platformdirs.user_state_path("trashclaw", appauthor=False)
