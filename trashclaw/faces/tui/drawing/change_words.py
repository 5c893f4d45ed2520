"""A changed file in words: what happens to it, how much of it changes, and why it needs a look of its own."""

from __future__ import annotations

from rich.text import Text

from trashclaw.faces.tui.drawing.lines import cut, plain, prefixed, spread, wrap
from trashclaw.faces.tui.drawing.look import Look
from trashclaw.faces.wording.changes import KINDS
from trashclaw.protocol.patches import ChangeKind, FileChange, HunkPart

_FILE_KINDS = KINDS | {ChangeKind.ADDED: "new file"}


def counts(change: FileChange, look: Look) -> Text:
    """Return how many lines come and go: `+3 -1`; nothing where lines say nothing."""
    words = Text(end="")
    if any(hunk.part is HunkPart.LINES for hunk in change.hunks):
        words.append(f"+{change.added}", style=look.success)
        words.append(" ")
        words.append(f"-{change.removed}", style=look.error)
    return words


def summary(word: str, change: FileChange, look: Look) -> Text:
    """Return a word and the counts behind it."""
    parts = [part for part in (Text(word, style=look.muted), counts(change, look)) if part.plain]
    return Text("  ", end="").join(parts)


def file_lines(change: FileChange, width: int, look: Look) -> list[Text]:
    """Return the head of a file: its path, what happens to it, where it comes from, and its warning."""
    right = summary(_FILE_KINDS[change.kind], change, look)
    left = Text(end="").append(cut(change.path, width, look), style=look.strong)
    lines = [spread(left, right, width, look)]
    if change.from_path is not None:
        lines.extend(_behind("from ", change.from_path, width, look))
    return [*lines, *warning_lines(change.warning, width, look)]


def file_height(change: FileChange, width: int, look: Look) -> int:
    """Return how many lines the head of a file has."""
    if change.from_path is None and not change.warning:
        return 1
    return len(file_lines(change, width, look))


def warning_lines(warning: str, width: int, look: Look) -> list[Text]:
    """Return a warning behind its sign; nothing for none."""
    if not warning:
        return []
    words = wrap(plain(warning, look.warning), max(8, width - 2), look)
    return prefixed(Text(f"{look.signs.warns} ", style=look.warning), Text("  "), words)


def _behind(sign: str, text: str, width: int, look: Look) -> list[Text]:
    words = wrap(plain(text, look.muted), max(8, width - len(sign)), look)
    return prefixed(Text(sign, style=look.muted), Text(" " * len(sign)), words)
