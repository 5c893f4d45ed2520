"""Token counts: what the server has counted stays as counted, and only what is new is estimated."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable

from trashclaw.agent.messages import Message, Request, Role
from trashclaw.agent.suspicion import Bounds, Suspicion, judge
from trashclaw.agent.text_features import Count
from trashclaw.agent.text_features import count_roughly as count_roughly
from trashclaw.agent.token_parts import THOUGHT_DOUBT, Part, add_rows, frame_part, message_part, text_row, tools_part
from trashclaw.agent.token_weights import TURN, TokenWeights
from trashclaw.protocol.tools import ToolSpec
from trashclaw.protocol.usage import Usage

_PARTS_AT_MOST = 4096
"""Parts that are remembered; beyond it, those that the last counted request does not have are forgotten.

A request of more than half as many parts has twice its number of them.
"""

_THOUGHT_TOKENS = 32.0
"""Less of a thought says nothing of what a template does with thoughts."""

_MOST_MORE_TOKENS = 256
_SLACK_SHARE, _SLACK_SHARE_AT_MOST, _SLACK_TOKENS = 0.1, 0.5, 32.0
_FRAMES = 2
"""Parts before the messages: the prompt's frame and the tools."""

_SURE = 2.0
"""Deviations that an estimate is hardly ever off by."""

Past = Callable[[], Iterable[tuple[Request, Usage]]]
"""Returns requests that were sent, the oldest first, and what the server said of each."""

Key = tuple[Role, str, str, tuple[tuple[str, str], ...]]


class TokenMeter:
    """Counts requests in the tokens of one model.

    A request that was counted has the server's size. Of one that goes on from it, only what was added is estimated; the
    answer in between has as many tokens as the model wrote. A count that cannot be true changes nothing.
    """

    def __init__(self, count: Count = count_roughly) -> None:
        """`count` is a known tokenizer; what it says of the model's is learned, by kinds of text."""
        self._count = count
        self._seen: dict[int, tuple[Message, Part]] = {}
        self._parts: dict[Key, Part] = {}
        """For dialects that render messages anew for each request."""

        self._past: Past | None = None
        self.forget()

    def recall_from(self, past: Past) -> None:
        """Learn from earlier requests of this model, when the first estimate is asked for."""
        self._past = past

    def forget(self) -> None:
        """Begin anew: another model has another tokenizer."""
        self._past = None
        self._weights = TokenWeights()
        self._frame = frame_part()
        self._seen.clear()
        self._parts.clear()
        self._parts_at_most = _PARTS_AT_MOST
        self._last: tuple[Request, tuple[Request, int, int] | None, list[Part]] | None = None
        self._tools: tuple[tuple[ToolSpec, ...], Part] = ((), tools_part((), self._count))
        self._counted: tuple[Request, int, int] | None = None
        """The last request that was counted, its tokens, and those of its answer."""

        self._sent: Request | None = None
        """The last one that a count came for, believed or not."""

    @property
    def has_counted(self) -> bool:
        """Whether a count of this model's server was believed."""
        self._recall()
        return self._counted is not None

    @property
    def tool_tokens(self) -> int:
        """The expected size of the tool list that was counted last."""
        return round(self._tools[1].estimate(self._weights)) if self._tools[0] else 0

    def count(self, text: str) -> int:
        """Return the expected size of a text in the server's tokens."""
        self._recall()
        if not text:
            return 0
        row, least = text_row(text, self._count)
        return max(1, round(max(least, self._weights.tokens(row))))

    def estimate(self, request: Request) -> int:
        """Return the expected size of a request in the server's tokens."""
        return round(self._size(self._all(request)))

    def estimate_messages(self, messages: Iterable[Message]) -> int:
        """Return the expected size of some messages in the server's tokens."""
        self._recall()
        return round(self._size(map(self._part, messages)))

    def doubt(self, request: Request) -> int:
        """Return how many tokens the estimate of a request may well be off by."""
        parts = self._all(request)
        if self._counted is not None and goes_on(request, self._counted[0]):
            parts = parts[_FRAMES + len(self._counted[0].messages) :]
        return round(_SURE * math.sqrt(sum(part.doubt(self._weights) for part in parts)))

    def suspect(self, request: Request, usage: Usage) -> Suspicion | None:
        """Return why the server's count cannot be the size of a request; `None` if it can.

        Ask before `learn`, which takes the request for the last one sent.
        """
        return judge(usage.prompt_tokens, self._bounds(request))

    def learn(
        self, request: Request, prompt_tokens: int, completion_tokens: int = 0, *, is_exact: bool = False
    ) -> None:
        """Take the server's own count of a request, and of the answer to it where there is one.

        What cannot be true, and zero, changes nothing; unless it `is_exact`, a count that was asked for by itself.
        """
        if prompt_tokens > 0 and (is_exact or judge(prompt_tokens, self._bounds(request)) is None):
            parts = self._all(request)
            self._fit(parts, prompt_tokens)
            self._counted = request, prompt_tokens, completion_tokens
        if not is_exact:
            self._sent = request

    def _fit(self, parts: list[Part], tokens: int) -> None:
        """Make the sizes of the parts add up to a count: new ones give way, the others as far as they are in doubt."""
        weights, places = self._weights, Counter(map(id, parts))
        each = list({id(part): part for part in parts}.values())
        new = [part for part in parts if not part.is_counted]
        is_loose = any(TURN in part.row for part in new)
        doubts = [self._doubt(part, is_loose=is_loose) * places[id(part)] for part in each]
        self._learn_weights(
            parts, tokens, sum(doubt for part, doubt in zip(each, doubts, strict=True) if part.is_settled)
        )
        missing = self._size(parts) - tokens
        thoughts = sum(part.thought_tokens(weights) for part in new)
        if thoughts >= _THOUGHT_TOKENS:
            weights.learn_kept(thoughts, missing)
            missing = self._size(parts) - tokens
        whole = sum(doubt * places[id(part)] for part, doubt in zip(each, doubts, strict=True)) or 1.0
        for part, doubt in zip(each, doubts, strict=True):
            gain = doubt / whole
            part.settle(part.estimate(weights) - gain * missing, part.doubt(weights) * (1 - gain * places[id(part)]))
            part.is_counted = True
        if size := self._size(parts):
            for part in each:
                part.size *= tokens / size

    def _learn_weights(self, parts: list[Part], tokens: int, doubt: float) -> None:
        """Learn from what a count says of the parts whose size nothing has told yet."""
        row = add_rows(part.row for part in parts if not part.is_settled)
        if row:
            rest = self._size(part for part in parts if part.is_settled)
            thoughts = [part.thought_tokens(self._weights) for part in parts if not part.is_settled]
            rest += self._weights.kept_thought * sum(thoughts)
            doubt += sum((THOUGHT_DOUBT * thought) ** 2 for thought in thoughts)
            self._weights.learn(row, max(0.0, tokens - rest), doubt)

    def _doubt(self, part: Part, *, is_loose: bool) -> float:
        """Return the variance of a part; when a person speaks, templates leave out the thoughts before."""
        doubt = part.doubt(self._weights)
        return doubt + (THOUGHT_DOUBT * part.thought_tokens(self._weights)) ** 2 if is_loose else doubt

    def _bounds(self, request: Request) -> Bounds:
        parts, expected = self._all(request), self._size(self._all(request))
        least, most = sum(part.least for part in parts), sum(part.most for part in parts)
        if self._counted is not None and goes_on(request, self._counted[0]):
            before = self._counted[1]
            place = _FRAMES + len(self._counted[0].messages)
            old, new = parts[:place], parts[place:]
            is_loose = any(TURN in part.row for part in new)
            loose = sum(part.thought_tokens(self._weights) for part in old) if is_loose else 0.0
            least = before + sum(part.least for part in new) - loose - _SLACK_TOKENS
            most = before + sum(part.most for part in new) + _MOST_MORE_TOKENS
        new = self._unread(request, parts)
        unread = self._size(new)
        words = unread - (new[0].estimate(self._weights) if new and new[0].is_answer else 0.0)
        doubt = _SURE * math.sqrt(sum(part.doubt(self._weights) for part in new))
        slack = _SLACK_TOKENS + min(_SLACK_SHARE * unread + doubt, _SLACK_SHARE_AT_MOST * unread)
        return Bounds(least, most, expected, unread, words, slack)

    def _unread(self, request: Request, parts: list[Part]) -> list[Part]:
        """Return the parts that the server has not read before, if it keeps what it has read."""
        if self._sent is None:
            # Instructions and tools may be there from an earlier session.
            return parts[_FRAMES + 1 :]
        same = 0
        for old, message in zip(self._sent.messages, request.messages, strict=False):
            if old is not message and old != message:
                break
            same += 1
        return parts[_FRAMES + same :]

    def _recall(self) -> None:
        past = self._past
        if past is None:
            return
        self._past = None
        for request, usage in past():
            self.learn(request, usage.prompt_tokens, usage.completion_tokens)

    def _all(self, request: Request) -> list[Part]:
        """Return the parts of a request: the frame, the tools, the messages.

        One request is asked about many times until it is counted, so the parts of the last one are kept.
        """
        self._recall()
        last = self._last
        if last is not None and last[0] is request and last[1] is self._counted:
            return last[2]
        parts = self._found(request)
        self._last = request, self._counted, parts
        return parts

    def _found(self, request: Request) -> list[Part]:
        if self._tools[0] is not request.tools and self._tools[0] != request.tools:
            self._tools = request.tools, tools_part(request.tools, self._count)
        parts = [self._frame, self._tools[1], *map(self._part, request.messages)]
        if self._counted is not None:
            before, _, written = self._counted
            place = len(before.messages)
            answer = parts[_FRAMES + place] if len(request.messages) > place else None
            if (
                written
                and answer is not None
                and answer.is_answer
                and not answer.is_settled
                and goes_on(request, before)
            ):
                answer.hear(written, self._weights)
        return parts

    def _part(self, message: Message) -> Part:
        seen = self._seen.get(id(message))
        if seen is not None and seen[0] is message:
            return seen[1]
        key = _key(message)
        part = self._parts.get(key)
        if part is None:
            if len(self._parts) >= self._parts_at_most:
                self._forget_others()
            part = self._parts[key] = message_part(message, self._count)
        if len(self._seen) >= 2 * self._parts_at_most:
            self._seen.clear()
        self._seen[id(message)] = message, part
        return part

    def _size(self, parts: Iterable[Part]) -> float:
        weights = self._weights
        return sum(part.estimate(weights) for part in parts)

    def _forget_others(self) -> None:
        """Keep the parts of the last counted request alone."""
        messages = self._counted[0].messages if self._counted is not None else ()
        kept = map(_key, messages)
        self._parts = {key: part for key in kept if (part := self._parts.get(key)) is not None}
        self._parts_at_most = max(_PARTS_AT_MOST, 2 * len(self._parts))
        self._seen.clear()
        self._last = None


def _key(message: Message) -> Key:
    """Return what the size of a message depends on."""
    return message.role, message.text, message.thought, tuple((call.name, call.arguments) for call in message.calls)


def goes_on(request: Request, before: Request) -> bool:
    """Tell whether a request begins with the whole of another."""
    messages = before.messages
    return request.tools == before.tools and request.messages[: len(messages)] == messages
