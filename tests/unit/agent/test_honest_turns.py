"""Honest work of two dozen steps and more, at which the ladder must say nothing at all."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

import pytest

from tests.support.tool_runs import Story, ran, shell
from trashclaw.agent.ports import StepFinding
from trashclaw.protocol.tools import ToolStatus

STEPS = 24


def pytest_output(failed: int, passed: int, number: int) -> str:
    names = "".join(f"FAILED tests/test_a.py::test_{at} - AssertionError\n" for at in range(failed))
    return f"{names}{failed} failed, {passed} passed in 0.{number:02}s\n"


def driven_by_tests(story: Story) -> None:
    """A test is written, fails, the code is changed, and it is run again with the very same command each time."""
    for number in range(9):
        story.edit("tests/test_a.py", f"test {number}")
        story.run("pytest -q", pytest_output(1, number, number), exit_code=1)
        story.edit("src/a.py", f"code {number}")
        story.run("pytest -q", pytest_output(0, number + 1, number + 1))


def a_stubborn_bug(story: Story) -> None:
    """Six tries on one bug; the tests say the same each time, and the file is read again after each edit."""
    story.read("src/a.py")
    for number in range(6):
        story.run("pytest -q", pytest_output(2, 5, number), exit_code=1)
        story.think(f"It must be the {number}. branch.")
        story.edit("src/a.py", f"try {number}")
        story.read("src/a.py", 10, 30, version=number)
        story.run("python -m src.a", f"Traceback ...\nValueError: {number}\n", exit_code=1)
    story.run("pytest -q", pytest_output(0, 7, 9))


def a_look_around_before_the_work(story: Story) -> None:
    """Listing, searching (also in vain) and reading in a large repository, then the edits."""
    story.tell(ran("list_files", {}, "src/a.py\nsrc/b.py\ntests/ (12 files)"))
    for number in range(6):
        story.grep(f"class Thing{number}")
        story.grep(f"def thing_{number}", f"src/m{number}.py", f"{number}: def thing_{number}():")
        story.read(f"src/m{number}.py", 1, 200)
        story.read(f"src/m{number}.py", 201, 400)
        if number > 2:
            story.edit(f"src/m{number}.py", "better")
    for number in range(3):
        story.edit(f"src/m{number}.py", "better")
        story.read(f"src/m{number}.py", 1, 20, version=1)
    story.tell(ran("git_diff", {}, "\n".join(f"+better {number}" for number in range(30))))


def a_question_that_only_needs_reading(story: Story) -> None:
    """The person asked how it works: twenty-four steps of files that were never read."""
    for number in range(24):
        story.read(f"src/part{number}.py", 1, 150)


def retries_with_other_arguments(story: Story) -> None:
    """Commands fail, edits find no place, and each is put right in the second or third try."""
    for number in range(6):
        story.run(f"pytset -q {number}", stderr=f"sh: 1: pytset: not found {number}\n", exit_code=127)
        story.run(f"pytest -q {number}", f"ok {number}\n")
        story.miss(f"src/m{number}.py", "def f()")
        story.read(f"src/m{number}.py")
        story.miss(f"src/m{number}.py", "def f( )")
        story.edit(f"src/m{number}.py", "g")


def a_server_in_the_background(story: Story) -> None:
    """It takes its time to come up; it is asked for again and again, and then used."""
    story.tell(ran("bash", {"command": "serve", "background": True}, "Started as bg1.", metadata={"background_id": 1}))
    poll = {"id": "bg1", "action": "read", "wait_s": 10}
    waiting = {"background_id": "bg1", "is_running": True}
    for _ in range(15):
        story.tell(ran("background", poll, "[no new output]\n[bg1 is running]", metadata=waiting))
    for number in range(7):
        story.edit("src/app.py", f"route {number}")
        story.run("curl -s localhost:8000", f"answer {number}\n")
        story.tell(ran("background", poll, f"GET / {number}\n[bg1 is running]", metadata=waiting))


def the_same_change_in_many_files(story: Story) -> None:
    """A rename: nearly the same edit in sixteen files, with one search that gets shorter and one test run."""
    left = [f"src/m{number}.py" for number in range(16)]
    while left:
        story.grep("old_name", *left)
        story.edit(left.pop(), "new_name")
    story.run("pytest -q", pytest_output(0, 40, 1))


def a_try_taken_back(story: Story) -> None:
    """An edit makes it worse, is taken back, and another way is taken; three times over."""
    for number, failing in enumerate((5, 4, 3, 2, 1)):
        story.edit("src/a.py", f"base {number}")
        story.run("pytest -q", pytest_output(failing, 9, number), exit_code=1)
        story.edit("src/a.py", f"worse {number}")
        story.run("pytest -q", pytest_output(failing + 3, 6, number), exit_code=1)
        story.edit("src/a.py", f"base {number}")
        story.run("pytest -q", pytest_output(failing, 9, number + 1), exit_code=1)


def a_plan_followed(story: Story) -> None:
    """A thought, a look, an edit and the plan, in turns; several calls in one answer."""
    story.set_plan(0, 8)
    for number in range(8):
        story.think(f"Next is {number}.")
        look = ran("read_file", {"path": f"n{number}.py"}, f"1\tn = {number}")
        status = ran("git_status", {}, "\n".join(f"M n{at}.py" for at in range(number)) or "[clean]")
        story.tell(look, status)
        story.edit(f"n{number}.py", "done")
        story.set_plan(number + 1, 8)


def fewer_failures_by_commands_alone(story: Story) -> None:
    """Everything is done in the shell: the effects land, the tests get fewer."""
    sizes = count(1)
    for number in range(12):
        changed = [{"path": "a.py", "kind": "modified", "added": 1, "removed": 1, "sha256": f"state {next(sizes)}"}]
        story.tell(shell(f"sed -i s/{number}/{number + 1}/ a.py", changes=changed))
        story.run("make check", f"{12 - number} errors\n", exit_code=2)
        story.tell(shell("cat a.py", f"a = {number}\n"), findings=[StepFinding(failing_tests=12 - number)])


def a_person_who_says_no(story: Story) -> None:
    """The person rejects one proposal after the other, each with a reason, and takes part of them."""
    for number in range(10):
        arguments = {"path": "a.py", "old_text": "a", "new_text": f"{number}"}
        text = "The user rejected this; nothing was changed."
        refused = {"refused_by": "user"}
        story.tell(ran("edit_file", arguments, text, status=ToolStatus.REJECTED, metadata=refused))
        story.tell(ran("ask_user", {"question": f"Which {number}?"}, "the other one"))
        story.edit("a.py", f"as you say {number}")


def commands_that_say_nothing(story: Story) -> None:
    """Folders are made and things put in order, without a word from any command."""
    for number in range(12):
        story.run(f"mkdir -p build/{number}")
        story.run(f"touch build/{number}/x")
        if number % 3 == 0:
            story.edit("Makefile", f"rule {number}")


TURNS = [
    commands_that_say_nothing,
    driven_by_tests,
    a_stubborn_bug,
    a_look_around_before_the_work,
    a_question_that_only_needs_reading,
    retries_with_other_arguments,
    a_server_in_the_background,
    the_same_change_in_many_files,
    a_try_taken_back,
    a_plan_followed,
    fewer_failures_by_commands_alone,
    a_person_who_says_no,
]


@pytest.mark.parametrize("turn", TURNS, ids=[turn.__name__ for turn in TURNS])
def test_nothing_is_said_of_honest_work(turn: Callable[[Story], None]) -> None:
    story = Story()
    turn(story)
    assert story.step >= STEPS
    assert story.remedies == []
