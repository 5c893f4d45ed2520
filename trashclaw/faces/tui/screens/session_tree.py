"""The tree of forks that a session belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from trashclaw.faces.tui.keymap import Group, bindings, hint
from trashclaw.faces.tui.screens.overlay import OverlayFrame, OverlayScreen
from trashclaw.faces.tui.session_rows import tree_rows
from trashclaw.faces.tui.widgets.session_list import SessionList

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult
    from textual.binding import BindingType

    from trashclaw.faces.tui.session_actions import SessionActions
    from trashclaw.session.stored import SessionSummary


class TreeScreen(OverlayScreen[str | None]):
    """Shows sessions, forks below their parents; returns the id of the one that was picked."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(Group.TREE)
    DEFAULT_CSS = """
    TreeScreen > OverlayFrame {
        height: 70%;
        padding: 1 1;
    }
    """

    def __init__(self, summaries: Sequence[SessionSummary], actions: SessionActions) -> None:
        super().__init__()
        self._summaries = summaries
        self._actions = actions

    def compose(self) -> ComposeResult:
        """Place the tree."""
        with OverlayFrame("Forks of this session", hint("tree.go", "goes there"), hint("tree.close", "closes")):
            yield SessionList(self._actions.place_of)

    def on_mount(self) -> None:
        """Show the tree, with the present session as the current row."""
        rows = tree_rows(self._actions.tree(self._summaries))
        self.query_one(SessionList).show(rows, "Nothing was said in this session yet.", self._actions.current_id)

    def action_move(self, step: int) -> None:
        """Go to another row."""
        self.query_one(SessionList).move(step)

    def action_go(self) -> None:
        """Return the current one."""
        row = self.query_one(SessionList).current
        self.dismiss(row.summary.session_id if row is not None else None)

    def on_session_list_picked(self) -> None:
        """Return what was clicked twice."""
        self.action_go()

    def action_close(self) -> None:
        """Close without a choice."""
        self.dismiss(None)
