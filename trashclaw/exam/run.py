"""Takes an exam: part after part, each in its own time; what is known stays known, however it ends."""

from __future__ import annotations

import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from trashclaw.agent.messages import ModelProfile
from trashclaw.agent.ports import Provider
from trashclaw.exam.asking import Examiner
from trashclaw.exam.calls import examine_calls, examine_parallel
from trashclaw.exam.canary import Scale
from trashclaw.exam.edits import CHANGES, examine_edits
from trashclaw.exam.json_schema import examine_schema
from trashclaw.exam.result import MARKS, CallMarks, Depth, ExamResult, Marks, ParallelMarks, PartName, works
from trashclaw.exam.speed import examine_speed
from trashclaw.exam.thinking import examine_thinking
from trashclaw.exam.window import examine_window
from trashclaw.protocol.errors import TrashclawError


@dataclass(frozen=True, slots=True)
class Extent:
    """How far an exam goes."""

    part_s: float
    """Seconds for one part."""

    changes: int
    """Edits in each format."""

    is_stepwise: bool
    """Whether the window is tried in steps, from small to large."""


EXTENTS = {
    Depth.QUICK: Extent(part_s=120.0, changes=1, is_stepwise=False),
    Depth.FULL: Extent(part_s=900.0, changes=len(CHANGES), is_stepwise=True),
}


_SILENCES = 2
"""Questions in a row without the beginning of an answer, after which no further part is begun."""

_NO_TOOLS = "The server takes no tools for this model."


@dataclass(frozen=True, slots=True)
class Watcher:
    """Who is told how an exam goes on."""

    began: Callable[[PartName], None] = lambda name: None
    goes_on: Callable[[PartName, str], None] = lambda name, words: None
    ended: Callable[[PartName, Marks], None] = lambda name, marks: None


class Exam:
    """One exam of one model."""

    def __init__(
        self,
        provider: Provider,
        profile: ModelProfile,
        depth: Depth,
        *,
        watcher: Watcher | None = None,
        temperature: float | None = None,
        limit_s: float | None = None,
        chance: random.Random | None = None,
        now: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take the model; nothing is sent yet. `limit_s` is the time for all parts together, in seconds."""
        self._examiner = Examiner(provider, temperature=temperature, monotonic=monotonic)
        self._profile = profile
        self._extent = EXTENTS[depth]
        self._watcher = watcher or Watcher()
        self._limit_s = limit_s
        self._chance = chance or random.Random()
        self._now = now
        self._monotonic = monotonic
        self._scale = Scale()
        self._result = ExamResult(
            provider=profile.provider, model=profile.model[:600], digest=profile.digest[:600], depth=depth
        )

    @property
    def result(self) -> ExamResult:
        """What is known by now; complete once `run` has returned."""
        return self._result

    @property
    def has_lost_server(self) -> bool:
        """Whether the last question got not even the beginning of an answer."""
        return self._examiner.silences > 0

    async def run(self) -> ExamResult:
        """Take every part. One that fails is told in its marks; a cancellation leaves in `result` what is known."""
        began = self._monotonic()
        for name in PartName:
            left_s = self._extent.part_s
            if self._limit_s is not None:
                left_s = min(left_s, self._limit_s - (self._monotonic() - began))
            if left_s <= 0:
                self._keep(name, MARKS[name](error="There was no time left."), 0.0)
            elif self._examiner.silences >= _SILENCES:
                self._keep(name, MARKS[name](error="Left out: the server does not answer."), 0.0)
            else:
                await self._take(name, left_s)
        return self._result

    async def _take(self, name: PartName, limit_s: float) -> None:
        self._watcher.began(name)
        began = self._monotonic()
        self._examiner.begin(limit_s, lambda words: self._watcher.goes_on(name, words))
        self._keep(name, await self._parts()[name](), self._monotonic() - began)

    def _keep(self, name: PartName, marks: Marks, took_s: float) -> None:
        kept = marks.model_copy(update={"at": self._now(), "took_s": max(0.0, round(took_s, 1))})
        self._result = self._result.model_copy(update={name.value: kept})
        self._watcher.ended(name, kept)

    def _parts(self) -> dict[PartName, Callable[[], Awaitable[Marks]]]:
        examiner = self._examiner
        return {
            PartName.SPEED: lambda: examine_speed(examiner, self._chance, self._scale),
            PartName.THINKING: lambda: examine_thinking(examiner),
            PartName.CALLS: self._calls,
            PartName.PARALLEL: self._parallel,
            PartName.JSON_SCHEMA: lambda: examine_schema(examiner),
            PartName.EDITS: self._edits,
            PartName.WINDOW: self._window,
        }

    async def _calls(self) -> Marks:
        return await examine_calls(self._examiner) if self._profile.has_tools else CallMarks(note=_NO_TOOLS)

    async def _parallel(self) -> Marks:
        return await examine_parallel(self._examiner) if self._profile.has_tools else ParallelMarks(note=_NO_TOOLS)

    async def _edits(self) -> Marks:
        calls = self._result.calls
        is_native = calls is not None and works(calls.native + calls.in_text, calls.tried)
        return await examine_edits(
            self._examiner, way="native" if is_native else "schema", changes=self._extent.changes
        )

    async def _window(self) -> Marks:
        speed = self._result.speed
        try:
            # By now the model is loaded: some servers tell only then how large a window it was given.
            profile = await self._examiner.provider.profile()
        except TrashclawError:
            profile = self._profile
        return await examine_window(
            self._examiner,
            self._chance,
            self._scale,
            profile,
            told_tokens=self._profile.limit_tokens,
            read_tokens_per_s=speed.read_tokens_per_s if speed else None,
            is_stepwise=self._extent.is_stepwise,
        )
