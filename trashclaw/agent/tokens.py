"""Token counts: an offline estimate, corrected by what the server says."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable

from trashclaw.agent.messages import Message, Request
from trashclaw.protocol.tools import ToolSpec

_MESSAGE_OVERHEAD = 4
_CALL_OVERHEAD = 12
_COUNTS_AT_MOST = 4096
"""Counts that are remembered; beyond it all are forgotten, since what was compacted away is among them."""

_BYTES_A_TOKEN = 3.6
"""Before the first answer: source code and English in the tokenizers of current local models."""

Count = Callable[[str], int]


def count_roughly(text: str) -> int:
    """Estimate the tokens of a text from its size alone."""
    return int(len(text.encode("utf-8", "replace")) / _BYTES_A_TOKEN) + 1 if text else 0


class TokenMeter:
    """Counts requests; the ratio of the server's count to ours corrects every later estimate."""

    def __init__(self, count: Count = count_roughly) -> None:
        self._count = count
        self._ratio = 1.0
        self._known: dict[int, tuple[Message, int]] = {}
        self._texts: dict[str, int] = {}
        """For dialects that render messages anew for each request: the same text costs the same."""

        self._tools: tuple[tuple[ToolSpec, ...], int] = ((), 0)
        self._last: tuple[Request | None, int] = (None, 0)
        """A request is asked about several times on its way."""

    @property
    def ratio(self) -> float:
        """The server's tokens for each of ours, in the last answer."""
        return self._ratio

    @property
    def tool_tokens(self) -> int:
        """The expected size of the tool list that was counted last."""
        return round(self._tools[1] * self._ratio)

    def count(self, text: str) -> int:
        """Return the expected size of a text in the server's tokens."""
        return round(self._count(text) * self._ratio)

    def estimate(self, request: Request) -> int:
        """Return the expected size of a request in the server's tokens."""
        return round(self._raw(request) * self._ratio)

    def estimate_messages(self, messages: Iterable[Message]) -> int:
        """Return the expected size of some messages in the server's tokens."""
        return round(sum(self._message(message) for message in messages) * self._ratio)

    def learn(self, request: Request, prompt_tokens: int) -> None:
        """Correct the ratio by the server's own count of a request."""
        raw = self._raw(request)
        if raw > 0 and prompt_tokens > 0:
            self._ratio = min(4.0, max(0.25, prompt_tokens / raw))

    def _raw(self, request: Request) -> int:
        if self._last[0] is not request:
            tokens = self._tool_list(request.tools) + sum(map(self._message, request.messages))
            self._last = (request, tokens)
        return self._last[1]

    def _tool_list(self, tools: tuple[ToolSpec, ...]) -> int:
        if self._tools[0] is not tools:
            text = "".join(spec.name + spec.description + json.dumps(spec.parameters) for spec in tools)
            self._tools = (tools, self._count(text))
        return self._tools[1]

    def _message(self, message: Message) -> int:
        known = self._known.get(id(message))
        if known is not None and known[0] is message:
            return known[1]
        tokens = _MESSAGE_OVERHEAD + self._text(message.text) + self._text(message.thought)
        tokens += sum(_CALL_OVERHEAD + self._count(call.name + call.arguments) for call in message.calls)
        if len(self._known) >= _COUNTS_AT_MOST:
            self._known.clear()
        self._known[id(message)] = (message, tokens)
        return tokens

    def _text(self, text: str) -> int:
        if (known := self._texts.get(text)) is not None:
            return known
        if len(self._texts) >= _COUNTS_AT_MOST:
            self._texts.clear()
        tokens = self._texts[text] = self._count(text)
        return tokens
