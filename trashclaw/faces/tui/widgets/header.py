"""The header: where we are, which model works, and what it may do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.style import Style
from rich.text import Text

from trashclaw.faces.tui.drawing.lines import cut, spread
from trashclaw.faces.tui.drawing.sandbox import sandbox_ink, sandbox_words
from trashclaw.faces.tui.widgets.row import Row

if TYPE_CHECKING:
    from trashclaw.faces.tui.drawing.look import Look
    from trashclaw.protocol.events import DialectChosen

LEAST_LEFT = 24
"""Cells that the workspace keeps, before model and provider are left out."""

LEAST_MODEL = 10
LONGEST_BRANCH, LEAST_BRANCH = 30, 8
"""A branch of which less than this could be shown is left out."""

GAP = 2


class Header(Row):
    """One row with the workspace and branch at the left, model and mode at the right."""

    DEFAULT_CSS = """
    Header {
        padding: 0 2;
        background: $surface;
    }
    """

    def __init__(self, *, widget_id: str | None = None) -> None:
        super().__init__(id=widget_id)
        self._facts = ("", "", "", "", "", "")
        self._manner: DialectChosen | None = None

    def show(
        self,
        *,
        workspace: str,
        branch: str,
        model: str,
        provider: str,
        mode: str,
        sandbox: str = "",
        manner: DialectChosen | None = None,
    ) -> None:
        """Show other facts; `sandbox` is the name of what holds commands, empty until that is known."""
        facts = (workspace, branch, model, provider, mode, sandbox)
        if facts != self._facts or manner != self._manner:
            self._facts, self._manner = facts, manner
            self.refresh()

    def row(self, y: int, width: int) -> Text:
        """Return the row."""
        look = self.look
        workspace, branch, model, provider, mode, sandbox = self._facts
        left = Text("trashclaw", style=look.accent + Style(bold=True), end="")
        left.append(f"  {cut(workspace, 30, look)}", style=look.strong)
        here = cut(branch, LONGEST_BRANCH, look)
        kept = min(LEAST_LEFT, left.cell_len + (2 + cell_len(here) if here else 0))
        held = Text(end="")
        if sandbox:
            held.append(f"   {cut(sandbox_words(sandbox), 24, look)}", style=sandbox_ink(sandbox, look))
        if mode:
            held.append(f"   {mode}", style=look.primary + Style(bold=True))
        right = Text(end="")
        room = width - held.cell_len - kept - 1
        unusual = self._unusual(look)
        talked = f"   {unusual}" if unusual and room >= LEAST_MODEL + len(unusual) + 3 else ""
        room -= len(talked)
        if model and room >= LEAST_MODEL:
            most = max(room, room + kept + 1 - left.cell_len - GAP)
            right.append(cut(model, min(most, max(LEAST_MODEL, width // 3)), look), style=look.text)
            served = f"  {cut(provider, 20, look)}"
            right.append(served if right.cell_len + len(served) <= room else "", style=look.muted)
        right.append(talked, style=look.accent)
        free = width - left.cell_len - right.cell_len - held.cell_len - 2 - GAP
        if here and free >= min(LEAST_BRANCH, cell_len(here)):
            left.append(f"  {cut(here, free, look)}", style=look.muted)
        return spread(left, right.append_text(held), width, look)

    def _unusual(self, look: Look) -> str:
        """Return what is unusual about the way the model is talked to."""
        if self._manner is None:
            return ""
        from trashclaw.faces.tui.drawing.manner import manner_words

        return manner_words(self._manner, look)
