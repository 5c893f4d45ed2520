"""The composer: the prompt with its queue above it and its list of completions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.containers import Horizontal, Vertical
from textual.widgets import Static

from trashclaw.faces.tui import messages as msg
from trashclaw.faces.tui.completion import best
from trashclaw.faces.tui.widgets.completion_list import CompletionList
from trashclaw.faces.tui.widgets.prompt import Prompt
from trashclaw.faces.tui.widgets.queue import QueueRows

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from textual.app import ComposeResult

    from trashclaw.faces.tui.completion import Candidate, Word
    from trashclaw.session.transcript import Transcript


class Composer(Vertical):
    """Where the person writes; it gets what can be completed from above and asks for nothing by itself."""

    DEFAULT_CSS = """
    Composer {
        height: auto;
    }
    Composer Horizontal {
        height: auto;
        border: round $line;
        padding: 0 1;
        background: $background;
    }
    Composer Horizontal:focus-within {
        border: round $accent;
    }
    Composer Static {
        width: 2;
        height: 1;
        color: $accent;
    }
    """

    def __init__(self, *, widget_id: str | None = None) -> None:
        super().__init__(id=widget_id)
        self.prompt = Prompt(widget_id="prompt")
        self._queue = QueueRows(widget_id="queue")
        self._list = CompletionList(widget_id="completion")
        self._commands: Sequence[Candidate] = ()
        self._paths: Sequence[Candidate] = ()
        self._arguments: Mapping[str, Sequence[Candidate]] = {}
        self._word: Word | None = None

    def compose(self) -> ComposeResult:
        """Place the rows."""
        yield self._queue
        yield self._list
        with Horizontal():
            yield Static("> " if self.app.has_class("-ascii") else "❯ ", markup=False)
            yield self.prompt

    def show(self, state: Transcript) -> None:
        """Show the queue, and what Enter means now."""
        self._queue.show(state.queue)
        self.prompt.is_turn_running = state.is_running
        self.prompt.placeholder = "Enter steers   Tab queues   Esc stops" if state.is_running else ""

    def set_candidates(
        self,
        *,
        commands: Sequence[Candidate] | None = None,
        paths: Sequence[Candidate] | None = None,
        arguments: Mapping[str, Sequence[Candidate]] | None = None,
    ) -> None:
        """Set what can be completed; `arguments` by the command that they belong to."""
        self._arguments = self._arguments if arguments is None else arguments
        self._commands = self._commands if commands is None else commands
        names = [command.text for command in self._commands]
        names += [f"{name} {one.text}" for name, choices in self._arguments.items() for one in choices]
        self.prompt.command_names = frozenset(names)
        self._paths = self._paths if paths is None else paths
        self._complete()

    @on(msg.RecallAsked)
    def recall(self) -> None:
        """Take the newest queued message back into the editor."""
        entry = self._queue.newest
        if entry is not None:
            self.prompt.put(entry.text)
            self.post_message(msg.EntryRecalled(entry))

    @on(Prompt.WordChanged)
    def complete_word(self, message: Prompt.WordChanged) -> None:
        """Offer what fits the word that is being typed."""
        if message.word is not None and message.word.kind == "path" and self._word is None:
            self.post_message(msg.PathsWanted())
        self._word = message.word
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
        shown = best(word.text, self._candidates_for(word)) if word is not None else ()
        self._list.show(shown, "/" if word is not None and word.kind == "command" else "")
        self.prompt.has_list = bool(shown)

    def _candidates_for(self, word: Word) -> Sequence[Candidate]:
        if word.kind == "path":
            return self._paths
        return self._commands if word.kind == "command" else self._arguments.get(word.command, ())
