"""The theme of the first picture, by name: to read and check all settings takes longer than to draw it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from trashclaw.config.paths import FILE_NAME, PROJECT_FOLDER, config_folder
from trashclaw.directives.strict_yaml import read_mapping, read_source
from trashclaw.protocol.errors import ConfigError

VARIABLE = "TRASHCLAW_UI__THEME"


def find_theme(
    workspace: Path,
    *,
    environ: Mapping[str, str] | None = None,
    is_trusted: bool = False,
    config_file: Path | None = None,
) -> str:
    """Return the name that `load_settings` finds for `ui.theme`, or an empty one.

    Nothing is checked: what is wrong in a file is told when the settings are read.
    """
    environ = os.environ if environ is None else environ
    files = [config_folder() / FILE_NAME]
    if config_file is not None:
        files.append(config_file)
    elif is_trusted:
        files.append(workspace / PROJECT_FOLDER / FILE_NAME)
    names = [environ.get(VARIABLE, ""), *map(_named_in, reversed(files))]
    return next((name for name in names if name), "")


def _named_in(file: Path) -> str:
    if not os.path.lexists(file):
        return ""
    try:
        values = read_mapping(read_source(file), str(file)).values
    except ConfigError:
        return ""
    section = values.get("ui")
    name = section.get("theme") if isinstance(section, Mapping) else values.get("ui.theme")
    return name if isinstance(name, str) else ""
