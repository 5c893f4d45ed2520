"""What a request cost, in tokens and seconds."""

from __future__ import annotations

from trashclaw.protocol.base import Frozen


class Usage(Frozen):
    """Tokens, by the server's own count wherever it has one."""

    prompt_tokens: int = 0
    """Everything in the request, cached or not."""

    cached_tokens: int | None = None
    """How many of them the server did not have to read again; `None` when it does not say."""

    completion_tokens: int = 0
    is_estimate: bool = False

    def __add__(self, other: Usage) -> Usage:
        cached = None
        if self.cached_tokens is not None or other.cached_tokens is not None:
            cached = (self.cached_tokens or 0) + (other.cached_tokens or 0)
        return Usage(
            prompt_tokens=self.prompt_tokens + other.prompt_tokens,
            cached_tokens=cached,
            completion_tokens=self.completion_tokens + other.completion_tokens,
            is_estimate=self.is_estimate or other.is_estimate,
        )


class Timings(Frozen):
    """Where the time went, in seconds."""

    total_s: float = 0.0
    load_s: float | None = None
    prefill_s: float | None = None
    decode_s: float | None = None
    first_token_s: float | None = None
