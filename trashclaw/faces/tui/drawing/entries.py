"""Entries of a conversation as lines: a one-cell gutter and weight tell who speaks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import assert_never

from rich.style import Style
from rich.text import Text

from trashclaw.faces.tui.drawing.compaction import compaction_lines
from trashclaw.faces.tui.drawing.copied import NOT_SAID
from trashclaw.faces.tui.drawing.lines import plain, prefixed, wrap
from trashclaw.faces.tui.drawing.look import Look
from trashclaw.faces.tui.drawing.manner import change_lines, mending_lines
from trashclaw.faces.tui.drawing.markdown import markdown_lines
from trashclaw.faces.tui.drawing.notices import is_folded_at_first, notice_lines
from trashclaw.faces.tui.drawing.runs import SHOWN_LINES, run_line, run_output, status_sign
from trashclaw.faces.visible import visible_line
from trashclaw.faces.wording.endings import ending_word
from trashclaw.faces.wording.figures import counted, seconds, tokens
from trashclaw.protocol import events as ev
from trashclaw.protocol.ids import HunkId
from trashclaw.protocol.items import AgentMessage, Compaction, Origin, Thought, ToolRun, UserMessage
from trashclaw.session.transcript import Entry

GUTTER = 2
_NEXT = "/rewind goes back to before this turn; /manner tells how the model was talked to."
"""What to do about a turn that stalled."""


@dataclass(frozen=True, slots=True)
class Shown:
    """How an entry is to be shown, beside what it says."""

    is_unfolded: bool = False
    is_whole: bool = False
    """With all of a tool run's output, once it is unfolded."""

    is_waiting: bool = False
    """It waits for the person's answer."""

    preview: str = ""
    """Text that came so far of what is not complete."""

    is_undone: bool = False
    """A compaction that was taken back."""

    failure: ev.FailureRouted | None = None
    """What was told of a run that failed."""

    reverted: frozenset[HunkId] = frozenset()
    """Hunks that landed with a run and were taken out again."""


def entry_lines(entry: Entry, width: int, look: Look, shown: Shown) -> list[Text]:
    """Return the lines of an entry, gutter included, each at most `width` cells wide."""
    inner = max(8, width - GUTTER)
    match entry:
        case UserMessage():
            return _user(entry, inner, look)
        case AgentMessage():
            return behind_gutter(markdown_lines(entry.text, inner, look))
        case Thought():
            return _thought(entry.text or shown.preview, inner, look, shown)
        case ToolRun():
            return _run(entry, inner, look, shown)
        case Compaction():
            lines = compaction_lines(entry, inner, look, is_unfolded=shown.is_unfolded, is_undone=shown.is_undone)
            return _sign(look.signs.rule, look.muted, lines)
        case ev.Notice():
            return _notice(entry, inner, look, shown)
        case ev.DialectChosen():
            return _sign(look.signs.rule, look.muted, change_lines(entry, inner, look))
        case ev.TurnCompleted():
            return _end(entry, inner, look)
        case _:
            assert_never(entry)


def is_tight(entry: Entry) -> bool:
    """Tell whether an entry stands close to its like, without an empty line between."""
    return isinstance(entry, (ToolRun, Thought)) or (isinstance(entry, ev.Notice) and is_folded_at_first(entry))


def behind_gutter(lines: Sequence[Text]) -> list[Text]:
    """Return lines behind an empty gutter, where the words of the model stand."""
    gutter = Text(" " * GUTTER, style=NOT_SAID)
    return prefixed(gutter, gutter, lines)


def _behind(gutter: Text, lines: list[Text]) -> list[Text]:
    return prefixed(gutter, gutter, lines)


def _sign(sign: str, style: Style, lines: list[Text]) -> list[Text]:
    return prefixed(Text(f"{sign} ", style=style + NOT_SAID), Text(" " * GUTTER, style=NOT_SAID), lines)


def _user(entry: UserMessage, width: int, look: Look) -> list[Text]:
    lines = wrap(plain(entry.text, look.strong), width, look)
    word = {Origin.PROMPT: "", Origin.STEER: "while it ran", Origin.FOLLOW_UP: "queued"}[entry.origin]
    if entry.attached and entry.text.startswith("/"):
        size = counted(len(entry.attached.splitlines()), "line")
        word = f"{word}, with {size} attached" if word else f"with {size} attached"
    if word:
        lines.append(Text(word, style=look.muted))
    return _behind(Text(f"{look.signs.user} ", style=look.accent + NOT_SAID), lines)


def _thought(text: str, width: int, look: Look, shown: Shown) -> list[Text]:
    quiet = look.muted + Style(italic=True)
    if shown.is_unfolded:
        return _sign(look.signs.thought, look.muted, wrap(plain(text.strip(), quiet), width, look))
    words = text.split()
    size = counted(len(words), "word")
    line = Text(f"thought, {size}  ", style=look.muted, end="")
    room = width - line.cell_len
    last = visible_line(" ".join(words[-40:]))
    if len(last) >= room:
        end = last[-(room - 2) :]
        last = look.signs.ellipsis + (end.partition(" ")[2] or end)
    line.append(last, style=look.muted)
    line.truncate(width)
    return _sign(look.signs.thought, look.muted, [line])


def _run(entry: ToolRun, width: int, look: Look, shown: Shown) -> list[Text]:
    is_waiting, failure, reverted = shown.is_waiting, shown.failure, shown.reverted
    sign, ink = status_sign(entry, look, is_waiting=is_waiting, reverted=reverted)
    lines = [run_line(entry, width, look, is_waiting=is_waiting, has_sign=False, failure=failure, reverted=reverted)]
    if shown.is_unfolded:
        bar = Text(f"{look.signs.quote} ", style=look.faint + NOT_SAID)
        mended = mending_lines(entry.mended, width - 2, look)
        limit = None if shown.is_whole else SHOWN_LINES
        said = run_output(entry, shown.preview, width - 2, look, failure, limit, reverted)
        lines.extend(prefixed(bar, bar, mended + said))
    return _sign(sign, ink, lines)


def _notice(entry: ev.Notice, width: int, look: Look, shown: Shown) -> list[Text]:
    ink = {
        ev.NoticeLevel.INFO: look.muted,
        ev.NoticeLevel.WARNING: look.warning,
        ev.NoticeLevel.ERROR: look.error,
    }[entry.level]
    sign = look.signs.left_out if is_folded_at_first(entry) else look.signs.notice
    return _sign(sign, ink, notice_lines(entry, width, look, is_unfolded=shown.is_unfolded))


def _end(entry: ev.TurnCompleted, width: int, look: Look) -> list[Text]:
    words = ending_word(entry.stop_reason)
    if entry.error is not None:
        lines = wrap(plain(f"{words}: {entry.error.text}", look.text), width, look)
        if entry.error.hint:
            lines.extend(wrap(plain(entry.error.hint, look.muted), width, look))
        return _sign(look.signs.failed, look.error, lines)
    facts = [words, counted(entry.steps, "step"), seconds(entry.duration_s)]
    if entry.usage.completion_tokens:
        facts.append(f"{tokens(entry.usage.completion_tokens)} tokens")
    is_quiet = entry.stop_reason in {ev.StopReason.END_TURN, ev.StopReason.CANCELLED}
    line = Text(f"  {look.signs.dot}  ".join(facts), style=look.muted if is_quiet else look.warning)
    lines = wrap(line, width, look)
    if entry.stop_reason is ev.StopReason.STALLED:
        lines += wrap(Text(_NEXT, style=look.text), width, look)
    return _sign(look.signs.rule, look.faint, lines)
