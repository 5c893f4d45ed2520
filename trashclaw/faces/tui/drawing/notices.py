"""Notices as lines: what a person has to know in full, what only the model was told in one line until it is opened."""

from __future__ import annotations

from rich.text import Text

from trashclaw.faces.tui.drawing.copied import NOT_SAID
from trashclaw.faces.tui.drawing.lines import cut, plain, prefixed, wrap
from trashclaw.faces.tui.drawing.look import Look
from trashclaw.faces.tui.drawing.markdown import markdown_lines
from trashclaw.protocol.events import Notice, NoticeLevel

REPORT = "stalled"
"""The code of the notice whose text is a report in Markdown."""

_TOLD = {
    "loop": "going in circles, told",
    "check": "a check found something, told",
    "edit_format": "edits fail, told",
    "empty_answer": "nothing was said, told",
    "memory": "memory changed, told",
}
"""What happened, by the code of a notice that goes to the model."""


def is_folded_at_first(notice: Notice) -> bool:
    """Tell whether a notice is a note to the model, which a person need not read."""
    return notice.to_model and notice.level is NoticeLevel.INFO


def notice_lines(notice: Notice, width: int, look: Look, *, is_unfolded: bool) -> list[Text]:
    """Return the lines of a notice, each at most `width` cells wide, without its sign."""
    if is_folded_at_first(notice):
        return _note_to_model(notice, width, look, is_unfolded=is_unfolded)
    if notice.code == REPORT:
        lines = markdown_lines(notice.text, width, look)
    else:
        lines = wrap(plain(notice.text, look.text), width, look)
    if notice.hint:
        lines.extend(wrap(plain(notice.hint, look.muted), width, look))
    return lines


def _note_to_model(notice: Notice, width: int, look: Look, *, is_unfolded: bool) -> list[Text]:
    head = f"{_TOLD.get(notice.code, 'told')} the model"
    if not is_unfolded:
        return [Text(cut(f"{head}: {' '.join(notice.text.split())}", width, look), style=look.muted)]
    bar = Text(f"{look.signs.quote} ", style=look.faint + NOT_SAID)
    inner = wrap(plain(notice.text.rstrip("\n"), look.muted), max(8, width - 2), look)
    return [Text(cut(head, width, look), style=look.muted), *prefixed(bar, bar, inner)]
