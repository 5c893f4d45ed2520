"""The report of the window: every item that is sent, tokens that add up, and what reading again has cost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.support.sessions import Driven, open_driven, read, write
from trashclaw.agent.context_report import ContextGroup, ContextReport, ContextRow
from trashclaw.config.project_files import read_project
from trashclaw.config.schema import Settings
from trashclaw.protocol import ops

READS: list[dict[str, Any]] = [{"calls": [read(f"m{number}.py")]} for number in range(8)]
STEPS = [
    {"thought": "First I look.", "text": "I look.", "calls": [read("m0.py")]},
    *READS[1:],
    {"text": "All read."},
    {"text": "And more."},
    {"text": "Still."},
]
ACCEPT = Settings.model_validate({"mode": "accept"})


@pytest.fixture
def large(repository: Path) -> Path:
    """A repository with eight files of some hundred tokens."""
    for number in range(8):
        (repository / f"m{number}.py").write_text("".join(f"value_{line} = {line}\n" for line in range(80)))
    return repository


def in_group(report: ContextReport, group: ContextGroup) -> list[ContextRow]:
    return [row for row in report.rows if row.group is group]


def checked(driven: Driven) -> ContextReport:
    """Return the report; its rows always add up to the whole, and none is less than nothing."""
    report = driven.session.context()
    assert sum(row.tokens for row in report.rows) == report.used_tokens
    assert sum(report.in_groups().values()) == report.used_tokens
    assert all(row.tokens >= 0 for row in report.rows)
    assert all(row.title.isprintable() for row in report.rows)
    return report


async def test_a_new_session_has_instructions_and_tools_and_nothing_else(large: Path) -> None:
    async with open_driven(large, STEPS) as driven:
        report = checked(driven)
        assert {*report.in_groups()} <= {ContextGroup.SYSTEM_PROMPT, ContextGroup.TOOLS, ContextGroup.INSTRUCTIONS}
        names = [tool.name for tool in driven.session._parts.turns.agent.manner.tools]
        assert [row.title for row in in_group(report, ContextGroup.TOOLS)] == names
        assert (report.limit_tokens, report.compactions, report.breaks) == (32768, 0, ())
        assert report.high_water_tokens == int(32768 * 0.75)
        assert report.answer_tokens == 4096
        assert report.used_tokens > 1000


async def test_every_item_has_a_row_with_its_number_the_newest_last(large: Path) -> None:
    async with open_driven(large, STEPS, settings=ACCEPT) as driven:
        await driven.turn("Read them @m7.py \x1b[2J")
        report = checked(driven)
        assert [row.title for row in in_group(report, ContextGroup.YOUR_WORDS)] == [r"Read them @m7.py \x1b[2J"]
        (attached,) = in_group(report, ContextGroup.ATTACHMENTS)
        assert attached.title.startswith("came with: Read them")
        results = in_group(report, ContextGroup.RESULTS_WHOLE)
        assert len(results) == 8
        archive = driven.session._parts.journal.history.archive
        for row in (*results, *in_group(report, ContextGroup.CALLS), attached):
            assert row.number is not None
            kept = archive.find(row.number)
            assert kept is not None
            assert "m" in kept.title
        assert [row.number for row in results] == sorted(row.number or 0 for row in results)
        assert [row.title for row in in_group(report, ContextGroup.ANSWERS)] == ["I look.", "All read."]
        assert [row.title for row in in_group(report, ContextGroup.REASONING)] == ["First I look."]
        (note,) = in_group(report, ContextGroup.NOTES)
        assert note.title.startswith("Branch: ")
        assert note.is_pinned
        assert sum(row.tokens for row in results) > 8 * 200


async def test_after_a_compaction_stubs_and_summary_are_told_apart_and_it_goes_back(large: Path) -> None:
    settings = Settings.model_validate({"mode": "accept", "context": {"kept_results": 2}})
    async with open_driven(large, STEPS, settings=settings) as driven:
        await driven.turn("Read them.")
        before = checked(driven)
        await driven.do(ops.ContextCompact())
        after = checked(driven)
        assert after.used_tokens < before.used_tokens
        assert after.compactions == 1
        stubs = in_group(after, ContextGroup.RESULTS_STUBS)
        assert stubs
        assert all(row.is_stub and row.number is not None for row in stubs)
        assert not [row for row in in_group(after, ContextGroup.RESULTS_WHOLE) if row.is_stub]
        await driven.do(ops.ContextCompact(is_undo=True))
        undone = checked(driven)
        assert undone.rows == before.rows
        await driven.turn("And now?")
        assert not [notice for notice in driven.notices if notice.code in {"ledger_break", "cache_lost"}]


async def test_what_was_left_out_altogether_is_a_summary(large: Path) -> None:
    async with open_driven(large, [*READS, {"text": "Done."}], limit_tokens=3400) as driven:
        await driven.turn("Read them.")
        report = checked(driven)
        assert report.compactions >= 1
        summaries = in_group(report, ContextGroup.SUMMARIES)
        assert 1 <= len(summaries) <= report.compactions
        assert report.used_tokens + report.answer_tokens <= report.limit_tokens


async def test_own_files_in_the_prompt_are_told_by_where_they_came_from(large: Path) -> None:
    (large / "AGENTS.md").write_text("Always run the tests before you say that you are done.\n" * 5)
    opening: dict[str, Any] = {"is_trusted": True, "project": read_project(large)}
    async with open_driven(large, STEPS, **opening) as driven:
        (told,) = in_group(checked(driven), ContextGroup.INSTRUCTIONS)
        assert (told.title, told.is_pinned) == ("instructions: AGENTS.md", True)
        assert 50 < told.tokens < 150
        await driven.turn("Read them.")
        session_id = driven.session.session_id
    async with open_driven(large, STEPS, resume=session_id, **opening) as driven:
        (again,) = in_group(checked(driven), ContextGroup.INSTRUCTIONS)
        assert again.title == told.title


async def test_a_call_with_a_long_text_that_was_left_out_is_a_stub(large: Path) -> None:
    steps = [{"calls": [write("new.py", "x = 1\n" * 200)]}, *READS[:6], {"text": "Done."}]
    settings = Settings.model_validate({"mode": "accept", "context": {"kept_results": 1}})
    async with open_driven(large, steps, settings=settings, is_trusted=True) as driven:
        await driven.turn("Write it.")
        await driven.do(ops.ContextCompact())
        first = in_group(checked(driven), ContextGroup.CALLS)[0]
        assert first.is_stub
