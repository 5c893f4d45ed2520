"""Made-up figures of a window, for what shows them."""

from __future__ import annotations

from dataclasses import replace

from trashclaw.agent.compaction import CutAction, CutPreview, CutRow
from trashclaw.agent.context_report import ContextGroup, ContextReport, ContextRow

_G = ContextGroup


def report(**changes: object) -> ContextReport:
    """Return the report of a session at work in a window of 32,768 tokens."""
    rows = (
        ContextRow(_G.SYSTEM_PROMPT, "system prompt", 812, is_pinned=True),
        *(ContextRow(_G.TOOLS, name, size, is_pinned=True) for name, size in (("bash", 241), ("read_file", 118))),
        ContextRow(_G.INSTRUCTIONS, "instructions: AGENTS.md", 640, is_pinned=True),
        ContextRow(_G.INSTRUCTIONS, "memory: MEMORY.md", 85, is_pinned=True),
        ContextRow(_G.YOUR_WORDS, "Find SQL built from strings in ./src and fix it", 46, is_pinned=True),
        ContextRow(_G.ATTACHMENTS, "came with: Find SQL built from strings in ./src", 1_930, 3),
        ContextRow(_G.SUMMARIES, "<summary>Earlier steps, left out; recall shows each by its number.", 390),
        *(ContextRow(_G.RESULTS_STUBS, f"read src/shop/part_{one}.py", 28, one, is_stub=True) for one in range(4, 16)),
        ContextRow(_G.REASONING, "Every execute call has to be looked at.", 410, 16),
        ContextRow(_G.ANSWERS, "I'll look for `execute(` first.", 62, 17),
        ContextRow(_G.CALLS, 'grep "execute(" src', 24, 18),
        ContextRow(_G.RESULTS_WHOLE, 'grep "execute(" src', 1_210, 18),
        ContextRow(_G.CALLS, "read src/db.py", 19, 19),
        ContextRow(_G.RESULTS_WHOLE, "read src/db.py", 4_377, 19),
        ContextRow(_G.RESULTS_WHOLE, "$ pytest -q 名前", 2_140, 20),
        ContextRow(_G.NOTES, "branch: main", 22),
    )
    made = ContextReport(
        model="qwen3-coder:30b",
        limit_tokens=32_768,
        limit_reason="what fits beside the model: 18.6 GB of it, 3.2 GB for the window",
        used_tokens=sum(row.tokens for row in rows),
        is_estimate=False,
        answer_tokens=4_096,
        high_water_tokens=24_576,
        rows=rows,
        reused_tokens=12_000,
        reread_tokens=9_300,
        reread_s=41.0,
        read_tokens_per_s=227.4,
        breaks=("the window was compacted", "another program used the server"),
        compactions=2,
        ahead_tokens=3_120,
        ahead_s=13.7,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def large_report(count: int) -> ContextReport:
    """Return a report of a window with so many items."""
    rows = tuple(
        ContextRow(_G.RESULTS_WHOLE if one % 2 else _G.CALLS, f"read src/file_{one}.py", 10 + one % 97, one)
        for one in range(count)
    )
    used = sum(row.tokens for row in rows)
    return report(rows=rows, used_tokens=used, limit_tokens=used * 2, high_water_tokens=used * 3 // 2)


def cut_preview() -> CutPreview:
    """Return what a compaction of it would do."""
    rows = (
        CutRow(CutAction.STAY, "Find SQL built from strings in ./src and fix it", (), 46, 46),
        *(CutRow(CutAction.LEAVE_OUT, f"read src/shop/part_{one}.py", (one,), 47, 0) for one in range(4, 16)),
        CutRow(CutAction.STUB, 'grep "execute(" src; read src/db.py; $ pytest -q', (16, 17, 18, 19, 20), 8_242, 310),
        CutRow(CutAction.STAY, "answer: Both bind their values now; one old test still fails.", (21,), 62, 62),
    )
    return CutPreview(
        rows=rows,
        before_tokens=12_400,
        after_tokens=4_260,
        reread_tokens=1_940,
        digest="<summary>Earlier steps, left out; recall shows each by its number.\n- #4 read src/shop/part_4.py\n"
        "Files changed: src/db.py (+2 -2)\n</summary>",
    )
