"""What each kind of text costs in a model's tokens: careful guesses, made better by every count of the server's."""

from __future__ import annotations

from collections.abc import Mapping

Row = Mapping[int, float]
"""How much of each kind there is; kinds that are not named are not there."""

TURN, ANSWER, RESULT, CALL, ARGUMENTS, TOOLS, ONCE, TEXT = range(8)
"""Kinds: messages by who speaks, calls, tokens of calls and of the tool list beside those of their text, the prompt's
own frame; from `TEXT` on, the kinds of `text_features`."""

_GUESSES = (
    (4.5, 3.0),
    (4.5, 3.0),
    (6.0, 5.0),
    (12.0, 10.0),
    (0.1, 0.3),
    (0.1, 0.3),
    (3.0, 15.0),
    (1.05, 0.5),
    (0.0, 0.12),
    (0.15, 0.35),
    (0.0, 0.12),
    (0.02, 0.25),
    (0.0, 0.4),
    (0.0, 0.6),
    (0.0, 0.6),
    (0.0, 1.0),
    (1.0, 0.4),
)
"""Of each kind, in order: tokens a unit, and how far off that may well be (one standard deviation).

The text of a known tokenizer's token is about one of the model's; a letter, digit or space more or less, since others
cut digits one by one, or join fewer spaces. Beyond ASCII tokenizers differ by a factor of three.
"""

_FINENESS = (0.0,) * TEXT + (0.0, 0.15, 0.15, 0.15, 0.1, 0.3, 0.4, 0.5, 0.6, 0.0)
"""What is likely to be off together: a small vocabulary cuts every kind of text finer than a large one does."""

_NOISE = 0.015
"""How far texts of the same figures differ in their tokens, as a part of them."""

_NOISE_TOKENS = 1.5
_DRIFT = 0.03
"""How much of the first doubt comes back with every count: what is written changes during a session."""

_SURPRISE = 4.0
"""A count that is off by more than so many deviations moves the weights no further than that."""

_KEPT_GAIN = 0.7


class TokenWeights:
    """A linear model of tokens, fitted by least squares as counts come in (recursively, from guesses with doubts)."""

    def __init__(self) -> None:
        self._means = [mean for mean, _ in _GUESSES]
        self._doubts = [
            [fine * other + (doubt * doubt if column == row else 0.0) for column, other in enumerate(_FINENESS)]
            for row, (fine, (_, doubt)) in enumerate(zip(_FINENESS, _GUESSES, strict=True))
        ]
        self.version = 0
        """Grows with every count."""

        self.kept_thought = 1.0
        """The part of old thoughts that the template sends back."""

    def tokens(self, row: Row) -> float:
        """Return the tokens to expect; for odd mixtures it may be far off, even negative."""
        means = self._means
        return sum(means[kind] * amount for kind, amount in row.items())

    def variance(self, row: Row) -> float:
        """Return how far off that may be, squared."""
        noise = _NOISE * self.tokens(row)
        spread = sum(
            amount * self._doubts[kind][other] * much for kind, amount in row.items() for other, much in row.items()
        )
        return max(0.0, spread) + noise * noise + _NOISE_TOKENS**2

    def learn_kept(self, thought_tokens: float, missing_tokens: float) -> None:
        """Take that a request with new thoughts was smaller than expected, or larger where it is negative."""
        seen = self.kept_thought - missing_tokens / thought_tokens
        self.kept_thought += _KEPT_GAIN * (min(1.0, max(0.0, seen)) - self.kept_thought)
        self.version += 1

    def learn(self, row: Row, tokens: float, doubt: float = 0.0) -> None:
        """Take a count; `doubt` is the variance that it has of its own."""
        for kind in row:
            self._doubts[kind][kind] += (_DRIFT * _GUESSES[kind][1]) ** 2
        towards = [sum(line[kind] * amount for kind, amount in row.items()) for line in self._doubts]
        known = max(0.0, sum(towards[kind] * amount for kind, amount in row.items()))
        error = tokens - self.tokens(row)
        noise = (_NOISE * tokens) ** 2 + _NOISE_TOKENS**2 + doubt
        noise *= max(1.0, error * error / (_SURPRISE**2 * (known + noise)))
        gains = [each / (known + noise) for each in towards]
        self._means = [mean + gain * error for mean, gain in zip(self._means, gains, strict=True)]
        for line, gain in zip(self._doubts, gains, strict=True):
            if gain:
                line[:] = [old - gain * toward for old, toward in zip(line, towards, strict=True)]
        self.version += 1
