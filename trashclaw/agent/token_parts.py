"""The parts of a request, each with its size: estimated until a server's count says more, then kept."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from trashclaw.agent.messages import Message, Role
from trashclaw.agent.text_features import NOTHING, Count, Features, text_features
from trashclaw.agent.token_weights import ANSWER, ARGUMENTS, CALL, ONCE, RESULT, TEXT, TOOLS, TURN, Row, TokenWeights
from trashclaw.protocol.tools import ToolSpec

_KINDS = {Role.SYSTEM: TURN, Role.USER: TURN, Role.ASSISTANT: ANSWER, Role.TOOL: RESULT}
_LEAST_ASCII, _LEAST_OTHER = 0.45, 0.12
"""No model's tokenizer makes so few tokens of one of a known tokenizer's, in ASCII and beyond it."""

_FRAME_BYTES = 64
"""More than a template puts around a message or a call."""

THOUGHT_DOUBT = 0.5
"""Templates leave out old thoughts, some all of them, some when the person speaks again."""

_TOLD_WITHIN = 2.0
_TOLD_TOKENS = 24.0


@dataclass(slots=True)
class Part:
    """A message, the tool list, or the frame of a prompt."""

    row: Row
    """Its kinds, without the thought."""

    thought: Row
    """The kinds of the thought, which a template may leave out."""

    least: float
    """Tokens that it has at least, whatever the tokenizer, without the thought."""

    most: float
    """Tokens that it cannot have more than."""

    is_answer: bool = False
    size: float = 0.0
    variance: float = 0.0
    is_settled: bool = False
    """Its size comes from a count: of a request, or of what the model wrote."""

    is_counted: bool = False
    """It was in a request that was counted."""

    version: int = -1
    """Of the weights that an estimated size was made with."""

    def estimate(self, weights: TokenWeights) -> float:
        """Return the size; one that no count has told yet is estimated anew when the weights have changed."""
        if not self.is_settled and self.version != weights.version:
            thought = weights.kept_thought * self.thought_tokens(weights)
            self.size = min(self.most, max(self.least, weights.tokens(self.row)) + thought)
            self.version = weights.version
        return self.size

    def doubt(self, weights: TokenWeights) -> float:
        """Return how far off the size may be, squared."""
        if self.is_settled:
            return self.variance
        thought = THOUGHT_DOUBT * self.thought_tokens(weights)
        return weights.variance(self.row) + thought * thought

    def settle(self, size: float, variance: float) -> None:
        """Keep a size that a count has told."""
        self.size, self.variance, self.is_settled = max(0.0, size), max(0.0, variance), True

    def thought_tokens(self, weights: TokenWeights) -> float:
        """Return the size of the thought, whether the template sends it or not."""
        return max(0.0, weights.tokens(self.thought)) if self.thought else 0.0

    def hear(self, written_tokens: int, weights: TokenWeights) -> bool:
        """Take the number of tokens that the model has written for this answer; whether that can be true of it.

        It has written the thought too; what is sent back of that is the template's affair. Calls that were mended or
        left out make another message of an answer.
        """
        words = dict(self.row)
        frame = weights.tokens({ANSWER: words.pop(ANSWER, 0.0)})
        said, thought = max(1.0, weights.tokens(words)), self.thought_tokens(weights)
        expected = said + thought
        low, high = expected / _TOLD_WITHIN - _TOLD_TOKENS, expected * _TOLD_WITHIN + _TOLD_TOKENS
        if not low <= written_tokens <= high:
            return False
        if not thought:
            weights.learn(words, written_tokens, doubt=4.0)
        scale = written_tokens / expected
        kept = THOUGHT_DOUBT * thought * scale
        size = frame + (said + weights.kept_thought * thought) * scale
        self.settle(size, 4.0 + (0.01 * written_tokens) ** 2 + kept * kept)
        return True


def frame_part() -> Part:
    """Return what is in every prompt: its beginning, and the head of the answer."""
    return Part({ONCE: 1.0}, {}, 0.0, 4096.0)


def tools_part(tools: Sequence[ToolSpec], count: Count) -> Part:
    """Return the list of tools, as JSON; the template may write it in another way."""
    text = "".join(spec.name + spec.description + json.dumps(spec.parameters) for spec in tools)
    figures = text_features(text, count)
    frame = {CALL: float(len(tools)), TOOLS: figures[0] + figures[-1]}
    # Some servers leave the tools out of the prompt without a word: at least they may cost nothing.
    return Part(_row(figures) | frame, {}, 0.0, 2.0 * _bytes(text) + _FRAME_BYTES * len(tools))


def message_part(message: Message, count: Count) -> Part:
    """Return a message."""
    figures = text_features(message.text, count)
    row = {_KINDS[message.role]: 1.0}
    size = _bytes(message.text) + _bytes(message.thought) + _FRAME_BYTES
    if message.calls:
        called = text_features("".join(call.name + call.arguments for call in message.calls), count)
        figures = tuple(said + written for said, written in zip(figures, called, strict=True))
        row |= {CALL: float(len(message.calls)), ARGUMENTS: called[0] + called[-1]}
        size += sum(2 * _bytes(call.name + call.arguments) + _FRAME_BYTES for call in message.calls)
    thought = text_features(message.thought, count) if message.thought else NOTHING
    is_answer = message.role is Role.ASSISTANT
    return Part(row | _row(figures), _row(thought), _least(figures), float(size), is_answer)


def text_row(text: str, count: Count) -> tuple[Row, float]:
    """Return the kinds of a bare text, and the least that it can be."""
    figures = text_features(text, count)
    return _row(figures), _least(figures)


def add_rows(rows: Iterable[Row]) -> Row:
    """Return the kinds of some parts together."""
    whole: dict[int, float] = {}
    for row in rows:
        for kind, amount in row.items():
            whole[kind] = whole.get(kind, 0.0) + amount
    return whole


def _row(figures: Features) -> dict[int, float]:
    return {TEXT + place: amount for place, amount in enumerate(figures) if amount}


def _least(figures: Features) -> float:
    return _LEAST_ASCII * figures[0] + _LEAST_OTHER * figures[-1]


def _bytes(text: str) -> int:
    return len(text.encode("utf-8", "replace"))
