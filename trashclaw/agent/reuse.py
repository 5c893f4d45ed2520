"""Reuse: what the server really did not read again, held against what it should have known."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from trashclaw.agent.ledger import Entry, shared_count
from trashclaw.agent.losses import Loss, LossCause, Signs, find_cause
from trashclaw.agent.messages import Message, Request, Role
from trashclaw.agent.reading_speed import ReadingSpeed
from trashclaw.agent.tokens import TokenMeter
from trashclaw.protocol.usage import Timings, Usage

_GAP_SHARE = 0.05
_GAP_TOKENS = 256
_GUESSED_GAP_SHARE = 0.25
"""What is concluded from the time that reading took is no better than this."""

_NOISE_TOKENS = 32
"""The end of a prompt, where a template opens the answer, is never found again."""

_CAUSES_AT_MOST = 8


@dataclass(frozen=True, slots=True)
class _Held:
    """What the server has, as far as it told."""

    sent: Request
    """As the dialect rendered it."""

    prompt_tokens: int
    written_tokens: int
    has_thought: bool
    """The answer had reasoning in it."""

    has_gone_on: bool = False
    """Something else was asked behind it, and is not sent again."""


@dataclass(frozen=True, slots=True)
class _Pending:
    """A request that was sent and is not answered yet."""

    sent: Request
    shared: int
    """How many leading messages it has in common with what the server holds."""

    goes_on: bool
    """It begins with all of that."""

    cuts_off: bool
    """The server may have to give up the end of what it read last: that was not answered, or words are joined to it."""

    entry: Entry
    known: tuple[Message, ...] | None
    """What of it was in a request before, or written by the model; `None`: as much as the server holds."""


class Reuse:
    """Follows a session's requests and answers; all figures are the server's where it tells them."""

    def __init__(self) -> None:
        self.reread_tokens = 0
        """What was read again although it had been read before, in this run of the program."""

        self.reread_s = 0.0
        self.reused_tokens: int | None = None
        """What was not read again of the last request."""

        self.is_counted = False
        """Whether the server has counted a request."""

        self.speed = ReadingSpeed()
        self.causes: deque[str] = deque(maxlen=_CAUSES_AT_MOST)
        """What made requests cost more than they should, the newest last."""

        self.losses: Counter[LossCause] = Counter()
        self._model = ""
        self._seen: set[int] = set()
        self._held: _Held | None = None
        self._pending: _Pending | None = None
        self._has_reused = False

    def enter(self, raw: Request, sent: Request, entry: Entry, *, model: str = "") -> None:
        """Take a request that is being sent: as the history makes it, and as the dialect renders it."""
        if model != self._model:
            self._model, self._held, self.speed = model, None, ReadingSpeed()
        held = self._held
        shared = shared_count(held.sent.messages, sent.messages) if held and held.sent.tools == sent.tools else 0
        goes_on = held is not None and shared == len(held.sent.messages) and not entry.doubts
        known = None if goes_on else self._known(raw.messages)
        cuts_off = self._pending is not None or not goes_on or _joins(sent.messages, shared)
        self._pending = _Pending(sent, shared, goes_on, cuts_off, entry, known)
        self._seen.update(map(hash, raw.messages[shared:] if goes_on else raw.messages))

    def step_aside(self) -> None:
        """Take it that something else was asked behind the last request: what was written after it is gone."""
        if (held := self._held) is not None:
            self._held = _Held(held.sent, held.prompt_tokens, 0, held.has_thought, True)

    def settle(
        self,
        usage: Usage,
        timings: Timings,
        meter: TokenMeter,
        *,
        has_thought: bool = False,
        is_first: bool = False,
        is_alone: bool = True,
    ) -> Loss | None:
        """Take the figures of the answer; return what was lost, the first time for its cause.

        `is_first`: the request was the first one of a turn. `is_alone`: no other request went on with the answer, so
        that the figures are those of the request that was entered.
        """
        pending, self._pending = self._pending, None
        if pending is None:
            return None
        if usage.is_estimate or not usage.prompt_tokens or not is_alone:
            self._hold_little(pending, usage, meter)
            return None
        loss = self._judge(pending, usage, timings, meter, is_first=is_first)
        self.is_counted = True
        self._held = _Held(pending.sent, usage.prompt_tokens, usage.completion_tokens, has_thought)
        return loss

    def note(self, cause: str) -> None:
        """Remember why something was read again."""
        self.causes.append(cause)

    def _hold_little(self, pending: _Pending, usage: Usage, meter: TokenMeter) -> None:
        """Go on without figures: what was sent is there, and of what was written nothing is certain."""
        if usage.is_estimate or not usage.prompt_tokens:
            self._held, self.reused_tokens = None, usage.cached_tokens
            return
        tokens = min(usage.prompt_tokens, meter.estimate(pending.sent))
        self._held = _Held(pending.sent, tokens, 0, False, True)

    def _judge(
        self, pending: _Pending, usage: Usage, timings: Timings, meter: TokenMeter, *, is_first: bool
    ) -> Loss | None:
        prompt, held = usage.prompt_tokens, self._held
        should = self._should(pending, prompt, meter)
        had = should if pending.known is None else max(should, _share(pending.known, pending.sent, prompt, meter))
        cached = usage.cached_tokens
        is_guess = cached is None
        if cached is None:
            if held is not None and pending.goes_on:
                self.speed.learn_blind(prompt - should, prompt, timings.prefill_s)
            cached = self.speed.guess_cached(prompt, timings.prefill_s)
        else:
            self.speed.learn(prompt - cached, timings.prefill_s)
        self.reused_tokens = usage.cached_tokens
        if cached is None:
            return None
        share = _GUESSED_GAP_SHARE if is_guess else _GAP_SHARE
        gap = should - cached
        is_lost = gap > max(share * should, _GAP_TOKENS)
        if is_lost or not is_guess:
            self._count(had - cached, prompt - cached, timings)
        signs = None
        if is_lost and held is not None and not pending.entry.is_anew and pending.entry.found is None:
            signs = Signs(
                cached_tokens=cached,
                written_tokens=held.written_tokens,
                gap_tokens=gap,
                before_thoughts_tokens=_before_thoughts(pending.sent, prompt, meter),
                has_thought=held.has_thought,
                is_first=is_first,
                has_reused=self._has_reused,
                has_gone_back=held.has_gone_on or pending.cuts_off,
                load_s=timings.load_s,
                doubts=pending.entry.doubts,
            )
        self._has_reused = self._has_reused or cached > _GAP_TOKENS
        return None if signs is None else self._lost(signs, is_guess=is_guess)

    def _should(self, pending: _Pending, prompt: int, meter: TokenMeter) -> int:
        """Return how many tokens at the prompt's beginning the server should not have had to read."""
        held = self._held
        if held is None:
            return 0
        if pending.goes_on:
            unread = [one for one in pending.sent.messages[pending.shared :] if one.role is not Role.ASSISTANT]
            most = prompt - meter.estimate_messages(unread)
            return max(0, min(held.prompt_tokens + held.written_tokens, most, prompt - 1))
        if not pending.shared:
            return 0
        return min(_share(pending.sent.messages[: pending.shared], pending.sent, prompt, meter), held.prompt_tokens)

    def _known(self, messages: Sequence[Message]) -> tuple[Message, ...]:
        """Return what was read or written before; of a session that was taken up, all but what came last."""
        if not self._seen:
            last = max((place for place, one in enumerate(messages) if one.role is Role.ASSISTANT), default=-1)
            while last >= 0 and last + 1 < len(messages) and messages[last + 1].role is Role.TOOL:
                last += 1
            return tuple(messages[: last + 1])
        return tuple(one for one in messages if one.role is Role.ASSISTANT or hash(one) in self._seen)

    def _count(self, again: int, evaluated: int, timings: Timings) -> None:
        again = min(again, evaluated)
        if again <= _NOISE_TOKENS:
            return
        self.reread_tokens += again
        if timings.prefill_s is not None:
            self.reread_s += timings.prefill_s * again / evaluated
        else:
            self.reread_s += self.speed.seconds_for(again) or 0.0

    def _lost(self, signs: Signs, *, is_guess: bool) -> Loss | None:
        cause = find_cause(signs)
        self.losses[cause] += 1
        self.note(cause.value if not signs.doubts or cause is not LossCause.HEAD else signs.doubts[0])
        if self.losses[cause] > 1:
            return None
        return Loss(cause, signs.gap_tokens, self.speed.seconds_for(signs.gap_tokens), is_guess, signs.doubts)


def _joins(messages: Sequence[Message], place: int) -> bool:
    """Tell whether a message of the user's follows another one: servers are sent the two as one."""
    return 0 < place < len(messages) and messages[place - 1].role is messages[place].role is Role.USER


def _share(messages: Iterable[Message], sent: Request, prompt: int, meter: TokenMeter) -> int:
    """Return the part of a prompt that some of its messages are, the tool list among them where there are any."""
    chosen = tuple(messages)
    if not chosen:
        return 0
    part = meter.estimate(Request(chosen, sent.tools))
    return min(prompt, round(prompt * part / max(1, meter.estimate(sent))))


def _before_thoughts(sent: Request, prompt: int, meter: TokenMeter) -> int | None:
    """Return the size of what stands before the first thought of a request; `None` where there is no thought."""
    for place, message in enumerate(sent.messages):
        if message.thought:
            return _share(sent.messages[:place], sent, prompt, meter)
    return None
