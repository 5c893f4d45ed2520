"""Results of exams in the state folder, damaged and hostile ones too."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.examined import PROFILE
from trashclaw.exam.result import CallMarks, ExamResult, SchemaMarks, SpeedMarks
from trashclaw.exam.stored import load_exam, save_exam
from trashclaw.protocol.errors import StoreError
from trashclaw.store.exams import LIMIT_BYTES, ExamStore

CALLS = CallMarks(at=1.0, tried=3, native=3)
RESULT = ExamResult(provider="fake", model="wise", digest="abc", calls=CALLS)


def place(state: Path) -> Path:
    return ExamStore(state).path(PROFILE.provider, PROFILE.model, PROFILE.digest)


def test_what_is_stored_is_read_again_for_the_same_model_only(tmp_path: Path) -> None:
    assert load_exam(tmp_path, PROFILE) is None
    save_exam(tmp_path, PROFILE, RESULT)
    assert load_exam(tmp_path, PROFILE) == RESULT
    for other in ({"digest": "abd"}, {"model": "wiser"}, {"provider": "ollama"}):
        assert load_exam(tmp_path, replace(PROFILE, **other)) is None  # type: ignore[arg-type]
    assert [path.name for path in (tmp_path / "exams").iterdir()] == [place(tmp_path).name]


@pytest.mark.parametrize("model", ["../../etc/passwd", "a/b:c", "", "." * 300, "\x1b[31m\n", "modèle 模型"])
def test_no_name_of_a_model_leads_out_of_the_folder(tmp_path: Path, model: str) -> None:
    profile = replace(PROFILE, model=model)
    _, path = save_exam(tmp_path, profile, ExamResult(provider="fake", model=model, digest="abc"))
    assert path.parent == tmp_path / "exams"
    assert path.name.isascii() and path.name.isprintable() and len(path.name) < 100
    assert load_exam(tmp_path, profile) is not None


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xfe\x00",
        b"{",
        b"null",
        b"[]",
        b"[" * 5_000,
        json.dumps({**RESULT.model_dump(mode="json"), "version": 2}).encode(),
        json.dumps({**RESULT.model_dump(mode="json"), "more": 1}).encode(),
        json.dumps({**RESULT.model_dump(mode="json"), "calls": {"tried": "all"}}).encode(),
        json.dumps({**RESULT.model_dump(mode="json"), "model": "another"}).encode(),
        RESULT.model_dump_json().encode() + b" " * LIMIT_BYTES,
    ],
    ids=["empty", "bytes", "cut", "null", "list", "nested", "newer", "unknown", "words", "foreign", "large"],
)
def test_what_is_damaged_or_foreign_counts_as_none_and_is_told(tmp_path: Path, data: bytes) -> None:
    save_exam(tmp_path, PROFILE, RESULT)
    place(tmp_path).write_bytes(data)
    notices: list[str] = []
    assert load_exam(tmp_path, PROFILE, notices.append) is None
    assert len(notices) == 1 and place(tmp_path).name in notices[0]
    save_exam(tmp_path, PROFILE, RESULT)
    assert load_exam(tmp_path, PROFILE, notices.append) == RESULT


def test_a_folder_in_the_place_of_the_file_is_told_and_no_crash(tmp_path: Path) -> None:
    place(tmp_path).mkdir(parents=True)
    notices: list[str] = []
    assert load_exam(tmp_path, PROFILE, notices.append) is None
    assert "cannot be read" in notices[0]
    with pytest.raises(StoreError, match="cannot be kept"):
        save_exam(tmp_path, PROFILE, RESULT)
    assert [path.name for path in (tmp_path / "exams").iterdir()] == [place(tmp_path).name]


@pytest.mark.skipif(os.name == "nt", reason="modes of POSIX")
def test_it_is_closed_to_others(tmp_path: Path) -> None:
    _, path = save_exam(tmp_path, PROFILE, RESULT)
    assert path.stat().st_mode & 0o077 == 0
    assert path.parent.stat().st_mode & 0o077 == 0


def test_numbers_beyond_reason_are_brought_within_bounds() -> None:
    marks = SpeedMarks.model_validate_json('{"read_tokens_per_s": 1e300, "write_tokens_per_s": -5, "load_s": 1e10}')
    assert (marks.read_tokens_per_s, marks.write_tokens_per_s) == (10**10, 0)
    assert CallMarks(tried=10**40).tried == 10**10
    assert SpeedMarks(read_tokens_per_s=float("nan")).read_tokens_per_s == 0


def test_a_later_exam_keeps_what_it_did_not_find_out_anew(tmp_path: Path) -> None:
    save_exam(tmp_path, PROFILE, RESULT)
    later = RESULT.model_copy(
        update={
            "calls": CallMarks(at=2.0, tried=1, error="the server is gone"),
            "json_schema": SchemaMarks(at=2.0, tried=2, fitted=2),
        }
    )
    kept, _ = save_exam(tmp_path, PROFILE, later)
    assert kept.calls == CALLS
    assert kept.json_schema == later.json_schema
    assert load_exam(tmp_path, PROFILE) == kept
    better = CallMarks(at=3.0, tried=3, native=1)
    assert save_exam(tmp_path, PROFILE, RESULT.model_copy(update={"calls": better}))[0].calls == better
