"""`trashclaw models`, in the program's own process."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.program import write_script
from trashclaw.cli import main
from trashclaw.cli.options import parse
from trashclaw.config.paths import state_folder
from trashclaw.protocol.errors import UsageError

STEPS = [{"text": "none"}, {"text": "I do not know."}]


@pytest.fixture
def script(tmp_path: Path) -> str:
    return write_script(tmp_path, STEPS, model="parrot")


def run(repository: Path, script: str, *words: str) -> int:
    return main(["-C", str(repository), "--provider", "scripted", "models", *words, "--model", script])


@pytest.mark.parametrize(
    "words",
    [["bogus"], ["list", "more"], ["exam", "one", "two"], ["show", "--quick"], ["list", "--full"], ["exam", "other"]],
    ids=" ".join,
)
def test_what_makes_no_sense_is_refused(words: list[str], repository: Path, script: str) -> None:
    assert run(repository, script, *words) == 2


def test_quick_and_full_belong_to_the_exam_alone() -> None:
    for line in (["--quick"], ["doctor", "--full"], ["run", "x", "--quick"], ["models", "exam", "--quick", "--full"]):
        with pytest.raises(UsageError, match="--quick and --full"):
            parse(line)
    assert parse(["models", "exam", "--quick"]).rest == ["exam"]


def test_an_exam_of_a_model_that_fails_is_told_part_by_part_and_is_one(
    repository: Path, script: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(repository, script, "exam", "--quick") == 1
    told = capsys.readouterr()
    assert "The script has run out" in told.err
    assert "native calls    nothing found out" in told.out
    assert "dialect         native, because: not examined" in told.out
    assert "not complete" in told.out


def test_json_is_all_that_is_printed_to_standard_output(
    repository: Path, script: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(repository, script, "exam", "--quick", "--output", "json") == 1
    told = json.loads(capsys.readouterr().out)
    assert told["exam"]["model"] == "parrot"
    assert told["manner"]["dialect"] == "native"
    assert run(repository, script, "show", "--output", "json") == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["exam"] == told["exam"] and shown["manner"] == told["manner"]
    assert shown["profile"]["limit_tokens"] == 32_768


def test_the_time_for_all_of_it_is_an_option(repository: Path, script: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(repository, script, "exam", "--quick", "--max-time", "0.000001") == 1
    assert "There was no time left" in capsys.readouterr().err


def test_a_damaged_result_is_passed_over_with_a_word(
    repository: Path, script: str, capsys: pytest.CaptureFixture[str]
) -> None:
    run(repository, script, "exam", "--quick")
    (file,) = (state_folder() / "exams").iterdir()
    file.write_text("{")
    capsys.readouterr()
    assert run(repository, script, "show") == 0
    told = capsys.readouterr()
    assert "is damaged" in told.err
    assert "Not examined yet" in told.out


def test_an_examined_model_is_not_remembered_as_the_one_that_was_chosen(repository: Path, script: str) -> None:
    run(repository, script, "exam", "--quick")
    assert not (state_folder() / "last_model.json").exists()


def test_a_hostile_server_steers_no_terminal(
    repository: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fault = {"kind": "http", "text": "\x1b[2J\u202eevil\r\nmore", "status": 400}
    script = write_script(tmp_path, [{"error": fault}] * 30, model="\x1b]0;title\x07m")
    assert run(repository, script, "exam", "--quick") == 1
    told = capsys.readouterr()
    assert "evil" in told.err
    for text in (told.out, told.err):
        assert "\x1b" not in text and "\u202e" not in text and "\x07" not in text and "\r" not in text


def test_the_doctor_tells_how_to_take_an_exam_and_what_the_last_one_said(
    repository: Path, tmp_path: Path, script: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TRASHCLAW_PROVIDER", "scripted")
    monkeypatch.setenv("TRASHCLAW_MODEL", script)
    main(["-C", str(repository), "doctor"])
    assert "ok  exam: not taken yet: trashclaw models exam" in capsys.readouterr().out
    run(repository, script, "exam", "--quick")
    capsys.readouterr()
    main(["-C", str(repository), "doctor"])
    told = capsys.readouterr().out
    assert "ok  exam: scripted parrot: quick exam of" in told
    assert "      dialect: native, because: not examined" in told


def test_the_doctor_examines_a_model_that_is_named(
    repository: Path, script: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["-C", str(repository), "doctor", "--provider", "scripted", "--model", script])
    told = capsys.readouterr().out
    assert code == 1
    assert "no  exam: scripted parrot: quick exam of" in told
    assert "      native calls    nothing found out" in told
