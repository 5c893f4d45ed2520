"""Finds what is shipped with the program, and what people lay beside it: themes, commands, scripts."""

from __future__ import annotations

from pathlib import Path

import trashclaw
from trashclaw.config.paths import config_folder
from trashclaw.protocol.errors import ConfigError
from trashclaw.workspace.presence import is_file


def resource_folder(name: str) -> Path:
    """Return a shipped folder: inside the package when it was built into a wheel, else beside it in a checkout.

    Raises:
        ConfigError: the installation is damaged.
    """
    package = Path(trashclaw.__file__).resolve().parent
    for folder in (package / "resources" / name, package.parent / name):
        if folder.is_dir():
            return folder
    raise ConfigError(f"The folder {name} is missing from {package}.", "Install trashclaw again.")


def theme_files() -> tuple[Path, ...]:
    """Return the theme files: the shipped ones, then the person's own, whose names win."""
    folders = (resource_folder("themes"), config_folder() / "themes")
    return tuple(file for folder in folders for file in sorted(folder.glob("*.yaml")) if file.is_file())


def command_folders() -> tuple[Path, ...]:
    """Return the folders of slash commands, weakest first; a trusted project's come as `ProjectFiles`."""
    return (resource_folder("commands"), config_folder() / "commands")


def script_file(name: str) -> Path:
    """Return a shipped script of the scripted provider.

    Raises:
        ConfigError: there is none of that name.
    """
    file = resource_folder("scripts") / f"{name}.yaml"
    if not is_file(file):
        raise ConfigError(f"There is no shipped script {name[:80]}.")
    return file
