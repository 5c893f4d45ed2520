"""What is wrong in the person's own files for the screen: `keymap.yaml`, and themes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trashclaw.cli.findings import INDENT, Finding
from trashclaw.config.keymap_file import keymap_file
from trashclaw.config.paths import config_folder
from trashclaw.faces.batch.exit_codes import ExitCode
from trashclaw.protocol.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator

_MEND_KEYS = "The other lines hold. Every action and its keys: trashclaw config keymap"
_MEND_THEME = "Until then it cannot be chosen."
_HARD = "It can be used; give these colours more contrast."


def screen_findings() -> Iterator[Finding]:
    """Yield what there is to say of each file that the person has; nothing where there is none. Blocks for a moment."""
    yield from _keys()
    yield from _themes()


def _keys() -> Iterator[Finding]:
    from trashclaw.faces.tui.keys.rebinding import read_keys

    file = keymap_file()
    if not file.is_file():
        return
    table, problems = read_keys(file)
    if problems:
        for problem in problems[:-1]:
            yield Finding(False, f"keys: {problem}", code=ExitCode.USAGE)
        yield Finding(False, f"keys: {problems[-1]}", _MEND_KEYS, ExitCode.USAGE)
    else:
        yield Finding(True, f"keys: {file}, actions with keys of your own: {len(table.rebound)}")


def _themes() -> Iterator[Finding]:
    from trashclaw.faces.tui.themes import ThemeShelf

    folder = config_folder() / "themes"
    shelf = ThemeShelf(sorted(file for file in folder.glob("*.yaml") if file.is_file()))
    for name in shelf.names:
        try:
            faults = shelf.faults(name)
        except ConfigError as error:
            hint = f"\n{INDENT}".join(filter(None, [error.hint, _MEND_THEME]))
            text = error.text.replace("\n", f"\n{INDENT}")
            yield Finding(False, f"theme {name}: {text}", hint, ExitCode.USAGE)
            continue
        if faults:
            hint = f"\n{INDENT}".join([*faults, _HARD])
            yield Finding(False, f"theme {name}: hard to read, {shelf.file_of(name)}", hint, ExitCode.DONE)
        else:
            yield Finding(True, f"theme {name}: {shelf.file_of(name)}")
