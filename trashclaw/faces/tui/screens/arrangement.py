"""Where the panes of the main screen are: which is in front, which stands alone, and whether the side shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trashclaw.faces.tui.widgets.diff_pane import DiffPane
from trashclaw.faces.tui.widgets.line_pane import FramedPane
from trashclaw.faces.tui.widgets.pane_tabs import PANES, PaneTabs
from trashclaw.faces.tui.widgets.question_pane import QuestionPane

if TYPE_CHECKING:
    from trashclaw.faces.tui.screens.main import MainScreen

NARROW = 100
"""Columns under which one pane is shown at a time."""

SHORT = 20
"""Rows under which the header makes room."""

ASKING = frozenset({"changes", "question"})
"""The panes that come forward by themselves."""


class Arrangement:
    """Places the panes of one main screen by its classes; what they look like then is in `layout.tcss`."""

    def __init__(self, screen: MainScreen) -> None:
        self._screen = screen
        self._front = "conversation"
        self._back = "conversation"
        """What was in front before a pane had to come forward."""

        self._is_maximised = False
        self._has_side = True
        self._asking = ""

    @property
    def here(self) -> str | None:
        """The pane with the focus."""
        focused = self._screen.focused
        inside = focused.ancestors_with_self if focused is not None else ()
        return next((node.id for node in inside if node.id in PANES), None)

    @property
    def panes(self) -> list[str]:
        """The panes that can be gone to, in their order."""
        return [pane for pane in PANES if pane != "question" or self._asking == "question"]

    def place(self) -> None:
        """Show the panes that there is room for."""
        screen = self._screen
        is_narrow = screen.size.width < NARROW
        is_single = is_narrow or self._is_maximised
        screen.set_class(is_narrow, "-narrow")
        screen.set_class(screen.size.height < SHORT, "-short")
        screen.set_class(is_single, "-single")
        screen.set_class(not self._has_side and not self._asking and not is_single, "-no-side")
        screen.set_class(self._asking == "question", "-asks-question")
        for pane in PANES:
            screen.set_class(pane == self._front, f"-front-{pane}")
        screen.query_one(PaneTabs).show(self._front, self._asking)
        for titled in (*screen.query(FramedPane), screen.query_one(DiffPane)):
            titled.show_name(is_named=not is_narrow)

    def ask(self, pane: str, *, is_new: bool) -> bool:
        """Have a pane wait for the person (empty: none), in front if new; tell whether the last one was answered."""
        was_asking, self._asking = self._asking, pane
        if is_new:
            if self._front not in ASKING:
                self._back = self._front
            self._front = pane
            self.place()
            self.focus(pane)
            return False
        is_answered = bool(was_asking) and not pane
        if is_answered:
            self._front = self._back
            self.place()
        return is_answered

    def choose(self, pane: str) -> None:
        """Have a pane in front."""
        self._front = pane
        self._back = pane if pane not in ASKING else self._back
        self.place()

    def follow_focus(self) -> None:
        """Bring the pane with the focus to the front, where only one shows."""
        here = self.here
        if here is not None and here != self._front and self._screen.has_class("-single"):
            self.choose(here)

    def focus(self, pane: str) -> None:
        """Have the keys go to a pane."""
        screen = self._screen
        if pane == "changes":
            screen.query_one(DiffPane).focus_body()
        elif pane == "question":
            screen.query_one(QuestionPane).focus_body()
        else:
            screen.query_one(f"#{pane}").focus()

    def next_pane(self) -> None:
        """Go to the next pane, after the last one to the prompt; on a narrow screen it comes to the front."""
        panes, here = self.panes, self.here
        if here == panes[-1]:
            self._screen.prompt.focus()
            return
        self._has_side = True
        following = panes[panes.index(here) + 1] if here in panes else panes[0]
        self.choose(following)
        self.focus(following)

    def maximise(self) -> None:
        """Show the pane with the focus alone, or all of them again."""
        self._is_maximised = not self._is_maximised
        if self.here is not None:
            self._front = self.here
        self.place()

    def toggle_side(self) -> None:
        """Hide the side panes, or show them."""
        self._has_side = not self._has_side
        self.place()
        if not self._has_side and self._screen.focused is None:
            self._screen.prompt.focus()
