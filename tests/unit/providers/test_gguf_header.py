"""The head of a model file is read without trusting it."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.tinymodel.weights import write_random
from trashclaw.protocol.errors import ModelNotFound, ProviderError, ServerFailed
from trashclaw.providers.gguf_header import GGUFHeader, read_header


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_random(tmp_path_factory.mktemp("model") / "random.gguf")


def text(value: str) -> bytes:
    return struct.pack("<Q", len(value)) + value.encode()


def head(count: int, body: bytes, version: int = 3) -> bytes:
    return b"GGUF" + struct.pack("<IQQ", version, 0, count) + body


def written(folder: Path, data: bytes) -> Path:
    path = folder / "model.gguf"
    path.write_bytes(data)
    return path


def test_the_window_of_a_model_is_read_from_its_file(model: Path) -> None:
    assert read_header(model) == GGUFHeader("llama", 32768, model.stat().st_size)


def test_settings_of_every_kind_are_passed_over(tmp_path: Path) -> None:
    numbers = text("a") + struct.pack("<IIQ3f", 9, 6, 3, 1.0, 2.0, 3.0)
    texts = text("b") + struct.pack("<IIQ", 9, 8, 2) + text("x") + text("y")
    window = text("own.context_length") + struct.pack("<IQ", 10, 4096)
    architecture = text("general.architecture") + struct.pack("<I", 8) + text("own")
    path = written(tmp_path, head(4, numbers + texts + window + architecture))
    assert read_header(path).limit_tokens == 4096


def test_a_model_that_does_not_tell_its_window_has_none(tmp_path: Path) -> None:
    assert read_header(written(tmp_path, head(0, b""))).limit_tokens is None


def test_a_missing_file_and_a_folder_are_no_models(tmp_path: Path) -> None:
    for path in (tmp_path / "absent.gguf", tmp_path):
        with pytest.raises(ModelNotFound) as caught:
            read_header(path)
        assert "--model" in caught.value.hint


def test_a_file_of_another_kind_is_named_as_such(tmp_path: Path) -> None:
    with pytest.raises(ServerFailed, match="no GGUF file"):
        read_header(written(tmp_path, b"hello"))


@pytest.mark.parametrize(
    "body",
    [
        text("x") + struct.pack("<IIQ", 9, 8, 2**60),
        text("x") + struct.pack("<IQ", 8, 2**62),
        text("x") + struct.pack("<IIQ", 9, 9, 1),
        text("x") + struct.pack("<I", 77),
    ],
    ids=["endless list", "endless text", "list of lists", "unknown type"],
)
def test_a_head_that_asks_for_too_much_is_refused_at_once(tmp_path: Path, body: bytes) -> None:
    with pytest.raises(ServerFailed, match="damaged"):
        read_header(written(tmp_path, head(1, body)))


@given(cut=st.integers(4, 2000), place=st.integers(4, 1999), byte=st.integers(0, 255))
def test_no_damage_to_a_head_is_more_than_an_error(model: Path, cut: int, place: int, byte: int) -> None:
    data = bytearray(model.read_bytes()[:cut])
    if place < len(data):
        data[place] = byte
    path = written(model.parent, bytes(data))
    try:
        read_header(path)
    except ProviderError as error:
        assert error.text


def test_what_is_said_of_the_layers_is_kept_and_the_vocabulary_is_not_read(tmp_path: Path) -> None:
    architecture = text("general.architecture") + struct.pack("<I", 8) + text("own")
    window = text("own.context_length") + struct.pack("<II", 4, 4096)
    heads = text("own.attention.head_count_kv") + struct.pack("<IIQ3i", 9, 5, 3, 0, 8, 0)
    sliding = text("own.attention.sliding_window_pattern") + struct.pack("<IIQ2?", 9, 7, 2, True, False)
    endless = text("tokenizer.ggml.tokens") + struct.pack("<IIQ", 9, 8, 2**60)
    header = read_header(written(tmp_path, head(5, architecture + window + heads + sliding + endless)))
    assert header.facts == {
        "general.architecture": "own",
        "own.context_length": 4096,
        "own.attention.head_count_kv": [0, 8, 0],
        "own.attention.sliding_window_pattern": [True, False],
    }


def test_the_size_of_a_model_in_parts_is_that_of_all_that_are_there(tmp_path: Path) -> None:
    first = tmp_path / "big-00001-of-00003.gguf"
    first.write_bytes(head(0, b""))
    (tmp_path / "big-00002-of-00003.gguf").write_bytes(b"x" * 100)
    assert read_header(first).size_bytes == first.stat().st_size + 100
