"""Steps are held to tests, to a command and to the plan: real test programs, in the real sandbox."""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest

from tests.support.checking import Checked
from trashclaw.agent.ports import StepFinding, StepReport
from trashclaw.protocol.ids import CallId, ItemId
from trashclaw.protocol.items import ToolRun
from trashclaw.protocol.plan import Plan, PlanEntry, PlanStatus
from trashclaw.protocol.tools import ToolCall, ToolResult, ToolStatus
from trashclaw.tools.checking.plan import PlanCheck
from trashclaw.tools.checking.step_command import SHOWN_CHARS, StepCommandCheck, as_json
from trashclaw.tools.checking.tests import TestCheck

PYTEST = f"{sys.executable} -m pytest -q -p no:cacheprovider"
UNITTEST = f"{sys.executable} -m unittest"
CASE = "import unittest\n\n\nclass T(unittest.TestCase):\n    def test_a(self):\n"


def run(name: str = "edit_file", changes: Any = ({"path": "a.py"},), **arguments: Any) -> ToolRun:
    call = ToolCall(call_id=CallId("c1"), name=name, arguments=json.dumps(arguments))
    metadata = {"changes": list(changes)} if changes else {}
    result = ToolResult(call_id=call.call_id, status=ToolStatus.DONE, text="done", metadata=metadata)
    return ToolRun(item_id=ItemId("i1"), call=call, title=name, status=ToolStatus.DONE, result=result)


def step(number: int = 1, *runs: ToolRun, plan: str = "", text: str = "", task: str = "") -> StepReport:
    """Return a report; `plan` has a letter for each entry: pending, in progress, completed."""
    statuses = {"p": PlanStatus.PENDING, "i": PlanStatus.IN_PROGRESS, "c": PlanStatus.COMPLETED}
    entries = tuple(PlanEntry(text=letter, status=statuses[letter]) for letter in plan)
    return StepReport(number, text, "", runs, Plan(entries=entries), task)


EDITED = step(1, run())


async def test_the_tests_run_after_a_step_that_changed_files_and_only_then(box: Checked) -> None:
    box.write({"test_a.py": "def test_a():\n    assert 1 == 2\n\n\ndef test_b():\n    pass\n"})
    check = TestCheck(box.runner, PYTEST)
    assert await check.check(step(1, run(changes=()))) == await check.check(step(2)) == StepFinding()
    assert box.heard == []
    first = await check.check(EDITED)
    assert first.failing_tests == 1
    assert first.text.startswith(f"The tests fail (`{PYTEST}`, exit code 1):\n")
    assert "assert 1 == 2" in first.text and "1 failed, 1 passed" in first.text
    assert box.files == ["test_a.py"]


async def test_an_outcome_as_before_is_told_in_one_line(box: Checked) -> None:
    box.write({"test_a.py": f"{CASE}        self.fail()\n"})
    check = TestCheck(box.runner, UNITTEST)
    assert (await check.check(EDITED)).text.count("\n") > 5
    again = await check.check(EDITED)
    assert again.failing_tests == 1
    assert again.text == f"The tests fail (`{UNITTEST}`, exit code 1): As after the last change."
    box.write({"test_a.py": f"{CASE}        pass\n"})
    for _ in range(2):
        good = await check.check(EDITED)
        assert good.failing_tests == 0
        assert good.text == f"The tests pass (`{UNITTEST}`): OK"


async def test_unittest_is_understood_too(box: Checked) -> None:
    box.write({"test_a.py": f"{CASE}        self.fail()\n\n    def test_b(self):\n        1 / 0\n"})
    found = await TestCheck(box.runner, UNITTEST).check(EDITED)
    assert found.failing_tests == 2


async def test_tests_that_do_not_end_or_are_not_there_say_so(box: Checked) -> None:
    missing = await TestCheck(box.runner, "no-such-program --x").check(EDITED)
    assert missing.failing_tests is None and "could not be run" in missing.text
    box.runner._time_s = 0.5
    slow = await TestCheck(box.runner, "echo begun; sleep 600").check(EDITED)
    assert slow.failing_tests is None
    assert slow.text == "The tests (`echo begun; sleep 600`) were stopped at a limit (0.5 s).\nbegun"


async def test_a_command_reads_the_step_and_objects(box: Checked) -> None:
    report = step(3, run(path="a.py", new_text="x" * 50_000), plan="ci", text="I edit.", task="Mend it")
    told = json.loads(as_json(report))
    assert (told["task"], told["step"], told["text"]) == ("Mend it", 3, "I edit.")
    assert told["plan"] == [{"text": "c", "status": "completed"}, {"text": "i", "status": "in_progress"}]
    (one,) = told["runs"]
    assert (one["tool"], one["status"], one["exit_code"], one["changes"]) == (
        "edit_file",
        "done",
        None,
        [{"path": "a.py"}],
    )
    assert one["arguments"]["path"] == "a.py" and len(one["arguments"]["new_text"]) < 5_000
    script = "import json, sys; print(json.load(sys.stdin)['runs'][0]['arguments']['path']); sys.exit(2)"
    found = await StepCommandCheck(box.runner, f'touch made; {sys.executable} -c "{script}"; exit 2').check(report)
    assert found.text == "The check of this step objects (exit code 2):\na.py"
    assert box.files == []


async def test_what_a_content_command_prints_is_told_and_its_errors_are_not(box: Checked) -> None:
    check = StepCommandCheck(box.runner, "cat > /dev/null; echo well done; echo noise >&2")
    assert (await check.check(EDITED)).text == "The check of this step says:\nwell done"
    assert (await check.check(EDITED)).text == "The check of this step says: as before."
    assert (await StepCommandCheck(box.runner, "echo noise >&2").check(EDITED)).text == ""
    assert (await StepCommandCheck(box.runner, "exit 4").check(EDITED)).text.endswith("(exit code 4):\n[without words]")


async def test_hostile_words_of_a_command_are_bounded_and_plain(box: Checked) -> None:
    check = StepCommandCheck(box.runner, "printf '\\033[31mred\\007\\n'; yes spam | head -c 3000000; exit 1")
    said = (await check.check(EDITED)).text
    assert len(said) < SHOWN_CHARS + 300 and "\x1b" not in said and "\x07" not in said
    box.runner._time_s = 0.5
    assert "stopped at a limit" in (await StepCommandCheck(box.runner, "sleep 600").check(EDITED)).text


async def test_without_a_sandbox_neither_tests_nor_command_run(open_box: Checked) -> None:
    assert (await TestCheck(open_box.runner, "touch made").check(EDITED)).text == ""
    assert (await StepCommandCheck(open_box.runner, "touch made").check(EDITED)).text == ""
    assert open_box.files == [] and open_box.unable == ["unable"]


@pytest.mark.parametrize("arguments", ["no json", "[1]", "[" * 100_000, '"x"'])
def test_arguments_that_are_no_object_are_given_as_text(arguments: str) -> None:
    one = run()
    odd = one.model_copy(update={"call": one.call.model_copy(update={"arguments": arguments}), "result": None})
    told = json.loads(as_json(step(1, odd)))
    assert told["runs"][0]["arguments"].startswith(arguments[:20]) and len(told["runs"][0]["arguments"]) < 5_000


async def said(check: PlanCheck, *reports: StepReport) -> list[bool]:
    return [bool((await check.check(report)).text) for report in reports]


async def test_work_without_an_entry_in_progress_is_said_once_a_turn() -> None:
    check = PlanCheck()
    turn = [step(1, run(), plan="pp"), step(2, run(), plan="pp"), step(3, run(), plan="cp")]
    assert await said(check, *turn) == [True, False, False]
    assert await said(check, *turn) == [True, False, False]


async def test_work_within_the_plan_or_without_one_is_left_alone() -> None:
    check = PlanCheck()
    assert (
        await said(check, step(1, run()), step(2, run(), plan="ip"), step(3, run(changes=()), plan="pp")) == [False] * 3
    )
    assert await said(check, step(4, run(), run("update_plan", ()), plan="pp")) == [False]


async def test_effects_after_the_last_entry_are_said_but_not_those_that_completed_it() -> None:
    check = PlanCheck()
    assert await said(check, step(1, run(), plan="ci"), step(2, run(), plan="cc")) == [False, False]
    assert "completed" in (await check.check(step(3, run(), plan="cc"))).text
    assert await said(check, step(4, run(), plan="cc")) == [False]


async def test_a_plan_of_an_earlier_turn_that_is_done_is_left_alone_at_first() -> None:
    check = PlanCheck()
    await said(check, step(1, run(), plan="i"), step(2, run("update_plan", ()), plan="c"))
    assert await said(check, step(1, run(), plan="c")) == [False]
