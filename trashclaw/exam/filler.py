"""Text to fill a prompt with: words without sense, other ones each time, so that nothing of it is cached."""

from __future__ import annotations

import random

_LEXICON = (
    "river table stone garden window paper yellow morning seven bridge copper winter field letter music harbor "
    "pencil summer forest candle silver market engine button cloud ladder island basket carpet dinner farmer "
    "hammer jacket kitchen lemon mirror needle orange pocket rabbit saddle ticket valley wagon barrel circle"
)
_WORDS = tuple(_LEXICON.split())
_PASS_WORDS = ("falcon", "tulip", "granite", "velvet", "comet", "walnut", "cobalt", "meadow", "lantern", "saffron")

CHARS_A_TOKEN = 5.0
"""Before anything was measured: such words are mostly one token each."""


def filler(chance: random.Random, chars: int) -> str:
    """Return about so many characters of words, in lines of ten."""
    lines: list[str] = []
    size = 0
    while size < chars:
        line = " ".join(chance.choices(_WORDS, k=10)) + "."
        lines.append(line)
        size += len(line) + 1
    return "\n".join(lines)


def pass_word(chance: random.Random) -> str:
    """Return a word that nobody guesses and every tokenizer can copy, such as `falcon-482`."""
    return f"{chance.choice(_PASS_WORDS)}-{chance.randrange(100, 1000)}"
