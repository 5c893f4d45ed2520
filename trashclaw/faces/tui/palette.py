"""The command palette: every action, command and theme, found by typing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from trashclaw.faces.tui.completion import Candidate
from trashclaw.faces.tui.keymap import ACTIONS, Group, shown_keys
from trashclaw.faces.tui.screens.choice import ChoiceScreen

if TYPE_CHECKING:
    from trashclaw.faces.tui.app import TrashclawApp

PLACE = "palette"


@dataclass(frozen=True, slots=True)
class PaletteEntry:
    """Something that can be done."""

    text: str
    hint: str
    call: str = ""
    """A Textual action, or nothing."""

    run: Callable[[], object] | None = None


def palette_entries(app: TrashclawApp) -> Sequence[PaletteEntry]:
    """Return what the palette offers: what keys do anywhere, slash commands, themes."""
    entries = [
        PaletteEntry(action.label.capitalize(), shown_keys(action), call=action.call)
        for action in ACTIONS
        if action.group is Group.ANYWHERE and action.action_id != PLACE
    ]
    entries += [
        PaletteEntry(f"/{name} {hint}".rstrip(), words, run=partial(app.commanding.run, name, ""))
        for name, hint, words in app.commanding.listed()
    ]
    entries += [PaletteEntry(f"Theme {name}", "colours", run=partial(app.use_theme, name)) for name in app.themes.names]
    return entries


async def open_palette(app: TrashclawApp) -> None:
    """Show the palette and do what is chosen; only within a worker."""
    entries = {entry.text: entry for entry in palette_entries(app)}
    choices = [Candidate(entry.text, entry.hint) for entry in entries.values()]
    chosen = await app.push_screen_wait(ChoiceScreen("What do you want to do?", choices, "Nothing fits."))
    entry = entries.get(chosen or "")
    if entry is not None and entry.run is not None:
        entry.run()
    elif entry is not None:
        await app.run_action(entry.call)
