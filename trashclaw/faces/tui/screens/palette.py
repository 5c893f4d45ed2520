"""The screen of the palette: what can be done, its place dim behind it, its keys at the right."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence

from rich.text import Text

from trashclaw.faces.tui.completion import Candidate
from trashclaw.faces.tui.drawing.lines import cut, plain, spread
from trashclaw.faces.tui.drawing.look import Look
from trashclaw.faces.tui.palette import PaletteEntry, ranked
from trashclaw.faces.tui.screens.choice import ChoiceScreen

_KEYS_PART = 0.4


class PaletteScreen(ChoiceScreen):
    """Shows entries; returns the id of the one that was chosen."""

    def __init__(
        self,
        entries: Sequence[PaletteEntry],
        recent: Sequence[str],
        look_for_more: Callable[[], Coroutine[None, None, None]],
    ) -> None:
        """`recent` are ids, the latest first; `look_for_more` adds what is not known at once."""
        self._recent = tuple(recent)
        self._look_for_more = look_for_more
        super().__init__("What do you want to do?", entries, "Nothing fits.")
        self._found = self.find("", entries)
        self._at = self.start("")

    def entry(self, entry_id: str | None) -> PaletteEntry | None:
        """Return the entry of an id."""
        return next((entry for entry in self._entries(self._choices) if entry.entry_id == entry_id), None)

    def on_mount(self) -> None:
        """Look for more in the background; what has not come when the palette closes is not wanted any more."""
        self.run_worker(self._look_for_more())

    def find(self, typed: str, choices: Sequence[Candidate]) -> list[Candidate]:
        """Return what fits, by likeness and recent use."""
        return list(ranked(typed, self._entries(choices), self._recent))

    def start(self, typed: str) -> int:
        """Return the place to begin at: with nothing typed, none at which a stray Enter would change anything."""
        harmless = (place for place, entry in enumerate(self._entries(self._found)) if not entry.is_weighty)
        return 0 if typed else next(harmless, 0)

    def answer(self) -> str | None:
        """Return the id of the current entry."""
        return self.current.entry_id if isinstance(self.current, PaletteEntry) else None

    def row(self, choice: Candidate, width: int, look: Look) -> Text:
        """Return what an entry does, where it belongs, and its keys."""
        place = choice.place if isinstance(choice, PaletteEntry) else ""
        keys = plain(cut(choice.hint, max(8, int(width * _KEYS_PART)), look), look.accent)
        name = plain(cut(choice.text, max(8, width - keys.cell_len - 1), look), look.text)
        room = width - name.cell_len - keys.cell_len - 3
        if place and room >= min(6, len(place)):
            name.append(f"  {cut(place, room, look)}", style=look.muted)
        return spread(name, keys, width, look)

    @staticmethod
    def _entries(choices: Sequence[Candidate]) -> list[PaletteEntry]:
        return [choice for choice in choices if isinstance(choice, PaletteEntry)]
