"""What `trashclaw doctor` says about the sandbox."""

from __future__ import annotations

from pathlib import Path

import pytest

from trashclaw.cli import doctor, main
from trashclaw.providers.catalog import Place
from trashclaw.sandbox.choose import Bounds, choose_sandbox
from trashclaw.sandbox.ports import Backend
from trashclaw.session import selection


def settings(home: Path, backend: str) -> None:
    """Write the user's settings."""
    folder = home / "trashclaw" / "config"
    folder.mkdir(parents=True)
    (folder / "config.yaml").write_text(f"sandbox:\n  backend: {backend}\n", encoding="utf-8")


def lines_about_it(told: str) -> str:
    """Return the finding about the sandbox, with what is below it."""
    lines = told.splitlines()
    first = next(number for number, line in enumerate(lines) if " sandbox: " in line)
    rest = [line for line in lines[first + 1 :] if line.startswith("      ")]
    return "\n".join([lines[first], *rest])


def test_the_one_in_use_is_named_with_what_keeps_a_stronger_one_away(
    repository: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    choice = choose_sandbox("auto", Bounds(repository, tmp_path / "state"))
    main(["-C", str(repository), "doctor", "--provider", "scripted", "--model", "none"])
    told = lines_about_it(capsys.readouterr().out)
    if choice.sandbox.is_isolating:
        assert told.startswith(f"ok  sandbox: {choice.sandbox.backend}")
    else:
        assert told.startswith("no  sandbox: none, every command is asked about before it runs")
    for backend, reason in choice.tried:
        assert f"not {backend}: {reason.replace(str(tmp_path), '')[:20]}" in told


def test_one_that_was_wished_for_and_does_not_work_is_a_mistake_with_its_reason(
    repository: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wished = Backend.SANDBOX_EXEC
    settings(home, wished)
    works = choose_sandbox("auto", Bounds(repository, home)).sandbox.backend is wished
    main(["-C", str(repository), "doctor", "--provider", "scripted", "--model", "none"])
    told = lines_about_it(capsys.readouterr().out)
    if works:
        assert told.startswith("ok  sandbox: sandbox-exec")
    else:
        assert "no  sandbox: The sandbox `sandbox-exec` does not work here: sandbox-exec is a part of macOS." in told
        assert "sandbox.backend: auto" in told


def test_without_one_by_wish_it_says_that_commands_are_asked_about(
    repository: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings(home, "ask-first")
    main(["-C", str(repository), "doctor", "--provider", "scripted", "--model", "none"])
    told = lines_about_it(capsys.readouterr().out)
    assert told.startswith("ok  sandbox: none, every command is asked about before it runs")
    assert "sandbox.backend: ask-first" in told


def test_where_it_was_looked_for_a_server_is_said_once(
    repository: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    nowhere = (Place("ollama", "http://127.0.0.1:9"),)
    monkeypatch.setattr(doctor, "places", lambda: nowhere)
    monkeypatch.setattr(selection, "places", lambda: nowhere)
    assert main(["-C", str(repository), "doctor"]) == 5
    told = capsys.readouterr().out
    assert told.count("http://127.0.0.1:9") == 1
    assert "no  model: none, as there is no server on this machine\n      Start one" in told


def test_a_server_that_was_named_is_told_with_its_reason(
    repository: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "places", lambda: ())
    assert main(["-C", str(repository), "--base-url", "http://127.0.0.1:9", "doctor"]) == 5
    assert "at http://127.0.0.1:9: nobody listens there" in capsys.readouterr().out
