"""The page of /compact --preview as lines: what a compaction would leave, what it frees, and what it costs."""

from __future__ import annotations

from collections.abc import Sequence

from rich.style import Style
from rich.text import Text

from trashclaw.agent.compaction import CutAction, CutPreview, CutRow
from trashclaw.agent.context_report import ContextReport
from trashclaw.faces.tui.drawing.context import head_lines
from trashclaw.faces.tui.drawing.lines import bounded, cut, plain, prefixed, spread, wrap
from trashclaw.faces.tui.drawing.look import Look
from trashclaw.faces.tui.drawing.window_bar import plain_bar
from trashclaw.faces.wording.figures import counted, seconds, tokens

_ROWS_SHOWN = 200
_TITLES = {
    CutAction.LEAVE_OUT: "left out, summed up",
    CutAction.STUB: "shortened",
    CutAction.STAY: "stays as it is",
}
_DIGEST = "what stands for what is left out, if the model writes nothing better"
_NOTHING = (
    "A compaction would free too little to be worth the reading: your own words, the newest results and what is pinned "
    "stay in any case. Every item: /context."
)


def cut_lines(preview: CutPreview | None, report: ContextReport, width: int, look: Look) -> list[Text]:
    """Return the page for a window; without a preview, none would free enough."""
    if preview is None:
        return [*head_lines(report, width, look), Text(), *wrap(Text(_NOTHING, style=look.text), width, look)]
    lines = _head(preview, report.limit_tokens, report.read_tokens_per_s, width, look)
    for action, title in _TITLES.items():
        rows = [row for row in preview.rows if row.action is action]
        if rows:
            lines += [Text(), *_section(title, rows, action, width, look)]
    if preview.digest:
        lines += [Text(), *wrap(Text(_DIGEST, look.strong), width, look)]
        bar = Text(f"{look.signs.quote} ", style=look.faint, end="")
        lines += prefixed(bar, bar, wrap(plain(preview.digest, look.muted), width - 2, look))
    return bounded(lines, width)


def _head(preview: CutPreview, limit: int, speed: float | None, width: int, look: Look) -> list[Text]:
    before, after = preview.before_tokens, preview.after_tokens
    freed = Text(end="").append(f"{tokens(before)} -> {tokens(after)} tokens", style=look.strong)
    freed.append(f"   frees {tokens(max(0, before - after))}", style=look.success)
    whole = max(limit, before)
    lines = [freed]
    for word, size in (("now", before), ("then", after)):
        line = Text(f"{word:<6}", style=look.muted, end="")
        style = look.accent if word == "then" else look.muted
        lines.append(line.append_text(plain_bar([(size, style)], whole, max(4, width - 6), look)))
    time = f", about {seconds(preview.reread_tokens / speed)} at {speed:,.0f} tokens a second" if speed else ""
    cost = f"The server reads {tokens(preview.reread_tokens)} tokens of it again{time}."
    undo = "Nothing is lost: recall brings each back by its number, and /compact --undo takes it all back."
    return [*lines, *wrap(Text(cost, style=look.text), width, look), *wrap(Text(undo, style=look.muted), width, look)]


def _section(title: str, rows: Sequence[CutRow], action: CutAction, width: int, look: Look) -> list[Text]:
    size = sum(row.before_tokens for row in rows)
    ink = look.muted if action is CutAction.STAY else look.text
    words = f"{counted(len(rows), 'entry').replace('entrys', 'entries')}, {tokens(size)}"
    lines = prefixed(Text(end=""), Text("  ", end=""), wrap(Text(title, style=look.strong), width - 2, look))
    lines[0] = (
        spread(lines[0], Text(words, style=look.muted), width, look) if _fits(lines[0], words, width) else lines[0]
    )
    for row in rows[:_ROWS_SHOWN]:
        lines.append(_row(row, action, width, ink, look))
    if (more := len(rows) - _ROWS_SHOWN) > 0:
        lines.append(Text(f"  and {more:,} more", style=look.muted))
    return lines


def _fits(line: Text, words: str, width: int) -> bool:
    return line.cell_len + len(words) < width


def _row(row: CutRow, action: CutAction, width: int, ink: Style, look: Look) -> Text:
    sign = {CutAction.LEAVE_OUT: look.signs.left_out, CutAction.STUB: look.signs.folded, CutAction.STAY: " "}[action]
    left = Text(f"{sign} ", style=look.muted, end="")
    if numbers := _numbers(row):
        left.append(f"{numbers} ", style=look.accent)
    sizes = tokens(row.before_tokens)
    if action is CutAction.STUB:
        sizes += f" -> {tokens(row.after_tokens)}"
    right = Text(f" {sizes}", style=look.muted, end="")
    left.append(cut(row.title.partition(" <note>")[0], max(1, width - left.cell_len - right.cell_len), look), style=ink)
    return spread(left, right, width, look)


def _numbers(row: CutRow) -> str:
    if not row.numbers:
        return ""
    first, last = min(row.numbers), max(row.numbers)
    return f"#{first}" if first == last else f"#{first}-{last}"
