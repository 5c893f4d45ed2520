"""Exams that servers, time or a person cut short."""

from __future__ import annotations

import asyncio

import pytest

from tests.support.examined import PROFILE, ExaminedProvider, Reply, exam_of, examined, has_tools, unless, wisely
from trashclaw.agent.messages import Request
from trashclaw.config.schema import MannerSettings
from trashclaw.exam.choice import choose_manner
from trashclaw.exam.result import Depth, Marks, PartName
from trashclaw.exam.run import Exam, Watcher
from trashclaw.protocol.errors import (
    AnswerUnreadable,
    ProviderError,
    ServerFailed,
    ServerUnreachable,
    StreamBroken,
    ToolsUnsupported,
)
from trashclaw.protocol.manners import DialectName

BROKEN = (StreamBroken("The connection broke."), ServerFailed("Out of memory.", status=500), ProviderError("Odd."))


@pytest.mark.parametrize("error", BROKEN, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("at", range(0, 14, 3))
async def test_an_error_in_the_middle_is_told_of_its_part_and_the_rest_is_taken(error: Exception, at: int) -> None:
    provider = ExaminedProvider()
    provider.answering = lambda request: error if len(provider.requests) - 1 == at else wisely(request)
    result = await examined(provider)
    failed = [marks for marks in result.parts().values() if marks.error]
    assert len(result.parts()) == len(PartName)
    assert [marks.error for marks in failed] == [str(error)]


@pytest.mark.parametrize("error", [AnswerUnreadable("No JSON."), ToolsUnsupported("No tools here.")], ids=str)
async def test_a_call_that_the_server_cannot_take_or_read_is_a_bad_answer_and_no_fault(error: Exception) -> None:
    result = await examined(ExaminedProvider(unless(has_tools, error)))
    assert result.calls and (result.calls.native, result.calls.tried, result.calls.error) == (0, 3, "")
    assert str(error) in result.calls.note
    assert result.is_whole and result.edits and result.edits.way == "schema"
    assert choose_manner(result, PROFILE, MannerSettings()).dialect is DialectName.TYPED


async def test_a_server_that_is_gone_is_not_asked_again_and_again() -> None:
    provider = ExaminedProvider()

    def going(request: Request) -> Reply | Exception:
        return ServerUnreachable("Nobody answers.") if request.tools else wisely(request)

    provider.answering = going
    result = await examined(provider)
    assert result.calls and result.calls.error == "Nobody answers."
    assert result.edits and "does not answer" in result.edits.error
    assert result.thinking and not result.thinking.error
    assert len([request for request in provider.requests if request.tools]) == 2


async def test_an_answer_that_never_ends_is_given_up() -> None:
    endless = unless(lambda request: bool(request.tools), Reply("la " * 100_000))
    result = await examined(ExaminedProvider(endless))
    assert result.calls and "did not end" in result.calls.error
    assert result.window and not result.window.error


async def test_without_time_left_the_rest_is_left_out() -> None:
    hours = iter(range(0, 100_000, 40))
    provider = ExaminedProvider()
    exam = Exam(provider, PROFILE, Depth.QUICK, limit_s=100.0, monotonic=lambda: float(next(hours)))
    result = await exam.run()
    assert len(result.parts()) == len(PartName)
    assert any(marks.error == "There was no time left." for marks in result.parts().values())


async def test_an_interrupted_exam_keeps_what_is_known() -> None:
    reached = asyncio.Event()

    class Holding(ExaminedProvider):
        async def stream(self, request: Request):  # type: ignore[no-untyped-def]
            if request.schema is not None:
                reached.set()
                await asyncio.Event().wait()
            async for part in super().stream(request):
                yield part

    exam = exam_of(Holding())
    running = asyncio.create_task(exam.run())
    await asyncio.wait_for(reached.wait(), 30)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert list(exam.result.parts()) == [PartName.SPEED, PartName.THINKING, PartName.CALLS, PartName.PARALLEL]
    assert not exam.result.is_whole and exam.result.calls and exam.result.calls.native == 3


async def test_a_server_that_says_nothing_is_given_up_after_its_time() -> None:
    class Silent(ExaminedProvider):
        async def stream(self, request: Request):  # type: ignore[no-untyped-def]
            self.requests.append(request)
            await asyncio.Event().wait()
            yield

    provider = Silent()
    result = await Exam(provider, PROFILE, Depth.QUICK, limit_s=0.1).run()
    assert result.speed and "no whole answer within" in result.speed.error
    assert all(marks.error for marks in result.parts().values())


async def test_whoever_watches_hears_of_every_part() -> None:
    heard: list[str] = []

    def ended(name: PartName, marks: Marks) -> None:
        heard.append(f"ended {name.value}")

    watcher = Watcher(began=lambda name: heard.append(f"began {name.value}"), ended=ended)
    await exam_of(ExaminedProvider(), watcher=watcher).run()
    assert heard == [f"{what} {name.value}" for name in PartName for what in ("began", "ended")]
