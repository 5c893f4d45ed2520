"""What a server has read, against what was new: by its own counts, request by request.

Strictly new is only the end of a request, behind the newest answer that the model itself gave: results, words of the
person's, notes, and the opening of the next answer. What a compaction writes (stubs, a summary) is not new, nor what
the model wrote, nor anything that was sent before; a request beside the conversation (for a summary) and one that only
reads ahead bring nothing new at all. The lenient count takes for new whatever was not sent before in this form.
"""

from __future__ import annotations

import re
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass

from tests.support.tinymodel.engine import Engine
from tests.support.tinymodel.speaker import Exchange, Json, Kind


@dataclass(frozen=True, slots=True)
class Counted:
    """One request that was answered, in the server's tokens."""

    kind: Kind
    prompt: int
    """By the tokenizer of the server, of the whole rendered request."""

    evaluated: int
    cached: int
    written: int
    new: int
    """Strictly."""

    sent_before: int
    """How much of it is the beginning of the last request of the conversation."""

    is_continued: bool
    """Whether it begins with the whole of the last request of the conversation and its answer."""

    @property
    def lenient(self) -> int:
        """Everything behind the beginning that it shares with the last request, as it was sent."""
        return self.prompt - self.sent_before

    @property
    def is_cut(self) -> bool:
        """Whether the server took less of it than there is."""
        return self.evaluated + self.cached != self.prompt


def count(engine: Engine, exchanges: Sequence[Exchange]) -> list[Counted]:
    """Return the figures of what was answered, in order."""
    counted: list[Counted] = []
    before, said = "", ""
    for exchange in exchanges:
        if not exchange.timings:
            continue
        text = rendered(engine, exchange)
        tokens = len(engine.tokens(text))
        held = before + said
        if exchange.kind is Kind.MAIN:
            tail = text[text.rindex(said) + len(said) :] if said and said in text else text
            new = len(engine.tokens(tail)) if before else tokens
        else:
            new = 0
        timings = exchange.timings
        counted.append(
            Counted(
                kind=exchange.kind,
                prompt=tokens,
                evaluated=exchange.evaluated,
                cached=exchange.cached,
                written=int(timings["predicted_n"]),
                new=new,
                sent_before=len(engine.tokens(text[: _common(before, text)])),
                is_continued=text.startswith(held),
            )
        )
        if exchange.kind is Kind.MAIN and exchange.is_whole:
            before, said = text, exchange.said
    return counted


@dataclass(frozen=True, slots=True)
class Totals:
    """A session's figures."""

    counted: tuple[Counted, ...]

    @property
    def evaluated(self) -> int:
        """Prompt tokens that the server evaluated, in all requests of whatever kind."""
        return sum(one.evaluated for one in self.counted)

    @property
    def new(self) -> int:
        """Strictly new tokens."""
        return sum(one.new for one in self.counted)

    @property
    def ratio(self) -> float:
        """Evaluated, by strictly new."""
        return self.evaluated / self.new

    @property
    def lenient_ratio(self) -> float:
        """Evaluated, by whatever was not sent before in this form."""
        return self.evaluated / sum(one.lenient for one in self.main)

    @property
    def main(self) -> list[Counted]:
        """The steps of the conversation."""
        return [one for one in self.counted if one.kind is Kind.MAIN]

    @property
    def breaks(self) -> list[int]:
        """The steps, counted from 1, that do not begin with the whole of the step before and its answer."""
        return [place for place, one in enumerate(self.main, 1) if not one.is_continued]


def rendered(engine: Engine, exchange: Exchange) -> str:
    """Return the prompt that the server made of a request."""
    return str(engine.post("/apply-template", exchange.body)["prompt"])


def prompt_tokens(engine: Engine, body: Json) -> int:
    """Return the tokens of a whole request, as the server renders it and counts them."""
    return len(engine.tokens(str(engine.post("/apply-template", body)["prompt"])))


def evaluated_by_metrics(engine: Engine) -> int:
    """Return how many prompt tokens the server says it evaluated since it was started."""
    with urllib.request.urlopen(f"{engine.url}/metrics", timeout=60) as answer:
        found = re.search(r"^llamacpp:prompt_tokens_total (\S+)", answer.read().decode(), re.MULTILINE)
    assert found is not None
    return round(float(found[1]))


def _common(first: str, second: str) -> int:
    size = min(len(first), len(second))
    if first[:size] == second[:size]:
        return size
    low, high = 0, size
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if first[:middle] == second[:middle] else (low, middle - 1)
    return low
