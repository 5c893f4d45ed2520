"""One answer of a model: streamed into items, its calls collected, over as many requests as it takes."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import assert_never

from trashclaw.agent.dialects.port import Reading
from trashclaw.agent.healing.calls import DraftCall
from trashclaw.agent.messages import CallPart, EndPart, EndReason, NoticePart, Part, ProgressPart, TextPart, ThoughtPart
from trashclaw.agent.ports import Clock, Emit
from trashclaw.agent.seam import Seam
from trashclaw.agent.writing_pace import WritingPace
from trashclaw.protocol import events as ev
from trashclaw.protocol.errors import StreamBroken
from trashclaw.protocol.ids import ItemId, new_id
from trashclaw.protocol.items import AgentMessage, Mending, Thought
from trashclaw.protocol.manners import Rung

_CHARS_PER_TOKEN = 3.6
_TAIL_CHARS = 40
_SHOWN_CHARS = 1000
"""Size of a call from which on it is told."""


class ThoughtTooLong(Exception):
    """The model has thought for longer than it may, and has said nothing yet."""


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

    @property
    def is_thought_alone(self) -> bool:
        """Reasoning, and nothing else."""
        return self.is_empty and bool(self.thought.strip())


def told(part: ProgressPart) -> ev.Progress:
    """Return what a server does as an event."""
    return ev.Progress(
        phase=part.phase,
        done=part.done,
        total=part.total,
        eta_s=part.eta_s,
        text=part.text,
        is_estimate=part.is_estimate,
    )


class AnswerReader:
    """Turns the parts of one answer into items and deltas; whoever makes one calls `complete` in the end."""

    def __init__(self, emit: Emit, clock: Clock, think_tokens: int | None = None) -> None:
        """`think_tokens` is how much the model may think before it says anything."""
        self._emit = emit
        self._clock = clock
        self._think_chars = None if think_tokens is None else think_tokens * _CHARS_PER_TOKEN
        self._thought: _Open | None = None
        self._thought_field = ""
        self._text: _Open | None = None
        self._calls: dict[int, DraftCall] = {}
        self._call_chars: dict[int, int] = {}
        self._raw: list[str] = []
        self._thought_raw: list[str] = []
        self._given: list[str] = []
        self._seam: Seam | None = None
        self._started_at = clock.monotonic()
        self._first_at: float | None = None
        self._pace = WritingPace()
        self._tokens = 0
        """Came since the speed was last looked at."""

        self._thought_chars = 0
        self._is_complete = False
        self.limit_tokens: int | None = None
        """The window that the server has said it really uses, where it said so in this answer."""

        self.has_news = False
        """The provider has told what befell the model: a load, another window."""

    @property
    def has_begun(self) -> bool:
        """Whether anything of the answer has come."""
        return self._first_at is not None

    @property
    def written(self) -> str:
        """What the model has written as its answer so far, with markup, without what came as a thought."""
        return "".join(self._raw)

    @property
    def given_thought(self) -> str:
        """The reasoning that the server has told apart, as it came."""
        return "".join(self._thought_raw)

    @property
    def is_holding(self) -> bool:
        """Whether the last of what was written may be markup, and is in neither words nor calls yet."""
        return not "".join(self._given).rstrip().endswith(self.written.rstrip()[-_TAIL_CHARS:])

    @property
    def text(self) -> str:
        """The words so far."""
        return self._text.text if self._text else ""

    @property
    def thought(self) -> str:
        """The reasoning so far."""
        return self._thought.text if self._thought else ""

    @property
    def has_calls(self) -> bool:
        """Whether a call has begun."""
        return bool(self._calls)

    def stop_counting(self) -> None:
        """Set no limit to the thought any more: it has been told."""
        self._think_chars = None

    def expect_repetition(self) -> None:
        """Leave out what the next request's answer repeats of this one's end."""
        if self._seam is not None and (rest := self._seam.finish()):
            self._say(rest)
        self._seam = Seam(self.text)

    async def read(self, parts: AsyncGenerator[Part, None], reading: Reading) -> EndPart:
        """Read the answer to one request to its end.

        Raises:
            ProviderError: it did not end well.
            ThoughtTooLong: it was closed, since there was too much of the thought.
        """
        end: EndPart | None = None
        async with aclosing(parts) as stream:
            async for part in stream:
                if isinstance(part, EndPart):
                    end = self._close(reading, part)
                    continue
                if isinstance(part, TextPart):
                    self._raw.append(part.text)
                elif isinstance(part, ThoughtPart):
                    self._thought_raw.append(part.text)
                if isinstance(part, (TextPart, ThoughtPart, CallPart)):
                    self._tokens += part.tokens
                for certain in reading.feed(part):
                    self._take(certain)
        if end is None:
            raise StreamBroken("The server closed the answer before its end.", "Send the message again to go on.")
        return end

    def settle(self, reading: Reading) -> None:
        """Take what a reading holds back of an answer that broke off: what comes next is another message."""
        self._close(reading, EndPart(EndReason.LENGTH))

    def answer(self, end: EndPart) -> Answer:
        """Return what has come, as a whole."""
        first_s = None if self._first_at is None else self._first_at - self._started_at
        return Answer(self.text, self.thought, tuple(self._calls[key] for key in sorted(self._calls)), end, first_s)

    def complete(self) -> None:
        """Complete the items, once."""
        if self._is_complete:
            return
        self._is_complete = True
        if self._seam is not None and (rest := self._seam.finish()):
            self._say(rest)
        if self._thought is not None:
            item = self._thought
            thought = Thought(item_id=item.item_id, text=item.text, field=self._thought_field)
            self._emit(ev.ItemCompleted(item=thought))
        if self._text is not None:
            self._emit(ev.ItemCompleted(item=AgentMessage(item_id=self._text.item_id, text=self._text.text)))

    def _close(self, reading: Reading, end: EndPart) -> EndPart:
        closed = end
        for certain in reading.finish(end):
            if isinstance(certain, EndPart):
                closed = certain
            else:
                self._take(certain)
        return closed

    def _take(self, part: Part) -> None:
        match part:
            case TextPart(text=text):
                self._given.append(text)
                if text := self._seam.feed(text) if self._seam is not None else text:
                    self._say(text)
            case ThoughtPart(text=text, field=name):
                self._thought_field = name
                self._thought = self._thought or self._start(Thought(item_id=ItemId(new_id("item")), field=name))
                self._delta(self._thought, ev.Channel.THOUGHT, text)
                self._count_thought(text)
            case CallPart():
                self._take_call(part)
            case ProgressPart():
                self._pace.rest()
                self._emit(told(part))
            case NoticePart():
                if part.limit_tokens is not None:
                    self.limit_tokens = part.limit_tokens
                self.has_news = True
                level = ev.NoticeLevel.WARNING
                self._emit(ev.Notice(level=level, code=part.code, text=part.text, hint=part.hint))
            case EndPart():
                raise AssertionError("an end is closed, not taken")
            case _:
                assert_never(part)

    def _take_call(self, part: CallPart) -> None:
        draft = self._calls.setdefault(part.index, DraftCall())
        draft.name = draft.name or part.name
        # Of two calls with one id, which servers do send, the second goes by our own: a result must say whose it is.
        if part.provider_id not in {other.provider_id for other in self._calls.values()}:
            draft.provider_id = draft.provider_id or part.provider_id
        if part.arguments:
            draft.pieces.append(part.arguments)
            self._call_chars[part.index] = self._call_chars.get(part.index, 0) + len(part.arguments)
        if part.mended:
            draft.mended = (*draft.mended, Mending(rung=Rung.FOUND, text=part.mended))
        self._tick(f"calling {draft.name}{_size(self._call_chars.get(part.index, 0))}")

    def _say(self, text: str) -> None:
        self._text = self._text or self._start(AgentMessage(item_id=ItemId(new_id("item"))))
        self._delta(self._text, ev.Channel.TEXT, text)

    def _count_thought(self, text: str) -> None:
        self._thought_chars += len(text)
        if self._think_chars is not None and self._thought_chars > self._think_chars and not (self.text or self._calls):
            raise ThoughtTooLong

    def _start(self, item: AgentMessage | Thought) -> _Open:
        self._emit(ev.ItemStarted(item=item))
        return _Open(item.item_id)

    def _delta(self, item: _Open, channel: ev.Channel, text: str) -> None:
        item.pieces.append(text)
        self._emit(ev.ItemDelta(item_id=item.item_id, channel=channel, text=text))
        self._tick("")

    def _tick(self, text: str) -> None:
        """Tell the speed now and then."""
        now, pace = self._clock.monotonic(), self._pace
        if self._first_at is None:
            self._first_at = now
        tokens, self._tokens = self._tokens, 0
        if pace.add(now, tokens):
            progress = ev.Progress(phase=ev.Phase.DECODING, done=pace.tokens, tokens_per_s=pace.tokens_per_s, text=text)
            self._emit(progress)


def _size(chars: int) -> str:
    """Return the size of a call so far as the end of a line; nothing while it is small."""
    return f" ({chars / 1000:.1f}k characters)" if chars >= _SHOWN_CHARS else ""
