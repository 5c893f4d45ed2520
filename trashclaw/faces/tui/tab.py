"""A tab: one session with a screen of its own, which costs nothing while another tab is in front."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trashclaw.faces.tui import messages as msg
from trashclaw.faces.tui.desk import Desk
from trashclaw.faces.tui.drawing.tab_row import TabState
from trashclaw.faces.tui.held_news import HeldNews

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual.message import Message

    from trashclaw.faces.tui.bridge import SessionOpener
    from trashclaw.faces.tui.screens.main import MainScreen
    from trashclaw.protocol.events import TurnCompleted
    from trashclaw.protocol.ids import SessionId
    from trashclaw.session.transcript import Transcript

NEW = "new session"
"""The title of a tab in which nothing was said yet."""


@dataclass(frozen=True, slots=True)
class Farewell:
    """A session that can be gone on with later."""

    session_id: SessionId
    title: str


class Tab:
    """A main screen and a desk, with the news that came while the screen was not in front."""

    def __init__(
        self,
        mode: str,
        opener: SessionOpener,
        main: MainScreen,
        on_change: Callable[[], None],
        on_state: Callable[[Transcript, str], None],
    ) -> None:
        """`on_change` hears that the row looks different, `on_state` each new state, with the folder's name."""
        self.mode = mode
        """The name of the stack of screens that the tab has in Textual."""

        self.main = main
        self.desk = Desk(opener, self._post)
        self.early: list[str] = []
        """What the person said before the session was open."""

        self.state = TabState.OPENING
        self.is_fork = False
        """Whether the session is a copy of another one, up to some place."""

        self.ending = ""
        """How the last turn ended that ran while the session was open here, in a few words."""

        self._on_change = on_change
        self._on_state = on_state
        self._title = ""
        self._words = ""
        """The first that were said, looked for until there are some."""

        self._is_shown = True
        self._was_running = False
        self._has_tail = False
        self._held = HeldNews()

    @property
    def name(self) -> str:
        """What the session is about: its title, else the first words said in it, else nothing."""
        return self._title or self._words

    @property
    def title(self) -> str:
        """The name, or what stands for it where nothing was said yet."""
        return self.name or NEW

    @property
    def is_shown(self) -> bool:
        """Whether the tab is the one in front."""
        return self._is_shown

    @property
    def command_group(self) -> str:
        """The group of the workers that carry out what is asked for here, and wait for answers in its overlays."""
        return f"command-{self.mode}"

    @property
    def edit_group(self) -> str:
        """The group of the worker that opens files from here in the person's editor, one at a time."""
        return f"edit-{self.mode}"

    @property
    def net_group(self) -> str:
        """The group of the worker that reads what the session here has come to."""
        return f"net-{self.mode}"

    def farewell(self) -> Farewell | None:
        """Return how to come back, if anything was said and there will be something to come back to."""
        session_id = self.desk.resumable_id if self.desk.is_kept else None
        return Farewell(session_id, self.title) if session_id is not None else None

    def unsent(self) -> Sequence[str]:
        """Return what reached no session: what was sent too early, and what stands in an editor that never had one.

        The draft of a session is stored with it.
        """
        has_editor = self.main.is_mounted and not self.main.composer.has_session
        written = self.main.prompt.whole_text if has_editor else ""
        return [text for text in (*self.early, written) if text.strip()]

    def hide(self) -> None:
        """Keep the news from now on instead of drawing it."""
        self._is_shown = False

    def show(self) -> None:
        """Draw what came meanwhile, and everything from now on."""
        self._is_shown = True
        if self.state in {TabState.DONE, TabState.FAILED}:
            self.state = TabState.QUIET
        for message in self._held.take():
            self.main.post_message(message)

    def begin(self) -> None:
        """Forget what the session before was about, since another one is being opened."""
        self._title = self._words = self.ending = ""
        self._was_running = False
        self.forget_tail()

    def show_tail(self, tail: Transcript) -> None:
        """Show how the session ends that is being opened; while another one is there, or a tab in front, nothing."""
        if self._is_shown and self.desk.session is None:
            from trashclaw.faces.tui.news import shown_entries

            self._has_tail = True
            shown = msg.Replayed(shown_entries(tail), failures=tail.failures, undone=frozenset(tail.undone))
            self.main.post_message(msg.TailRead(shown))

    def forget_tail(self) -> None:
        """Show nothing any more of a session that was not opened after all."""
        had_tail, self._has_tail = self._has_tail, False
        if had_tail and self.desk.session is None:
            self.main.post_message(msg.TailRead(msg.Replayed(())))

    def _post(self, message: Message) -> None:
        if self._is_shown:
            self.main.post_message(message)
        else:
            self._held.add(message)
        if isinstance(message, msg.StateChanged):
            self._note(message.transcript)
            self._on_state(message.transcript, self.desk.session.workspace_root.name if self.desk.session else "")

    def _note(self, transcript: Transcript) -> None:
        """Take note of what the row shows; called for every frame of a stream, so it looks at little."""
        before = (self.title, self.state)
        self._title = transcript.title
        self.is_fork = transcript.parent_id is not None
        self._words = self._words or _first_words(transcript)
        end = _last_end(transcript) if self._was_running and not transcript.is_running else None
        self.ending = "" if transcript.is_running else _ending(end) or self.ending
        if transcript.approvals or transcript.questions:
            self.state = TabState.WAITING
        elif transcript.is_running:
            self.state = TabState.RUNNING
        elif self._was_running or self.state in {TabState.OPENING, TabState.RUNNING, TabState.WAITING}:
            self.state = self._ended(end)
        self._was_running = transcript.is_running
        if (self.title, self.state) != before:
            self._on_change()

    def _ended(self, end: TurnCompleted | None) -> TabState:
        """Return the state of a session in which nothing runs any more, by how the turn ended that just ran."""
        if self._is_shown or self.state is TabState.OPENING:
            return TabState.QUIET
        return TabState.FAILED if end is not None and end.error is not None else TabState.DONE


def _last_end(transcript: Transcript) -> TurnCompleted | None:
    from trashclaw.protocol.events import TurnCompleted

    return next((entry for entry in reversed(transcript.entries) if isinstance(entry, TurnCompleted)), None)


def _ending(end: TurnCompleted | None) -> str:
    from trashclaw.faces.wording.endings import ending_word

    return ending_word(end.stop_reason) if end is not None else ""


def _first_words(transcript: Transcript) -> str:
    """Return the first that was said, in one line."""
    from trashclaw.protocol.items import UserMessage

    words = next((entry.text for entry in transcript.entries if isinstance(entry, UserMessage)), "")
    return " ".join(words.split())
