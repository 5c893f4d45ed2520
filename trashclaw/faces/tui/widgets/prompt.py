"""The prompt: a multi-line editor that sends, steers, queues, completes and remembers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message

from trashclaw.faces.tui import messages as msg
from trashclaw.faces.tui.completion import Word, WordKind, completed, word_before
from trashclaw.faces.tui.keymap import Group, bindings
from trashclaw.faces.tui.past_prompts import PastPrompts
from trashclaw.faces.tui.widgets.bound_keys import do_bound_key
from trashclaw.faces.tui.widgets.editor import Editor
from trashclaw.faces.visible import visible
from trashclaw.store.drafts import Draft

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual import events

    from trashclaw.faces.tui.widgets.vim_keys import VimKeys
    from trashclaw.session.transcript import Entry

_LIST_KEYS = frozenset({"up", "down", "enter", "tab", "escape"})
_OPEN_KINDS = frozenset({WordKind.ARGUMENT, WordKind.RANGE, WordKind.SHELL})
"""Words that may be as they were typed: Enter takes a completion of them only where one was gone to."""


class Prompt(Editor):
    """Where the person types. It knows whether a turn runs only to choose between sending and queueing."""

    BINDINGS = bindings(Group.PROMPT)
    DEFAULT_CSS = """
    Prompt {
        height: auto;
        max-height: 33vh;
        border: none;
        padding: 0;
        background: $background;
        scrollbar-size-vertical: 1;
    }
    Prompt:focus {
        border: none;
    }
    Prompt .text-area--placeholder, Prompt .text-area--suggestion {
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
        super().__init__(widget_id=widget_id)
        self.is_turn_running = False
        self.has_list = False
        """Whether a list of completions is open, which then gets some of the keys."""

        self.command_names: frozenset[str] = frozenset()
        """Names, alone or with an argument, after which Enter sends, since nothing is left to complete."""

        self.closed_arguments: frozenset[str] = frozenset()
        """Commands whose argument is one of a list: Enter behind the beginning of one completes it."""

        self.argument_hints: dict[str, str] = {}
        """What a command takes, shown behind it while nothing was typed of it."""

        self.vim: VimKeys | None = None
        self.past = PastPrompts()
        self._has_stepped = False
        self._word: Word | None = None

    @property
    def draft(self) -> Draft:
        """What stands here, with its folded pastes."""
        return Draft(self.text, self.pastes.within(self.text))

    def remember(self, entries: Sequence[Entry]) -> None:
        """Take the person's words of a session as what can be called back with Up."""
        from trashclaw.protocol.items import UserMessage

        said = (entry.text for entry in entries if isinstance(entry, UserMessage))
        self.past.add_missing(Draft(visible(self.pastes.refold(text), keep_tabs=True)) for text in said)

    def put(self, text: str) -> None:
        """Put a text into the editor, with the cursor at its end; a draft that stands there goes below it."""
        draft = self.text
        shown = visible(self.pastes.refold(text), keep_tabs=True)
        self.set_text(f"{shown}\n{draft}" if draft.strip() else shown)
        self.focus()

    def show_draft(self, draft: Draft) -> None:
        """Put a draft in the place of what stands here."""
        self.set_text(visible(self.pastes.adopt(draft.text, draft.pastes), keep_tabs=True))

    def clear_draft(self) -> bool:
        """Put away what stands here: Up and undo bring it back. Tell whether there was anything."""
        if not self.text.strip():
            return False
        self.past.add(self.draft)
        self.set_text("")
        return True

    def complete(self, text: str) -> None:
        """Put a whole word in the place of the one that is being completed."""
        word = self._word_now()
        if word is not None:
            row, column = self.cursor_location
            shown = visible(completed(word, text))
            self.replace(shown, (row, word.start), (row, column), maintain_selection_offset=False)

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
        self.replace("\n", *self.selection, maintain_selection_offset=False)

    def action_tab(self) -> None:
        """Queue while a turn runs, else go to the next pane."""
        if self.is_turn_running and self.text.strip():
            self._send(is_follow_up=True)
        else:
            self.screen.focus_next()

    def action_ask(self, what: str) -> None:
        """Ask for what is not the editor's own: `recall`, `queue`, `history` or `editor`."""
        wishes = {"recall": msg.RecallAsked, "queue": msg.QueueAsked, "history": msg.HistoryAsked}
        self.post_message(wishes.get(what, msg.EditorAsked)())

    def action_unfold(self) -> None:
        """Put the folded paste at the cursor back as text."""
        if not self.unfold():
            self.app.bell()

    def action_escape(self) -> None:
        """Stop the running turn."""
        self.post_message(msg.InterruptAsked())

    def action_cursor_up(self, select: bool = False) -> None:
        """Go up; from the first line, to earlier prompts."""
        if select or not self.cursor_at_first_line or not self.walk(-1):
            super().action_cursor_up(select)

    def action_cursor_down(self, select: bool = False) -> None:
        """Go down; from the last line, to later prompts."""
        if select or not self.cursor_at_last_line or not self.walk(1):
            super().action_cursor_down(select)

    def update_suggestion(self) -> None:
        """Show what a command takes while nothing was typed of it."""
        line = self.document.get_line(0) if self.document.line_count == 1 else ""
        name, space, argument = line[1:].partition(" ") if line.startswith("/") else ("", "", "")
        hint = self.argument_hints.get(name, "") if not argument else ""
        self.suggestion = f"{'' if space else ' '}{hint}" if hint else ""

    async def _on_key(self, event: events.Key) -> None:
        """Let an open list have its keys, and do at once what the others mean."""
        if event.key in _LIST_KEYS and self._is_for_list(event.key):
            self._tell_word()
            self._has_stepped = event.key in {"up", "down"}
            self.post_message(self.ListKey(event.key))
        elif (self.vim is None or not self.vim.take(event)) and not await do_bound_key(self, event.key):
            return
        event.stop()
        event.prevent_default()

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
        is_anywhere = word is not None and word.kind in {WordKind.PATH, WordKind.RANGE}
        return word if is_anywhere or not row else None

    def _is_for_list(self, key: str) -> bool:
        """Tell whether a key is meant for the list, also where the list is about to open or to close."""
        word = self._word_now()
        if word is None:
            return False
        if key == "enter" and word.kind is not WordKind.PATH and not self._has_stepped:
            typed = f"{word.owner} {word.text}".strip()
            is_open = word.kind in _OPEN_KINDS and word.owner not in self.closed_arguments
            return not is_open and typed not in self.command_names
        return self.has_list

    def _send(self, *, is_follow_up: bool) -> None:
        shown = self.text.strip()
        if not shown:
            return
        draft = Draft(self.text.rstrip(), self.pastes.within(shown))
        if not self.text.startswith(" "):
            self.past.add(Draft(shown, draft.pastes))
        self.set_text("")
        if self.vim is not None:
            self.vim.begin_again()
        self.post_message(msg.PromptSent(self.pastes.expand(shown), shown, is_follow_up=is_follow_up, draft=draft))

    def walk(self, step: int) -> bool:
        """Show an older or a later prompt; tell whether there is one."""
        found = self.past.step(step, self.draft)
        if found is not None:
            self.show_draft(found)
        return found is not None
