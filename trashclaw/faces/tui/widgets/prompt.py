"""The prompt: a multi-line editor that sends, steers, queues, completes and remembers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import events
from textual.message import Message
from textual.widgets import TextArea

from trashclaw.faces.tui import messages as msg
from trashclaw.faces.tui.completion import Word, word_before
from trashclaw.faces.tui.keymap import Group, bindings
from trashclaw.faces.tui.widgets.bound_keys import do_bound_key
from trashclaw.faces.tui.widgets.pastes import Pastes
from trashclaw.faces.visible import visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trashclaw.session.transcript import Entry

_LIST_KEYS = frozenset({"up", "down", "enter", "tab", "escape"})


class Prompt(TextArea):
    """Where the person types. It knows whether a turn runs only to choose between sending and queueing."""

    BINDINGS = bindings(Group.PROMPT)
    DEFAULT_CSS = """
    Prompt {
        height: auto;
        max-height: 10;
        border: none;
        padding: 0;
        background: $background;
        scrollbar-size-vertical: 1;
    }
    Prompt:focus {
        border: none;
    }
    Prompt .text-area--placeholder {
        color: $muted;
    }
    """

    class WordChanged(Message):
        """The word that can be completed is another one, or there is none any more."""

        def __init__(self, word: Word | None) -> None:
            super().__init__()
            self.word = word

    class ListKey(Message):
        """A key for the open list of completions."""

        def __init__(self, key: str) -> None:
            super().__init__()
            self.key = key

    def __init__(self, *, widget_id: str | None = None) -> None:
        super().__init__(
            id=widget_id,
            soft_wrap=True,
            show_line_numbers=False,
            highlight_cursor_line=False,
            compact=True,
            tab_behavior="focus",
        )
        self.cursor_blink = False
        self.is_turn_running = False
        self.has_list = False
        """Whether a list of completions is open, which then gets some of the keys."""

        self.command_names: frozenset[str] = frozenset()
        """Names, alone or with an argument, after which Enter sends, since nothing is left to complete."""

        self._has_stepped = False
        self._pastes = Pastes()
        self._history: list[str] = []
        self._place: int | None = None
        self._draft = ""
        self._word: Word | None = None

    def remember(self, entries: Sequence[Entry]) -> None:
        """Take the person's words of a session as what can be called back with Up."""
        from trashclaw.protocol.items import UserMessage

        said = (entry.text for entry in entries if isinstance(entry, UserMessage))
        self._history = [visible(text, keep_tabs=True) for text in said]
        self._place = None

    def put(self, text: str) -> None:
        """Put a text into the editor, with the cursor at its end; a draft that stands there goes below it."""
        draft = self.text
        self.load_text(visible(f"{text}\n{draft}" if draft.strip() else text, keep_tabs=True))
        self.move_cursor(self.document.end)
        self.focus()

    def complete(self, text: str) -> None:
        """Put a whole word in the place of the one that is being completed."""
        word = self._word_now()
        if word is None:
            return
        row, column = self.cursor_location
        sign = {"path": "@", "command": "/"}.get(word.kind, "")
        begin = max(0, column - len(word.text) - len(sign))
        ending = "" if text.endswith("/") else " "
        self.replace(f"{sign}{visible(text)}{ending}", (row, begin), (row, column), maintain_selection_offset=False)

    def type_character(self, character: str) -> None:
        """Insert what was typed elsewhere by mistake."""
        self.insert(visible(character))

    def action_send(self) -> None:
        """Send what stands here."""
        self._send(is_follow_up=False)

    def action_follow_up(self) -> None:
        """Queue what stands here for the end of the turn."""
        self._send(is_follow_up=True)

    def action_newline(self) -> None:
        """Begin a new line."""
        self.insert("\n")

    def action_tab(self) -> None:
        """Queue while a turn runs, else go to the next pane."""
        if self.is_turn_running and self.text.strip():
            self._send(is_follow_up=True)
        else:
            self.screen.focus_next()

    def action_recall(self) -> None:
        """Ask for the newest queued message."""
        self.post_message(msg.RecallAsked())

    def action_escape(self) -> None:
        """Stop the running turn."""
        self.post_message(msg.InterruptAsked())

    def action_cursor_up(self, select: bool = False) -> None:
        """Go up; from the first line, to earlier prompts."""
        if not select and self.cursor_at_first_line and self._history:
            self._call_back(-1)
        else:
            super().action_cursor_up(select)

    def action_cursor_down(self, select: bool = False) -> None:
        """Go down; from the last line, to later prompts."""
        if not select and self.cursor_at_last_line and self._place is not None:
            self._call_back(1)
        else:
            super().action_cursor_down(select)

    async def _on_key(self, event: events.Key) -> None:
        """Let an open list have its keys, and do at once what the others mean."""
        if event.key in _LIST_KEYS and self._is_for_list(event.key):
            event.stop()
            event.prevent_default()
            self._tell_word()
            self._has_stepped = event.key in {"up", "down"}
            self.post_message(self.ListKey(event.key))
        elif await do_bound_key(self, event.key):
            event.stop()
            event.prevent_default()

    async def _on_paste(self, event: events.Paste) -> None:
        """Take a paste: folded when it is large, and never with characters that steer a terminal."""
        event.stop()
        event.prevent_default()
        text = event.text.replace("\r\n", "\n").replace("\r", "\n")
        self.insert(self._pastes.fold(text) or visible(text, keep_tabs=True))

    def on_text_area_changed(self) -> None:
        """Tell when another word can be completed."""
        self._tell_word()

    def _tell_word(self) -> None:
        word = self._word_now()
        if word != self._word:
            self._word = word
            self._has_stepped = False
            self.post_message(self.WordChanged(word))

    def _word_now(self) -> Word | None:
        """Return the word at the cursor; news of a change come later than the keys behind it."""
        row, column = self.cursor_location
        word = word_before(self.document.get_line(row)[:column])
        return None if word is not None and word.kind != "path" and row else word

    def _is_for_list(self, key: str) -> bool:
        """Tell whether a key is meant for the list, also where the list is about to open or to close."""
        word = self._word_now()
        if word is None:
            return False
        if key == "enter" and word.kind != "path" and not self._has_stepped:
            return f"{word.command} {word.text}".strip() not in self.command_names
        return self.has_list

    def _send(self, *, is_follow_up: bool) -> None:
        shown = self.text.strip()
        if not shown:
            return
        text = self._pastes.expand(shown)
        if not self._history or self._history[-1] != shown:
            self._history.append(shown)
        self._place = None
        self.load_text("")
        self.post_message(msg.PromptSent(text, shown, is_follow_up=is_follow_up))

    def _call_back(self, step: int) -> None:
        if self._place is None:
            self._draft = self.text
            self._place = len(self._history)
        self._place = max(0, min(len(self._history), self._place + step))
        is_draft = self._place == len(self._history)
        self.load_text(self._draft if is_draft else self._history[self._place])
        self.move_cursor(self.document.end)
        if is_draft:
            self._place = None
