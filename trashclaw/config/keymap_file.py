"""The person's `keymap.yaml`: actions and their keys as written, each with its line."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from trashclaw.config.paths import config_folder
from trashclaw.directives.strict_yaml import legible, read_mapping, read_source
from trashclaw.protocol.errors import ConfigError

FILE_NAME = "keymap.yaml"


class KeyLine(NamedTuple):
    """What a line of the file says."""

    action_id: str
    words: tuple[str, ...]
    """The keys as the person wrote them; none takes the action's keys away."""

    place: str
    """Where it stands, for a person: `keymap.yaml, line 3`."""


def keymap_file() -> Path:
    """Return where the person's keys are written down; the file need not exist.

    Raises:
        ConfigError: there is no home folder.
    """
    return config_folder() / FILE_NAME


def read_keymap(path: Path) -> tuple[Sequence[KeyLine], Sequence[str]]:
    """Return the lines of a keymap, and what is wrong with others of them; a missing file has none.

    A line is `action.id: key`, `action.id: key, key`, a list of keys, or nothing behind the colon.
    """
    if not os.path.lexists(path):
        return (), ()
    try:
        document = read_mapping(read_source(path), str(path))
    except ConfigError as error:
        return (), (f"{error} None of the file counts until that is mended.",)
    lines: list[KeyLine] = []
    problems: list[str] = []
    for action_id, value in document.values.items():
        place = document.place((action_id,))
        words = _words(value)
        if words is None:
            problems.append(
                f"{place}: {legible(action_id)} must be a key, keys divided by commas, a list of keys, or nothing."
            )
        else:
            lines.append(KeyLine(action_id, words, place))
    return lines, problems


def _words(value: Any) -> tuple[str, ...] | None:
    """Return the keys of a value, or `None` where it is none; YAML takes the key `1` for a number."""
    if value is None or value == "":
        return ()
    parts = value if isinstance(value, list) else value.split(",") if isinstance(value, str) else [value]
    if not isinstance(value, list) and value == ",":
        parts = [value]
    if not all(isinstance(part, (str, int)) and not isinstance(part, bool) for part in parts):
        return None
    return tuple(str(part).strip() or str(part) for part in parts if str(part) != "")
