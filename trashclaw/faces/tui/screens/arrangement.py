"""Where the panes of the main screen are: which is in front or alone, how large they are, and which are hidden."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from trashclaw.faces.tui.keymap import hint
from trashclaw.faces.tui.pane_sizes import LEAST_ROWS, SIDE_PANES, PaneSizes, clamp, keep_sizes, load_sizes
from trashclaw.faces.tui.widgets.line_pane import FramedPane
from trashclaw.faces.tui.widgets.pane_tabs import PANES, PaneTabs
from trashclaw.faces.tui.widgets.side import Side
from trashclaw.protocol.errors import ConfigError

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
        self._sizes: PaneSizes | None = None
        self._front = "conversation"
        self._back = "conversation"
        """What was in front before a pane had to come forward."""

        self._is_maximised = False
        self._asking = ""

    @property
    def sizes(self) -> PaneSizes:
        """How the person likes the panes."""
        if self._sizes is None:
            self._sizes = load_sizes()
        return self._sizes

    @property
    def here(self) -> str | None:
        """The pane with the focus."""
        focused = self._screen.focused
        inside = focused.ancestors_with_self if focused is not None else ()
        return next((node.id for node in inside if node.id in PANES), None)

    @property
    def panes(self) -> list[str]:
        """The panes that can be gone to one after the other."""
        sizes = self.sizes
        hidden = () if self._is_single() else sizes.hidden if sizes.has_side else SIDE_PANES
        there = PANES if self._screen.panes.is_there else ("conversation",)
        named = [pane for pane in there if pane not in hidden or pane == self._asking]
        return [pane for pane in named if pane != "question" or self._asking == "question"]

    def place(self) -> None:
        """Show the panes that there is room for."""
        screen, hidden = self._screen, self.sizes.hidden
        if self._front == "question" and self._asking != "question":
            self._front = "conversation"
        is_narrow = screen.size.width < NARROW
        is_single = is_narrow or self._is_maximised
        has_side = bool(self._asking) or (self.sizes.has_side and len(hidden) < len(SIDE_PANES))
        screen.set_class(is_narrow, "-narrow")
        screen.set_class(screen.size.height < SHORT, "-short")
        screen.set_class(is_single, "-single")
        screen.set_class(not has_side and not is_single, "-no-side")
        screen.set_class(bool(self._asking), "-asks")
        screen.set_class(self._asking == "question", "-asks-question")
        for pane in PANES:
            screen.set_class(pane == self._front, f"-front-{pane}")
            screen.set_class(pane in hidden and pane != self._asking and not is_single, f"-without-{pane}")
        self._size(is_single=is_single)
        screen.query_one(PaneTabs).show(self._front, self._asking)
        for framed in screen.query(FramedPane):
            framed.show_name(is_named=not is_narrow)
        if screen.panes.is_there:
            screen.panes.changes.show_name(is_named=not is_narrow)

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
        if pane != "conversation" and not screen.panes.is_there:
            return
        if pane == "changes":
            screen.panes.changes.focus_body()
        elif pane == "question":
            screen.panes.question.focus_body()
        else:
            screen.query_one(f"#{pane}").focus()

    def go_to(self, pane: str) -> None:
        """Go to a pane, and show it if it was hidden."""
        if not self._screen.panes.is_there:
            return
        sizes = self.sizes
        if pane != "conversation" and not self._is_single() and (pane in sizes.hidden or not sizes.has_side):
            sizes.has_side = True
            sizes.hidden = [one for one in sizes.hidden if one != pane]
            self._keep()
        self.choose(pane)
        self.focus(pane)

    def step(self, step: int) -> None:
        """Go to the next pane, or to the one before; behind the last and before the first is the prompt."""
        panes, here = self.panes, self.here
        at = panes.index(here) + step if here in panes else 0 if step > 0 else len(panes) - 1
        if 0 <= at < len(panes):
            self.choose(panes[at])
            self.focus(panes[at])
        else:
            self._screen.prompt.focus()

    def maximise(self) -> None:
        """Show the pane with the focus alone, or all of them again."""
        self._is_maximised = not self._is_maximised
        if self.here is not None:
            self._front = self.here
        self.place()

    def toggle_side(self) -> None:
        """Hide the side panes, or show them all."""
        if self._is_single():
            self._tell_single()
            return
        sizes = self.sizes
        is_shown = sizes.has_side and len(sizes.hidden) < len(SIDE_PANES)
        sizes.has_side, sizes.hidden = not is_shown, sizes.hidden if is_shown else []
        self._settle()

    def _hide(self) -> None:
        """Hide the pane of the side with the focus."""
        here = self.here
        if self._is_single():
            self._tell_single()
        elif here not in SIDE_PANES or here == self._asking:
            self._screen.app.notify("This pane stays; the panes of the side can be hidden.", markup=False, timeout=4)
        else:
            self.sizes.hidden.append(here)
            self._settle()
            self._screen.prompt.focus()

    def do(self, what: str, cells: int) -> None:
        """Change the `width` of the side or the `height` of this pane of it, `hide` that, or make all `even` again."""
        if what == "hide":
            self._hide()
        elif what == "even":
            self._sizes = PaneSizes()
            self._settle()
        elif what == "width":
            self._set_width(self._side.size.width + cells)
            self._keep()
        elif what == "height":
            self._heighten(cells)
            self._keep()

    def _set_width(self, columns: int) -> None:
        """Have the side be so wide, as far as there is room."""
        if self._is_wide():
            self.sizes.side = max(1, columns)
            self.sizes.side = self.sizes.side_width(self._screen.size.width)
            self._size(is_single=False)

    def _heighten(self, rows: int) -> None:
        """Make the pane of the side with the focus taller, or lower; the tool log takes from those around it."""
        here = self.here
        if here == "tools":
            other = next((pane for pane in ("changes", "plan") if pane not in self.sizes.hidden), None)
            if other is not None:
                self._set_height(other, self._screen.query_one(f"#{other}").outer_size.height - rows)
        elif here in ("plan", "changes"):
            self._set_height(here, self._screen.query_one(f"#{here}").outer_size.height + rows)

    def _set_height(self, pane: str, rows: int) -> None:
        """Have a pane of the side be so high, as far as there is room."""
        if self._is_wide() and rows > 0:
            self.sizes.heights[pane] = rows
            self.sizes.heights[pane] = self.sizes.height(pane, self._side.size.height) or LEAST_ROWS
            self._size(is_single=False)

    def drag(self, message: Side.Dragged) -> None:
        """Let a border follow the mouse; once it is let go, its place is kept."""
        if not message.pane:
            self._set_width(message.cells)
        elif message.pane == "tools":
            top = self._screen.query_one("#plan").region.y
            self._set_height("plan", clamp(self._side.region.bottom - message.cells - top, LEAST_ROWS, 1_000))
        else:
            self._set_height("changes", message.cells)
        if message.is_over:
            self._keep()

    @property
    def _side(self) -> Side:
        return self._screen.query_one(Side)

    def _is_single(self) -> bool:
        return self._screen.has_class("-single")

    def _tell_single(self) -> None:
        others = (
            "the others are tabs" if self._screen.has_class("-narrow") else hint("pane.maximise", "shows the others")
        )
        said = f"One pane is shown at a time here; {others}." if others else "One pane is shown at a time here."
        self._screen.app.notify(said, markup=False, timeout=4)

    def _is_wide(self) -> bool:
        return not self._is_single() and not self._screen.has_class("-no-side")

    def _size(self, *, is_single: bool) -> None:
        """Give the panes the sizes that the person chose; alone, and while it asks, a pane has what it needs."""
        sizes, screen, side = self.sizes, self._screen, self._side
        width = None if is_single else sizes.side_width(screen.size.width)
        side.styles.width = width
        side.styles.max_width = None if width is None else width
        room = max(side.size.height, LEAST_ROWS)
        for pane in ("plan", "changes"):
            is_usual = is_single or (pane == "changes" and bool(self._asking))
            height = None if is_usual else sizes.height(pane, room)
            for found in screen.query(f"#{pane}"):
                styles = found.styles
                styles.height = styles.max_height = styles.min_height = height

    def _settle(self) -> None:
        self.place()
        self._keep()
        if self._screen.focused is None or not self._screen.focused.is_on_screen:
            self._screen.prompt.focus()

    def _keep(self) -> None:
        self._screen.run_worker(self._write(), group="panes", exclusive=True)

    async def _write(self) -> None:
        try:
            await asyncio.to_thread(keep_sizes, self.sizes)
        except ConfigError as error:
            self._screen.app.notify(f"The sizes are not kept: {error.text}", markup=False, timeout=6)
