"""How the first picture looks: to read and check all settings takes longer than to draw it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trashclaw.config.paths import FILE_NAME, PROJECT_FOLDER, config_folder
from trashclaw.directives.strict_yaml import read_mapping, read_source
from trashclaw.protocol.errors import ConfigError

_TRUE = frozenset({"1", "true", "t", "yes", "y", "on"})


@dataclass(frozen=True, slots=True)
class FirstLook:
    """What `load_settings` will find for `ui.theme` and `ui.ascii`."""

    theme: str = ""
    is_ascii: bool = False


def find_first_look(
    workspace: Path,
    *,
    environ: Mapping[str, str] | None = None,
    is_trusted: bool = False,
    config_file: Path | None = None,
) -> FirstLook:
    """Return the look that the settings ask for.

    Nothing is checked: what is wrong in a file is told when the settings are read.
    """
    environ = os.environ if environ is None else environ
    files = [config_folder() / FILE_NAME]
    if config_file is not None:
        files.append(config_file)
    elif is_trusted:
        files.append(workspace / PROJECT_FOLDER / FILE_NAME)
    layers = [_in_environment(environ), *(_in_file(file) for file in reversed(files))]
    theme = next((layer["theme"] for layer in layers if isinstance(layer.get("theme"), str) and layer["theme"]), "")
    is_ascii = next((layer["ascii"] for layer in layers if isinstance(layer.get("ascii"), bool)), False)
    return FirstLook(theme, is_ascii)


def _in_environment(environ: Mapping[str, str]) -> Mapping[str, Any]:
    ascii_word = environ.get("TRASHCLAW_UI__ASCII", "")
    is_ascii = ascii_word.lower() in _TRUE if ascii_word else None
    return {"theme": environ.get("TRASHCLAW_UI__THEME", ""), "ascii": is_ascii}


def _in_file(file: Path) -> Mapping[str, Any]:
    if not os.path.lexists(file):
        return {}
    try:
        values = read_mapping(read_source(file), str(file)).values
    except ConfigError:
        return {}
    section = values.get("ui")
    dotted = {"theme": values.get("ui.theme"), "ascii": values.get("ui.ascii")}
    return section if isinstance(section, Mapping) else dotted
