"""How the first picture looks: to read and check all settings takes longer than to draw it."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trashclaw.config.paths import FILE_NAME, config_folder
from trashclaw.directives.strict_yaml import decode_source, read_mapping, read_source
from trashclaw.protocol.errors import ConfigError

_TRUE = frozenset({"1", "true", "t", "yes", "y", "on"})


@dataclass(frozen=True, slots=True)
class FirstLook:
    """What `load_settings` will find for `ui.theme` and `ui.ascii`."""

    theme: str = ""
    is_ascii: bool = False


def find_first_look(
    *,
    environ: Mapping[str, str] | None = None,
    project_settings: bytes | None = None,
    config_file: Path | None = None,
) -> FirstLook:
    """Return the look that the settings ask for; `project_settings` are those of a trusted folder.

    Nothing is checked: what is wrong in a file is told when the settings are read.
    """
    environ = os.environ if environ is None else environ
    layers = [_in_environment(environ)]
    if config_file is not None:
        layers.append(_in_file(config_file))
    elif project_settings is not None:
        layers.append(_in_text(lambda: decode_source(project_settings, "")))
    layers.append(_in_file(config_folder() / FILE_NAME))
    theme = next((layer["theme"] for layer in layers if isinstance(layer.get("theme"), str) and layer["theme"]), "")
    is_ascii = next((layer["ascii"] for layer in layers if isinstance(layer.get("ascii"), bool)), False)
    return FirstLook(theme, is_ascii)


def _in_environment(environ: Mapping[str, str]) -> Mapping[str, Any]:
    ascii_word = environ.get("TRASHCLAW_UI__ASCII", "")
    is_ascii = ascii_word.lower() in _TRUE if ascii_word else None
    return {"theme": environ.get("TRASHCLAW_UI__THEME", ""), "ascii": is_ascii}


def _in_file(file: Path) -> Mapping[str, Any]:
    return _in_text(lambda: read_source(file)) if os.path.lexists(file) else {}


def _in_text(read: Callable[[], str]) -> Mapping[str, Any]:
    try:
        values = read_mapping(read(), "").values
    except ConfigError:
        return {}
    section = values.get("ui")
    dotted = {"theme": values.get("ui.theme"), "ascii": values.get("ui.ascii")}
    return section if isinstance(section, Mapping) else dotted
