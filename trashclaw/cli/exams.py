"""Takes the exam of a model before a person: live lines while it runs, then a table; what is known is kept."""

from __future__ import annotations

import asyncio
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from textwrap import wrap
from typing import TYPE_CHECKING

from trashclaw.config.paths import state_folder
from trashclaw.exam.choice import MannerChoice, choose_manner
from trashclaw.exam.result import Depth, ExamResult, Marks, PartName
from trashclaw.exam.run import Exam, Watcher
from trashclaw.exam.stored import load_exam, save_exam
from trashclaw.exam.telling import TITLES, choice_rows, describe, heading, result_rows
from trashclaw.faces.batch.exit_codes import ExitCode
from trashclaw.faces.visible import visible_line
from trashclaw.protocol.errors import StoreError

if TYPE_CHECKING:
    from trashclaw.agent.messages import ModelProfile
    from trashclaw.agent.ports import Provider
    from trashclaw.config.schema import Settings

_TITLE_WIDTH, _WORDS_WIDTH = 16, 90


@dataclass(frozen=True, slots=True)
class Examined:
    """An exam that has ended, and what follows from it."""

    result: ExamResult
    """What this exam found out, filled with what an earlier one knows."""

    choice: MannerChoice
    code: ExitCode


async def take_exam(
    provider: Provider, profile: ModelProfile, depth: Depth, settings: Settings, limit_s: float | None = None
) -> Examined:
    """Take an exam and store it; lines go to standard error. A cancellation stores what is known, and is raised again.

    `limit_s` is the time for all of it, in seconds.

    Raises:
        asyncio.CancelledError: it was interrupted; the table of what is known has been printed to standard error.
    """
    live = _Live()
    exam = Exam(
        provider,
        profile,
        depth,
        watcher=Watcher(live.began, live.goes_on, live.ended),
        temperature=settings.server.temperature,
        limit_s=limit_s,
    )
    try:
        result = await exam.run()
    except asyncio.CancelledError:
        live.clear()
        if exam.result.parts():
            for line in told(_examined(exam.result, profile, settings)):
                sys.stderr.write(f"{line}\n")
        raise
    examined = _examined(result, profile, settings)
    return replace(examined, code=ExitCode.NO_SERVER) if exam.has_lost_server else examined


def _examined(result: ExamResult, profile: ModelProfile, settings: Settings) -> Examined:
    # Bad marks are a result too, errors of the server are none.
    code = ExitCode.FAILED if any(marks.error for marks in result.parts().values()) else ExitCode.DONE
    try:
        result, _ = save_exam(state_folder(), profile, result)
    except StoreError as error:
        sys.stderr.write(visible_line(f"trashclaw: {error}") + "\n")
        code = max(code, ExitCode.FAILED)
    return Examined(result, choose_manner(result, profile, settings.manner, settings.server.think), code)


def stored_exam(profile: ModelProfile) -> ExamResult | None:
    """Return the stored result for a model; why one was passed over is told on standard error."""
    return load_exam(state_folder(), profile, lambda text: _warn(text))


def told(examined: Examined) -> Iterator[str]:
    """Yield the lines of the table, safe to show."""
    yield visible_line(heading(examined.result))
    yield ""
    yield from _lines(result_rows(examined.result))
    yield ""
    yield "  What follows, and how the model is talked to:"
    yield from _lines(choice_rows(examined.choice))


def as_object(examined: Examined) -> dict[str, object]:
    """Return an exam for `--output json`."""
    return {"exam": examined.result.model_dump(mode="json"), "manner": manner_object(examined.choice)}


def manner_object(choice: MannerChoice) -> dict[str, object]:
    """Return a choice for `--output json`."""
    return {
        "dialect": choice.dialect.value,
        "tool_set": choice.tool_set.value,
        "edit_format": choice.edit_format.value,
        "think": choice.think,
        "limit_tokens": choice.limit_tokens,
        "can_constrain": choice.can_constrain,
        "reasons": choice.reasons,
    }


def _lines(rows: list[tuple[str, str]]) -> Iterator[str]:
    for title, words in rows:
        beside = wrap(visible_line(words), _WORDS_WIDTH, break_on_hyphens=False) or [""]
        for number, line in enumerate(beside):
            yield f"  {'' if number else title:<{_TITLE_WIDTH}}{line}"


def _warn(text: str) -> None:
    sys.stderr.write(visible_line(f"trashclaw: {text}") + "\n")


class _Live:
    """Says on standard error which part runs, in place where that is a terminal, and how each one ended."""

    def __init__(self) -> None:
        self._is_terminal = sys.stderr.isatty()

    def began(self, name: PartName) -> None:
        self._in_place(f"  {TITLES[name]} ...")

    def goes_on(self, name: PartName, words: str) -> None:
        self._in_place(f"  {TITLES[name]} ... {words}")

    def ended(self, name: PartName, marks: Marks) -> None:
        self.clear()
        failed = f"failed: {marks.error}" if marks.error else describe(marks)
        line = visible_line(f"{TITLES[name]:<{_TITLE_WIDTH}}{failed}, {marks.took_s:.1f} s")
        sys.stderr.write(f"  {line}\n")
        sys.stderr.flush()

    def clear(self) -> None:
        self._in_place("")

    def _in_place(self, words: str) -> None:
        if self._is_terminal:
            width = max(20, shutil.get_terminal_size().columns - 1)
            sys.stderr.write(f"\r\x1b[K{visible_line(words)[:width]}")
            sys.stderr.flush()
