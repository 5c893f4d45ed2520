"""The head of a GGUF file: what a model says of itself before it is loaded."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from trashclaw.protocol.errors import ModelNotFound, ServerFailed

_MAGIC = b"GGUF"
_STRING, _ARRAY = 8, 9
_SIZES = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}
"""Bytes of a value, by its type."""

_INTEGERS = {0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 10: "<Q", 11: "<q"}
_MAX_SETTINGS = 10_000
_MAX_TEXT_BYTES = 2**24
_MAX_ITEMS = 2**22


@dataclass(frozen=True, slots=True)
class GGUFHeader:
    """What is known of a model file without loading it."""

    architecture: str = ""
    limit_tokens: int | None = None
    """The window that the model was trained for, where it says so."""

    size_bytes: int = 0


def read_header(path: Path) -> GGUFHeader:
    """Read the head of a model file, as far as the window; blocks for a moment.

    Raises:
        ModelNotFound: the file is not there.
        ServerFailed: it cannot be read, or is no whole GGUF.
    """
    try:
        with path.open("rb") as file:
            if file.read(4) != _MAGIC:
                raise ServerFailed(f"{path} is no GGUF file.", "The embedded engine runs models in the GGUF format.")
            size_bytes = path.stat().st_size
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
    architecture, windows = "", {}
    for _ in range(count):
        key = _text(file)
        kind = _number(file, "<I")
        if key == "general.architecture" and kind == _STRING:
            architecture = _text(file)
        elif key.endswith(".context_length") and kind in _INTEGERS:
            windows[key] = _number(file, _INTEGERS[kind])
        else:
            _skip(file, kind)
        if architecture and f"{architecture}.context_length" in windows:
            break
    return GGUFHeader(architecture, windows.get(f"{architecture}.context_length"), size_bytes)


def _skip(file: BinaryIO, kind: int) -> None:
    if kind == _STRING:
        _text(file)
    elif kind == _ARRAY:
        item_kind, count = struct.unpack("<IQ", _exactly(file, 12))
        if count > _MAX_ITEMS or item_kind == _ARRAY:
            raise ValueError("a list without end")
        if item_kind in _SIZES:
            file.seek(_SIZES[item_kind] * count, 1)
            return
        for _ in range(count):
            _skip(file, item_kind)
    elif kind in _SIZES:
        _exactly(file, _SIZES[kind])
    else:
        raise ValueError("a value of no known type")


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
