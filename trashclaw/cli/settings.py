"""`trashclaw config`: the settings that hold here, where each of them comes from, and the keys."""

from __future__ import annotations

import argparse
import sys

from trashclaw.cli.place import find_place
from trashclaw.config.keymap_file import keymap_file
from trashclaw.config.load import setting_keys
from trashclaw.config.paths import FILE_NAME, PROJECT_FOLDER, config_folder
from trashclaw.config.tightening import value_of
from trashclaw.faces.visible import visible_line
from trashclaw.protocol.errors import UsageError


def print_settings(options: argparse.Namespace) -> int:
    """Print every setting with its layer (`show`), the files that are read (`path`), or all keys (`keymap`)."""
    words: list[str] = options.rest
    if words == ["keymap"]:
        return _print_keymap()
    place = find_place(options)
    if words in ([], ["show"]):
        for key in setting_keys():
            value = value_of(place.loaded.settings, key)
            origin = place.loaded.origins.get(key, "default")
            sys.stdout.write(visible_line(f"{key}: {_shown(value)}  # {origin}") + "\n")
        for notice in place.loaded.notices:
            sys.stdout.write(visible_line(f"# {notice}") + "\n")
    elif words == ["path"]:
        note = "" if place.is_trusted else "  # not read: the folder is not trusted (--trust on)"
        sys.stdout.write(visible_line(f"{config_folder() / FILE_NAME}") + "\n")
        sys.stdout.write(visible_line(f"{place.root / PROJECT_FOLDER / FILE_NAME}{note}") + "\n")
        sys.stdout.write(visible_line(str(keymap_file())) + "\n")
    else:
        text = f"`trashclaw config {' '.join(words)}` is not known."
        raise UsageError(text, "There is: config show, config path, config keymap")
    return 0


def _shown(value: object) -> str:
    """Return a value as it is written in a settings file; empty for what is not set."""
    if isinstance(value, bool):
        return str(value).lower()
    return ", ".join(map(str, value)) if isinstance(value, tuple) else "" if value is None else str(value)


def _print_keymap() -> int:
    """Print a keymap file with every action and its usual keys; on stderr, what is wrong with the person's own."""
    from trashclaw.faces.tui.keys.rebinding import keymap_template, read_keys

    file = keymap_file()
    sys.stdout.write(keymap_template(file))
    for problem in read_keys(file)[1]:
        sys.stderr.write(visible_line(problem) + "\n")
    return 0
