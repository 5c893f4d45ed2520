"""Models of other vocabularies, for counting alone: a vocabulary's file with weights that know nothing.

llama.cpp's sources carry such files (`models/ggml-vocab-*.gguf`): all of a tokenizer, and no weights.
"""

from __future__ import annotations

import random
import struct
from pathlib import Path

from tests.support.tinymodel.weights import ARRAY, STRING, TEMPLATE, Shape, Tensor

_SIZES = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}
_WIDTH = 32
_ALIGNMENT = 32
_F32, _F16 = 0, 1


def write_model(vocabulary: Path, path: Path) -> Path:
    """Write a model that has the tokenizer of a vocabulary's file, and our chat template."""
    settings, n_vocab = _tokenizer(vocabulary.read_bytes())
    shape = Shape(n_vocab=n_vocab, n_embd=_WIDTH, n_layer=1, n_head=2, n_ff=_WIDTH)
    template = TEMPLATE.read_bytes()
    settings = {
        **{f"llama.{key}": value for key, value in shape.settings().items()},
        **settings,
        "general.architecture": _text(b"llama"),
        "tokenizer.chat_template": _text(template),
    }
    shapes = shape.tensors() | {"output.weight": (n_vocab, _WIDTH)}
    head = b"GGUF" + struct.pack("<IQQ", 3, len(shapes), len(settings))
    head += b"".join(_name(key) + value for key, value in settings.items())
    body: list[bytes] = []
    offset = 0
    for key, size in shapes.items():
        tensor, kind = _tensor(size), _F32 if len(size) == 1 else _F16
        head += _name(key) + struct.pack(f"<I{len(size)}QIQ", len(size), *size[::-1], kind, offset)
        body.append(_padded(tensor.data))
        offset += len(body[-1])
    path.write_bytes(_padded(head) + b"".join(body))
    return path


def _tensor(size: tuple[int, ...]) -> Tensor:
    if len(size) == 1:
        return Tensor.of(size, [1.0] * size[0])
    dice = random.Random(0)
    row = Tensor.of((1, size[1]), [dice.gauss(0, 0.1) for _ in range(size[1])]).data
    return Tensor(size, row * size[0])


def _tokenizer(data: bytes) -> tuple[dict[str, bytes], int]:
    """Return the settings of a tokenizer as they stand in a file, and the number of its tokens."""
    _, count = struct.unpack_from("<QQ", data, 8)
    place, settings, n_vocab = 24, dict[str, bytes](), 0
    for _ in range(count):
        length = struct.unpack_from("<Q", data, place)[0]
        key = data[place + 8 : place + 8 + length].decode()
        start = place + 8 + length
        kind = struct.unpack_from("<I", data, start)[0]
        place = _end(data, start + 4, kind)
        if key.startswith("tokenizer.") and not key.startswith("tokenizer.chat_template"):
            settings[key] = data[start:place]
        if key == "tokenizer.ggml.tokens":
            n_vocab = struct.unpack_from("<Q", data, start + 8)[0]
    return settings, n_vocab


def _end(data: bytes, place: int, kind: int) -> int:
    if kind == STRING:
        return place + 8 + int(struct.unpack_from("<Q", data, place)[0])
    if kind != ARRAY:
        return place + _SIZES[kind]
    inner, count = struct.unpack_from("<IQ", data, place)
    place += 12
    if inner in _SIZES:
        return place + _SIZES[inner] * int(count)
    for _ in range(count):
        place = _end(data, place, inner)
    return place


def _name(text: str) -> bytes:
    return struct.pack("<Q", len(text.encode())) + text.encode()


def _text(raw: bytes) -> bytes:
    return struct.pack("<IQ", STRING, len(raw)) + raw


def _padded(raw: bytes) -> bytes:
    return raw + b"\0" * (-len(raw) % _ALIGNMENT)
