"""What a person can do about a full window: the few sentences that stand at the top of the page of /context."""

from __future__ import annotations

from collections.abc import Iterator

from trashclaw.agent.context_report import ContextGroup, ContextReport, ContextRow
from trashclaw.faces.wording.figures import counted, seconds, tokens

_AT_MOST = 3
_MUCH_FIXED = 0.30
_MUCH_TOOLS = 0.20
_MUCH_INSTRUCTIONS = 0.10
_MUCH_ITEM = 0.10
_MUCH_LATER = 0.20
_MUCH_TIME_S = 10.0
_TITLE_CHARS = 48

_HEAD = (ContextGroup.SYSTEM_PROMPT, ContextGroup.TOOLS, ContextGroup.INSTRUCTIONS)
_LATER = (ContextGroup.RESULTS_WHOLE, ContextGroup.ATTACHMENTS, ContextGroup.REASONING)
"""What a compaction makes small first."""


def advice(report: ContextReport) -> list[str]:
    """Return what eats the window and what helps, the most urgent first; three sentences at most."""
    return list(_sentences(report))[:_AT_MOST]


def _sentences(report: ContextReport) -> Iterator[str]:
    limit, used, groups = report.limit_tokens, report.used_tokens, report.in_groups()
    if not limit:
        yield "The server does not tell how large its window is: set server.num_ctx, so that nothing is cut."
        return
    if not any(group not in _HEAD for group in groups):
        yield f"Nothing has been said yet; every request begins with {tokens(used)} tokens of prompt and tools."
    elif used > report.high_water_tokens:
        yield "The window is past its mark: the next request is compacted first. c shows what goes."
    yield from _about_head(report, groups)
    later = sum(groups.get(group, 0) for group in _LATER)
    if later > limit * _MUCH_LATER and used <= report.high_water_tokens:
        yield f"Results, files and thoughts take {later / limit:.0%}: c shows what /compact frees."
    largest = max(report.rows, key=lambda row: (not row.is_pinned, row.tokens), default=None)
    if largest is not None and not largest.is_pinned and largest.tokens > limit * _MUCH_ITEM:
        yield f"{_named(largest)} alone takes {tokens(largest.tokens)}, {largest.tokens / limit:.0%}."
    if report.reread_s > _MUCH_TIME_S:
        cause = f"; last: {report.breaks[-1]}" if report.breaks else ""
        yield f"Reading again has cost {seconds(report.reread_s)}{cause}."
    if (turns := _room(report)) is not None:
        yield turns


def _about_head(report: ContextReport, groups: dict[ContextGroup, int]) -> Iterator[str]:
    limit = report.limit_tokens
    instructions = groups.get(ContextGroup.INSTRUCTIONS, 0)
    if instructions > limit * _MUCH_INSTRUCTIONS:
        largest = max(
            (row for row in report.rows if row.group is ContextGroup.INSTRUCTIONS), key=lambda row: row.tokens
        )
        share = instructions / limit
        yield f"Instructions and memory take {share:.0%} in every request, most of it {largest.title}: shorten it."
    tools = groups.get(ContextGroup.TOOLS, 0)
    fixed = sum(groups.get(group, 0) for group in _HEAD)
    if tools > limit * _MUCH_TOOLS and fixed > limit * _MUCH_FIXED:
        yield f"The tool list takes {tools / limit:.0%} of the window: --tool-set lean or nano offers fewer."


def _named(row: ContextRow) -> str:
    title = row.title if len(row.title) <= _TITLE_CHARS else f"{row.title[: _TITLE_CHARS - 3]}..."
    return f"#{row.number} {title}" if row.number is not None else title


def _room(report: ContextReport) -> str | None:
    """Return how much may still come before the window is compacted."""
    left = report.high_water_tokens - report.used_tokens
    if left <= 0:
        return None
    stubs = sum(row.is_stub for row in report.rows)
    kept = f"; {counted(stubs, 'stub')} can be brought back with recall" if stubs else ""
    return f"{tokens(left)} tokens more fit before it is compacted{kept}."
