"""A prompt with a word at its head, asked back at its end."""

from __future__ import annotations

import random
from dataclasses import dataclass

from trashclaw.exam.asking import Answer, Examiner
from trashclaw.exam.filler import CHARS_A_TOKEN, filler, pass_word

_HEAD = "The secret word is {word}. Keep it in mind; you are asked for it below.\n\n"
_TAIL = "\n\nWhat is the secret word? Answer with that word alone."
_SHORT = "What is the secret word? Answer with the word none alone."
ANSWER_TOKENS = 24


@dataclass(frozen=True, slots=True)
class Probe:
    """What came of one such prompt."""

    chars: int
    """Its length."""

    answer: Answer
    has_recalled: bool
    """Whether the answer holds the word."""

    @property
    def read_tokens(self) -> int | None:
        """How many tokens the server says that it has read, cached ones included; `None` if it does not say."""
        usage = self.answer.usage
        return usage.prompt_tokens if usage is not None and usage.prompt_tokens > 0 and not usage.is_estimate else None


@dataclass(slots=True)
class Scale:
    """How many characters of a prompt make a token here."""

    chars_a_token: float = CHARS_A_TOKEN
    fixed_tokens: float = 0.0
    """What the template adds to every prompt."""

    is_measured: bool = False

    def chars(self, tokens: int) -> int:
        """Return how long a prompt of so many tokens is."""
        return max(0, int((tokens - self.fixed_tokens) * self.chars_a_token))

    def tokens(self, chars: int) -> int:
        """Return how many tokens a prompt of so many characters should have."""
        return round(chars / self.chars_a_token + self.fixed_tokens)

    def learn(self, short: tuple[int, int], long: tuple[int, int]) -> None:
        """Take two prompts, each as (characters, tokens); two that make no sense change nothing."""
        chars, tokens = long[0] - short[0], long[1] - short[1]
        if chars <= 0 or tokens <= 0 or not 0.5 <= chars / tokens <= 20:
            return
        self.chars_a_token = chars / tokens
        self.fixed_tokens = max(0.0, short[1] - short[0] / self.chars_a_token)
        self.is_measured = True


async def probe(examiner: Examiner, chance: random.Random, chars: int) -> Probe:
    """Send a prompt of about so many characters, and look whether its head has been read."""
    word = pass_word(chance)
    head = _HEAD.format(word=word)
    body = filler(chance, max(0, chars - len(head) - len(_TAIL)))
    text = f"{head}{body}{_TAIL}"
    answer = await examiner.ask(text, max_tokens=ANSWER_TOKENS)
    said = f"{answer.text} {answer.thought}".lower()
    return Probe(len(text), answer, not answer.error and word in said)


async def short_probe(examiner: Examiner) -> Probe:
    """Send the question without anything before it."""
    answer = await examiner.ask(_SHORT, max_tokens=8)
    return Probe(len(_SHORT), answer, False)
