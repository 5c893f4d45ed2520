"""The page of /context as lines: how full the window is, what eats it, what can be done, and what reading it cost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from rich.style import Style
from rich.text import Text

from trashclaw.agent.context_report import ContextGroup, ContextReport, ContextRow
from trashclaw.faces.tui.drawing.context_advice import advice
from trashclaw.faces.tui.drawing.lines import bounded, cut, plain, prefixed, spread, wrap
from trashclaw.faces.tui.drawing.look import Look
from trashclaw.faces.tui.drawing.table import column_lines
from trashclaw.faces.tui.drawing.window_bar import bar_lines, chip, ink, room_of
from trashclaw.faces.wording.figures import counted, seconds, tokens
from trashclaw.protocol.usage import Usage

WIDE = 96
"""Cells from which groups and items stand side by side."""

_GROUPS_WIDTH = 56
_COLUMN_GAP = 3
_SUMMARY = "<summary>"
_ITEMS_SHOWN = 12
_ITEMS_LISTED = 400
_FREE, _ROOM = "free", "room for an answer"
_NAME_SIZE = max(len(name) for name in (*ContextGroup, _ROOM))
_COUNT_SIZE = len(" 100 items")
_BAR_SIZES = 5, 30


def head_lines(report: ContextReport, width: int, look: Look) -> list[Text]:
    """Return how full the window is, as words and as a bar."""
    limit, used = report.limit_tokens, report.used_tokens
    said = f"{tokens(used)} of {tokens(limit)} tokens, {_share(used, limit)}" if limit else f"{tokens(used)} tokens"
    style = look.warning if limit and used > report.high_water_tokens else look.strong
    left = Text(end="").append(said, style=style)
    if report.is_estimate:
        left.append("  (estimated)", style=look.muted)
    lines = [spread(left, Text(cut(report.model, width // 2, look), style=look.muted), width, look)]
    return [*lines, *bar_lines(report, width, look, height=2 if width >= WIDE else 1)]


def _top(report: ContextReport, width: int, look: Look) -> list[Text]:
    """Return how full it is, and what can be done about it."""
    lines = head_lines(report, width, look)
    for told in advice(report):
        first, rest = Text(f"{look.signs.point} ", style=look.accent, end=""), Text("  ", end="")
        lines += prefixed(first, rest, wrap(plain(told, look.text), width - 2, look))
    return lines


def context_lines(report: ContextReport, usage: Usage, width: int, look: Look) -> list[Text]:
    """Return the page by group: groups, the largest items, and what reading has cost."""
    lines = [*_top(report, width, look), Text()]
    if width >= WIDE:
        items_width = width - _GROUPS_WIDTH - _COLUMN_GAP
        groups = group_lines(report, _GROUPS_WIDTH, look)
        shown = max(_ITEMS_SHOWN, len(groups) - 1)
        items = [_title("largest items", look), *item_lines(report, items_width, look, shown)]
        lines += _beside([_title("by group", look), *groups], items, look)
    else:
        lines += [*group_lines(report, width, look), Text(), _title("largest items", look)]
        lines += item_lines(report, width, look, _ITEMS_SHOWN)
    lines += [Text(), *_section("reading", _reading(report, usage, width - 2, look), look)]
    return bounded(lines, width)


def all_item_lines(report: ContextReport, width: int, look: Look) -> list[Text]:
    """Return the page by item: everything that is sent, the largest first."""
    head = _top(report, width, look)
    title = _title(f"{counted(len(report.rows), 'item')}, the largest first", look)
    return bounded([*head, Text(), title, *item_lines(report, width, look, _ITEMS_LISTED)], width)


def group_lines(report: ContextReport, width: int, look: Look) -> list[Text]:
    """Return the groups, the largest first, then what is free and what is kept for an answer."""
    groups = sorted(report.in_groups().items(), key=lambda pair: -pair[1])
    counts = Counter(row.group for row in report.rows)
    room = room_of(report)
    most = max((size for _, size in groups), default=1)
    lines: list[Text] = []
    for group, size in groups:
        words = _row(chip(group, look), group.value, size, room.whole_tokens, look)
        bar_size = min(_BAR_SIZES[1], width - words.cell_len - _COUNT_SIZE - 1)
        if bar_size >= _BAR_SIZES[0]:
            words.append("  ")
            words.append(look.signs.full * round(size / most * bar_size), style=ink(group, look))
        lines.append(spread(words, Text(counted(counts[group], "item"), style=look.muted), width, look))
    if report.limit_tokens:
        left = ((_FREE, look.signs.empty, room.free_tokens), (_ROOM, look.signs.kept, room.answer_tokens))
        for name, sign, size in left:
            square = Text(f" {sign} ", style=look.muted, end="")
            lines.append(_row(square, name, size, room.whole_tokens, look, is_quiet=True))
    return lines


def item_lines(report: ContextReport, width: int, look: Look, at_most: int) -> list[Text]:
    """Return the largest items: what each is, its number for `recall`, its size, and whether it is whole."""
    rows = sorted(report.rows, key=lambda row: -row.tokens)
    whole = room_of(report).whole_tokens
    number_size = max((len(_number(row)) for row in rows[:at_most]), default=0)
    lines = [_item(row, number_size, whole, width, look) for row in rows[:at_most]]
    if rest := rows[at_most:]:
        size = sum(row.tokens for row in rest)
        words = f"and {counted(len(rest), 'smaller one')}, {tokens(size)} tokens together"
        lines.append(Text(words[:width], style=look.muted))
    return lines


def _item(row: ContextRow, number_size: int, whole: int, width: int, look: Look) -> Text:
    left = chip(row.group, look)
    left.append(" ")
    if number_size:
        left.append(f"{_number(row):>{number_size}} ", style=look.accent)
    state, style = _state(row, look)
    right = Text(f" {state:<6}", style=style, end="")
    right.append(f"{tokens(row.tokens):>7}", style=look.text)
    right.append(f"{_share(row.tokens, whole):>5}", style=look.muted)
    room = max(1, width - left.cell_len - right.cell_len)
    words = row.title.removeprefix(_SUMMARY) or row.group.value
    left.append(cut(words, room, look), style=look.muted if row.is_stub else look.text)
    return spread(left, right, width, look)


def _state(row: ContextRow, look: Look) -> tuple[str, Style]:
    if row.is_stub:
        return "stub", look.muted
    if row.is_pinned:
        return "pinned", look.primary
    return ("whole", look.text) if row.number is not None else ("", look.muted)


def _number(row: ContextRow) -> str:
    return "" if row.number is None else f"#{row.number}"


def _row(sign: Text, name: str, size: int, whole: int, look: Look, *, is_quiet: bool = False) -> Text:
    line = Text(end="").append_text(sign)
    line.append(f" {name:<{_NAME_SIZE}}", style=look.muted if is_quiet else look.text)
    line.append(f"{tokens(size):>7}", style=look.muted if is_quiet else look.strong)
    return line.append(f"{_share(size, whole):>5}", style=look.muted)


def _share(part: int, whole: int) -> str:
    share = part / whole if whole else 0.0
    return "<1%" if 0 < share < 0.005 else f"{share:.0%}"


def _title(words: str, look: Look) -> Text:
    return Text(words, style=look.strong)


def _section(title: str, lines: Sequence[Text], look: Look) -> list[Text]:
    return [_title(title, look), *prefixed(Text("  ", end=""), Text("  ", end=""), lines)]


def _beside(left: Sequence[Text], right: Sequence[Text], look: Look) -> list[Text]:
    """Return two columns of lines, one beside the other."""
    lines: list[Text] = []
    for place in range(max(len(left), len(right))):
        line = left[place].copy() if place < len(left) else Text(end="")
        line.append(" " * (_GROUPS_WIDTH + _COLUMN_GAP - line.cell_len))
        lines.append(line.append_text(right[place]) if place < len(right) else line)
    return lines


def _reading(report: ContextReport, usage: Usage, width: int, look: Look) -> list[Text]:
    rows = [
        ("last request", _reused(report)),
        ("this session", _reused_in_all(usage)),
        ("read again", _read_again(report)),
        *(("" if place else "because", cause) for place, cause in enumerate(dict.fromkeys(reversed(report.breaks)))),
        ("read ahead", _read_ahead(report)),
        ("speed", _speed(report)),
        ("window", " ".join(filter(None, (_limit(report), report.limit_reason)))),
        ("compacted", counted(report.compactions, "time") if report.compactions else "not yet"),
    ]
    return column_lines([(Text(name, style=look.muted), plain(told, look.text)) for name, told in rows], width, look)


def _reused(report: ContextReport) -> str:
    if report.reused_tokens is None:
        return "the server does not say what it knew of it, or nothing was sent yet"
    return f"{tokens(report.reused_tokens)} tokens were known to the server and not read"


def _reused_in_all(usage: Usage) -> str:
    told = f"{tokens(usage.prompt_tokens)} tokens sent, {tokens(usage.completion_tokens)} written"
    if usage.cached_tokens is None or not usage.prompt_tokens:
        return told
    return f"{told}; {_share(usage.cached_tokens, usage.prompt_tokens)} of what was sent was not read again"


def _read_again(report: ContextReport) -> str:
    if not report.reread_tokens:
        return "nothing"
    cost = f", {seconds(report.reread_s)}" if report.reread_s else ""
    return f"{tokens(report.reread_tokens)} tokens that the server had read before{cost}"


def _read_ahead(report: ContextReport) -> str:
    if not report.ahead_tokens:
        return "nothing"
    return f"{tokens(report.ahead_tokens)} tokens in {seconds(report.ahead_s)}, while nobody waited"


def _speed(report: ContextReport) -> str:
    speed = report.read_tokens_per_s
    return "not known yet" if speed is None else f"{speed:,.0f} tokens a second"


def _limit(report: ContextReport) -> str:
    if not report.limit_tokens:
        return "not known"
    return f"{report.limit_tokens:,} tokens" + (":" if report.limit_reason else "")
