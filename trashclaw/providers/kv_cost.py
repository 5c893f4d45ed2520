"""What a token of the window costs in memory: the size of a model's key-value cache, from what its file says of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_CACHE_BYTES = {"f32": 4.0, "f16": 2.0, "bf16": 2.0, "q8_0": 34 / 32, "q5_1": 24 / 32, "q5_0": 22 / 32}
_CACHE_BYTES |= {"q4_1": 20 / 32, "q4_0": 18 / 32, "iq4_nl": 18 / 32}
"""Bytes of a value in the cache, by the type of the cache."""

DEFAULT_CACHE = "f16"
_MAX_LAYERS = 10_000
_BATCH_TOKENS = 512
"""What a layer that looks back over a sliding window keeps beside that window, by llama.cpp's default."""

_STATE_BYTES = 4
"""Recurrent states are kept whole, whatever the type of the cache."""

_ATTENDING = {"qwen3next": 4, "qwen35": 4, "qwen35moe": 4}
"""Of so many layers one keeps keys and values, where the file does not say: as llama.cpp has it for these."""

_SLIDING = {
    "afmoe": 4,
    "cohere2": 4,
    "exaone4": 4,
    "gemma2": 2,
    "gemma3": 6,
    "gemma3n": 5,
    "gpt-oss": 2,
    "gptoss": 2,
    "olmo2": 4,
    "phi3": 1,
    "plamo3": 8,
}
"""Of so many layers one looks at the whole window, where the file does not say: as llama.cpp has it for these."""

_KEEPING = {"gemma3n": 20}
"""How many layers keep keys and values of their own, where the file does not say."""


@dataclass(frozen=True, slots=True)
class KvCost:
    """Bytes of the cache; what a window of so many tokens needs is `fixed_bytes + tokens * token_bytes`."""

    token_bytes: float
    fixed_bytes: float = 0.0
    """For layers that look back over a short distance only, and for recurrent states."""

    cache_type: str = DEFAULT_CACHE
    is_at_most: bool = False
    """The file does not say enough: it may be less."""


@dataclass(frozen=True, slots=True)
class _Layers:
    heads: tuple[int, ...]
    """Key-value heads of each layer; 0 for one that keeps none."""

    is_sliding: tuple[bool, ...]
    is_at_most: bool


def kv_cost(info: Mapping[str, object], cache_type: str = DEFAULT_CACHE) -> KvCost | None:
    """Return the cost by the metadata of a GGUF file; `None` if it says too little.

    `info` has its keys as the file has them (`llama.block_count`); lists may be missing or empty. An unknown
    `cache_type` counts as f16.
    """
    arch = str(info.get("general.architecture") or "")
    facts = _Facts(info, arch)
    layers = _layers(facts)
    if layers is None:
        return None
    type_name = cache_type if cache_type in _CACHE_BYTES else DEFAULT_CACHE
    per_value = _CACHE_BYTES[type_name]
    whole, sliding = _head_values(facts, ""), _head_values(facts, "_swa")
    if whole is None:
        if any(layers.heads) or not _state_values(facts):
            return None
        whole = 0
    kept = (facts.number("attention.sliding_window") or 0) + _BATCH_TOKENS
    token_bytes = fixed_bytes = 0.0
    for heads, is_sliding in zip(layers.heads, layers.is_sliding, strict=True):
        if is_sliding:
            fixed_bytes += kept * heads * (sliding or whole) * per_value
        else:
            token_bytes += heads * whole * per_value
    recurrent = sum(1 for heads in layers.heads if not heads) or len(layers.heads)
    fixed_bytes += recurrent * _state_values(facts) * _STATE_BYTES
    if not token_bytes and not fixed_bytes:
        return None
    return KvCost(token_bytes, fixed_bytes, type_name, layers.is_at_most)


class _Facts:
    """Metadata of one architecture, taken only where it is what it should be."""

    def __init__(self, info: Mapping[str, object], arch: str) -> None:
        self.arch = arch
        self._info = info

    def value(self, name: str) -> object:
        return self._info.get(f"{self.arch}.{name}")

    def number(self, name: str) -> int | None:
        value = self.value(name)
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < 2**31:
            return None
        return int(value)

    def numbers(self, name: str, count: int) -> tuple[int, ...] | None:
        """Return a value for each of `count` layers, from a list or from a number that holds for all."""
        value = self.value(name)
        if isinstance(value, Sequence) and not isinstance(value, str):
            fits = len(value) >= count and all(isinstance(one, (int, float)) and 0 <= one < 2**31 for one in value)
            return tuple(int(one) for one in value[:count]) if fits else None
        one = self.number(name)
        return None if one is None else (one,) * count


def _layers(facts: _Facts) -> _Layers | None:
    count = facts.number("block_count")
    if not count or count > _MAX_LAYERS:
        return None
    heads = facts.numbers("attention.head_count_kv", count)
    # Without a word on them, every head has keys of its own; a model without heads at all is recurrent.
    is_at_most = heads is None and facts.value("attention.head_count") is not None
    if heads is None:
        heads = facts.numbers("attention.head_count", count)
    if heads is None:
        if facts.value("attention.head_count") is not None or facts.value("attention.head_count_kv") is not None:
            return None
        heads = (0,) * count
    interval = facts.number("full_attention_interval") or _ATTENDING.get(facts.arch)
    if interval:
        heads = tuple(one if index % interval == interval - 1 else 0 for index, one in enumerate(heads))
    shared = facts.number("attention.shared_kv_layers")
    keeping = _KEEPING.get(facts.arch, count) if shared is None else count - shared
    heads = tuple(one if index < keeping else 0 for index, one in enumerate(heads))
    sliding = _sliding(facts, count)
    is_at_most = is_at_most or (sliding is None and bool(facts.number("attention.sliding_window")))
    return _Layers(heads, sliding or (False,) * count, is_at_most)


def _sliding(facts: _Facts, count: int) -> tuple[bool, ...] | None:
    """Return which layers look back over a short distance only; `None` if that is not known."""
    if not facts.number("attention.sliding_window"):
        return (False,) * count
    told = facts.value("attention.sliding_window_pattern")
    if isinstance(told, Sequence) and not isinstance(told, str):
        return tuple(bool(one) for one in told[:count]) if len(told) >= count else None
    period = facts.number("attention.sliding_window_pattern") or _SLIDING.get(facts.arch)
    return tuple(index % period < period - 1 for index in range(count)) if period else None


def _head_values(facts: _Facts, suffix: str) -> int | None:
    """Return how many values a head keeps of a token: its key and its value."""
    key, value = (facts.number(f"attention.{name}_length{suffix}") for name in ("key", "value"))
    if suffix:
        return None if key is None or value is None else key + value
    if key is None or value is None:
        width, heads = facts.number("embedding_length"), facts.numbers("attention.head_count", 1)
        if not width or not heads or not heads[0]:
            return None
        key, value = (width // heads[0] if one is None else one for one in (key, value))
    # Multi-head latent attention keeps one compressed row, of which the value is a part.
    return key if facts.number("attention.key_length_mla") else key + value


def _state_values(facts: _Facts) -> int:
    """Return how many values a recurrent layer keeps, however long the conversation."""
    kernel, inner, state, groups = (
        facts.number(f"ssm.{name}") or 0 for name in ("conv_kernel", "inner_size", "state_size", "group_count")
    )
    width, short, wkv = (facts.number(name) or 0 for name in ("embedding_length", "shortconv.l_cache", "wkv.head_size"))
    kept = max(0, kernel - 1) * (inner + 2 * groups * state) + inner * state
    return kept + width * (max(0, short - 1) + (wkv + 2 if wkv else 0))
