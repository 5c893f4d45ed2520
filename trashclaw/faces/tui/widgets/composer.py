"""The composer: the prompt with its queue above it and its list of completions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.containers import Horizontal, Vertical
from textual.widgets import Static, TextArea

from trashclaw.faces.tui import messages as msg
from trashclaw.faces.tui.arguments import CLOSED
from trashclaw.faces.tui.completing import Completing
from trashclaw.faces.tui.draft_keeper import DraftKeeper
from trashclaw.faces.tui.drawing.composer_frame import FrameState, frame_hint, frame_name, sign_of
from trashclaw.faces.tui.keymap import hints
from trashclaw.faces.tui.widgets.completion_list import CompletionList
from trashclaw.faces.tui.widgets.mention_check import MentionCheck
from trashclaw.faces.tui.widgets.prompt import Prompt
from trashclaw.faces.tui.widgets.queue import QueueRows
from trashclaw.faces.visible import visible
from trashclaw.store.drafts import Draft

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from textual.app import ComposeResult

    from trashclaw.faces.tui.completion import Candidate, Word
    from trashclaw.faces.tui.writing import WritingPort
    from trashclaw.session.transcript import Transcript

_WHILE_RUNNING = (("prompt.send", "steers"), ("prompt.tab", "queues"), ("prompt.escape", "stops"))


class Composer(Vertical):
    """Where the person writes; what it needs of a session it gets by its port."""

    DEFAULT_CSS = """
    Composer {
        height: auto;
    }
    Composer Horizontal {
        height: auto;
        border: round $line;
        border-title-color: $muted;
        border-subtitle-color: $muted;
        padding: 0 1;
        background: $background;
    }
    Composer Horizontal:focus-within {
        border: round $accent;
    }
    Composer Horizontal.-shell:focus-within {
        border: round $warning;
        border-title-color: $warning;
    }
    Composer Horizontal.-missing {
        border-subtitle-color: $warning;
    }
    Composer Static {
        width: 2;
        height: 1;
        color: $accent;
    }
    Composer .-shell Static {
        color: $warning;
    }
    """

    def __init__(self, *, widget_id: str | None = None) -> None:
        super().__init__(id=widget_id)
        self.prompt = Prompt(widget_id="prompt")
        self._queue = QueueRows(widget_id="queue")
        self._list = CompletionList(widget_id="completion")
        self._completing = Completing()
        self._word: Word | None = None
        self._port: WritingPort | None = None
        self._drafts = DraftKeeper(self, lambda: self.prompt.draft)
        self._mentions = MentionCheck(self.prompt, self._show_frame)
        self._unremembered: list[Draft] = []
        self._frame = FrameState()

    def compose(self) -> ComposeResult:
        """Place the rows."""
        yield self._queue
        yield self._list
        with Horizontal():
            yield Static("> " if self.app.has_class("-ascii") else "❯ ", markup=False)
            yield self.prompt

    def on_mount(self) -> None:
        """Have vim's keys where the person wants them."""
        if getattr(getattr(self.app, "look", None), "has_vim_keys", False):
            from trashclaw.faces.tui.widgets.vim_keys import VimKeys

            self.prompt.vim = VimKeys(self.prompt, self._show_frame)
            self.call_after_refresh(self._show_frame)

    def on_unmount(self) -> None:
        """Keep what stands here."""
        self._drafts.end()

    def connect(self, port: WritingPort) -> None:
        """Write to a session from now on. What was typed before stays; what an earlier time left comes if nothing was.

        Call it each time that another session takes the place of the one before.
        """
        before, self._port = self._port, port
        self.prompt.dropped = port.dropped
        self._completing.use(port)
        self._mentions.use(port)
        self.run_worker(self._take_over(before, port), group="writing")

    @property
    def has_session(self) -> bool:
        """Whether what stands here belongs to a session, with which it is kept."""
        return self._port is not None

    def show(self, state: Transcript) -> None:
        """Show the queue, and what Enter means now."""
        self._queue.show(state.queue)
        if state.is_running != self.prompt.is_turn_running:
            self.prompt.is_turn_running = state.is_running
            self._mentions.forget()
            self._show_frame()
        self.prompt.placeholder = hints(*_WHILE_RUNNING) if state.is_running else ""

    def set_candidates(
        self,
        *,
        commands: Sequence[Candidate] | None = None,
        arguments: Mapping[str, Sequence[Candidate]] | None = None,
    ) -> None:
        """Set what can be completed; `arguments` by the command that they belong to."""
        self._completing.fixed = self._completing.fixed if arguments is None else arguments
        self._completing.commands = self._completing.commands if commands is None else commands
        self.prompt.closed_arguments = CLOSED | frozenset(self._completing.fixed)
        self.prompt.argument_hints = {one.text: one.argument for one in self._completing.commands if one.argument}
        self._complete()

    def give_back(self, message: msg.PromptSent) -> None:
        """Put words that could not be sent back into the editor."""
        if message.draft is not None and not self.prompt.text.strip():
            self.prompt.show_draft(message.draft)

    @on(msg.PromptSent)
    def remember(self, message: msg.PromptSent) -> None:
        """Remember what was said for later sessions; what was kept of it as a draft is not needed any more."""
        if message.draft is None:
            return
        if self._port is None:
            self._unremembered.append(message.draft)
        else:
            self.run_worker(self._port.remember(message.draft), group="remember")
            self._drafts.forget()

    @on(msg.RecallAsked)
    def recall(self, message: msg.RecallAsked) -> None:
        """Take a queued message back into the editor."""
        entry = message.entry or self._queue.newest
        if entry is not None:
            self.prompt.put(entry.text)
            self.post_message(msg.EntryRecalled(entry))

    @on(msg.QueueAsked)
    def go_to_queue(self) -> None:
        """Let keys be for the queue."""
        if self._queue.newest is not None:
            self._queue.focus()

    @on(msg.QueueLeft)
    def leave_queue(self) -> None:
        """Let keys be for the prompt again."""
        self.prompt.focus()

    @on(msg.HistoryAsked)
    def search_history(self) -> None:
        """Search what was said."""
        from trashclaw.faces.tui.screens.history import HistoryScreen

        def take(draft: Draft | None) -> None:
            if draft is not None:
                self.prompt.past.stop()
                self.prompt.show_draft(draft)

        self.app.push_screen(HistoryScreen(self.prompt.past.newest_first()), take)

    @on(msg.EditorAsked)
    def write_outside(self) -> None:
        """Write on in the person's own editor."""
        if self._port is None:
            self.app.bell()
        else:
            self.run_worker(self._write_outside(self._port), group="editor", exclusive=True)

    @on(TextArea.Changed)
    def note_change(self) -> None:
        """Keep what was typed, and look at what it names."""
        self._drafts.note_change()
        self._mentions.note_change()
        self._show_frame()

    @on(TextArea.SelectionChanged)
    def note_move(self) -> None:
        """Show where the cursor is in a long draft."""
        if self.prompt.document.line_count > 1 or self.prompt.vim is not None:
            self._show_frame()

    @on(Prompt.WordChanged)
    def complete_word(self, message: Prompt.WordChanged) -> None:
        """Offer what fits the word that is being typed."""
        before, self._word = self._word, message.word
        if message.word is not None and self._completing.wants(message.word, before):
            self.run_worker(self._fetch(message.word), group="completion", exclusive=True)
        self._complete()

    @on(Prompt.ListKey)
    def pass_list_key(self, message: Prompt.ListKey) -> None:
        """Let the open list have a key; Enter with nothing that fits sends what was typed."""
        if message.key == "enter" and not self._list.is_open:
            self.prompt.action_send()
            return
        self._list.take_key(message.key)
        self.prompt.has_list = self._list.is_open

    @on(CompletionList.Chosen)
    def insert_completion(self, message: CompletionList.Chosen) -> None:
        """Insert what was chosen."""
        self.prompt.has_list = False
        self.prompt.complete(message.text)

    def _complete(self) -> None:
        word = self._word
        shown = self._completing.offered(word) if word is not None else ()
        self._list.show(shown, "/" if word is not None and word.kind == "command" else "")
        self.prompt.has_list = bool(shown)
        self.prompt.command_names = self._completing.names()

    async def _fetch(self, word: Word) -> None:
        await self._completing.fetch(word)
        self._complete()

    async def _take_over(self, before: WritingPort | None, port: WritingPort) -> None:
        if before is not None:
            # What stands here goes on with the new session, and is kept there at once.
            await before.keep(Draft(""))
        left = await port.left_draft()
        if self.prompt.text.strip():
            await port.keep(self.prompt.draft)
        self.prompt.past.put_before(await port.earlier())
        if left is not None and self._port is port:
            if not self.prompt.text.strip() and not self._unremembered:
                self.prompt.show_draft(left)
            else:
                self.prompt.past.add(Draft(visible(left.text, keep_tabs=True), left.pastes))
                await port.remember(left)
        self._drafts.use(port)
        if before is not None:
            # A timer may have kept with the one before what was typed meanwhile.
            await before.keep(Draft(""))
        unremembered, self._unremembered = self._unremembered, []
        for draft in unremembered:
            await port.remember(draft)

    async def _write_outside(self, port: WritingPort) -> None:
        prompt = self.prompt
        written = await port.edit(prompt.whole_text)
        if written is not None:
            prompt.set_text(visible(prompt.pastes.refold(written.rstrip("\n")), keep_tabs=True))
        prompt.focus()

    def _show_frame(self) -> None:
        """Say in the frame what is being written, and what Enter does with it; only when that changed."""
        prompt = self.prompt
        state = FrameState(
            text_start=prompt.document.get_line(0)[:2],
            mode=prompt.vim.mode_name if prompt.vim is not None else "",
            line=prompt.cursor_location[0] + 1,
            line_count=prompt.document.line_count,
            is_turn_running=prompt.is_turn_running,
            missing=self._mentions.missing,
        )
        if state == self._frame or not self.is_mounted:
            return
        self._frame = state
        frame = self.query_one(Horizontal)
        frame.border_title = frame_name(state)
        frame.border_subtitle = frame_hint(state)
        frame.set_class(state.is_shell, "-shell")
        frame.set_class(bool(state.missing), "-missing")
        self.query_one(Static).update(sign_of(state, is_ascii=self.app.has_class("-ascii")))
