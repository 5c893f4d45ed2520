"""The main screen: places the panes, hands news down to them, and brings forward the one that needs the person."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import BindingType
from textual.containers import Horizontal

from trashclaw.faces.tui import messages as msg
from trashclaw.faces.tui.keymap import Group, bindings
from trashclaw.faces.tui.screens.arrangement import Arrangement
from trashclaw.faces.tui.screens.first_picture import FirstPictureScreen
from trashclaw.faces.tui.screens.side_panes import SidePanes
from trashclaw.faces.tui.widgets.composer import Composer
from trashclaw.faces.tui.widgets.header import Header
from trashclaw.faces.tui.widgets.pane_tabs import PaneTabs
from trashclaw.faces.tui.widgets.side import Side
from trashclaw.faces.tui.widgets.status_bar import StatusBar, gauges_of
from trashclaw.faces.tui.widgets.transcript import TranscriptPane

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.events import DescendantFocus, Key, Resize

    from trashclaw.faces.tui.screens.review import ReviewScreen
    from trashclaw.faces.tui.widgets.prompt import Prompt
    from trashclaw.session.transcript import Transcript


class MainScreen(FirstPictureScreen[None]):
    """Conversation at the left, plan, tools and changes at the right, the prompt below."""

    AUTO_FOCUS = "#prompt"
    BINDINGS: ClassVar[list[BindingType]] = bindings(Group.PANE)

    def __init__(self, grace_s: float) -> None:
        super().__init__()
        # Where everything begins; chosen later, all styles would be found out anew for it.
        self.set_class(True, "-front-conversation", update=False)
        self._grace_s = grace_s
        self._arrangement = Arrangement(self)
        self.panes = SidePanes(self, grace_s, self._arrangement.place)
        self._review: ReviewScreen | None = None
        self._sandbox = ""
        self._facts = ("", "")
        self._is_trusted = True
        self._state: Transcript | None = None

    def compose(self) -> ComposeResult:
        """Place everything."""
        yield Header(widget_id="header")
        yield PaneTabs(widget_id="tabs")
        with Horizontal(id="body"):
            yield TranscriptPane(widget_id="conversation")
            yield Side(widget_id="side")
        yield Composer(widget_id="composer")
        yield StatusBar(widget_id="status")

    def on_mount(self) -> None:
        """Place the panes of the side behind the first picture."""
        self.call_behind_picture(self.panes.place)

    @property
    def composer(self) -> Composer:
        """Where the person writes."""
        return self.query_one(Composer)

    @property
    def prompt(self) -> Prompt:
        """The editor."""
        return self.composer.prompt

    def set_facts(self, workspace: str, branch: str, *, is_trusted: bool = True, sandbox: str = "") -> None:
        """Say where the session works, and what holds its commands."""
        self._facts = (workspace, branch)
        self._sandbox = sandbox
        self._is_trusted = is_trusted
        self.query_one(StatusBar).say("")
        if self._state is not None:
            self._show_facts(self._state)

    @on(msg.PromptSent)
    def _follow_sent(self, message: msg.PromptSent) -> None:
        """Go to the end of the conversation with what is sent: who says something wants to see what comes of it."""
        if not message.is_follow_up and not message.text.startswith("/"):
            self.query_one(TranscriptPane).action_follow()

    @on(msg.Replayed)
    def load(self, message: msg.Replayed) -> None:
        """Show a conversation as it stands."""
        self.query_one(TranscriptPane).load(message.entries, message.failures, message.undone)
        entries = [entry for entry, _ in message.entries]
        self.panes.tools.load(entries, message.failures)
        self.panes.changes.load(entries)
        self.prompt.remember(entries)
        if message.prompt:
            self.prompt.put(message.prompt)

    @on(msg.TailRead)
    def _show_tail(self, message: msg.TailRead) -> None:
        """Show how the conversation ends that is still being read."""
        tail = message.replayed
        self.query_one(TranscriptPane).load_tail(tail.entries, tail.failures, tail.undone)

    @on(msg.EntryChanged)
    def show_entry(self, message: msg.EntryChanged) -> None:
        """Show a new entry, or a newer state of one."""
        self.query_one(TranscriptPane).show_entry(message.entry, is_done=message.is_done)
        self.panes.tools.show_entry(message.entry)
        self.panes.changes.show_entry(message.entry)

    @on(msg.FailureTold)
    def _tell_failure(self, message: msg.FailureTold) -> None:
        """Show what there is to say of a run that failed."""
        self.query_one(TranscriptPane).tell(message.failure)
        self.panes.tools.tell_failure(message.failure)

    @on(msg.CompactionTakenBack)
    def _tell_undone(self, message: msg.CompactionTakenBack) -> None:
        """Show that the window holds again what a compaction left out."""
        self.query_one(TranscriptPane).tell(message.event)

    @on(msg.ItemGrew)
    def _grow(self, message: msg.ItemGrew) -> None:
        """Show a piece of an open item."""
        self.query_one(TranscriptPane).grow(message.item_id, message.channel, message.text)
        self.panes.tools.grow(message.item_id, message.channel, message.text)

    @on(msg.StateChanged)
    def show_state(self, message: msg.StateChanged) -> None:
        """Hand the state down."""
        state = self._state = message.transcript
        self.panes.plan.show(state.plan, state.plan_before, is_running=state.is_running)
        self.composer.show(state)
        self._show_facts(state)
        self._show_asking(state)

    def _show_facts(self, state: Transcript) -> None:
        """Show figures, model and mode, and where the session works."""
        workspace, branch = self._facts
        self.query_one(StatusBar).show(gauges_of(state, branch, is_trusted=self._is_trusted, sandbox=self._sandbox))
        self.query_one(Header).show(
            workspace=workspace,
            branch=branch,
            model=state.model,
            provider=state.provider,
            mode=state.mode.value,
            sandbox=self._sandbox,
            manner=state.manner,
        )

    def _show_asking(self, state: Transcript) -> None:
        """Show what waits for the person, the oldest first, and bring its pane forward."""
        request = next(iter(state.approvals.values()), None)
        question = next(iter(state.questions.values()), None) if request is None else None
        if self._review is not None and (question or request != self._review.review.request):
            self._review.end()
        if self.panes.changes.show_reverts(state) and self._review is not None and request is None:
            self._review.put_review(self.panes.changes.review)
        reverted = state.all_reverted()
        self.query_one(TranscriptPane).show_reverted(reverted)
        self.panes.tools.show_reverted(reverted)
        waiting = {request.item_id} if request else {question.item_id} if question else set()
        self.query_one(TranscriptPane).show_waiting(waiting)
        self.panes.tools.show_waiting(waiting)
        is_new = self.panes.changes.show(request)
        is_new = self.panes.question.show(question) or is_new
        if self._arrangement.ask("changes" if request else "question" if question else "", is_new=is_new):
            self.prompt.focus()

    def on_key(self, event: Key) -> None:
        """Let what is typed where it means nothing go to the prompt."""
        is_text = event.is_printable and event.character is not None and event.key not in self.active_bindings
        asking = (self.panes.changes, self.panes.question) if self.panes.is_there else ()
        if is_text and event.character and not any(pane.has_focus_within for pane in asking):
            event.stop()
            self.prompt.focus()
            self.prompt.type_character(event.character)

    def on_resize(self, event: Resize) -> None:
        """Place everything for another size."""
        self._arrangement.place()

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        """Bring the pane with the focus to the front."""
        self._arrangement.follow_focus()

    @on(msg.PaneChosen)
    def _choose_pane(self, message: msg.PaneChosen) -> None:
        """Show the chosen tab."""
        self._arrangement.choose(message.pane)
        self._arrangement.focus(message.pane)

    def action_step_pane(self, step: int) -> None:
        """Go to the next pane, or to the one before; on a narrow screen it comes to the front."""
        self._arrangement.step(step)

    def action_go_to(self, pane: str) -> None:
        """Go to a pane, also to a hidden one."""
        self._arrangement.go_to(pane)

    def action_arrange(self, what: str, cells: int = 0) -> None:
        """Resize the side or this pane of it by so many cells, hide it, or have all panes as they were at first."""
        self._arrangement.do(what, cells)

    @on(Side.Dragged)
    def _drag(self, message: Side.Dragged) -> None:
        """Let a border follow the mouse."""
        self._arrangement.drag(message)

    def action_focus_prompt(self) -> None:
        """Go to the prompt."""
        self.prompt.focus()

    def action_maximise_pane(self) -> None:
        """Show the pane with the focus alone, or all of them again."""
        if self._arrangement.here == "changes" and self.panes.changes.review.patch is not None:
            self.open_review()
        else:
            self._arrangement.maximise()

    @on(msg.ReviewOpened)
    def open_review(self) -> None:
        """Show what waits, or what landed last, on the whole screen."""
        from trashclaw.faces.tui.screens.review import ReviewScreen

        if self._review is None:
            pane = self.panes.changes
            self._review = ReviewScreen(pane.review, grace_s=self._grace_s, log=pane.landed)
            self.app.push_screen(self._review, self._close_review)

    def _close_review(self, _: None) -> None:
        """Show in the pane what was switched on the whole screen."""
        self._review = None
        pane = self.panes.changes
        if pane.request is None and pane.landed is not None:
            pane.put_review(pane.landed.review())
        else:
            pane.redraw(is_new=True)

    @on(msg.ChangesAsked)
    def _browse_changes(self) -> None:
        """Show everything that landed on the whole screen, whatever waits."""
        from trashclaw.faces.tui.change_log import Span
        from trashclaw.faces.tui.screens.review import ReviewScreen

        pane = self.panes.changes
        if pane.landed is None or pane.landed.is_empty:
            self.app.notify("This session has changed no file.", markup=False, timeout=4)
            return
        pane.landed.choose(Span.SESSION)
        if pane.request is None:
            pane.put_review(pane.landed.review())
            self.open_review()
        else:
            self.app.push_screen(ReviewScreen(pane.landed.review(), grace_s=self._grace_s, log=pane.landed))

    def action_toggle_side(self) -> None:
        """Hide the side panes, or show them."""
        self._arrangement.toggle_side()

    def action_toggle_thoughts(self) -> None:
        """Open or fold all thoughts."""
        self.query_one(TranscriptPane).toggle_thoughts()

    def action_toggle_tools(self) -> None:
        """Open or fold all tool output."""
        self.query_one(TranscriptPane).toggle_tools()

    @on(msg.RunOpened)
    def _open_run(self, message: msg.RunOpened) -> None:
        """Open a tool run in the conversation."""
        self._arrangement.choose("conversation")
        self.query_one(TranscriptPane).toggle(message.item_id)

    @on(msg.OutputWanted)
    def _show_output(self, message: msg.OutputWanted) -> None:
        """Show all the output of a tool run on the whole screen."""
        from trashclaw.faces.tui.screens.output import OutputScreen
        from trashclaw.protocol.events import Channel
        from trashclaw.protocol.items import ToolRun

        run = self._state.item(message.item_id) if self._state is not None else None
        if self._state is not None and isinstance(run, ToolRun):
            pieces = self._state.live.previews.get((run.item_id, Channel.OUTPUT), ())
            self.app.push_screen(OutputScreen(run, "".join(pieces), self._state.reverted(run.item_id)))

    @on(msg.KeyForPrompt)
    def _type_early_key(self, message: msg.KeyForPrompt) -> None:
        """Let a key that came too early to answer do what it was meant for."""
        self.prompt.type_character(message.character)
