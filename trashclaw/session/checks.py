"""Makes the guard of edits and the checks of steps from the settings."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from trashclaw.agent.ports import Emit, StepCheck
from trashclaw.config.schema import Settings
from trashclaw.protocol import events as ev
from trashclaw.sandbox.commands import Commands
from trashclaw.tools.checking.diagnostics import Linter
from trashclaw.tools.checking.formatting import Formatter
from trashclaw.tools.checking.guard import ProjectGuard
from trashclaw.tools.checking.plan import PlanCheck
from trashclaw.tools.checking.runs import CheckRunner
from trashclaw.tools.checking.step_command import StepCommandCheck
from trashclaw.tools.checking.syntax_guard import SyntaxGuard
from trashclaw.tools.checking.tests import TestCheck

OnRun = Callable[[str], None]
"""Hears what a check runs now, and an empty text when that has ended."""


def make_guard(
    settings: Settings,
    commands: Commands,
    root: Path,
    emit: Emit,
    on_run: OnRun = lambda line: None,
    *,
    is_trusted: bool = True,
) -> ProjectGuard:
    """Return what the edit tools ask about every edit; of a folder that is not trusted, no program runs for it."""
    checks = settings.checks
    runner = CheckRunner(commands, root, checks.time_s, on_run, partial(_tell, emit, "formatter and linter"))
    return ProjectGuard(
        SyntaxGuard() if checks.syntax else None,
        Formatter(runner) if is_trusted and checks.format == "auto" else None,
        Linter(runner) if is_trusted and checks.lint == "auto" else None,
    )


def make_step_checks(
    settings: Settings, commands: Commands, root: Path, emit: Emit, on_run: OnRun = lambda line: None
) -> tuple[StepCheck, ...]:
    """Return what looks at each step, in this order: tests, the person's command, the plan."""
    found: list[StepCheck] = []
    if settings.checks.test and settings.checks.test.strip():
        unable = partial(_tell, emit, "checks.test")
        found.append(
            TestCheck(CheckRunner(commands, root, settings.checks.time_s, on_run, unable), settings.checks.test)
        )
    if settings.workflow.step_check and settings.workflow.step_check.strip():
        unable = partial(_tell, emit, "workflow.step_check")
        runner = CheckRunner(commands, root, settings.checks.time_s, on_run, unable)
        found.append(StepCommandCheck(runner, settings.workflow.step_check))
    return (*found, PlanCheck())


def _tell(emit: Emit, what: str) -> None:
    text = f"Not run: {what}. There is no sandbox here, and without one nothing of a project runs unasked."
    emit(ev.Notice(level=ev.NoticeLevel.WARNING, code="checks", text=text))
