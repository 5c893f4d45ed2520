"""Gives each step to a command of the person's, which says whether it serves the goal."""

from __future__ import annotations

import json
from typing import Any

from trashclaw.agent.ports import StepFinding, StepReport
from trashclaw.protocol.items import ToolRun
from trashclaw.tools.checking.runs import CheckRunner
from trashclaw.tools.truncate import middle_out

TEXT_CHARS = 20_000
ARGUMENT_CHARS = 4_000
RUNS = 100
SHOWN_CHARS = 2_000


class StepCommandCheck:
    """Runs the command with the step as JSON on its standard input.

    What it prints to standard output is told to the model. With an exit code other than 0 it is told as an objection,
    and standard error with it. An exit code of 0 and no output says nothing.
    """

    def __init__(self, runner: CheckRunner, command: str) -> None:
        self._runner = runner
        self._command = command
        self._last = ""

    async def check(self, report: StepReport) -> StepFinding:
        """Run the command; what it changes is thrown away."""
        line = f'exec < "$step"\nunset step\n{self._command}'
        done = await self._runner.run(line, f"step check: {self._command}", {"step": as_json(report)})
        if done is None:
            return StepFinding()
        if done.is_stopped:
            return self._say("The check of this step was stopped at a limit; it says nothing of the step.")
        is_content = done.result.exit_code == 0
        said = _plain(done.result.stdout if is_content else done.result.output)
        if is_content:
            return self._say(f"The check of this step says:\n{said}" if said else "")
        return self._say(
            f"The check of this step objects (exit code {done.result.exit_code}):\n{said or '[without words]'}"
        )

    def _say(self, text: str) -> StepFinding:
        is_as_before, self._last = bool(text) and text == self._last, text
        return StepFinding(f"{text.split(':', 1)[0]}: as before." if is_as_before else text)


def as_json(report: StepReport) -> str:
    """Return a step as one JSON object: task, step, text, plan and runs; long texts without their middle."""
    return json.dumps(
        {
            "task": _cut(report.task),
            "step": report.step,
            "text": _cut(report.text),
            "plan": [{"text": entry.text, "status": entry.status.value} for entry in report.plan.entries],
            "runs": [_run(run) for run in report.runs[:RUNS]],
        }
    )


def _run(run: ToolRun) -> dict[str, Any]:
    result = run.result
    return {
        "tool": run.call.name,
        "arguments": _arguments(run.call.arguments),
        "status": run.status.value,
        "exit_code": result.exit_code if result is not None else None,
        "changes": result.metadata.get("changes", []) if result is not None else [],
    }


def _arguments(text: str) -> Any:
    """Return the arguments as values with long texts cut; as the text that they are where they are no object."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        return middle_out(text, ARGUMENT_CHARS, "cut")
    return {
        name: middle_out(value, ARGUMENT_CHARS, "cut") if isinstance(value, str) else value
        for name, value in found.items()
    }


def _cut(text: str) -> str:
    return middle_out(text, TEXT_CHARS, "cut")


def _plain(text: str) -> str:
    shown = "".join(char for char in text if char in "\n\t" or char.isprintable()).strip()
    return middle_out(shown, SHOWN_CHARS, "the check wrote too much")
