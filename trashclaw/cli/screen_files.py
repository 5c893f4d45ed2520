"""What is wrong in the person's own files for the screen: `keymap.yaml`, and themes."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from trashclaw.cli.findings import INDENT, Finding
from trashclaw.config.keymap_file import keymap_file
from trashclaw.config.paths import config_folder
from trashclaw.faces.batch.exit_codes import ExitCode
from trashclaw.faces.visible import visible_line
from trashclaw.protocol.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator

_TOLD_AT_MOST = 20
"""Of one file so much is told that is wrong in it."""

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
    if not os.path.lexists(file):
        return
    table, problems = read_keys(file)
    if problems:
        told = problems[:_TOLD_AT_MOST]
        for problem in told[:-1]:
            yield Finding(False, f"keys: {problem}", code=ExitCode.USAGE)
        more = f"{len(problems) - len(told)} more are wrong. " if len(problems) > len(told) else ""
        yield Finding(False, f"keys: {told[-1]}", more + _MEND_KEYS, ExitCode.USAGE)
    else:
        yield Finding(True, f"keys: {file}, actions with keys of your own: {len(table.rebound)}")


def _themes() -> Iterator[Finding]:
    from trashclaw.faces.tui.themes import ThemeShelf

    folder = config_folder() / "themes"
    # Also what is no plain file: that it cannot be read is what the person has to hear.
    shelf = ThemeShelf(sorted(folder.glob("*.yaml")))
    for name in shelf.names:
        shown, file = visible_line(name), visible_line(str(shelf.file_of(name)))
        try:
            faults = shelf.faults(name)
        except ConfigError as error:
            hint = f"\n{INDENT}".join(filter(None, [error.hint, _MEND_THEME]))
            lines = error.text.split("\n")
            more = [f"{len(lines) - _TOLD_AT_MOST} more"] if len(lines) > _TOLD_AT_MOST else []
            text = f"\n{INDENT}".join([*lines[:_TOLD_AT_MOST], *more])
            yield Finding(False, f"theme {shown}: {text}", hint, ExitCode.USAGE)
            continue
        if faults:
            hint = f"\n{INDENT}".join([*faults, _HARD])
            yield Finding(False, f"theme {shown}: hard to read, {file}", hint, ExitCode.DONE)
        else:
            yield Finding(True, f"theme {shown}: {file}")
