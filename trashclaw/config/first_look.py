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
    """What `load_settings` will find in the section `ui`."""

    theme: str = ""
    is_ascii: bool = False
    has_mouse: bool = True
    has_vim_keys: bool = False
    notify: str = "auto"
    has_title: bool = True


_WORDS = ("ui.theme", "ui.notify")
_SWITCHES = ("ui.ascii", "ui.mouse", "ui.vim", "ui.title")


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

    def word(key: str, otherwise: str) -> str:
        return next((layer[key] for layer in layers if isinstance(layer.get(key), str) and layer[key]), otherwise)

    def switch(key: str, otherwise: bool) -> bool:
        return next((layer[key] for layer in layers if isinstance(layer.get(key), bool)), otherwise)

    usual = FirstLook()
    return FirstLook(
        theme=word("ui.theme", usual.theme),
        is_ascii=switch("ui.ascii", usual.is_ascii),
        has_mouse=switch("ui.mouse", usual.has_mouse),
        has_vim_keys=switch("ui.vim", usual.has_vim_keys),
        notify=word("ui.notify", usual.notify),
        has_title=switch("ui.title", usual.has_title),
    )


def _in_environment(environ: Mapping[str, str]) -> Mapping[str, Any]:
    given = {key: environ.get(f"TRASHCLAW_{key.upper().replace('.', '__')}", "") for key in (*_WORDS, *_SWITCHES)}
    return {key: word.lower() in _TRUE if key in _SWITCHES and word else word for key, word in given.items()}


def _in_file(file: Path) -> Mapping[str, Any]:
    return _in_text(lambda: read_source(file)) if os.path.lexists(file) else {}


def _in_text(read: Callable[[], str]) -> Mapping[str, Any]:
    try:
        values = read_mapping(read(), "").values
    except ConfigError:
        return {}
    section = values.get("ui")
    found = {f"ui.{key}": value for key, value in section.items()} if isinstance(section, Mapping) else dict(values)
    # YAML takes `off` for false.
    return found | ({"ui.notify": "off"} if found.get("ui.notify") is False else {})
