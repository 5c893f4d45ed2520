"""What an app can be asked for about the conversation: to go to its blocks, search it, page through it, use a block."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on

from trashclaw.faces.tui import messages as msg
from trashclaw.faces.tui.tabbed import TabbedApp

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from textual.worker import WorkType

    from trashclaw.faces.tui.block_wishes import BlockWishes
    from trashclaw.faces.tui.tab import Tab
    from trashclaw.faces.tui.widgets.transcript import TranscriptPane


class ReadingApp(TabbedApp):
    """Base of the app."""

    block_wishes: BlockWishes

    async def shown(self, work: Coroutine[None, None, None]) -> None:
        """Run something that may fail, and show it if it does."""
        await work

    @property
    def conversation(self) -> TranscriptPane:
        """The conversation of the tab in front."""
        from trashclaw.faces.tui.widgets.transcript import TranscriptPane

        return self.main.query_one(TranscriptPane)

    def action_read(self, step: int = 0) -> None:
        """Go to the blocks of the conversation, and on to another one by a step."""
        if self.screen is self.main:
            pane = self.conversation
            has_focus = pane.has_focus
            self._focus_conversation()
            if has_focus and step:
                pane.action_move(step)

    def action_search_conversation(self) -> None:
        """Search the conversation."""
        if self.screen is self.main:
            self._focus_conversation()
            self.conversation.action_search()

    def action_pager(self) -> None:
        """Show the conversation on the whole screen, or close that."""
        from trashclaw.faces.tui.screens.pager import PagerScreen

        if isinstance(self.screen, PagerScreen):
            self.screen.dismiss()
        elif self.screen is self.main:
            pane = self.conversation
            top = None if pane.is_following else pane.top_place
            self.push_screen(PagerScreen(pane.blocks, top=top))

    @on(msg.NetWanted)
    def _read_net(self, message: msg.NetWanted) -> None:
        tab = self.tabs.asked_in(message)

        # A function, not a coroutine: one that is called off before it began would never be awaited.
        async def read() -> None:
            await self.shown(self._show_net(tab))

        work: WorkType[None] = read
        self.run_worker(work, group=tab.net_group, exclusive=True)

    async def _show_net(self, tab: Tab) -> None:
        """Read what a tab's session has come to, and show it in its changes pane and in a review over that."""
        from trashclaw.faces.tui.screens.review import ReviewScreen

        panes, session = tab.main.panes, tab.desk.need_session()
        await panes.place()
        net = await session.rewind.net_changes()
        if tab.desk.session is not session:
            return
        pane = panes.changes
        pane.show_net(net)
        for screen in self._screen_stacks.get(tab.mode, ()):
            if isinstance(screen, ReviewScreen) and screen.review.request is None and pane.landed is not None:
                screen.put_review(pane.landed.review())

    def _focus_conversation(self) -> None:
        self.main.post_message(msg.PaneChosen("conversation"))
        self.conversation.focus()

    @on(msg.TextCopied)
    def _copy_text(self, message: msg.TextCopied) -> None:
        self.block_wishes.copy(message)

    @on(msg.PlacesWanted)
    def _open_place(self, message: msg.PlacesWanted) -> None:
        tab = self.tabs.asked_in(message)
        work = self.shown(self.block_wishes.open_place(tab, message.places))
        self.run_worker(work, group=tab.edit_group, exclusive=True)

    @on(msg.GoBackWanted)
    def _go_back(self, message: msg.GoBackWanted) -> None:
        self.block_wishes.go_back(self.tabs.asked_in(message), message)

    @on(msg.Replayed)
    def _note_replay(self, message: msg.Replayed) -> None:
        self.block_wishes.note_replay(message)
