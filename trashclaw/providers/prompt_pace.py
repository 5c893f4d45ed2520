"""How long a server will read a prompt, estimated where it does not say: from how long it took before."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path

from trashclaw.agent.messages import EndPart, Message, ProgressPart, Request, Role
from trashclaw.protocol.events import Phase
from trashclaw.providers.pace_memory import Pace, PaceMemory

Pause = Callable[["asyncio.Task[object]", float], Awaitable[object]]
"""Waits until a task is done, or for so many seconds."""

_MIN_TOKENS = 64
"""Below this, what is measured is the overhead and not the speed."""

_MIN_TOKENS_BY_CLOCK = 256
"""The same where the time is our own: connection and first token are in it."""

_HALF_TOKENS = 1000
"""An answer for which so much was read counts as much as all before it. Short prompts are read faster than long ones,
and it is the long ones that somebody waits for."""

_TOKENS_PER_CHARACTER = 0.25
_NEVER_ABOVE = 0.98
"""Share of what has to be read that an estimate claims at most: the rest is for the server to say."""

_LATE_S = 2.0
"""Seconds, and half of what was foretold: so much later it is told. Where little is new, a server takes a moment."""

LATE = "longer than usual"
"""The text of a progress that has taken longer than was foretold."""


async def _wait(task: asyncio.Task[object], seconds: float) -> None:
    await asyncio.wait({task}, timeout=seconds)


@dataclass(frozen=True, slots=True)
class Foretold:
    """How far the reading of one request should be, at any moment from `began` on."""

    total: int
    fresh: int
    """Tokens that have to be read; the rest the server knows."""

    tokens_per_s: float | None
    began: float
    monotonic: Callable[[], float]

    @property
    def has_figures(self) -> bool:
        """Whether there is anything to foretell from."""
        return self.tokens_per_s is not None

    def now(self) -> ProgressPart:
        """Return how far it should be; without figures while nothing has been measured.

        It never goes back, and never to the end.
        """
        if self.tokens_per_s is None:
            return ProgressPart(Phase.PREFILL)
        spent_s = self.monotonic() - self.began
        read = min(int(spent_s * self.tokens_per_s), int(self.fresh * _NEVER_ABOVE))
        left_s = self.fresh / self.tokens_per_s - spent_s
        part = ProgressPart(
            Phase.PREFILL, done=self.total - self.fresh + read, total=self.total, eta_s=left_s, is_estimate=True
        )
        if left_s > 0:
            return part
        is_late = -left_s > _LATE_S + self.fresh / self.tokens_per_s / 2
        return replace(part, eta_s=None, text=LATE if is_late else "")


class PromptPace:
    """Learns tokens a character and tokens a second from each answer, and foretells the next."""

    def __init__(
        self, file: Path | None = None, *, monotonic: Callable[[], float] = time.monotonic, pause: Pause = _wait
    ) -> None:
        """`file` is where it is kept from session to session; `monotonic` and `pause` are there for tests to hold."""
        self._memory = None if file is None else PaceMemory(file)
        self._name = ""
        self._previous: Request | None = None
        self._tokens_per_character = _TOKENS_PER_CHARACTER
        self._tokens_per_s: float | None = None
        self._has_learned = False
        self._monotonic = monotonic
        self.pause = pause

    @property
    def tokens_per_s(self) -> float | None:
        """How fast prompts are read; `None` while nothing has been measured."""
        return self._tokens_per_s

    async def recall(self, name: str) -> None:
        """Take up what an earlier session has measured of the model `name`, once."""
        if name == self._name:
            return
        self._name = name
        known = None if self._memory is None else await asyncio.to_thread(self._memory.read, name)
        if known is not None and self._tokens_per_s is None:
            self._tokens_per_s, self._tokens_per_character = known.tokens_per_s, known.tokens_per_character

    async def keep(self) -> None:
        """Keep what was measured for the next session."""
        if self._memory is not None and self._has_learned and self._name and self._tokens_per_s is not None:
            pace = Pace(round(self._tokens_per_s, 3), round(self._tokens_per_character, 5))
            await asyncio.to_thread(self._memory.write, self._name, pace)

    def forget(self) -> None:
        """Take it that the server knows nothing of what was sent before: it has loaded the model anew."""
        self._previous = None

    def foretell(self, request: Request) -> Foretold:
        """Return what reading this request will take from now on."""
        total = round(_size(request) * self._tokens_per_character)
        fresh = round(self._fresh_characters(request) * self._tokens_per_character)
        return Foretold(total, fresh, self._tokens_per_s, self._monotonic(), self._monotonic)

    def learn(self, request: Request, end: EndPart) -> None:
        """Take the figures of an answer to `request`; the more was read, the more its speed counts."""
        usage, timings = end.usage, end.timings
        if usage is not None and usage.prompt_tokens and not usage.is_estimate:
            self._tokens_per_character = usage.prompt_tokens / max(1, _size(request))
            fresh: float = self._fresh_characters(request) * self._tokens_per_character
            if usage.cached_tokens is not None:
                fresh = usage.prompt_tokens - usage.cached_tokens
            spent_s, least = timings.prefill_s, _MIN_TOKENS
            if not spent_s:
                spent_s, least = timings.first_token_s, _MIN_TOKENS_BY_CLOCK
            if spent_s and fresh >= least:
                speed, before = fresh / spent_s, self._tokens_per_s
                share = fresh / (fresh + _HALF_TOKENS)
                self._tokens_per_s = speed if before is None else before + share * (speed - before)
                self._has_learned = True
        self._previous = request

    def _fresh_characters(self, request: Request) -> int:
        """Return the size of what the server has not seen: neither sent before nor written by the model itself."""
        previous = self._previous
        if previous is None or previous.tools != request.tools:
            return _size(request)
        shared = 0
        for old, new in zip(previous.messages, request.messages, strict=False):
            if old is not new and old != new:
                break
            shared += 1
        return sum(_message_size(one) for one in request.messages[shared:] if one.role is not Role.ASSISTANT)


def _size(request: Request) -> int:
    tools = sum(len(tool.name) + len(tool.description) + len(str(tool.parameters)) for tool in request.tools)
    return tools + sum(map(_message_size, request.messages))


def _message_size(message: Message) -> int:
    return len(message.text) + len(message.thought) + sum(len(call.arguments) for call in message.calls)
