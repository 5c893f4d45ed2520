"""Each ability of a batch run is switched on by its flag; without it, exit code 4 and the flag's name."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.program import Ran, run_program, scripted, write_script
from tests.support.sessions import bash, edit, read, write


@pytest.fixture
async def sandbox(tmp_path: Path) -> None:
    """Nothing, where commands can be confined: what is asked of a command follows from what it did."""
    if sys.platform != "linux":
        pytest.skip("Linux namespaces")
    from trashclaw.sandbox.overlay.probe import probe

    if reason := await probe(tmp_path / "probe"):
        pytest.skip(reason)


async def play(repository: Path, tmp_path: Path, call: dict[str, Any], *flags: str) -> Ran:
    """Let the model do one thing in a batch run, and say how that ended."""
    script = write_script(tmp_path, [{"calls": [call]}, {"text": "That was it."}])
    return await run_program(repository, *scripted(script), *flags, "--output", "json", "go")


def networked(*hosts: str) -> dict[str, Any]:
    """Return a call of a command that asks for hosts."""
    return {"name": "bash", "arguments": {"command": "true", "hosts": list(hosts)}}


@pytest.mark.usefixtures("sandbox")
@pytest.mark.parametrize(
    ("call", "given", "missing"),
    [
        (edit("README.md", "small", "large"), (), "--allow-write"),
        (write("made", "x"), ("--allow-shell",), "--allow-write"),
        (bash("true"), (), "--allow-shell"),
        (bash("true"), ("--allow-write",), "--allow-shell"),
        (bash("touch made"), ("--allow-shell",), "--allow-write"),
        (networked("example.com"), ("--allow-shell", "--allow-write"), "--allow-net example.com"),
        (
            networked("example.com", "example.org"),
            ("--allow-shell", "--allow-net", "example.com"),
            "--allow-net example.org",
        ),
    ],
)
async def test_what_was_not_switched_on_is_refused_with_the_name_of_its_flag(
    repository: Path, tmp_path: Path, call: dict[str, Any], given: tuple[str, ...], missing: str
) -> None:
    ran = await play(repository, tmp_path, call, *given)
    told = ran.json()
    assert (ran.code, told["exit_code"]) == (4, 4)
    assert f"{missing} would have allowed it" in ran.err
    assert told["artifacts"] == []
    assert not (repository / "made").exists()
    # The flag that is named is the one that was missing.
    again = await play(repository, tmp_path, call, *given, *missing.split())
    assert again.code == 0, again.err


@pytest.mark.usefixtures("sandbox")
@pytest.mark.parametrize("flags", [("--allow-write",), ("--mode", "accept"), ("--mode", "auto")])
async def test_what_a_command_did_lands_where_writing_is_allowed(
    repository: Path, tmp_path: Path, flags: tuple[str, ...]
) -> None:
    ran = await play(repository, tmp_path, bash("touch made"), "--allow-shell", *flags)
    assert ran.code == 0, ran.err
    assert (repository / "made").exists()


@pytest.mark.usefixtures("sandbox")
async def test_a_command_without_effects_needs_no_leave_to_write(repository: Path, tmp_path: Path) -> None:
    ran = await play(repository, tmp_path, bash("cat README.md"), "--allow-shell")
    assert ran.code == 0, ran.err


async def test_a_folder_is_read_and_written_once_it_was_added(repository: Path, tmp_path: Path) -> None:
    library = tmp_path / "library"
    library.mkdir()
    (library / "notes.txt").write_text("the notes")
    script = write_script(
        tmp_path,
        [
            {"calls": [read(str(library / "notes.txt"))]},
            {"calls": [write(str(library / "new.txt"), "n")]},
            {"text": "."},
        ],
    )
    options = (*scripted(script), "--allow-write", "--output", "json")
    refused = await run_program(repository, *options, "go")
    assert "the notes" not in json.dumps(refused.json())
    assert not (library / "new.txt").exists()
    added = await run_program(repository, *options, "--add-dir", str(library), "go")
    assert added.code == 0, added.err
    assert (library / "new.txt").read_text() == "n"


@pytest.mark.parametrize("folder", ["absent", "README.md", "..", "/"])
async def test_a_folder_that_cannot_be_added_is_bad_usage(repository: Path, tmp_path: Path, folder: str) -> None:
    ran = await play(repository, tmp_path, read("README.md"), "--add-dir", folder)
    assert ran.code == 2
    assert "folder" in ran.err


async def test_a_project_that_is_not_trusted_is_told_and_one_that_loosens_is_held_back(
    repository: Path, tmp_path: Path
) -> None:
    (repository / ".trashclaw").mkdir()
    (repository / ".trashclaw" / "config.yaml").write_text("allow_write: true\nallow_shell: true\nmode: auto\n")
    ran = await play(repository, tmp_path, write("made", "x"))
    assert ran.code == 4
    assert "is not trusted" in ran.err
    ran = await play(repository, tmp_path, write("made", "x"), "--trust", "on")
    assert ran.code == 4
    assert "allow_write is passed over" in ran.err
    assert not (repository / "made").exists()


async def test_a_named_sandbox_that_does_not_work_here_ends_the_run_at_once(repository: Path, tmp_path: Path) -> None:
    script = write_script(tmp_path, [{"calls": [bash("true")]}, {"text": "That was it."}])
    named = "overlay" if sys.platform == "darwin" else "sandbox-exec"
    ran = await run_program(repository, *scripted(script), "--allow-shell", "--sandbox", named, "go")
    assert ran.code == 2
    assert f"`{named}` does not work here" in ran.err
