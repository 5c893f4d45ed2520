"""The head of a GGUF file: what a model says of itself before it is loaded."""

from __future__ import annotations

import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from trashclaw.protocol.errors import ModelNotFound, ServerFailed
from trashclaw.providers.wire_values import as_window

_MAGIC = b"GGUF"
_STRING, _ARRAY = 8, 9
_SIZES = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}
"""Bytes of a value, by its type."""

_INTEGERS = {0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 10: "<Q", 11: "<q"}
_ITEMS = _INTEGERS | {7: "<?"}
_MAX_SETTINGS = 10_000
_MAX_PARTS = 1000
_MAX_TEXT_BYTES = 2**24
_MAX_ITEMS = 2**22
_MAX_LAYERS = 10_000
"""A list of no more numbers is kept: it may say something of each layer."""

_VOCABULARY = "tokenizer."
_PART = re.compile(r"-00001-of-(\d{5})\.gguf$")
"""The end of the name of the first of several files that are one model."""


@dataclass(frozen=True, slots=True)
class GGUFHeader:
    """What is known of a model file without loading it."""

    architecture: str = ""
    limit_tokens: int | None = None
    """The window that the model was trained for, where it says so."""

    size_bytes: int = 0
    """Of all its files, if it has several."""

    facts: Mapping[str, object] = field(default_factory=dict, compare=False)
    """Its numbers and lists of numbers, as far as they stand before the vocabulary."""


def read_header(path: Path) -> GGUFHeader:
    """Read the head of a model file, as far as its vocabulary; blocks for a moment.

    Raises:
        ModelNotFound: the file is not there.
        ServerFailed: it cannot be read, or is no whole GGUF.
    """
    try:
        with path.open("rb") as file:
            if file.read(4) != _MAGIC:
                raise ServerFailed(f"{path} is no GGUF file.", "The embedded engine runs models in the GGUF format.")
            size_bytes = sum(part.stat().st_size for part in _parts(path))
            return _read_settings(file, size_bytes)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise ModelNotFound(f"There is no model file {path}.", "Give the path of a GGUF file with --model.") from error
    except IsADirectoryError as error:
        raise ModelNotFound(f"{path} is a folder.", "Give the path of a GGUF file with --model.") from error
    except OSError as error:
        raise ServerFailed(f"The model file {path} cannot be read: {error.strerror or error}.") from error
    except (struct.error, ValueError) as error:
        raise ServerFailed(f"The model file {path} is damaged or incomplete.", "Fetch it again.") from error


def _read_settings(file: BinaryIO, size_bytes: int) -> GGUFHeader:
    version, _, count = struct.unpack("<IQQ", _exactly(file, 20))
    if version < 2 or count > _MAX_SETTINGS:
        raise ValueError("not a layout that we know")
    architecture = ""
    facts: dict[str, object] = {}
    for _ in range(count):
        key = _text(file)
        # What stands behind the vocabulary is rarely of use, and the way there is long.
        if key.startswith(_VOCABULARY) and f"{architecture}.context_length" in facts:
            break
        kind = _number(file, "<I")
        if key == "general.architecture" and kind == _STRING:
            architecture = facts[key] = _text(file)
        elif kind in _INTEGERS:
            facts[key] = _number(file, _INTEGERS[kind])
        elif (numbers := _numbers(file, kind)) is not None:
            facts[key] = numbers
        elif kind != _ARRAY:
            _skip(file, kind)
    window = facts.get(f"{architecture}.context_length")
    return GGUFHeader(architecture, as_window(window), size_bytes, facts)


def _parts(path: Path) -> list[Path]:
    """Return the files of a model, of which `path` is the first; those that are missing are left out."""
    found = _PART.search(path.name)
    if found is None:
        return [path]
    head, count = path.name[: found.start()], int(found[1])
    names = (f"{head}-{number:05d}-of-{found[1]}.gguf" for number in range(2, min(count, _MAX_PARTS) + 1))
    return [path, *(part for name in names if (part := path.with_name(name)).is_file())]


def _numbers(file: BinaryIO, kind: int) -> list[int] | None:
    """Read a list: of few whole numbers or claims it is returned, any other is passed over; `None` for no list."""
    if kind != _ARRAY:
        return None
    item_kind, count = struct.unpack("<IQ", _exactly(file, 12))
    if count > _MAX_LAYERS or item_kind not in _ITEMS:
        _skip_items(file, item_kind, count)
        return None
    return [_number(file, _ITEMS[item_kind]) for _ in range(count)]


def _skip(file: BinaryIO, kind: int) -> None:
    if kind == _STRING:
        _text(file)
    elif kind in _SIZES:
        _exactly(file, _SIZES[kind])
    else:
        raise ValueError("a value of no known type")


def _skip_items(file: BinaryIO, kind: int, count: int) -> None:
    if count > _MAX_ITEMS or kind == _ARRAY:
        raise ValueError("a list without end")
    if kind in _SIZES:
        file.seek(_SIZES[kind] * count, 1)
        return
    for _ in range(count):
        _skip(file, kind)


def _text(file: BinaryIO) -> str:
    length = _number(file, "<Q")
    if length > _MAX_TEXT_BYTES:
        raise ValueError("a text without end")
    return _exactly(file, length).decode("utf-8", "replace")


def _number(file: BinaryIO, form: str) -> int:
    return int(struct.unpack(form, _exactly(file, struct.calcsize(form)))[0])


def _exactly(file: BinaryIO, count: int) -> bytes:
    data = file.read(count)
    if len(data) != count:
        raise ValueError("the file ends too early")
    return data
