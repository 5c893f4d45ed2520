"""The measure behind the ladder: what counts as new, which calls are nearly the same, and what may be left out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from tests.support.agents import EchoTool
from tests.support.tool_runs import Story, edited, lines_of, made_call, ran, shell
from trashclaw.agent.gist import argument_gists, call_key, calm
from trashclaw.agent.healing.calls import HealedCall
from trashclaw.agent.ports import StepReport
from trashclaw.agent.progress import Gain, Progress
from trashclaw.agent.repeats import RepeatKind, Repeats, duplicates, is_near
from trashclaw.protocol.errors import ToolError
from trashclaw.protocol.items import ToolRun
from trashclaw.protocol.plan import Plan, PlanEntry, PlanStatus
from trashclaw.protocol.tools import ToolKind, ToolStatus

FAILED = ToolStatus.FAILED


def gains(*runs: ToolRun) -> list[Gain]:
    progress = Progress()
    return [progress.take(StepReport(at, "", "", (run,), Plan())) for at, run in enumerate(runs)]


def read(path: str, text: str, /, **metadata: Any) -> ToolRun:
    return ran("read_file", {"path": path, "offset": len(text)}, text, metadata=metadata)


def test_the_very_first_undo_of_a_turn_is_seen() -> None:
    assert gains(edited("a", "base", "new"), edited("a", "new", "base")) == [Gain.MOVED, Gain.NONE]
    assert gains(edited("a", "base", "new"), edited("b", "new", "base")) == [Gain.MOVED, Gain.MOVED]


def test_what_fails_teaches_nothing_however_it_is_worded() -> None:
    failing = [ran("read_file", {"path": f"x{at}"}, f"There is no x{at}.", status=FAILED) for at in range(3)]
    assert gains(*failing) == [Gain.NONE] * 3


def test_a_file_is_new_once_and_its_parts_as_far_as_they_were_not_seen() -> None:
    runs = [
        read("a", lines_of("a", 1, 12)),
        read("a", lines_of("a", 1, 12)),
        read("./a", lines_of("a", 3, 12)),
        read("a", lines_of("a", 10, 15)),
        read("a", lines_of("a", 13, 16)),
        read("a", "[unchanged since you read it]"),
        read("b", "[the file is empty]"),
        read("b", "[the file is empty]"),
    ]
    new, old = Gain.LEARNED, Gain.NONE
    assert gains(*runs) == [new, old, old, new, old, old, new, old]


def test_the_same_lines_in_another_file_are_new_and_at_other_numbers_are_not() -> None:
    assert gains(
        read("a", "1\timport os\n2\tx = 1\n3\ty = 2"),
        read("b", "1\timport os"),
        read("b", "2\tx = 1\n3\ty = 2"),
        read("b", "8\timport os\n9\tx = 1\n10\ty = 2"),
    ) == [Gain.LEARNED, Gain.LEARNED, Gain.LEARNED, Gain.NONE]


def test_the_path_that_the_tool_tells_counts_more_than_the_one_that_was_asked_for() -> None:
    text = "1\tx = 1\n2\ty = 2"
    assert gains(read("a", text, path="src/a"), read("/project/src/a", text, path="src/a")) == [Gain.LEARNED, Gain.NONE]


def test_a_search_is_new_by_its_hits_and_not_by_its_words() -> None:
    runs = [
        ran("grep", {"pattern": "a"}, "src/a.py\n1: a\n2: ab"),
        ran("grep", {"pattern": "ab"}, "src/a.py\n2: ab"),
        ran("grep", {"pattern": "abc"}, "[no line matches abc]"),
        ran("grep", {"pattern": "b", "context": 1}, "src/a.py\n2: ab\n3- c"),
        ran("grep", {"pattern": "d"}, "src/d.py\n2: d"),
    ]
    assert gains(*runs) == [Gain.LEARNED, Gain.NONE, Gain.NONE, Gain.NONE, Gain.LEARNED]


def test_a_command_is_new_by_what_it_says_noise_left_out() -> None:
    runs = [
        shell("make", "2 failed in 0.31s\n"),
        shell("make", "2 failed in 4.20s\n"),
        shell("make", "1 failed in 0.31s\n"),
        shell("make -k", "1 failed in 0.99s\n"),
    ]
    assert gains(*runs) == [Gain.LEARNED, Gain.NONE, Gain.LEARNED, Gain.NONE]


@pytest.mark.parametrize(
    ("text", "other", "is_same"),
    [
        ("took 12 ms", "took 1.5 s", True),
        ("at 2026-11-21T10:00:01.5Z", "at 2026-11-21 11:12:13", True),
        ("<A object at 0x7f0011aa>", "<A object at 0x7fffffff>", True),
        ("pid 12", "pid 3456", True),
        ("/tmp/tmpab12/x", "/tmp/tmpzz99/x", True),
        ("http://127.0.0.1:8000/", "http://127.0.0.1:9123/", True),
        ("\x1b[31mred\x1b[0m", "red", True),
        ("3 passed", "4 passed", False),
        ("line 3", "line 4", False),
        ("v1.2.3", "v1.2.4", False),
        ("0x1", "0x2", False),
    ],
)
def test_noise_is_what_differs_from_run_to_run(text: str, other: str, is_same: bool) -> None:
    assert (calm(text) == calm(other)) is is_same


def test_a_person_who_says_no_ten_times_is_no_loop_but_a_policy_is() -> None:
    for who, is_loop in (("user", False), ("policy", True)):
        story = Story()
        for number in range(10):
            refused = {"status": ToolStatus.REJECTED, "metadata": {"refused_by": who}}
            story.tell(ran("edit_file", {"path": "a", "new_text": f"{number}"}, "No.", **refused))
        assert bool(story.remedies) is is_loop


def test_a_plan_that_was_there_before_the_turn_is_no_progress() -> None:
    plan = Plan(entries=(PlanEntry(text="a", status=PlanStatus.COMPLETED), PlanEntry(text="b")))
    done = Plan(entries=(plan.entries[0], PlanEntry(text="b", status=PlanStatus.COMPLETED)))
    progress = Progress()
    progress.begin(plan)
    run = ran("update_plan", {}, "Set.")
    assert progress.take(StepReport(1, "", "", (run,), plan)) is Gain.NONE
    assert progress.take(StepReport(2, "", "", (shell("ls", "a\n"),), plan)) is Gain.LEARNED
    assert progress.take(StepReport(3, "", "", (run,), done)) is Gain.MOVED
    assert progress.take(StepReport(4, "", "", (run,), plan)) is Gain.NONE
    assert progress.take(StepReport(5, "", "", (run,), done)) is Gain.NONE


NEAR: list[tuple[Mapping[str, Any], Mapping[str, Any], bool]] = [
    ({"a": "x"}, {"a": "x"}, True),
    ({"a": "x"}, {"a": "xy"}, True),
    ({"a": "xy"}, {"a": "x"}, True),
    ({"a": "X  y"}, {"a": "x y"}, True),
    ({"a": "x"}, {"a": "z"}, False),
    ({"a": ""}, {"a": "z"}, False),
    ({"a": 1}, {"a": 2}, True),
    ({"a": True}, {"a": False}, True),
    ({"a": 1}, {"a": "1"}, False),
    ({"a": "x", "b": 1}, {"a": "x", "b": 2}, True),
    ({"a": "x", "b": 1}, {"a": "xy", "b": 2}, False),
    ({"a": "x"}, {"a": "x", "b": 2}, True),
    ({}, {"a": "x"}, False),
    ({}, {}, True),
]


@pytest.mark.parametrize(("before", "after", "expected"), NEAR)
def test_arguments_are_near_when_one_of_them_grew_or_shrank(
    before: Mapping[str, Any], after: Mapping[str, Any], expected: bool
) -> None:
    assert is_near(before, after) is expected


def test_long_arguments_are_compared_by_their_beginning_and_kept_short() -> None:
    old, new, other = ("x" * 5_000, "x" * 5_001, "y" + "x" * 5_000)
    gists = [argument_gists(made_call("write_file", {"content": text})) for text in (old, new, other)]
    assert len(json.dumps(gists)) < 4_000
    assert gists[0] != gists[1]
    assert is_near(gists[0], gists[1])
    assert not is_near(gists[0], gists[2])


def test_calls_are_the_same_in_any_order_and_spacing_of_their_arguments() -> None:
    assert call_key(made_call("x", '{"a": 1, "b": 2}')) == call_key(made_call("x", '{"b":2,"a":1}'))
    assert call_key(made_call("x", {"a": 1})) != call_key(made_call("x", {"a": 2}))
    assert call_key(made_call("x", {"a": 1})) != call_key(made_call("y", {"a": 1}))


def test_a_call_with_changing_answers_is_still_the_same_call() -> None:
    repeats = Repeats()
    found = [repeats.take(at, [ran("grep", {"pattern": "a"}, f"answer {at}", status=FAILED)]) for at in range(3)]
    assert found[0] is None
    assert found[2] is not None
    assert (found[2].kind, found[2].times, found[2].steps) == (RepeatKind.SAME_CALL, 3, (0, 1, 2))


def test_runs_that_were_left_out_do_not_hide_what_repeats() -> None:
    repeats = Repeats()
    for at in range(3):
        left_out = ran("read_file", {"path": f"other {at}"}, f"Not run: {'abc'[at]}.", status=ToolStatus.SKIPPED)
        found = repeats.take(at, [ran("grep", {"pattern": "a"}, "none"), left_out])
    assert found is not None
    assert found.times == 3


def test_a_step_with_one_call_that_is_new_repeats_nothing() -> None:
    repeats = Repeats()
    for at in range(5):
        new = ran("bash", {"command": f"{at} {'abcde'[at]}"}, f"{'fghij'[at]}")
        assert repeats.take(at, [ran("grep", {"pattern": "a"}, "none"), new]) is None


def test_few_calls_are_remembered() -> None:
    repeats = Repeats()
    for at in range(500):
        repeats.take(at, [ran(f"tool {at}", {"text": "x" * 5_000}, "no", status=FAILED)])
    assert len(repeats._chains) == 60


def test_the_second_of_two_like_readings_in_one_answer_may_be_left_out() -> None:
    look, act = EchoTool("look"), EchoTool("act", has_effects=True)

    def healed(tool: EchoTool, text: str, error: ToolError | None = None) -> HealedCall:
        return HealedCall(made_call(tool.spec.name, {"text": text}), tool, {"text": text}, error=error)

    one, two, effect = healed(look, "1"), healed(look, "2"), healed(act, "1")
    assert duplicates([one, two, one, one, two]) == {2, 3, 4}
    assert duplicates([one, effect, one, one]) == {3}
    assert duplicates([effect, effect]) == set()
    write = EchoTool("write", kind=ToolKind.EDIT)
    edit, undo = healed(write, "1"), healed(write, "2")
    assert duplicates([edit, one, edit, edit]) == {2, 3}
    assert duplicates([edit, undo, edit, effect, edit]) == set()
    assert duplicates([healed(look, "1", ToolError("bad")), one, HealedCall(one.call), one]) == {3}
    assert duplicates([]) == set()
