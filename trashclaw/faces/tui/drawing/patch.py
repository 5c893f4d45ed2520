"""A patch as lines: files, hunks with their switch, numbers, signs, syntax colours. Nothing of a hunk is hidden."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from rich.style import Style
from rich.text import Text

from trashclaw.faces.tui.drawing.intraline import Spans, changed_words
from trashclaw.faces.tui.drawing.lines import cut, fold, prefixed, spread
from trashclaw.faces.tui.drawing.look import Look
from trashclaw.faces.tui.drawing.syntax import Lexer, highlighted, lexer_for_path
from trashclaw.faces.visible import visible
from trashclaw.protocol.ids import HunkId
from trashclaw.protocol.patches import ChangeKind, FileChange, Hunk, Patch

_DIM = Style(dim=True)


@dataclass(frozen=True, slots=True)
class DrawnPatch:
    """Lines of a patch, and the line at which each hunk begins."""

    lines: list[Text]
    starts: dict[HunkId, int]


@dataclass(frozen=True, slots=True)
class Switches:
    """Which hunks are on, and which one the keys act upon; without them the patch is only shown."""

    is_on: Callable[[HunkId], bool]
    current: HunkId | None


def patch_lines(patch: Patch, width: int, look: Look, switches: Switches | None) -> DrawnPatch:
    """Return a patch drawn at a width in cells."""
    drawn = DrawnPatch([], {})
    for change in patch.changes:
        if drawn.lines:
            drawn.lines.append(Text())
        drawn.lines.append(_file_line(change, width, look))
        lexer = lexer_for_path(change.path)
        for hunk in change.hunks:
            drawn.starts[hunk.hunk_id] = len(drawn.lines)
            drawn.lines.extend(_hunk_lines(hunk, width, look, lexer, switches))
    return drawn


def _file_line(change: FileChange, width: int, look: Look) -> Text:
    word = {ChangeKind.ADDED: "new file  ", ChangeKind.DELETED: "deleted  ", ChangeKind.MODIFIED: ""}[change.kind]
    right = Text(word, style=look.muted)
    right.append(f"+{change.added}", style=look.success)
    right.append(" ")
    right.append(f"-{change.removed}", style=look.error)
    return spread(Text(cut(change.path, width, look), style=look.strong), right, width, look)


def _hunk_lines(hunk: Hunk, width: int, look: Look, lexer: Lexer | None, switches: Switches | None) -> list[Text]:
    is_on = switches is None or switches.is_on(hunk.hunk_id)
    lines = [_hunk_head(hunk, width, look, switches)] if switches is not None else [_hunk_rule(hunk, width, look)]
    size = len(str(max(hunk.before, hunk.after) + len(hunk.lines)))
    before, after = hunk.before, hunk.after
    before += 1 if all(line.startswith("+") for line in hunk.lines) else 0
    after += 1 if all(line.startswith("-") for line in hunk.lines) else 0
    shown = [line[:1] + visible(line[1:].rstrip("\r\n")) for line in hunk.lines]
    words = changed_words(shown) if is_on else {}
    for place, line in enumerate(hunk.lines):
        mark = line[:1]
        number = before if mark == "-" else after
        before += mark != "+"
        after += mark != "-"
        code = _code(line, look, lexer, words.get(place, ()))
        lines.extend(_rows(code, mark or " ", number, size, width, look, is_on=is_on))
    return lines


def _hunk_rule(hunk: Hunk, width: int, look: Look) -> Text:
    return Text(f"  line {max(1, hunk.before)} ".ljust(width), style=look.muted)


def _hunk_head(hunk: Hunk, width: int, look: Look, switches: Switches) -> Text:
    is_on, is_current = switches.is_on(hunk.hunk_id), switches.current == hunk.hunk_id
    sign = look.signs.on if is_on else look.signs.off
    left = Text(end="")
    left.append(f"[{sign}] ", style=look.success if is_on else look.muted)
    left.append(f"line {max(1, hunk.before)}", style=look.text if is_current else look.muted)
    right = Text("" if is_on else "left out", style=look.warning)
    line = spread(left, right, width, look)
    if is_current:
        line.stylize_before(look.cursor)
        line.stylize(Style(bold=True))
    return line


def _code(line: str, look: Look, lexer: Lexer | None, words: Spans) -> Text:
    """Return a line without its mark, in colours; the words that changed are on a stronger ground."""
    code = highlighted(visible(line[1:].rstrip("\r\n")), lexer, look)
    for start, end in words:
        code.stylize(look.added_words if line.startswith("+") else look.removed_words, start, end)
    if not line.endswith("\n"):
        code.append("  (no line end)", style=look.muted)
    return code


def _rows(code: Text, mark: str, number: int, size: int, width: int, look: Look, *, is_on: bool) -> list[Text]:
    """Return a line of code as rows behind its mark and number; a sign stands before what goes on."""
    ink = {"+": look.success, "-": look.error}.get(mark, look.muted)
    ground = {"+": look.added, "-": look.removed}.get(mark) if is_on else None
    first = Text(f"{mark}{number:>{size}} ", style=ink)
    rest = Text(mark, style=ink).append(f"{look.signs.goes_on:>{size}} ", style=look.muted)
    lines = prefixed(first, rest, fold(code, max(8, width - size - 2)))
    for piece in lines:
        piece.append(" " * max(0, width - piece.cell_len))
        if ground is not None:
            piece.stylize_before(ground)
        if not is_on:
            piece.stylize(_DIM)
    return lines
