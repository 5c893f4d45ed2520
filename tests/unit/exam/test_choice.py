"""The manner that follows from settings, exam and profile."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import pytest

from tests.support.examined import PROFILE
from trashclaw.config.schema import MannerSettings
from trashclaw.exam.choice import MannerChoice, choose_manner
from trashclaw.exam.result import (
    CallMarks,
    EditMarks,
    EditsMarks,
    ExamResult,
    SchemaMarks,
    SpeedMarks,
    ThinkingMarks,
    WindowMarks,
    WindowVerdict,
)
from trashclaw.protocol.manners import DialectName, EditFormat, ToolSetName

AT = time.mktime((2026, 11, 21, 12, 0, 0, 0, 0, -1))
LARGE = replace(PROFILE, limit_tokens=32_768)


def result(**parts: Any) -> ExamResult:
    return ExamResult(provider="fake", model="wise", digest="abc", **parts)


def chosen(exam: ExamResult | None = None, profile: Any = LARGE, think: Any = None, **manner: Any) -> MannerChoice:
    return choose_manner(exam, profile, MannerSettings(**manner), think)


@pytest.mark.parametrize(
    ("has_tools", "can_constrain", "dialect"),
    [
        (True, True, DialectName.NATIVE),
        (True, False, DialectName.NATIVE),
        (False, True, DialectName.TYPED),
        (False, False, DialectName.TEXT),
    ],
)
def test_without_an_exam_the_profile_says_which_dialect(
    has_tools: bool, can_constrain: bool, dialect: DialectName
) -> None:
    choice = chosen(profile=replace(LARGE, has_tools=has_tools, can_constrain=can_constrain))
    assert choice.dialect is dialect
    assert "not examined" in choice.reasons["dialect"]


@pytest.mark.parametrize(
    ("native", "tried", "fitted", "dialect"),
    [
        (3, 3, 0, DialectName.NATIVE),
        (2, 3, 2, DialectName.NATIVE),
        (1, 3, 2, DialectName.TYPED),
        (1, 3, 1, DialectName.TEXT),
        (0, 3, 0, DialectName.TEXT),
        (1, 1, 0, DialectName.NATIVE),
    ],
)
def test_an_exam_outweighs_the_profile(native: int, tried: int, fitted: int, dialect: DialectName) -> None:
    exam = result(
        calls=CallMarks(at=AT, tried=tried, native=native), json_schema=SchemaMarks(at=AT, tried=2, fitted=fitted)
    )
    for has_tools in (True, False):
        choice = chosen(exam, replace(LARGE, has_tools=has_tools, can_constrain=True))
        assert choice.dialect is dialect
        assert f"exam of 21 Nov 2026: native calls {native} of {tried}" in choice.reasons["dialect"]
    assert choice.can_constrain is (fitted == 2)


def test_a_part_that_the_server_failed_in_says_nothing() -> None:
    exam = result(calls=CallMarks(at=AT, error="gone"), json_schema=SchemaMarks(at=AT, error="gone"))
    assert chosen(exam).dialect is DialectName.NATIVE
    assert chosen(exam).can_constrain


def test_a_part_in_which_the_server_failed_half_way_says_nothing() -> None:
    exam = result(calls=CallMarks(at=AT, tried=1, error="gone"), json_schema=SchemaMarks(at=AT, tried=1, error="gone"))
    assert chosen(exam).dialect is DialectName.NATIVE
    assert chosen(exam).tool_set is chosen(None).tool_set
    assert chosen(exam).can_constrain


def test_calls_in_the_text_make_no_native_dialect() -> None:
    exam = result(calls=CallMarks(at=AT, tried=3, in_text=3))
    choice = chosen(exam, replace(LARGE, can_constrain=False))
    assert choice.dialect is DialectName.TEXT
    assert "3 more in the text" in choice.reasons["dialect"]


@pytest.mark.parametrize(
    ("window", "tool_set"),
    [
        (4_096, ToolSetName.NANO),
        (7_999, ToolSetName.NANO),
        (8_192, ToolSetName.LEAN),
        (16_000, ToolSetName.FULL),
        (131_072, ToolSetName.FULL),
    ],
)
def test_the_window_says_how_many_tools_it_holds(window: int, tool_set: ToolSetName) -> None:
    assert chosen(profile=replace(LARGE, limit_tokens=window)).tool_set is tool_set


NO_EDIT = EditsMarks(at=AT, formats=(EditMarks(edit_format=EditFormat.REPLACE, tried=3),))


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ({"speed": SpeedMarks(at=AT, read_tokens_per_s=40.0)}, "reads 40 tokens/s"),
        ({"edits": NO_EDIT}, "no edit landed"),
    ],
)
def test_weak_and_slow_models_get_the_lean_set_but_never_a_larger_one(parts: dict[str, Any], words: str) -> None:
    choice = chosen(result(**parts))
    assert choice.tool_set is ToolSetName.LEAN
    assert words in choice.reasons["tool_set"]
    assert chosen(result(**parts), replace(LARGE, limit_tokens=4_096)).tool_set is ToolSetName.NANO


def test_a_fast_reader_keeps_the_full_set() -> None:
    assert chosen(result(speed=SpeedMarks(at=AT, read_tokens_per_s=84.0))).tool_set is ToolSetName.FULL


def edits(**landed: int) -> ExamResult:
    formats = tuple(EditMarks(edit_format=EditFormat(name), tried=3, landed=count) for name, count in landed.items())
    return result(edits=EditsMarks(at=AT, formats=formats))


@pytest.mark.parametrize(
    ("landed", "best"),
    [
        ({"whole_file": 3, "patch": 3, "replace": 3}, EditFormat.REPLACE),
        ({"whole_file": 3, "patch": 2, "replace": 2}, EditFormat.WHOLE),
        ({"whole_file": 2, "patch": 2, "replace": 1}, EditFormat.PATCH),
        ({"whole_file": 0, "patch": 0, "replace": 0}, EditFormat.REPLACE),
    ],
)
def test_the_edit_format_is_what_landed_most(landed: dict[str, int], best: EditFormat) -> None:
    assert chosen(edits(**landed)).edit_format is best


def test_a_setting_outweighs_everything_and_is_told() -> None:
    exam = result(calls=CallMarks(at=AT, tried=3, native=3), thinking=ThinkingMarks(at=AT, thinks=True, tokens=9))
    choice = chosen(exam, think="low", dialect="text", tool_set="nano", edit_format="patch")
    assert (choice.dialect, choice.tool_set) == (DialectName.TEXT, ToolSetName.NANO)
    assert (choice.edit_format, choice.think) == (EditFormat.PATCH, "low")
    told = ["setting manner.dialect", "setting manner.tool_set", "setting manner.edit_format", "setting server.think"]
    assert list(choice.reasons.values())[:4] == told
    assert "dialect: setting manner.dialect; tool set: setting" in choice.reason


def window(**marks: Any) -> ExamResult:
    return result(window=WindowMarks(at=AT, **marks))


def test_a_window_that_was_cut_counts_only_as_far_as_it_was_proven() -> None:
    cut = window(proven_tokens=4_000, failed_tokens=8_192, verdict=WindowVerdict.CUT)
    choice = chosen(cut)
    assert (choice.limit_tokens, choice.tool_set) == (4_000, ToolSetName.NANO)
    assert "4000 tokens were read whole, 8192 were not" in choice.reasons["limit_tokens"]


def test_a_window_that_has_become_smaller_than_what_failed_is_taken_as_told() -> None:
    cut = window(proven_tokens=4_000, failed_tokens=8_192, verdict=WindowVerdict.CUT)
    assert chosen(cut, replace(LARGE, limit_tokens=6_000)).limit_tokens == 6_000


def test_a_window_that_shrank_when_the_model_was_loaded_is_reckoned_with_for_the_same_setting_alone() -> None:
    less = window(told_tokens=32_768, claimed_tokens=12_000, proven_tokens=10_000, verdict=WindowVerdict.HELD)
    choice = chosen(less)
    assert (choice.limit_tokens, choice.tool_set) == (12_000, ToolSetName.LEAN)
    assert "was given 12000 of 32768" in choice.reasons["limit_tokens"]
    assert chosen(less, replace(LARGE, limit_tokens=24_000)).limit_tokens == 24_000


def test_an_assumed_window_grows_with_what_was_proven() -> None:
    held = window(proven_tokens=30_000, verdict=WindowVerdict.HELD)
    assert chosen(held, replace(LARGE, limit_tokens=8_192, is_limit_assumed=True)).limit_tokens == 30_000
    assert chosen(held, replace(LARGE, limit_tokens=8_192)).limit_tokens == 8_192


@pytest.mark.parametrize(
    ("tokens", "rate", "can_stop", "think"),
    [(600, 10.0, True, False), (600, 10.0, False, None), (600, 100.0, True, None), (600, None, True, None)],
)
def test_a_slow_thinker_is_asked_not_to_where_that_works(
    tokens: int, rate: float | None, can_stop: bool, think: bool | None
) -> None:
    exam = result(
        thinking=ThinkingMarks(at=AT, thinks=True, tokens=tokens, can_stop=can_stop),
        speed=SpeedMarks(at=AT, read_tokens_per_s=500.0, write_tokens_per_s=rate),
    )
    assert chosen(exam).think is think
