"""The list of sessions: narrowed down by typing, with a preview, and keys for everything that can be done with one."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import on
from textual.containers import Horizontal
from textual.css.query import NoMatches
from textual.widgets import Input

from trashclaw.faces.tui.drawing.session_line import facts
from trashclaw.faces.tui.keymap import Group, bindings, hint, hints_in
from trashclaw.faces.tui.screens.overlay import OverlayFrame, OverlayLines, OverlayScreen
from trashclaw.faces.tui.session_rows import Picked, What, found_rows, tree_rows
from trashclaw.faces.tui.widgets.line_input import LineInput
from trashclaw.faces.tui.widgets.session_list import SessionList
from trashclaw.faces.tui.widgets.session_preview import SessionPreview

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence
    from typing import Any

    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.events import Resize
    from textual.worker import WorkType

    from trashclaw.faces.tui.drawing.look import Look
    from trashclaw.faces.tui.session_actions import SessionActions
    from trashclaw.session.searching import Match
    from trashclaw.session.stored import SessionSummary

SEARCH_AFTER_S = 0.15
"""Since the last key, until all that was said is looked through."""

PREVIEW_AFTER_S = 0.05
NARROW = 100
_TYPE = "type to find: titles, and what was said"
_NONE = "Nothing was said in this workspace yet."
_NOT_FOUND = "No title has these words, and nobody said them."


class SessionsScreen(OverlayScreen[Picked | None]):
    """Returns the session that was picked and what for; names, exports and deletes without closing."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(Group.SESSIONS)
    DEFAULT_CSS = """
    SessionsScreen > OverlayFrame {
        width: 96%;
        max-width: 170;
        height: 92%;
    }
    SessionsScreen SessionList {
        width: 1fr;
    }
    SessionsScreen.-narrow SessionPreview {
        display: none;
        width: 1fr;
    }
    SessionsScreen.-narrow.-preview SessionList {
        display: none;
    }
    SessionsScreen.-narrow.-preview SessionPreview {
        display: block;
        border: none;
    }
    SessionsScreen OverlayLines {
        height: 1;
    }
    """

    def __init__(self, actions: SessionActions, *, query: str = "") -> None:
        super().__init__()
        self._actions = actions
        self._query = query
        self._summaries: Sequence[SessionSummary] = ()
        self._matches: Sequence[Match] = ()
        self._renaming: SessionSummary | None = None
        self._is_loaded = False
        self._is_early = False
        """Enter was pressed before there was anything to choose."""

    def compose(self) -> ComposeResult:
        """Place the line to type in, the list, the preview and the keys."""
        with OverlayFrame("Sessions"):
            yield LineInput(_TYPE)
            with Horizontal():
                yield SessionList(self._actions.place_of)
                yield SessionPreview()
            keys = OverlayLines(self._key_lines)
            keys.can_focus = False
            yield keys

    def on_mount(self) -> None:
        """Read the list."""
        self._work(partial(self._load, None), "load")

    def on_resize(self, event: Resize) -> None:
        """Have two columns where there is room for them."""
        self.set_class(event.size.width < NARROW, "-narrow")

    @property
    def _list(self) -> SessionList:
        return self.query_one(SessionList)

    @property
    def _line(self) -> LineInput:
        return self.query_one(LineInput)

    @on(Input.Changed)
    def narrow(self, event: Input.Changed) -> None:
        """Show what has the words in its title at once, and what has them anywhere a little later."""
        if self._renaming is None:
            self._query, self._matches, self._is_early = event.value.strip(), (), False
            self._show(None)
            self._work(partial(self._search, self._query), "search")

    @on(LineInput.Stepped)
    def move(self, event: LineInput.Stepped) -> None:
        """Go to another row."""
        if self._renaming is None:
            self._list.move(event.step)

    @on(SessionList.Moved)
    def preview(self) -> None:
        """Show what the current one is about."""
        row = self._list.current
        self.query_one(OverlayFrame).say(*(facts(row.summary) if row is not None else ()))
        self._work(self._preview, "preview")

    @on(Input.Submitted)
    @on(SessionList.Picked)
    def choose(self) -> None:
        """Go on with the current one; or, where its title is being written, take that."""
        if self._renaming is not None:
            self._work(partial(self._rename, self._renaming, self._line.value), "act")
        else:
            self._is_early = self._list.current is None
            self._pick(What.GO_ON)

    def action_open_tab(self) -> None:
        """Go on with the current one in a new tab."""
        self._pick(What.TAB)

    def action_fork(self) -> None:
        """Go on with a copy of the current one."""
        self._pick(What.FORK)

    def action_replay(self) -> None:
        """Play the current one as it happened."""
        self._pick(What.REPLAY)

    def action_rename(self) -> None:
        """Have the title of the current one written in the line at the top."""
        row = self._list.current
        if row is None or self._renaming is not None:
            return
        self._renaming = row.summary
        self._line.placeholder = "no title: it goes by its first words"
        self._line.value = row.summary.title if row.summary.is_named else ""
        self._line.focus()
        self.query_one(OverlayFrame).border_title = "Another title for this session"
        self.query_one(OverlayLines).reload()

    def action_export(self) -> None:
        """Write the current one to a file."""
        row = self._list.current
        if row is not None:
            self._work(partial(self._actions.export, row.summary.session_id), "act")

    def action_delete(self) -> None:
        """Delete the current one, once the person has said so."""
        row = self._list.current
        if row is not None:
            self._work(partial(self._delete, row.summary), "act")

    def action_turn(self) -> None:
        """Go from the list to the preview, and back."""
        is_preview = not self.has_class("-preview")
        self.set_class(is_preview, "-preview")
        (self.query_one(SessionPreview) if is_preview else self._line).focus()

    def action_cancel(self) -> None:
        """Leave the title as it is, or the preview, or the list."""
        if self._renaming is not None:
            self._end_renaming()
        elif self.has_class("-preview"):
            self.action_turn()
        else:
            self.dismiss(None)

    def _pick(self, what: What) -> None:
        row = self._list.current
        if row is not None and self._renaming is None:
            self.dismiss(Picked(row.summary, what))

    def _work(self, work: Callable[[], Coroutine[Any, Any, None]], group: str) -> None:
        # No coroutine is made before it can run: keys that come together end the work of those before at once.
        shown: WorkType[None] = partial(self._do, work)
        self.run_worker(shown, group=group, exclusive=True)

    async def _do(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        # The list may close while something is read for it; its parts go before the work is called off.
        with suppress(NoMatches):
            await self._actions.shown(work())

    async def _load(self, wanted: str | None) -> None:
        self._summaries = await self._actions.summaries()
        self._is_loaded = True
        self._show(wanted or self._actions.current_id)
        if self._query and not self._line.value:
            self._line.value = self._query
        self._choose_early()

    def _choose_early(self) -> None:
        """Do what Enter meant that came before there were rows."""
        if self._is_early and self._list.current is not None:
            self._pick(What.GO_ON)

    async def _search(self, words: str) -> None:
        if words:
            await asyncio.sleep(SEARCH_AFTER_S)
            self._matches = await self._actions.search(words)
            row = self._list.current
            self._show(row.summary.session_id if row is not None else None)
            self._choose_early()

    async def _preview(self) -> None:
        await asyncio.sleep(PREVIEW_AFTER_S)
        row, pane = self._list.current, self.query_one(SessionPreview)
        entries = await self._actions.preview(row.summary.session_id, row.match) if row is not None else ()
        pane.load([(entry, True) for entry in entries])

    async def _rename(self, summary: SessionSummary, title: str) -> None:
        await self._actions.rename(summary.session_id, title)
        self._end_renaming()
        await self._load(summary.session_id)

    async def _delete(self, summary: SessionSummary) -> None:
        rows: list[str] = [row.summary.session_id for row in self._list.rows]
        at = rows.index(summary.session_id) if summary.session_id in rows else 0
        if await self._actions.delete(summary):
            following = (rows[at + 1 :] or rows[:at][-1:] or [""])[0]
            await self._load(following)

    def _end_renaming(self) -> None:
        self._renaming = None
        line = self._line
        line.placeholder = _TYPE
        with line.prevent(Input.Changed):
            line.value = self._query
        self.query_one(OverlayFrame).border_title = "Sessions"
        self.query_one(OverlayLines).reload()

    def _show(self, wanted: str | None) -> None:
        if not self._is_loaded:
            return
        if self._query:
            rows = found_rows(self._summaries, self._query, self._matches)
        else:
            rows = tree_rows(self._actions.tree(self._summaries))
        self._list.show(rows, _NOT_FOUND if self._query else _NONE, wanted)

    def _key_lines(self, width: int, look: Look) -> Sequence[Text]:
        """Return one row: what is done most first, and where there is no room for the rest, the help has it."""
        if self._renaming is not None:
            shown = [hint("line.accept", "takes it"), hint("sessions.close", "leaves it as it is")]
        else:
            is_narrow = self.has_class("-narrow")
            shown = [
                hint("line.accept", "goes on"),
                hint("sessions.tab", "tab"),
                hint("sessions.preview", "preview") if is_narrow else "",
                hint("sessions.fork", "fork"),
                hint("sessions.rename", "rename"),
                hint("sessions.delete", "delete"),
                hint("sessions.replay", "replay"),
                hint("sessions.export", "export"),
                hint("sessions.close", "closes"),
                hint("help", "all keys"),
            ]
        return [Text(hints_in(width, *shown), style=look.muted)]
