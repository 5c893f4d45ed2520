"""The header: where we are, which model works, and what it may do."""

from __future__ import annotations

from rich.style import Style
from rich.text import Text

from trashclaw.faces.tui.drawing.lines import cut, spread
from trashclaw.faces.tui.drawing.sandbox import sandbox_ink, sandbox_words
from trashclaw.faces.tui.widgets.row import Row

LEAST_LEFT = 24
"""Cells that the workspace keeps, before model and provider are left out."""

LEAST_MODEL = 10


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

    def show(self, *, workspace: str, branch: str, model: str, provider: str, mode: str, sandbox: str = "") -> None:
        """Show other facts; `sandbox` is the name of what holds commands, empty until that is known."""
        facts = (workspace, branch, model, provider, mode, sandbox)
        if facts != self._facts:
            self._facts = facts
            self.refresh()

    def row(self, y: int, width: int) -> Text:
        """Return the row."""
        look = self.look
        workspace, branch, model, provider, mode, sandbox = self._facts
        left = Text("trashclaw", style=look.accent + Style(bold=True), end="")
        left.append(f"  {cut(workspace, 30, look)}", style=look.strong)
        if branch:
            left.append(f"  {cut(branch, 30, look)}", style=look.muted)
        held = Text(end="")
        if sandbox:
            held.append(f"   {cut(sandbox_words(sandbox), 24, look)}", style=sandbox_ink(sandbox, look))
        if mode:
            held.append(f"   {mode}", style=look.primary + Style(bold=True))
        right = Text(end="")
        room = width - held.cell_len - min(left.cell_len, LEAST_LEFT) - 1
        if model and room >= LEAST_MODEL:
            right.append(cut(model, min(room, max(LEAST_MODEL, width // 3)), look), style=look.text)
            served = f"  {cut(provider, 20, look)}"
            right.append(served if right.cell_len + len(served) <= room else "", style=look.muted)
        return spread(left, right.append_text(held), width, look)
