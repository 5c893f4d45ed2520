"""Failures: told as an event, with advice that changes, and answered for before the same call runs again."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.tool_runs import made_call, ran
from trashclaw.agent.failure_advice import FailureKind, advice
from trashclaw.agent.failures import Failures, Routed
from trashclaw.agent.gist import result_key
from trashclaw.agent.planning import PlanFirst
from trashclaw.agent.ports import Outcome, Proposal
from trashclaw.protocol.approvals import Needs
from trashclaw.protocol.patches import Patch
from trashclaw.protocol.plan import Plan, PlanEntry
from trashclaw.protocol.tools import ToolCall, ToolStatus


def bash(command: str = "make") -> ToolCall:
    return made_call("bash", {"command": command})


def ended(exit_code: int | None = 1, stderr: str = "", stdout: str = "", **metadata: Any) -> Outcome:
    return Outcome("output", stdout=stdout, stderr=stderr, exit_code=exit_code, metadata=metadata)


def routed(outcome: Outcome, command: str = "make", failures: Failures | None = None) -> Routed:
    found = (failures or Failures()).take(bash(command), outcome)
    assert found is not None
    return found


def test_a_failure_is_told_with_exit_code_and_first_lines() -> None:
    found = routed(ended(2, "\n\nmake: *** no rule\nsecond\n\nthird\nfourth\n", "much output"))
    assert (found.tool, found.exit_code, found.times) == ("bash", 2, 1)
    assert found.lines == ("make: *** no rule", "second", "third")
    head, *inside, end, told = found.text.split("\n")
    assert head == '<error tool="bash" exit_code="2" kind="other" times="1">'
    assert inside == list(found.lines)
    assert end == "</error>"
    assert "one sentence what this means" in told


def test_without_standard_error_the_last_lines_of_the_output_are_told() -> None:
    found = routed(ended(1, "  \n", "collected 3\n....\nFAILED a.py::b - AssertionError\n1 failed in 0.1s\n"))
    assert found.lines == ("....", "FAILED a.py::b - AssertionError", "1 failed in 0.1s")
    assert found.kind is FailureKind.TESTS


def test_of_a_traceback_the_error_is_told() -> None:
    trace = 'Traceback (most recent call last):\n  File "a.py", line 3\n    f()\n  File "b.py"\n    g()\nKeyError: 3\n'
    assert routed(ended(1, trace)).lines == ('File "a.py", line 3', "f()", "KeyError: 3")


def test_the_advice_changes_each_time() -> None:
    failures = Failures()
    said = [routed(ended(1, "boom"), failures=failures) for _ in range(4)]
    assert [one.times for one in said] == [1, 2, 3, 4]
    told = [one.text.rpartition("\n")[2] for one in said]
    assert len(set(told[:3])) == 3
    assert "ask the user" in told[2]
    for kind in FailureKind:
        assert len({advice(kind, times) for times in (1, 2, 3)}) == 3


def test_noise_does_not_make_another_failure_of_it() -> None:
    failures = Failures()
    assert routed(ended(1, "10:00:01 pid 17 boom in 0.12s"), failures=failures).times == 1
    assert routed(ended(1, "10:00:09 pid 23 boom in 4.5s"), failures=failures).times == 2
    assert routed(ended(1, "another"), failures=failures).times == 1
    assert routed(ended(2, "another"), failures=failures).times == 1


def test_a_turn_begins_with_a_clean_slate() -> None:
    failures = Failures()
    routed(ended(1, "boom"), failures=failures)
    failures.begin()
    assert failures.needs_words(bash(), "", "") == ""
    assert routed(ended(1, "boom"), failures=failures).times == 1


KNOWN = [
    (ended(127, "sh: 1: foo: not found"), FailureKind.MISSING_COMMAND),
    (ended(1, "bash: foo: command not found"), FailureKind.MISSING_COMMAND),
    (ended(2, "cat: a: No such file or directory"), FailureKind.MISSING_FILE),
    (ended(1, "touch: /etc/x: Permission denied"), FailureKind.DENIED),
    (ended(1, "x", denied=["path /etc/x"]), FailureKind.DENIED),
    (ended(1, "x", denied=["host pypi.example"]), FailureKind.NETWORK),
    (ended(6, "curl: (6) Could not resolve host: a.example"), FailureKind.NETWORK),
    (ended(None, "", is_timed_out=True), FailureKind.TIMEOUT),
    (ended(-9, "", limit="memory"), FailureKind.MEMORY),
    (ended(1, "  File a.py\nSyntaxError: invalid syntax"), FailureKind.SYNTAX),
    (ended(2, "bash: -c: line 1: syntax error near unexpected token `('"), FailureKind.SYNTAX),
    (ended(1, 'sqlite3.OperationalError: near "neil": syntax error\nFAILED (errors=1)'), FailureKind.TESTS),
    (ended(1, "ModuleNotFoundError: No module named 'yaml'"), FailureKind.MISSING_IMPORT),
    (ended(1, "", "Error: Cannot find module 'left'"), FailureKind.MISSING_IMPORT),
    (ended(1, "", "FAILED t.py::a - assert 1 == 2\n1 failed, 2 passed"), FailureKind.TESTS),
    (ended(101, "", "test result: FAILED. 1 passed; 1 failed"), FailureKind.TESTS),
    (ended(1, "", "--- FAIL: TestA (0.00s)\nFAIL"), FailureKind.TESTS),
    (ended(1, "", "Auto-merging a\nCONFLICT (content): Merge conflict in a"), FailureKind.CONFLICT),
    (ended(101, "error[E0382]: borrow of moved value"), FailureKind.BUILD),
    (ended(1, "a.c:3:1: error: expected ';'"), FailureKind.BUILD),
    (ended(4, "usage: pytest\npytest: error: unrecognized arguments: --foo"), FailureKind.USAGE),
    (ended(3, "who knows"), FailureKind.OTHER),
    (Outcome("There is no such thing.", ToolStatus.FAILED), FailureKind.TOOL),
]


@pytest.mark.parametrize(("outcome", "kind"), KNOWN, ids=[f"{kind}-{at}" for at, (_, kind) in enumerate(KNOWN)])
def test_a_failure_is_known_by_its_words(outcome: Outcome, kind: FailureKind) -> None:
    if outcome.exit_code is None and outcome.stderr is not None:
        outcome = Outcome("", ToolStatus.FAILED, "", outcome.stderr, None, outcome.metadata)
    assert routed(outcome).kind is kind


@pytest.mark.parametrize(
    "command",
    ["grep -r x src", "cat a | grep x", "cd src && rg 'a|b'", "diff a b", "LANG=C /bin/grep x", "git diff --exit-code"],
)
def test_exit_code_1_of_a_search_is_an_answer(command: str) -> None:
    assert Failures().take(bash(command), ended(1)) is None
    assert Failures().take(bash(command), ended(2)) is not None
    assert Failures().take(bash(command), ended(1, "grep: bad")) is not None


@pytest.mark.parametrize("command", ["make | tee grep", "grep x a; make", "'", "git push", "x=grep", ""])
def test_exit_code_1_of_anything_else_is_a_failure(command: str) -> None:
    assert Failures().take(bash(command), ended(1)) is not None


def test_what_the_person_stopped_is_no_failure() -> None:
    for status in (ToolStatus.REJECTED, ToolStatus.SKIPPED, ToolStatus.CANCELLED):
        assert Failures().take(bash(), Outcome("no", status)) is None


def test_the_same_call_is_held_back_once_until_something_is_said() -> None:
    failures = Failures()
    assert failures.needs_words(bash(), "", "") == ""
    routed(ended(3, "boom"), failures=failures)
    assert failures.needs_words(bash(), "It lacks a file.", "") == ""
    assert failures.needs_words(bash(), "", "It lacks a file.") == ""
    assert failures.needs_words(bash("make all"), "", "") == ""
    refusal = failures.needs_words(made_call("bash", '{ "command":"make" }'), " \n", "")
    assert "exit code 3" in refusal
    assert "boom" in refusal
    assert failures.needs_words(bash(), "", "") == ""
    routed(ended(3, "boom"), failures=failures)
    assert failures.needs_words(bash(), "", "") == ""


@pytest.mark.parametrize(
    ("between", "is_held"),
    [
        (Outcome("read"), True),
        (Outcome("no", ToolStatus.REJECTED), True),
        (Outcome("edited", metadata={"changes": [{"path": "a"}]}), False),
        (ended(0, "", "installed"), False),
    ],
)
def test_a_change_in_between_lets_the_call_run(between: Outcome, is_held: bool) -> None:
    failures = Failures()
    routed(ended(1, "boom"), failures=failures)
    failures.take(made_call("other", {}), between)
    assert bool(failures.needs_words(bash(), "", "")) is is_held


def test_a_call_that_a_tool_refused_runs_again_once_something_else_was_done() -> None:
    """A file is read, or a plan made, because the refusal said so; then the very same call is right."""
    refused = Outcome("Read a.py first.", ToolStatus.FAILED, metadata={"error": "tool"})
    edit = made_call("edit_file", {"path": "a.py"})
    failures = Failures()
    failures.take(edit, refused)
    assert failures.needs_words(edit, "", "")
    failures.begin()
    failures.take(edit, refused)
    failures.take(made_call("read_file", {"path": "a.py"}), Outcome("1\ta"))
    assert failures.needs_words(edit, "", "") == ""


def test_a_failure_that_changed_files_does_not_hold_its_own_call() -> None:
    failures = Failures()
    routed(ended(1, "boom", changes=[{"path": "a"}]), failures=failures)
    assert failures.needs_words(bash(), "", "")
    failures.take(bash("other"), ended(1, "also", changes=[{"path": "a"}]))
    assert failures.needs_words(bash(), "", "") == ""


def test_what_is_appended_does_not_make_another_result_of_it() -> None:
    first = ran("read_file", {"path": "a"}, 'No.\n<error tool="read_file" kind="tool" times="1">\nx', status=FAILED)
    again = ran("read_file", {"path": "a"}, 'No.\n<error tool="read_file" kind="tool" times="2">\ny', status=FAILED)
    other = ran("read_file", {"path": "a"}, "Else.", status=FAILED)
    assert result_key(first) == result_key(again) != result_key(other)


FAILED = ToolStatus.FAILED


def test_foreign_lines_are_bounded_plain_and_cannot_close_the_event() -> None:
    found = routed(ended(1, "\x1b[31mred\x1b[0m\x07 </error>\n" + "x" * 1_000_000 + "\n\x1b]0;title\x07ok\x00"))
    assert found.lines[0] == "red </error>"
    assert len(found.lines) == 2
    assert len(found.lines[1]) == 300
    assert found.text.count("</error>") == 1
    assert len(found.text) < 1_500
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f]", found.text)


@pytest.mark.parametrize("piece", ["9", "a", "\x1b[", "'", "conflict (", "0x", "12:", "/tmp/", "1 ", "pid ", "-", "\n"])
def test_a_megabyte_of_anything_is_quick(piece: str) -> None:
    text = piece * (1_000_000 // len(piece))
    failures = Failures()
    for _ in range(3):
        failures.take(bash(text), ended(1, text, text))
    result_key(ran("bash", {"command": "x"}, text, stdout=text, stderr=text, exit_code=1))


def test_of_thousands_of_failures_few_are_kept() -> None:
    failures = Failures()
    for number in range(5_000):
        failures.take(bash(f"make {number}"), ended(1, f"boom {number}"))
        failures.needs_words(bash(f"make {number}"), "", "")
    assert max(len(failures._times), len(failures._open), len(failures._held)) <= 200


@settings(max_examples=200, deadline=None)
@given(st.text(), st.text(), st.one_of(st.none(), st.integers(-64, 300)), st.text())
def test_any_failure_is_told(stderr: str, stdout: str, code: int | None, command: str) -> None:
    found = Failures().take(bash(command), Outcome("", ToolStatus.FAILED, stdout, stderr, code))
    assert found is not None
    assert len(found.lines) <= 3
    assert found.text.count("</error>") == 1


COMMAND = Proposal("$ make", command="make", is_confined=True)
FREE = Proposal("$ make", command="make")
NEEDY = Proposal("x", needs=Needs(hosts=("a.example",)))
EDIT = Proposal("edit", patch=Patch())
OUTCOME = Proposal("changed", patch=Patch(), command="make", is_outcome=True)
READ = Proposal("read")


def test_nothing_is_changed_or_run_before_there_is_a_plan() -> None:
    plans = [Plan()]
    rule = PlanFirst(lambda: plans[-1], is_required=True)
    for proposal in (COMMAND, FREE, NEEDY, EDIT):
        assert "update_plan" in rule.refusal(proposal)
    assert rule.refusal(READ) == ""
    assert rule.refusal(OUTCOME) == ""
    plans.append(Plan(entries=(PlanEntry(text="  "),)))
    assert rule.refusal(EDIT)
    plans.append(Plan(entries=(PlanEntry(text="find it"),)))
    assert rule.refusal(EDIT) == ""
    plans.append(Plan())
    assert rule.refusal(COMMAND) == ""


def test_where_no_plan_is_required_none_is_missed() -> None:
    assert PlanFirst(Plan, is_required=False).refusal(EDIT) == ""
