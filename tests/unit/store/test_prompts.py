"""Prompts that are kept between sessions."""

from __future__ import annotations

import json
import multiprocessing
import stat
from pathlib import Path

import pytest

from trashclaw.protocol.errors import StoreError
from trashclaw.store.drafts import Draft
from trashclaw.store.file_lock import locked
from trashclaw.store.prompts import Prompts


def test_what_was_said_comes_back_in_order_each_text_once_where_it_was_said_last(tmp_path: Path) -> None:
    prompts = Prompts(tmp_path / "prompts.jsonl")
    for text in ("one", "two\nlines", "one", "drei \u00e4 \ud800"):
        prompts.add(Draft(text))
    assert [draft.text for draft in prompts.entries()] == ["two\nlines", "one", "drei \u00e4 \ud800"]


def test_folded_pastes_come_back_whole(tmp_path: Path) -> None:
    prompts = Prompts(tmp_path / "prompts.jsonl")
    prompts.add(Draft("read [pasted 2 lines]", {"[pasted 2 lines]": "a\nb"}))
    assert prompts.entries()[0].pastes == {"[pasted 2 lines]": "a\nb"}


def test_nobody_else_may_read_it(tmp_path: Path) -> None:
    file = tmp_path / "prompts.jsonl"
    Prompts(file).add(Draft("one"))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_line_that_a_crash_tore_costs_nothing_else(tmp_path: Path) -> None:
    file = tmp_path / "prompts.jsonl"
    prompts = Prompts(file)
    prompts.add(Draft("one"))
    with file.open("ab") as stream:
        stream.write(b'{"text": "tor')
    prompts.add(Draft("two"))
    assert [draft.text for draft in prompts.entries()] == ["one", "two"]


@pytest.mark.parametrize(
    "line", [b"[]", b"7", b'{"text": 3}', b'{"text": "a", "pastes": {"x": 1}}', b"[" * 9_999, b"\xff"]
)
def test_lines_of_somebody_elses_are_passed_over(tmp_path: Path, line: bytes) -> None:
    file = tmp_path / "prompts.jsonl"
    file.write_bytes(line + b"\n" + json.dumps({"text": "kept"}).encode() + b"\n")
    assert [draft.text for draft in Prompts(file).entries()] == ["kept"]


def test_the_file_stays_bounded_and_the_newest_stay(tmp_path: Path) -> None:
    file = tmp_path / "prompts.jsonl"
    prompts = Prompts(file, entries=50, size_bytes=2_000)
    for number in range(400):
        prompts.add(Draft(f"prompt number {number}"))
    kept = [draft.text for draft in prompts.entries()]
    assert kept[-1] == "prompt number 399"
    assert len(kept) <= 50
    assert file.stat().st_size <= 4_100
    assert not list(tmp_path.glob("*.tmp"))


def test_what_is_too_large_pushes_nothing_out(tmp_path: Path) -> None:
    prompts = Prompts(tmp_path / "prompts.jsonl")
    prompts.add(Draft("one"))
    prompts.add(Draft("x" * 2_000_000))
    assert [draft.text for draft in prompts.entries()] == ["one"]


def test_what_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "prompts.jsonl").mkdir()
    with pytest.raises(StoreError, match="cannot be"):
        Prompts(tmp_path / "prompts.jsonl").add(Draft("one"))


def test_nothing_is_added_while_another_program_has_the_lock(tmp_path: Path) -> None:
    prompts = Prompts(tmp_path / "prompts.jsonl", wait_s=0.0)
    with locked(tmp_path / "prompts.jsonl", tmp_path / "prompts.jsonl.lock"), pytest.raises(StoreError, match="locked"):
        prompts.add(Draft("one"))
    prompts.add(Draft("two"))
    assert [draft.text for draft in prompts.entries()] == ["two"]


def say(file: Path, name: str) -> None:
    prompts = Prompts(file, entries=1_000, size_bytes=4_000)
    for number in range(60):
        prompts.add(Draft(f"{name} {number}"))


def test_several_programs_at_once_tear_no_line(tmp_path: Path) -> None:
    file = tmp_path / "prompts.jsonl"
    context = multiprocessing.get_context("spawn")
    programs = [context.Process(target=say, args=(file, name)) for name in ("left", "right")]
    for program in programs:
        program.start()
    for program in programs:
        program.join()
    kept = [draft.text for draft in Prompts(file).entries()]
    assert all(json.loads(line)["text"] for line in file.read_bytes().splitlines())
    assert {"left 59", "right 59"} <= set(kept)
    for name in ("left", "right"):
        numbers = [int(text.split()[1]) for text in kept if text.startswith(name)]
        assert numbers == list(range(numbers[0], 60))
