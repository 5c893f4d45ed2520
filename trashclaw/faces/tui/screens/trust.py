"""The question whether a folder is trusted: what it would load, with each path, before anything of it is loaded."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from rich.style import Style
from rich.text import Text
from textual.binding import BindingType

from trashclaw.config.trust import Change, Standing
from trashclaw.config.trust_question import TrustAnswer, TrustQuestion
from trashclaw.faces.tui import messages as msg
from trashclaw.faces.tui.drawing.brought import file_lines
from trashclaw.faces.tui.drawing.lines import plain, prefixed, wrap
from trashclaw.faces.tui.drawing.look import Look
from trashclaw.faces.tui.drawing.table import column_lines
from trashclaw.faces.tui.keymap import Group, bindings, first_key, hint, typed_keys
from trashclaw.faces.tui.screens.overlay import OverlayFrame, OverlayLines, OverlayScreen, PageScreen
from trashclaw.faces.tui.widgets.asking_pane import EARLY
from trashclaw.faces.tui.widgets.grace import Grace
from trashclaw.faces.visible import visible_line

if TYPE_CHECKING:
    from textual import events
    from textual.app import ComposeResult
    from textual.timer import Timer

_TRUST = ("trust.yes", "trust it: all this counts, changes are asked about (review)")
_TRUST_BARE = ("trust.yes", "trust it: changes can be proposed, and are asked about (review)")
_LOOK_ONLY = ("trust.look", "look only: none of it is read, nothing is changed (plan)")
_LATER = ("trust.later", "look only for now; asked again at the next start")
_FRAME_ROWS = 2


class TrustScreen(OverlayScreen[TrustAnswer]):
    """Returns the answer. Letters that mean nothing here, and all that come too early, go to the prompt."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(Group.TRUST)
    DEFAULT_CSS = """
    TrustScreen > OverlayFrame {
        max-width: 100;
        height: auto;
        max-height: 90%;
        border-title-style: bold;
    }
    TrustScreen OverlayLines {
        height: auto;
    }
    """

    def __init__(self, question: TrustQuestion, grace_s: float) -> None:
        super().__init__()
        self._question = question
        self._timer: Timer | None = None
        self.grace = Grace(grace_s)

    def compose(self) -> ComposeResult:
        """Place the lines."""
        is_trusted = self._question.standing is Standing.TRUSTED
        with OverlayFrame("You trust this folder" if is_trusted else "Do you trust this folder?", is_warning=True):
            yield OverlayLines(lambda width, look: trust_lines(self._question, width, look))
            choices = OverlayLines(lambda width, look: choice_lines(self._question, width, look))
            choices.can_focus = False
            yield choices

    def on_mount(self) -> None:
        """Begin to wait until keys count."""
        self._begin_grace()

    def on_resize(self, event: events.Resize) -> None:
        """Leave room for what the keys mean: only what is above them scrolls."""
        rest = _FRAME_ROWS + len(_choices(self._question)) + 1
        self.query(OverlayLines).first().styles.max_height = max(3, int(event.size.height * 0.9) - rest)

    def on_key(self, event: events.Key) -> None:
        """Pass on to the prompt what was meant for it."""
        is_early = not self.grace.is_over
        if event.key in typed_keys(Group.TRUST) and not is_early:
            return
        if event.is_printable and event.character:
            event.stop()
            self._begin_grace()
            self.app.screen_stack[0].post_message(msg.KeyForPrompt(event.character))
        elif event.key in typed_keys(Group.TRUST):
            event.stop()

    def on_paste(self, event: events.Paste) -> None:
        """Pass on to the prompt what was pasted."""
        event.stop()
        self._begin_grace()
        self.app.screen_stack[0].query_one("#prompt").post_message(event)

    def action_answer(self, answer: str) -> None:
        """Return the answer; what nobody can look through cannot be trusted."""
        if answer != TrustAnswer.TRUST or self._question.can_be_trusted:
            self.dismiss(TrustAnswer(answer))

    def action_read(self) -> None:
        """Show the text of everything that trusting the folder would load."""
        if self.grace.is_over:
            files = self._question.project.files
            self.app.push_screen(PageScreen("What trusting it loads", partial(file_lines, files)))

    def _begin_grace(self) -> None:
        self.grace.begin()
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(self.grace.length_s, self._show_keys) if self.grace.length_s else None
        self._show_keys()

    def _show_keys(self) -> None:
        keys = [("trust.yes", "trust")] if self._question.can_be_trusted else []
        keys += [("trust.look", "look only"), ("trust.later", "later")]
        keys += [("trust.read", "read the files")] if self._question.project.files else []
        shown = [EARLY] if self.grace.left_s > 0.02 else [hint(*key) for key in keys]
        self.query_one(OverlayFrame).say(*shown)


def trust_lines(question: TrustQuestion, width: int, look: Look) -> Sequence[Text]:
    """Return the lines of the question."""
    lines = wrap(plain(visible_line(str(question.project.root)), look.strong), width, look)
    if question.warning:
        lines += wrap(plain(question.warning, look.warning), width, look)
    lines += [Text(), *wrap(plain(_opening_words(question), look.text), width, look)]
    rows = _rows(question, look)
    if rows:
        lines += [Text(), *(_indented(line) for line in column_lines(rows, width - 2, look))]
    if question.setting_lines and question.standing is not Standing.REFUSED:
        lines += [Text(), Text("The settings say", style=look.muted)]
        said = [plain(visible_line(line), look.text) for line in question.setting_lines]
        lines += [_indented(line) for text in said for line in wrap(text, width - 2, look)]
    return lines


def choice_lines(question: TrustQuestion, width: int, look: Look) -> Sequence[Text]:
    """Return what each key means."""
    lines = [Text()]
    choices = [(first_key(action_id), words) for action_id, words in _choices(question)]
    size = max(len(key) for key, _ in choices) + 2
    for key, words in choices:
        head = Text(f"{key:<{size}}", style=look.accent + Style(bold=True))
        lines += prefixed(head, Text(" " * size), wrap(Text(words, style=look.text), max(8, width - size), look))
    return lines


def _opening_words(question: TrustQuestion) -> str:
    if not question.can_be_trusted:
        return (
            "It brings more files than anybody could look through, so it cannot be trusted. Look into its .trashclaw."
        )
    if question.standing is Standing.CHANGED:
        return "What it brings is not what you answered for."
    if not question.project.files:
        return "It brings no settings, rules, commands or instructions of its own."
    return "Trusting it loads:"


def _choices(question: TrustQuestion) -> Sequence[tuple[str, str]]:
    if not question.can_be_trusted:
        return (_LOOK_ONLY, _LATER)
    return (_TRUST if question.project.files else _TRUST_BARE, _LOOK_ONLY, _LATER)


def _rows(question: TrustQuestion, look: Look) -> list[tuple[Text, Text, Text]]:
    """Return kind, path and what there is to say of each file, what differs first."""
    changes = question.changes
    rows = []
    for file in sorted(question.project.files, key=lambda file: file.path not in changes):
        change = changes.get(file.path)
        note = f"not loaded: {file.problem}" if file.problem else "" if file.kind.is_loaded else "not used yet"
        words = ", ".join(word for word in (change.value if change else "", note) if word)
        ink = look.warning if change else look.muted
        path = plain(visible_line(file.path), look.strong if change else look.text)
        rows.append((Text(file.kind.value, style=look.muted), path, plain(visible_line(words), ink)))
    gone = [path for path, change in changes.items() if change is Change.GONE]
    rows += [(Text(), plain(visible_line(path), look.muted), Text("gone", style=look.muted)) for path in gone]
    return rows


def _indented(line: Text) -> Text:
    return Text("  ", end="").append_text(line)
