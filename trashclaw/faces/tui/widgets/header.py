"""The header: where we are, which model works, and what it may do."""

from __future__ import annotations

from rich.style import Style
from rich.text import Text

from trashclaw.faces.tui.drawing.lines import cut, spread
from trashclaw.faces.tui.widgets.row import Row


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
        """Show other facts; `sandbox` is how commands are held: `sandbox on`, `sandbox: sandlock`, `no sandbox`."""
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
        right = Text(end="")
        if width >= 60 and model:
            right.append(cut(model, max(10, width // 3), look), style=look.text)
            right.append(f"  {cut(provider, 20, look)}", style=look.muted)
        if sandbox:
            ink = look.warning if sandbox.startswith("no ") else look.muted
            right.append(f"   {cut(sandbox, 24, look)}", style=ink)
        if mode:
            right.append(f"   {mode}", style=look.primary + Style(bold=True))
        return spread(left, right, width, look)
