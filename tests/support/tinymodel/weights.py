"""Writes tiny GGUF files, of the llama architecture and others, with nothing but the standard library.

The layout is GGUF version 3 (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md). Tensor data come as
little-endian bytes, so that a trainer may hand over whatever its arrays are made of.
"""

from __future__ import annotations

import random
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

HERE = Path(__file__).parent
TEMPLATE = HERE / "template.jinja"
TRAINED = HERE / "tiny.gguf"

CONTROL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
"""Never produced as text."""

TAGS = (
    "<tool_call>",
    "</tool_call>",
    "<tool_response>",
    "</tool_response>",
    "<tools>",
    "</tools>",
    "<think>",
    "</think>",
)
"""Produced as text, each one token."""

ALIGNMENT = 32
U32, I32, F32, BOOL, STRING, ARRAY = 4, 5, 6, 7, 8, 9
NORMAL_TOKEN, CONTROL_TOKEN, USER_DEFINED_TOKEN = 1, 3, 4
TENSOR_F32, TENSOR_F16 = 0, 1
MOSTLY_F16 = 1


@dataclass(frozen=True)
class Shape:
    """Size of a network of the llama family."""

    architecture: ClassVar[str] = "llama"

    n_vocab: int
    n_embd: int = 128
    n_layer: int = 4
    n_head: int = 4
    n_ff: int = 352
    n_ctx: int = 32768
    rope_base: float = 100000.0
    epsilon: float = 1e-5

    @property
    def head_size(self) -> int:
        """Width of one attention head."""
        return self.n_embd // self.n_head

    def tensors(self) -> dict[str, tuple[int, ...]]:
        """Return the shape of every tensor by its GGUF name; matrices are (outputs, inputs)."""
        d, ff = self.n_embd, self.n_ff
        shapes: dict[str, tuple[int, ...]] = {"token_embd.weight": (self.n_vocab, d), "output_norm.weight": (d,)}
        for layer in range(self.n_layer):
            block = {"attn_norm": (d,), "ffn_norm": (d,), "ffn_gate": (ff, d), "ffn_up": (ff, d), "ffn_down": (d, ff)}
            block |= {f"attn_{name}": (d, d) for name in ("q", "k", "v", "output")}
            shapes |= {f"blk.{layer}.{name}.weight": shape for name, shape in block.items()}
        return shapes

    def settings(self) -> dict[str, bytes]:
        """Return what a file says of the network, by name without the architecture's."""
        return {
            "vocab_size": u32(self.n_vocab),
            "context_length": u32(self.n_ctx),
            "embedding_length": u32(self.n_embd),
            "block_count": u32(self.n_layer),
            "feed_forward_length": u32(self.n_ff),
            "attention.head_count": u32(self.n_head),
            "attention.head_count_kv": u32(self.n_head),
            "attention.layer_norm_rms_epsilon": _f32(self.epsilon),
            "rope.dimension_count": u32(self.head_size),
            "rope.freq_base": _f32(self.rope_base),
        }


@dataclass(frozen=True)
class Tensor:
    """Numbers as bytes: vectors as 32-bit floats, matrices as 16-bit floats, or as 32-bit ones if they are `whole`."""

    shape: tuple[int, ...]
    data: bytes
    is_whole: bool = False

    @classmethod
    def of(cls, shape: tuple[int, ...], values: Sequence[float]) -> Tensor:
        """Pack plain numbers."""
        return cls(shape, struct.pack(f"<{len(values)}{'f' if len(shape) == 1 else 'e'}", *values))


@dataclass(frozen=True)
class Vocabulary:
    """A byte-level BPE: tokens in the GPT-2 alphabet, in the order of their ids, and the merges that make them."""

    tokens: Sequence[str]
    merges: Sequence[str] = field(default=())

    def kinds(self) -> list[int]:
        """Return the GGUF type of every token."""
        special = dict.fromkeys(CONTROL, CONTROL_TOKEN) | dict.fromkeys(TAGS, USER_DEFINED_TOKEN)
        return [special.get(token, NORMAL_TOKEN) for token in self.tokens]


def byte_alphabet() -> list[str]:
    """Return the 256 characters that stand for bytes in a GPT-2 vocabulary, in the order of the bytes."""
    printable = {*range(ord("!"), ord("~") + 1), *range(0xA1, 0xAD), *range(0xAE, 0x100)}
    hidden = iter(range(0x100, 0x200))
    return [chr(byte if byte in printable else next(hidden)) for byte in range(256)]


def byte_vocabulary() -> Vocabulary:
    """Return a vocabulary in which every byte is one token."""
    letters = byte_alphabet()
    line_break = letters[ord("\n")]
    return Vocabulary([*CONTROL, *TAGS, *letters, line_break * 2], [f"{line_break} {line_break}"])


def write_gguf(
    path: Path,
    shape: Shape,
    vocabulary: Vocabulary,
    tensors: Mapping[str, Tensor],
    name: str,
    temperature: float | None = None,
) -> None:
    """Write a model file with our chat template in it; `temperature` is for requests that name none."""
    settings = _settings(shape, vocabulary, name)
    if temperature is not None:
        settings["general.sampling.temp"] = _f32(temperature)
    head = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(settings))
    head += b"".join(_string(key) + value for key, value in settings.items())
    offset, body = 0, []
    for key, tensor in tensors.items():
        sizes = tensor.shape[::-1]
        kind = TENSOR_F32 if len(sizes) == 1 or tensor.is_whole else TENSOR_F16
        head += _string(key) + struct.pack(f"<I{len(sizes)}QIQ", len(sizes), *sizes, kind, offset)
        body.append(_padded(tensor.data))
        offset += len(body[-1])
    path.write_bytes(_padded(head) + b"".join(body))


def write_random(path: Path, seed: int = 0) -> Path:
    """Write a model that knows nothing (0.4 MB, quick): for streams, limits and errors, not for sense."""
    vocabulary = byte_vocabulary()
    shape = Shape(n_vocab=len(vocabulary.tokens), n_embd=64, n_layer=2, n_ff=128)
    dice = random.Random(seed)
    shapes = shape.tensors() | {"output.weight": (shape.n_vocab, shape.n_embd)}
    write_gguf(path, shape, vocabulary, {key: _random_tensor(dice, size) for key, size in shapes.items()}, "random")
    return path


def _random_tensor(dice: random.Random, shape: tuple[int, ...]) -> Tensor:
    if len(shape) == 1:
        return Tensor.of(shape, [1.0] * shape[0])
    spread = 0.5 / shape[1] ** 0.5
    return Tensor.of(shape, [dice.gauss(0, spread) for _ in range(shape[0] * shape[1])])


def _settings(shape: Shape, vocabulary: Vocabulary, name: str) -> dict[str, bytes]:
    tokens = list(vocabulary.tokens)
    return {
        "general.architecture": _text(shape.architecture),
        "general.name": _text(name),
        "general.type": _text("model"),
        "general.file_type": u32(MOSTLY_F16),
        **{f"{shape.architecture}.{key}": value for key, value in shape.settings().items()},
        "tokenizer.ggml.model": _text("gpt2"),
        "tokenizer.ggml.pre": _text("qwen2"),
        "tokenizer.ggml.tokens": _texts(tokens),
        "tokenizer.ggml.token_type": array(I32, [struct.pack("<i", kind) for kind in vocabulary.kinds()]),
        "tokenizer.ggml.merges": _texts(vocabulary.merges),
        "tokenizer.ggml.bos_token_id": u32(tokens.index("<|endoftext|>")),
        "tokenizer.ggml.eos_token_id": u32(tokens.index("<|im_end|>")),
        "tokenizer.ggml.padding_token_id": u32(tokens.index("<|endoftext|>")),
        "tokenizer.ggml.add_bos_token": struct.pack("<I?", BOOL, False),
        "tokenizer.chat_template": _text(TEMPLATE.read_text(encoding="utf-8")),
    }


def u32(value: int) -> bytes:
    """Return a whole number as a setting."""
    return struct.pack("<II", U32, value)


def _f32(value: float) -> bytes:
    return struct.pack("<If", F32, value)


def _string(text: str) -> bytes:
    raw = text.encode()
    return struct.pack("<Q", len(raw)) + raw


def _text(text: str) -> bytes:
    return struct.pack("<I", STRING) + _string(text)


def array(kind: int, values: Sequence[bytes]) -> bytes:
    """Return values of one kind as a setting."""
    return struct.pack("<IIQ", ARRAY, kind, len(values)) + b"".join(values)


def _texts(texts: Sequence[str]) -> bytes:
    return array(STRING, [_string(text) for text in texts])


def _padded(raw: bytes) -> bytes:
    return raw + b"\0" * (-len(raw) % ALIGNMENT)
