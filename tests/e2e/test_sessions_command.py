"""`trashclaw sessions`, `--fork` and `replay`, as programs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.program import Ran, run_program, scripted, write_script
from tests.support.sessions import read
from trashclaw.protocol.envelope import Envelope


@pytest.fixture
async def session_id(repository: Path, tmp_path: Path) -> str:
    steps = [{"text": "I look at the <shop>.", "calls": [read("README.md")]}, {"text": "It is small."}]
    script = write_script(tmp_path, steps)
    ran = await run_program(repository, *scripted(script), "--output", "json", "What is it?")
    return str(ran.json()["session"])


async def sessions(repository: Path, *words: str, code: int = 0) -> Ran:
    ran = await run_program(repository, "sessions", *words)
    assert ran.code == code, ran.err
    return ran


async def test_a_session_is_listed_shown_found_and_renamed(repository: Path, session_id: str) -> None:
    assert f"{session_id}  " in (await sessions(repository)).out
    shown = (await sessions(repository, "show", "last")).out
    assert "What is it?" in shown
    assert "It is small." in shown
    assert "1 turn, 3 messages" in shown
    found = (await sessions(repository, "search", "SMALL", "shop")).out.splitlines()
    assert [line.split("@")[0] for line in found] == [session_id]
    assert "tool run" in found[0]
    assert "Nothing was found" in (await sessions(repository, "search", "elephant", code=1)).err
    await sessions(repository, "rename", session_id, "The", "shop")
    assert (await sessions(repository, "list")).out.endswith("The shop\n")


async def test_a_session_is_exported_in_every_format_and_replayed(
    repository: Path, session_id: str, tmp_path: Path
) -> None:
    assert (await sessions(repository, "export", session_id)).out.startswith("# What is it?\n")
    page = (await sessions(repository, "export", "last", "--format", "html")).out
    assert "I look at the &lt;shop&gt;." in page
    file = tmp_path / "out.jsonl"
    await sessions(repository, "export", "last", "-o", str(file))
    envelopes = [Envelope.model_validate_json(line) for line in file.read_text().splitlines()]
    assert [envelope.seq for envelope in envelopes] == [*range(1, len(envelopes) + 1)]
    again = await sessions(repository, "export", "last", "-o", str(file), code=1)
    assert "there already" in again.err
    stored, exported = [
        await run_program(repository, "replay", wanted, "--speed", "1000") for wanted in (session_id, str(file))
    ]
    assert stored.out == exported.out
    assert "It is small." in stored.out
    assert stored.code == exported.code == 0


async def test_a_fork_goes_on_and_stands_below_its_parent(repository: Path, session_id: str, tmp_path: Path) -> None:
    script = write_script(tmp_path, [{"text": "Otherwise."}], name="fork")
    ran = await run_program(
        repository, *scripted(script), "--output", "stream-json", "--fork", f"{session_id}@99", "And now?"
    )
    assert ran.code == 0, ran.err
    fork_id = ran.envelopes()[0].session_id
    assert f"Forked as {fork_id}." in ran.err
    lines = (await sessions(repository)).out.splitlines()
    assert [line.split()[0] for line in lines] == [session_id, fork_id]
    assert "└" in lines[1]
    assert f"a fork of {session_id}" in (await sessions(repository, "show", fork_id)).out
    parent = json.dumps((await sessions(repository, "export", session_id, "--format", "jsonl")).out)
    assert "Otherwise" not in parent


async def test_nothing_stays_of_a_fork_that_finds_no_model(repository: Path, session_id: str, tmp_path: Path) -> None:
    gone = ("--provider", "scripted", "--model", str(tmp_path / "gone.yaml"))
    for way in ("--batch", "--plain"):
        ran = await run_program(repository, way, *gone, "--fork", session_id, "And now?")
        assert ran.code != 0
        assert "Forked" not in ran.err
        assert [line.split()[0] for line in (await sessions(repository)).out.splitlines()] == [session_id]


async def test_a_session_is_deleted_only_by_who_is_sure(repository: Path, session_id: str) -> None:
    assert "Add --yes" in (await sessions(repository, "delete", session_id, code=2)).err
    assert "is deleted" in (await sessions(repository, "delete", session_id, "--yes")).out
    assert "No sessions" in (await sessions(repository)).err
    assert "no session" in (await sessions(repository, "show", session_id, code=2)).err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("sessions", "burn"), "not known"),
        (("sessions", "search"), "What is to be looked for"),
        (("--batch", "--fork", "last@end", "x"), "no entry"),
        (("--batch", "--fork", "last", "--resume", "last", "x"), "exclude each other"),
        (("--batch", "--fork", "last", "--no-session", "x"), "--no-session"),
        (("--batch", "--fork", "last", "x"), "no session"),
        (("replay", "last"), "no session"),
        (("replay", "gone.jsonl"), "cannot be read"),
        (("replay",), "One session"),
        (("replay", "last", "--speed", "nan"), "no such speed"),
        (("replay", "last", "--speed", "-1"), "speed"),
        (("doctor", "--yes"), "belong to `trashclaw sessions`"),
    ],
)
async def test_what_makes_no_sense_is_told(repository: Path, arguments: tuple[str, ...], told: str) -> None:
    ran = await run_program(repository, *arguments)
    assert ran.code == 2
    assert told in ran.err
