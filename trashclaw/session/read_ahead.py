"""Work done while the machine is idle: the next request's beginning is read, the window compacted, before Enter."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass
from itertools import takewhile

from trashclaw.agent.accounting import check_aside
from trashclaw.agent.agent import Agent
from trashclaw.agent.encoding import load_counter
from trashclaw.agent.fitting import compact
from trashclaw.agent.messages import EndPart, Message, ProgressPart, Request, Role
from trashclaw.agent.step import told
from trashclaw.protocol import events as ev
from trashclaw.protocol.errors import ProviderError
from trashclaw.protocol.items import CompactionTrigger

_STAND_IN = Message(Role.USER, ".")
"""Stands where the person's next words will: templates render what is before words of theirs in another way."""

_A_TOKEN = "0 "
"""A token at least, in every tokenizer."""

_WORTH_TOKENS = 64
"""What the server has not read yet, below which the first token comes as fast without it."""

_BREATH_S = 0.2


@dataclass(slots=True)
class AheadTotals:
    """What was read while nobody waited, in this run of the program."""

    requests: int = 0
    tokens: int = 0
    """By the server's count, without what it still knew."""

    seconds: float = 0.0


class ReadAhead:
    """Sends the beginning of the next request to an idle server; one at a time, gone the moment a real one is due."""

    def __init__(
        self,
        agent: Agent,
        *,
        is_on: bool,
        may_drain: Callable[[], bool],
        breathe: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """`may_drain` tells whether power may be spent on what is not asked for yet; it is called in a thread."""
        self._agent = agent
        self._is_on = is_on
        self._may_drain = may_drain
        self._breathe = breathe
        self._task: asyncio.Task[None] | None = None
        self._read: tuple[Message, ...] | None = None
        """What was read ahead last."""

        self._is_doubtful = False

        self.totals = AheadTotals()

    @property
    def is_working(self) -> bool:
        """Whether something is being read ahead."""
        return self._task is not None and not self._task.done()

    def begin(self, *, is_doubtful: bool = False) -> None:
        """Look for work, soon; where there is none, or none may be done, nothing happens.

        `is_doubtful` says that the last request failed: how much of it the server has read is not known.
        """
        self._is_doubtful = is_doubtful or self._is_doubtful
        if self._is_on and not self.is_working and not self._agent.manner.profile.is_remote:
            self._task = asyncio.create_task(self._work(), name="read ahead")
            self._task.add_done_callback(self._ended)

    async def stop(self) -> None:
        """Let the server go; returns when the connection is closed."""
        task = self._task
        if task is not None and not task.done():
            # Told twice, it would be torn out of letting go.
            if not task.cancelling():
                task.cancel()
            await asyncio.wait({task})

    async def aclose(self) -> None:
        """Stop, for good."""
        self._is_on = False
        await self.stop()

    async def wait(self) -> None:
        """Wait until what is under way has been read."""
        if self._task is not None and not self._task.done():
            await asyncio.wait({self._task})

    async def _work(self) -> None:
        await self._breathe(_BREATH_S)
        if not await asyncio.to_thread(self._may_drain):
            return
        # A tenth of a second the first time: in that, a person may type.
        await asyncio.to_thread(load_counter)
        try:
            sent = self._next()
            if self._agent.window.is_full(sent) and await compact(self._agent, CompactionTrigger.AHEAD):
                sent = self._next()
            if self._is_worth_it(sent):
                await self._send(sent)
        except ProviderError:
            # Nobody asked for it: the next real request will tell what is wrong.
            return

    async def _send(self, sent: Request) -> None:
        agent, began = self._agent, self._agent.clock.monotonic()
        check_aside(agent, sent)
        try:
            async with aclosing(agent.provider.stream(sent)) as parts:
                async for part in parts:
                    if isinstance(part, ProgressPart):
                        agent.emit(told(part).model_copy(update={"text": ev.AHEAD}))
                    elif isinstance(part, EndPart) and part.usage is not None:
                        self.totals.tokens += part.usage.prompt_tokens - (part.usage.cached_tokens or 0)
            self._read, self._is_doubtful = sent.messages, False
            self.totals.requests += 1
        finally:
            self.totals.seconds += agent.clock.monotonic() - began
            agent.emit(ev.Progress(phase=ev.Phase.WAITING, text=ev.AHEAD))

    def _next(self) -> Request:
        """Return the next request as far as it is known: all but the person's words."""
        agent = self._agent
        behind = 0 if agent.history.records else agent.manner.profile.first_ahead_tokens
        stand_in = Message(Role.USER, _A_TOKEN * behind) if behind else _STAND_IN
        request = Request(
            messages=(*agent.history.messages, stand_in),
            tools=agent.manner.tools,
            max_tokens=1,
            temperature=agent.temperature,
            think=agent.manner.think,
            is_ahead=True,
        )
        return agent.manner.dialect.render(request)

    def _is_worth_it(self, sent: Request) -> bool:
        """Tell whether the server has not read all of it, or would not know it again.

        What the model wrote itself it knows. Earlier thoughts many templates leave out once the person speaks again:
        then the server does not know what follows them.
        """
        if sent.messages == self._read:
            return False
        self._agent.window.check(sent, self._agent.history)
        known = self._agent.ledger.sent
        if known is None or self._is_doubtful or sent.messages[: len(known)] != known:
            return True
        if any(message.thought for message in takewhile(_is_of_the_turn, reversed(sent.messages[:-1]))):
            return True
        unread = (message for message in sent.messages[len(known) : -1] if message.role is not Role.ASSISTANT)
        return self._agent.window.meter.estimate_messages(unread) > _WORTH_TOKENS

    def _ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (failure := task.exception()) is not None:
            text = f"Reading ahead has failed: {type(failure).__name__}: {failure}"
            hint = "This is a fault of trashclaw; please report it. It can be turned off: context.read_ahead."
            self._agent.emit(ev.Notice(level=ev.NoticeLevel.WARNING, code="internal", text=text, hint=hint))


def _is_of_the_turn(message: Message) -> bool:
    return message.role is not Role.USER
