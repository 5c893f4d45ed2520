"""One model request: the answer is streamed into items, and its calls are collected."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import assert_never

from trashclaw.agent.healing.calls import DraftCall
from trashclaw.agent.messages import CallPart, EndPart, Part, ProgressPart, TextPart, ThoughtPart
from trashclaw.agent.ports import Clock, Emit
from trashclaw.protocol import events as ev
from trashclaw.protocol.errors import StreamBroken
from trashclaw.protocol.ids import ItemId, new_id
from trashclaw.protocol.items import AgentMessage, Thought

_PROGRESS_EVERY_S = 0.2


@dataclass(slots=True)
class _Open:
    """An item that is being streamed."""

    item_id: ItemId
    pieces: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(self.pieces)


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer."""

    text: str
    thought: str
    calls: tuple[DraftCall, ...]
    end: EndPart
    first_token_s: float | None

    @property
    def is_empty(self) -> bool:
        """Neither words nor calls."""
        return not self.text.strip() and not self.calls


class AnswerReader:
    """Turns the parts of one answer into items and deltas; whatever happens, the items are completed."""

    def __init__(self, emit: Emit, clock: Clock) -> None:
        self._emit = emit
        self._clock = clock
        self._thought: _Open | None = None
        self._thought_field = ""
        self._text: _Open | None = None
        self._calls: dict[int, DraftCall] = {}
        self._end: EndPart | None = None
        self._started_at = clock.monotonic()
        self._first_at: float | None = None
        self._told_at = 0.0
        self._pieces = 0

    async def read(self, parts: AsyncGenerator[Part, None]) -> Answer:
        """Read an answer to its end.

        Raises:
            ProviderError: the answer did not end well; what had come stays as completed items, its calls are dropped.
        """
        try:
            async with aclosing(parts) as stream:
                async for part in stream:
                    self._take(part)
        finally:
            self._complete_items()
        if self._end is None:
            raise StreamBroken("The server closed the answer before its end.", "Send the message again to go on.")
        first_s = None if self._first_at is None else self._first_at - self._started_at
        text = self._text.text if self._text else ""
        thought = self._thought.text if self._thought else ""
        return Answer(text, thought, tuple(self._calls[key] for key in sorted(self._calls)), self._end, first_s)

    @property
    def has_begun(self) -> bool:
        """Whether anything of the answer has come."""
        return self._first_at is not None

    def _take(self, part: Part) -> None:
        match part:
            case TextPart(text=text):
                self._text = self._text or self._start(AgentMessage(item_id=ItemId(new_id("item"))))
                self._delta(self._text, ev.Channel.TEXT, text)
            case ThoughtPart(text=text, field=name):
                self._thought_field = name
                self._thought = self._thought or self._start(Thought(item_id=ItemId(new_id("item")), field=name))
                self._delta(self._thought, ev.Channel.THOUGHT, text)
            case CallPart():
                self._take_call(part)
            case ProgressPart():
                self._emit(
                    ev.Progress(phase=part.phase, done=part.done, total=part.total, eta_s=part.eta_s, text=part.text)
                )
            case EndPart():
                self._end = part
            case _:
                assert_never(part)

    def _take_call(self, part: CallPart) -> None:
        draft = self._calls.setdefault(part.index, DraftCall())
        draft.name = draft.name or part.name
        draft.provider_id = draft.provider_id or part.provider_id
        if part.arguments:
            draft.pieces.append(part.arguments)
        self._tick(f"calling {draft.name}")

    def _start(self, item: AgentMessage | Thought) -> _Open:
        self._emit(ev.ItemStarted(item=item))
        return _Open(item.item_id)

    def _delta(self, item: _Open, channel: ev.Channel, text: str) -> None:
        item.pieces.append(text)
        self._emit(ev.ItemDelta(item_id=item.item_id, channel=channel, text=text))
        self._tick("")

    def _tick(self, text: str) -> None:
        """Tell the speed now and then; a piece is about a token on every server."""
        now = self._clock.monotonic()
        if self._first_at is None:
            self._first_at = now
        self._pieces += 1
        if now - self._told_at < _PROGRESS_EVERY_S:
            return
        self._told_at = now
        spent_s = now - self._first_at
        speed = self._pieces / spent_s if spent_s > _PROGRESS_EVERY_S else None
        self._emit(ev.Progress(phase=ev.Phase.DECODING, done=self._pieces, tokens_per_s=speed, text=text))

    def _complete_items(self) -> None:
        if self._thought is not None:
            item = self._thought
            thought = Thought(item_id=item.item_id, text=item.text, field=self._thought_field)
            self._emit(ev.ItemCompleted(item=thought))
        if self._text is not None:
            self._emit(ev.ItemCompleted(item=AgentMessage(item_id=self._text.item_id, text=self._text.text)))
