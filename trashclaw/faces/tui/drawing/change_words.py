"""A changed file in words: what happens to it, how much of it changes, and why it needs a look of its own."""

from __future__ import annotations

from rich.text import Text

from trashclaw.faces.tui.drawing.lines import cut, plain, prefixed, spread, wrap
from trashclaw.faces.tui.drawing.look import Look
from trashclaw.protocol.patches import ChangeKind, FileChange, Hunk, HunkPart

_KINDS = {
    ChangeKind.ADDED: "new",
    ChangeKind.DELETED: "deleted",
    ChangeKind.RENAMED: "renamed",
    ChangeKind.MODIFIED: "",
}
_FILE_KINDS = _KINDS | {ChangeKind.ADDED: "new file"}


def kind_word(change: FileChange) -> str:
    """Return what happens to a file in one word: `new`, `renamed`, `mode`, `binary`; nothing for changed lines."""
    word = _KINDS[change.kind]
    if word or any(hunk.part is HunkPart.LINES for hunk in change.hunks) or not change.hunks:
        return word
    if all(hunk.part is HunkPart.MODE for hunk in change.hunks):
        return "mode"
    return "binary" if any(hunk.what.startswith("binary") for hunk in change.hunks) else ""


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


def hunk_words(hunk: Hunk) -> str:
    """Return what a hunk is called: its line, or what it does where it has no lines."""
    if hunk.part is HunkPart.LINES:
        return f"line {max(1, hunk.before)}"
    return hunk.what or ("mode" if hunk.part is HunkPart.MODE else "all of it")


def _behind(sign: str, text: str, width: int, look: Look) -> list[Text]:
    words = wrap(plain(text, look.muted), max(8, width - len(sign)), look)
    return prefixed(Text(sign, style=look.muted), Text(" " * len(sign)), words)
