"""A compaction in the conversation: one quiet line, and what stands for what was left out when it is opened."""

from __future__ import annotations

from rich.text import Text

from trashclaw.faces.tui.drawing.copied import NOT_SAID
from trashclaw.faces.tui.drawing.lines import plain, prefixed, wrap
from trashclaw.faces.tui.drawing.look import Look
from trashclaw.faces.wording.compactions import compaction_words
from trashclaw.protocol.items import Compaction


def compaction_lines(item: Compaction, width: int, look: Look, *, is_unfolded: bool, is_undone: bool) -> list[Text]:
    """Return the lines of a compaction without its sign; unfolded, with the text that stands for what was left out."""
    head = wrap(Text(compaction_words(item, is_undone=is_undone), style=look.muted), width, look)
    text = _inner(item.summary)
    if not (is_unfolded and text):
        return head
    bar = Text(f"{look.signs.quote} ", style=look.faint + NOT_SAID)
    return [*head, *prefixed(bar, bar, wrap(plain(text, look.muted), max(8, width - 2), look))]


def has_more(item: Compaction) -> bool:
    """Tell whether there is a text to open."""
    return bool(_inner(item.summary))


def _inner(summary: str) -> str:
    return summary.strip().removeprefix("<summary>").removesuffix("</summary>").strip()
