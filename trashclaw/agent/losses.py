"""Losses of the server's cache: the likely cause, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

_LOADING_S = 0.5
"""Servers tell some milliseconds of loading also of a model that is there."""

_SLACK_SHARE = 0.05
_SLACK_TOKENS = 64
_NOTHING_TOKENS = 64


class LossCause(StrEnum):
    """Why a server reads again what it had read; the value is for a person."""

    LOADED = "the model was loaded anew"
    HEAD = "something at the head of the prompt changed"
    GONE_BACK = "the server could not go back to an earlier place in what it had read"
    THOUGHTS = "the chat template renders earlier thoughts differently"
    NO_CACHE = "the server has kept nothing of any request so far"
    OTHER_PROGRAM = "another program used the server in between"


@dataclass(frozen=True, slots=True)
class Signs:
    """What there is to conclude a cause from."""

    cached_tokens: int
    written_tokens: int
    """Of the answer before."""

    gap_tokens: int
    before_thoughts_tokens: int | None
    """What of the prompt stands before the first thought in it."""

    has_thought: bool
    """The answer before had reasoning in it."""

    is_first: bool
    """The request was the first one of a turn."""

    has_reused: bool
    """The server has kept something before."""

    has_gone_back: bool
    """Something that the server had read or written last is not sent again: a rewind, a question aside."""

    load_s: float | None
    doubts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Loss:
    """What was read again although nothing had changed in front of it."""

    cause: LossCause
    tokens: int
    seconds: float | None
    is_guess: bool
    """The server does not tell; it is concluded from the time that reading took."""

    doubts: tuple[str, ...] = ()

    def text(self) -> str:
        """Return it for a person."""
        size = f"{'by the time it took, about ' if self.is_guess else ''}{self.tokens:,} tokens"
        time = f", {self.seconds:.0f} s" if self.seconds is not None and self.seconds >= 1 else ""
        cause = self.doubts[0] if self.doubts and self.cause is LossCause.HEAD else self.cause.value
        return f"The server read again what it had read before ({size}{time}). Likely cause: {cause}."

    def hint(self, provider: str) -> str:
        """Return what to do about it with a kind of server."""
        return _HINTS.get((self.cause, provider)) or _HINTS[(self.cause, "")]


_HINTS = {
    (LossCause.LOADED, ""): "Let the server keep the model in memory for longer, and load no other one beside it.",
    (LossCause.LOADED, "ollama"): (
        "Keep it loaded for longer (server.keep_alive); other programs should ask for the same num_ctx, or wait."
    ),
    (LossCause.HEAD, ""): "It is read once; then the cache holds again.",
    (
        LossCause.GONE_BACK,
        "",
    ): "Recurrent models and those with a sliding window often cannot.",
    (LossCause.GONE_BACK, "llamacpp"): "Start it with more --ctx-checkpoints, or with --swa-full.",
    (LossCause.THOUGHTS, ""): "It is so with each new message of yours. A shorter thought, or none, costs less.",
    (LossCause.NO_CACHE, ""): "Switch on the server's prompt cache, if it has one.",
    (LossCause.NO_CACHE, "llamacpp"): (
        "Start it without --no-cache-prompt; a model with a sliding window or a recurrent one needs "
        "--swa-full or more --ctx-checkpoints."
    ),
    (LossCause.NO_CACHE, "vllm"): "Start it with --enable-prefix-caching.",
    (LossCause.OTHER_PROGRAM, ""): "Let only one program use the server at a time, or give each a slot of its own.",
    (LossCause.OTHER_PROGRAM, "llamacpp"): (
        "Start it with a slot for each program (--parallel 2 --kv-unified), or with more --cache-ram."
    ),
    (LossCause.OTHER_PROGRAM, "ollama"): (
        "Start it with OLLAMA_NUM_PARALLEL=2, or let the other program use another model or wait."
    ),
    (LossCause.OTHER_PROGRAM, "vllm"): "Give it more memory for its cache (--gpu-memory-utilization).",
}


def find_cause(signs: Signs) -> LossCause:
    """Return the likely cause of a loss."""
    if signs.load_s is not None and signs.load_s >= _LOADING_S:
        return LossCause.LOADED
    if signs.doubts:
        return LossCause.HEAD
    if _is_by_thoughts(signs):
        return LossCause.THOUGHTS
    if not signs.has_reused and signs.cached_tokens <= _NOTHING_TOKENS:
        return LossCause.NO_CACHE
    if signs.has_gone_back:
        return LossCause.GONE_BACK
    return LossCause.OTHER_PROGRAM


def _is_by_thoughts(signs: Signs) -> bool:
    """Tell whether the cache held up to a thought: of an earlier turn when the person speaks again, or of the last."""
    if signs.has_thought and signs.gap_tokens <= signs.written_tokens + _SLACK_TOKENS:
        return True
    before = signs.before_thoughts_tokens
    return signs.is_first and before is not None and signs.cached_tokens >= before * (1 - _SLACK_SHARE) - _SLACK_TOKENS
