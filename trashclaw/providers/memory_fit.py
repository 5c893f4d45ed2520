"""Whether a model and its window fit into memory, and how large a window would: reckoned, and what is unknown said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from trashclaw.providers.kv_cost import DEFAULT_CACHE, KvCost

WINDOW_STEPS = (4096, 8192, 16384, 24576, 32768, 49152, 65536, 98304, 131072, 196608, 262144)
"""Windows that are chosen by ourselves, in tokens."""

_WORK_BYTES = 512 * 2**20
"""What an engine needs beside weights and cache, to compute in: a rough figure, rather too large for small models."""

_GIGA = 1e9


@dataclass(frozen=True, slots=True)
class MemoryFit:
    """A model, a window, and the memory there is for them; `None` for what nobody tells."""

    window_tokens: int
    weights_bytes: int | None = None
    cost: KvCost | None = None
    free_bytes: int | None = None
    """What may be taken without swapping, what the model holds already included."""

    parallel: int = 1
    """How many windows the server keeps at once."""

    limit_tokens: int | None = None
    """The longest window that the model was made for."""

    notes: Sequence[str] = ()
    """What a person has to know to judge the figures."""

    has_hidden_memory: bool = False
    """There is a graphics card, whose own memory is not counted."""

    def needed_bytes(self, tokens: int) -> int | None:
        """Return what a window of so many tokens needs, weights included."""
        if self.weights_bytes is None or self.cost is None:
            return None
        return self.weights_bytes + _WORK_BYTES + self._cache_bytes(self.cost, tokens)

    def fits(self, tokens: int | None = None) -> bool | None:
        """Tell whether a window fits, by default the one that was chosen; `None` if that cannot be told."""
        needed = self.needed_bytes(self.window_tokens if tokens is None else tokens)
        return None if needed is None or self.free_bytes is None else needed <= self.free_bytes

    @property
    def holds_weights(self) -> bool | None:
        """Whether the weights alone fit."""
        return self.fits(0)

    @property
    def largest_tokens(self) -> int | None:
        """The largest window that fits, 0 if none does; `None` if that cannot be told."""
        empty = self.needed_bytes(0)
        if empty is None or self.cost is None or self.free_bytes is None:
            return None
        if empty > self.free_bytes:
            return 0
        if self.cost.token_bytes <= 0:
            return self.limit_tokens
        most = int((self.free_bytes - empty) / (self.cost.token_bytes * self.parallel))
        return most if self.limit_tokens is None else min(most, self.limit_tokens)

    def step_below(self, most: int) -> int:
        """Return the largest window of `WINDOW_STEPS` that fits and is no larger than `most`; the smallest if none is.

        `most` itself counts as a step. Without the facts it is what is returned.
        """
        largest = self.largest_tokens
        if largest is None or most <= largest:
            return most
        return max([step for step in WINDOW_STEPS if step <= min(most, largest)] or [min(WINDOW_STEPS[0], most)])

    def _cache_bytes(self, cost: KvCost, tokens: int) -> int:
        return int(self.parallel * (cost.fixed_bytes + tokens * cost.token_bytes))


@runtime_checkable
class TellsMemory(Protocol):
    """A provider that knows what its model needs."""

    async def memory_fit(self) -> MemoryFit:
        """Return the reckoning for the model and the window that a session would have.

        Raises:
            ProviderError: the server or the model is not there.
        """
        ...


def size_text(size_bytes: float) -> str:
    """Return a size for a person: `4.9 GB`, `131 kB`."""
    if size_bytes >= 0.0995 * _GIGA:
        return f"{size_bytes / _GIGA:.1f} GB"
    if size_bytes >= 0.9995e6:
        return f"{size_bytes / 1e6:.0f} MB"
    return f"{size_bytes / 1e3:.0f} kB" if size_bytes >= 9950 else f"{size_bytes / 1e3:.1f} kB"


def fit_text(fit: MemoryFit) -> str:
    """Return the reckoning in a line: what is needed, what is there, and what follows."""
    needed, free = fit.needed_bytes(fit.window_tokens), fit.free_bytes
    there = "free memory unknown" if free is None else f"{size_text(free)} free"
    if needed is None or fit.cost is None:
        return f"{_known(fit)}; {there}: cannot be told"
    text = f"{_sum(fit, fit.cost)} = {'at most ' if fit.cost.is_at_most else ''}{size_text(needed)}; {there}"
    largest = fit.largest_tokens
    if free is None or largest is None:
        return text if free is None else f"{text}: fits"
    at_most = f"at most {largest:,} tokens" if largest else "the weights alone do not"
    return f"{text}: {'fits' if needed <= free else 'does not fit'} ({at_most})"


def _known(fit: MemoryFit) -> str:
    weights = "weights unknown" if fit.weights_bytes is None else f"weights {size_text(fit.weights_bytes)}"
    if fit.cost is None:
        return f"{weights}, what a token costs is not told"
    return f"{weights}, {size_text(fit.cost.token_bytes)} a token"


def _sum(fit: MemoryFit, cost: KvCost) -> str:
    cache = f"{fit.window_tokens:,} tokens x {size_text(cost.token_bytes)}"
    if cost.cache_type != DEFAULT_CACHE:
        cache += f" ({cost.cache_type})"
    if fit.parallel > 1:
        cache = f"{fit.parallel} x ({cache})"
    parts = [f"weights {size_text(fit.weights_bytes or 0)}", cache]
    fixed = fit.parallel * cost.fixed_bytes
    if fixed >= 1e6:
        parts.append(f"{size_text(fixed)} whatever the window")
    return " + ".join([*parts, f"{size_text(_WORK_BYTES)} to compute in"])
