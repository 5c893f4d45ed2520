"""How fast a server reads a prompt, learned from its answers."""

from __future__ import annotations

_LEAST_TOKENS = 64
"""Below this, what is measured is the overhead and not the speed."""

_WEIGHT = 0.5
"""Of the newest answer: a server slows down as the prompt grows, and other work slows it for a while."""

_BLIND_AT_LEAST = 2
"""Answers to learn from before anything is concluded from time alone."""


class ReadingSpeed:
    """Tokens a second; `None` until it is known."""

    def __init__(self) -> None:
        self.tokens_per_s: float | None = None
        self._blind = 0

    def learn(self, fresh_tokens: int, prefill_s: float | None) -> None:
        """Take an answer for which so many tokens were read in that time."""
        if prefill_s is None or prefill_s <= 0 or fresh_tokens < _LEAST_TOKENS:
            return
        now = fresh_tokens / prefill_s
        self.tokens_per_s = now if self.tokens_per_s is None else self.tokens_per_s * (1 - _WEIGHT) + now * _WEIGHT

    def learn_blind(self, new_tokens: int, prompt_tokens: int, prefill_s: float | None) -> None:
        """Take an answer of a server that does not say what it read: at best what was new.

        An answer that took as long as reading all of the prompt would have is a lost cache, and nothing to learn from.
        """
        if prefill_s is None or prefill_s <= 0 or new_tokens < _LEAST_TOKENS:
            return
        if self._blind >= _BLIND_AT_LEAST and self.tokens_per_s is not None:
            read = prefill_s * self.tokens_per_s
            if read - new_tokens > (prompt_tokens - new_tokens) / 4:
                return
        self._blind += 1
        self.learn(new_tokens, prefill_s)

    def guess_cached(self, prompt_tokens: int, prefill_s: float | None) -> int | None:
        """Return how much of a prompt was not read, by the time that it took; `None` while nobody can tell."""
        if self.tokens_per_s is None or prefill_s is None or self._blind < _BLIND_AT_LEAST:
            return None
        return min(prompt_tokens, max(0, prompt_tokens - round(prefill_s * self.tokens_per_s)))

    def seconds_for(self, tokens: int) -> float | None:
        """Return how long reading so many tokens takes."""
        return None if not self.tokens_per_s else tokens / self.tokens_per_s
