"""Random weights with a vocabulary of real words, plain and hybrid: for what a server keeps of a prompt.

The hybrid is of the "lfm2" family: every other layer is a recurrent one. Such a network (Qwen3.5, LFM2, Granite 4 H,
Falcon-H1 and others) cannot forget the end of what it has read, so that its server keeps copies of its state at some
places ("checkpoints") and goes back to one of them where a prompt changes.

The vocabulary is the first `N_TOKENS` tokens of `cl100k_base`: with the 1,024 tokens of the trained model a prompt
counts about twice as many as in models that people use, and nothing fits a window of the usual size.
"""

from __future__ import annotations

import gzip
import json
import random
import struct
from base64 import b64decode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import ClassVar

from tests.support.tinymodel.weights import (
    CONTROL,
    I32,
    TAGS,
    Shape,
    Tensor,
    Vocabulary,
    array,
    byte_alphabet,
    u32,
    write_gguf,
)

N_TOKENS = 32_768
_KERNEL = 3


@dataclass(frozen=True)
class HybridShape(Shape):
    """Size of a network of the lfm2 family: layers 0, 2, ... are recurrent, layers 1, 3, ... attend."""

    architecture: ClassVar[str] = "lfm2"

    def tensors(self) -> dict[str, tuple[int, ...]]:
        """Return the shape of every tensor by its GGUF name; matrices are (outputs, inputs)."""
        d, ff = self.n_embd, self.n_ff
        shapes: dict[str, tuple[int, ...]] = {"token_embd.weight": (self.n_vocab, d), "token_embd_norm.weight": (d,)}
        for layer in range(self.n_layer):
            block = {"attn_norm": (d,), "ffn_norm": (d,), "ffn_gate": (ff, d), "ffn_up": (ff, d), "ffn_down": (d, ff)}
            if layer % 2:
                block |= {f"attn_{name}": (d, d) for name in ("q", "k", "v", "output")}
                block |= {f"attn_{name}_norm": (self.head_size,) for name in ("q", "k")}
            else:
                block |= {"shortconv.conv": (d, _KERNEL), "shortconv.in_proj": (3 * d, d), "shortconv.out_proj": (d, d)}
            shapes |= {f"blk.{layer}.{name}.weight": shape for name, shape in block.items()}
        return shapes

    def settings(self) -> dict[str, bytes]:
        """Return what a file says of the network: a layer without heads is a recurrent one."""
        heads = [struct.pack("<i", self.n_head if layer % 2 else 0) for layer in range(self.n_layer)]
        own = {"attention.head_count_kv": array(I32, heads), "shortconv.l_cache": u32(_KERNEL)}
        return super().settings() | own


def write_worded(path: Path, *, is_hybrid: bool = False, seed: int = 0) -> Path:
    """Write a model that knows nothing but counts tokens as real ones do (10 MB, about a second)."""
    vocabulary = ranked_vocabulary()
    size = {"n_vocab": len(vocabulary.tokens), "n_embd": 64, "n_ff": 128}
    shape = HybridShape(**size, n_layer=4) if is_hybrid else Shape(**size, n_layer=2)
    dice = random.Random(seed)
    tensors = {key: _drawn(dice, key, of) for key, of in (shape.tensors() | {"output.weight": _head(shape)}).items()}
    write_gguf(path, shape, vocabulary, tensors, "hybrid" if is_hybrid else "plain")
    return path


def ranked_vocabulary(count: int = N_TOKENS) -> Vocabulary:
    """Return the control tokens and tags, and the first tokens of `cl100k_base`, which are a BPE of their own."""
    letters = byte_alphabet()
    ranks = dict(_ranks(count))
    merges = [_parts(token, rank, ranks) for token, rank in ranks.items() if len(token) > 1]
    spelled = ["".join(letters[byte] for byte in token) for token in ranks]
    pairs = [" ".join("".join(letters[byte] for byte in part) for part in pair) for pair in merges]
    return Vocabulary([*CONTROL, *TAGS, *spelled], pairs)


def _ranks(count: int) -> Iterator[tuple[bytes, int]]:
    packed = files("trashclaw.agent").joinpath("ranks/cl100k_base.json.gz").read_bytes()
    rank = 0
    for line in json.loads(gzip.decompress(packed))["bpe_ranks"].splitlines():
        for token in line.split(" ")[2:]:
            if rank == count:
                return
            yield b64decode(token), rank
            rank += 1


def _parts(token: bytes, rank: int, ranks: Mapping[bytes, int]) -> tuple[bytes, bytes]:
    """Return the two tokens that this one was merged of: what is left when all earlier merges are done."""
    parts = [bytes([byte]) for byte in token]
    while len(parts) > 2:
        at = min(range(len(parts) - 1), key=lambda place: _rank_of(parts, place, rank, ranks))
        parts[at : at + 2] = [parts[at] + parts[at + 1]]
    return parts[0], parts[1]


def _rank_of(parts: list[bytes], place: int, limit: int, ranks: Mapping[bytes, int]) -> int:
    found = ranks.get(parts[place] + parts[place + 1], limit)
    return min(found, limit)


def _head(shape: Shape) -> tuple[int, ...]:
    return shape.n_vocab, shape.n_embd


def _drawn(dice: random.Random, key: str, shape: tuple[int, ...]) -> Tensor:
    """Return a tensor of a pool of random numbers: millions of draws of their own would take most of the time."""
    if len(shape) == 1:
        return Tensor.of(shape, [1.0] * shape[0])
    is_whole = "shortconv.conv" in key
    spread, form = 0.5 / (1.0 if is_whole else shape[1] ** 0.5), "f" if is_whole else "e"
    pool = [struct.pack(f"<{form}", dice.gauss(0, spread)) for _ in range(1024)]
    return Tensor(shape, b"".join(dice.choices(pool, k=shape[0] * shape[1])), is_whole=is_whole)
