"""Runs the tests after a step that changed files."""

from __future__ import annotations

from trashclaw.agent.ports import StepFinding, StepReport
from trashclaw.tools.checking.outcomes import count_failing, summary_line, worth_reading
from trashclaw.tools.checking.runs import CheckRun, CheckRunner
from trashclaw.workspace.files import digest

_NOT_FOUND = (126, 127)


class TestCheck:
    """Says how the tests went: at length when that is new, in one line when it is as before."""

    __test__ = False

    def __init__(self, runner: CheckRunner, command: str) -> None:
        self._runner = runner
        self._command = command
        self._last = ""

    async def check(self, report: StepReport) -> StepFinding:
        """Run the tests if a file was changed; what the command itself changes is thrown away."""
        if not report.has_landed:
            return StepFinding()
        done = await self._runner.run(self._command, f"tests: {self._command}")
        if done is None:
            return StepFinding()
        text, failing = self._told(done)
        fingerprint = digest(f"{failing}\0{_without_times(text)}".encode("utf-8", "replace"))
        is_as_before, self._last = fingerprint == self._last, fingerprint
        if is_as_before:
            text = text.split("\n", 1)[0] + " As after the last change." if failing != 0 else text
        return StepFinding(text, failing)

    def _told(self, done: CheckRun) -> tuple[str, int | None]:
        """Return what the model reads, and how many tests fail; `None` where the tests did not come to an end."""
        output, exit_code = done.result.output, done.result.exit_code
        command = self._command.split("\n", 1)[0][:200]
        if done.is_stopped or exit_code is None:
            text = f"The tests (`{command}`) were stopped at a limit ({self._runner.time_s:g} s)."
            return f"{text}\n{worth_reading(output)}".rstrip(), None
        if exit_code in _NOT_FOUND:
            return f"The tests (`{command}`) could not be run: {summary_line(output)}", None
        failing = count_failing(output, exit_code)
        if failing == 0:
            return f"The tests pass (`{command}`): {summary_line(output) or 'exit code 0'}", 0
        return f"The tests fail (`{command}`, exit code {exit_code}):\n{worth_reading(output)}".rstrip(), failing


def _without_times(text: str) -> str:
    """Return a text in which no two runs differ by how long they took."""
    return "".join(char for char in text if not char.isdigit())
