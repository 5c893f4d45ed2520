"""The ladder: six kinds of loops are named, turned and stopped; rungs are climbed once, and in the right order."""

from __future__ import annotations

import json
import random
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.tool_runs import Story, edited, lines_of, ran, shell
from trashclaw.agent.ladder import Ladder, LadderLimits, RemedyRung, TroubleKind
from trashclaw.agent.ports import StepFinding
from trashclaw.agent.progress import Gain
from trashclaw.protocol.items import ToolRun
from trashclaw.protocol.tools import ToolStatus

NOTHING: frozenset[RemedyRung] = frozenset()
LINES = [f"word {number}" for number in range(200)]


def same_call(story: Story, at: int) -> None:
    story.grep("nowhere")


def two_cycle(story: Story, at: int) -> None:
    (lambda: story.grep("here", "a.py", "1: here"), lambda: story.read("a.py"))[at % 2]()


def three_cycle(story: Story, at: int) -> None:
    (lambda: story.grep("x", "a.py"), lambda: story.read("a.py"), lambda: story.run("ls", "a.py\n"))[at % 3]()


def four_cycle(story: Story, at: int) -> None:
    story.read(f"{'abcd'[at % 4]}.py")


def growing_argument(story: Story, at: int) -> None:
    story.grep("def " + "handle_the_thing"[: at + 1])


def growing_limit(story: Story, at: int) -> None:
    last = min(10 * (at + 1), 40)
    text = lines_of("a.py", 1, last)
    story.tell(ran("read_file", {"path": "a.py", "limit": 10 * (at + 1)}, text))


def wandering(story: Story, at: int) -> None:
    choice = random.Random(at)
    first = choice.randrange(1, 30)
    story.read(choice.choice(["a.py", "b.py", "c.py"]), first, first + choice.randrange(5, 30))


def edit_undo(story: Story, at: int) -> None:
    story.edit("a.py", ("one", "two")[at % 2])


def edit_test_undo_test(story: Story, at: int) -> None:
    if at % 2:
        story.run("pytest -q", f"1 failed in 0.{at}s\n", exit_code=1)
    else:
        story.edit("a.py", ("one", "two")[at // 2 % 2])


def failing_edits(story: Story, at: int) -> None:
    story.miss("a.py", f"def {at}():\n    return {at}")


def failing_command(story: Story, at: int) -> None:
    story.run(f"frobnicate --level {at}", stderr="sh: 1: frobnicate: not found\n", exit_code=127)


def clock_watching(story: Story, at: int) -> None:
    story.run("make", f"[2026-11-21 10:00:{at:02}] pid 12{at} nothing to do, 0.{at}s at 0x7f{at:04}\n")


def unchanged_in_turns(story: Story, at: int) -> None:
    story.run("make", ("nothing to do\n", "still nothing to do\n")[at % 2])


LOOPS = [
    (same_call, TroubleKind.SAME_CALL, 6),
    (two_cycle, TroubleKind.CYCLE, 12),
    (three_cycle, TroubleKind.CYCLE, 18),
    (four_cycle, TroubleKind.CYCLE, 20),
    (growing_argument, TroubleKind.GROWING, 7),
    (growing_limit, TroubleKind.GROWING, 12),
    (wandering, TroubleKind.WANDERING, 30),
    (edit_undo, TroubleKind.EDIT_UNDO, 12),
    (edit_test_undo_test, TroubleKind.EDIT_UNDO, 22),
    (failing_edits, TroubleKind.GROWING, 7),
    (failing_command, TroubleKind.GROWING, 7),
    (clock_watching, TroubleKind.SAME_CALL, 7),
    (unchanged_in_turns, TroubleKind.SAME_CALL, 13),
]


def play(loop: Callable[[Story, int], None], ladder: Ladder, steps: int = 30) -> Story:
    """Go round until it is stopped."""
    story = Story(ladder)
    for at in range(steps):
        loop(story, at)
        if story.remedies and story.remedies[-1][1].rung is RemedyRung.STOP:
            break
    return story


@pytest.mark.parametrize(("loop", "kind", "latest"), LOOPS, ids=[loop.__name__ for loop, _, _ in LOOPS])
@pytest.mark.parametrize("possible", [NOTHING, frozenset(RemedyRung)], ids=["nothing", "everything"])
def test_a_loop_is_named_and_stopped(
    loop: Callable[[Story, int], None], kind: TroubleKind, latest: int, possible: frozenset[RemedyRung]
) -> None:
    story = play(loop, Ladder(possible=lambda: possible))
    rungs = [remedy.rung for _, remedy in story.remedies]
    assert rungs[0] is RemedyRung.NUDGE
    assert rungs[-1] is RemedyRung.STOP
    assert len(rungs) == len(set(rungs))
    assert story.remedies[-1][1].kind is kind
    assert story.step <= latest
    assert story.remedies[0][1].repeats <= 6


def test_a_nudge_says_which_call_came_in_which_steps() -> None:
    story = Story()
    story.read("a.py")
    for _ in range(2):
        assert story.grep("nowhere") is None
    remedy = story.grep("nowhere")
    assert remedy is not None
    assert remedy.rung is RemedyRung.NUDGE
    assert "called grep with the same arguments 3 times, with the same result (steps 2, 3, 4)" in remedy.text
    assert "nowhere" in remedy.text


def test_a_report_tells_the_person_what_was_tried() -> None:
    story = play(same_call, Ladder(possible=lambda: frozenset({RemedyRung.THINKING})))
    text = story.remedies[-1][1].text
    assert [remedy.rung.value for _, remedy in story.remedies] == ["nudge", "thinking", "stop"]
    assert "The model has called grep" in text
    assert "- step 3: the model was told what repeats\n- step 4: its reasoning was switched" in text


def test_the_edit_format_changes_only_when_edits_are_the_trouble() -> None:
    for loop, is_there in ((same_call, False), (three_cycle, False), (failing_edits, True), (edit_undo, True)):
        rungs = [remedy.rung for _, remedy in play(loop, Ladder()).remedies]
        assert (RemedyRung.EDIT_FORMAT in rungs) is is_there, loop
        if is_there:
            assert rungs[1] is RemedyRung.EDIT_FORMAT


def test_a_rung_is_climbed_once_in_a_turn_whatever_comes_between() -> None:
    story = Story(Ladder(possible=lambda: frozenset({RemedyRung.THINKING})))
    for loop in range(5):
        for _ in range(5):
            story.grep("nowhere")
        story.edit("a.py", f"new {loop}")
    assert [remedy.rung.value for _, remedy in story.remedies] == ["nudge", "thinking"]


@pytest.mark.parametrize("repeats", [3, 4, 6, 9])
def test_the_limit_of_repeats_holds_and_a_nudge_comes_before(repeats: int) -> None:
    story = play(same_call, Ladder(LadderLimits(repeats=repeats, idle_steps=40)))
    steps = [step for step, _ in story.remedies]
    assert steps[0] < steps[-1] <= repeats + 1


@pytest.mark.parametrize("idle", [4, 8, 12])
def test_the_limit_of_idle_steps_holds(idle: int) -> None:
    story = play(lambda story, at: story.think(f"{at}"), Ladder(LadderLimits(repeats=99, idle_steps=idle)))
    assert story.remedies[0][1].kind is TroubleKind.WANDERING
    assert story.remedies[0][1].rung is RemedyRung.NUDGE
    assert story.step == idle


def test_reading_on_for_ever_is_nudged_late_and_stopped_very_late() -> None:
    story = Story()
    while not (story.remedies and story.remedies[-1][1].rung is RemedyRung.STOP):
        story.read(f"new{story.step}.py")
    assert [(remedy.rung.value, remedy.kind) for _, remedy in story.remedies] == [
        ("nudge", TroubleKind.EXPLORING),
        ("stop", TroubleKind.EXPLORING),
    ]
    assert story.remedies[0][0] >= 24
    assert 36 <= story.step <= 40


def test_words_of_the_person_begin_the_counts_anew() -> None:
    story = Story()
    for _ in range(10):
        for _ in range(2):
            story.grep("nowhere")
        story.ladder.steered()
    assert story.remedies == []


def test_calls_that_were_left_out_neither_count_nor_hide_a_loop() -> None:
    left_out = ran("grep", {"pattern": "x"}, "Not run.", status=ToolStatus.SKIPPED)
    story = Story()
    for _ in range(40):
        assert story.tell(left_out) is None
    for _ in range(6):
        story.tell(ran("grep", {"pattern": "x"}, "[no line]"), left_out)
    assert story.remedies[-1][1].rung is RemedyRung.STOP


def test_polling_is_borne_for_a_while_and_not_for_ever() -> None:
    waiting = {"background_id": "bg1", "is_running": True}
    story = Story()
    while not story.remedies and story.step < 100:
        story.tell(ran("background", {"id": "bg1"}, "[no new output]\n[bg1 is running]", metadata=waiting))
    assert 20 < story.step < 30


def test_a_plan_that_is_only_written_anew_is_no_progress() -> None:
    story = Story()
    story.set_plan(0, 3)
    for count in range(4, 12):
        story.set_plan(0, count)
    assert story.remedies


def test_entries_ticked_off_without_work_are_no_progress() -> None:
    story = Story()
    for done in range(12):
        story.set_plan(done, 20)
    assert story.remedies


def test_fewer_failing_tests_are_progress_once() -> None:
    story = Story()
    gains = []
    for failing in (5, 5, 4, 5, 4, 3):
        progress = story.ladder._progress
        run = ran("think", {"thought": "x"}, "Noted.")
        gains.append(progress._tests_gain(failing))
        story.tell(run, findings=[StepFinding(failing_tests=failing)])
    assert [gain is Gain.MOVED for gain in gains] == [False, False, True, False, False, True]


def test_hostile_calls_cost_little_and_say_bounded_things() -> None:
    huge = json.dumps({"pattern": "`\x1b[31m" + "a" * 1_000_000})
    deep = "[" * 100_000
    story = Story(Ladder(LadderLimits(repeats=99, idle_steps=999)))
    for _ in range(5):
        for arguments in (huge, deep, "null", "[]", "{", '"a"', json.dumps({str(n): n for n in range(5_000)})):
            story.tell(ran("grep", arguments, "9" * 1_000_000 + "\x1b[" * 100_000))
    for _, remedy in story.remedies:
        assert len(remedy.text) <= 3_000
        assert "\x1b" not in remedy.text
    for number in range(2_100):
        output = "".join(f"{number} {line}\n" for line in range(20))
        story.tell(shell(f"echo {number}", output), edited("a.py", str(2 * number), str(2 * number + 1)))
    assert len(story.ladder._progress._lines._entries) <= 40_000
    assert len(story.ladder._progress._states._entries) <= 4_000
    assert len(story.ladder._repeats._chains) <= 60


RUNS = st.one_of(
    st.builds(
        lambda tool, value, text, status: ran(tool, {"path": value}, text, status=status),
        st.sampled_from(["read_file", "grep", "bash", "think", "ask_user", "background", "unknown"]),
        st.one_of(st.none(), st.integers(), st.text(), st.booleans(), st.lists(st.integers())),
        st.text(),
        st.sampled_from(list(ToolStatus)),
    ),
    st.builds(edited, st.sampled_from(["a", "b"]), st.sampled_from("xyz"), st.sampled_from("xyz")),
    st.builds(shell, st.sampled_from(["a", "ab", "b"]), st.text(), st.text(), st.integers(-9, 255)),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.lists(RUNS, max_size=3), max_size=25))
def test_any_steps_end_in_the_same_remedies_again(steps: list[list[ToolRun]]) -> None:
    first, second = Story(), Story()
    for runs in steps:
        assert first.tell(*runs) == second.tell(*runs)
    rungs = [remedy.rung for _, remedy in first.remedies if remedy.rung is not RemedyRung.STOP]
    assert len(rungs) == len(set(rungs))
