"""Attacks by what a command does, in whole sessions: what must not land does not, and no secret is told."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.loopback_hosts import listening
from tests.support.sessions import Driven, open_driven, read, unconfined, write
from tests.unit.policy.made_up_secrets import AWS
from trashclaw.config.schema import Settings
from trashclaw.protocol import events as ev
from trashclaw.protocol import ops
from trashclaw.protocol.approvals import Approval, Verdict
from trashclaw.protocol.modes import Mode
from trashclaw.sandbox.overlay.probe import probe
from trashclaw.session.editing import edited_change, proposed_text

ACCEPT = Settings(mode=Mode.ACCEPT)
needs_overlay = pytest.mark.skipif(sys.platform != "linux", reason="the overlay sandbox is Linux's")


@pytest.fixture
async def sandboxed(tmp_path: Path) -> None:
    if reason := await probe(tmp_path / "probing"):
        pytest.skip(reason)


def shell(command: str, **arguments: Any) -> dict[str, Any]:
    return {"calls": [{"name": "bash", "arguments": {"command": command, **arguments}}]}


def everything(driven: Driven) -> str:
    stored = "".join(envelope.model_dump_json() for envelope in driven.stored())
    seen = "".join(envelope.model_dump_json() for envelope in driven.all_seen())
    return stored + seen + "".join(str(request) for request in driven.provider.requests)


@needs_overlay
@pytest.mark.usefixtures("sandboxed")
@pytest.mark.parametrize(
    ("command", "path"),
    [
        ("rm -rf .git/hooks; ln -s ../src .git/hooks", ".git/hooks"),
        ("mkdir -p .git/x/hooks; echo x > .git/x/hooks/pre-commit", ".git/x/hooks/pre-commit"),
        ("mkdir sub other; echo 'gitdir: ../other' > sub/.git", "sub/.git"),
        ("mkdir -p build/hooks; echo x > build/hooks/pre-commit", "build/hooks/pre-commit"),
        ("mkdir -p build; ln -s /etc build/out", "build/out"),
        ("mv README.md tool; chmod 4755 tool", "tool"),
        ("echo x > build/.envrc", "build/.envrc"),
    ],
)
async def test_in_mode_accept_nothing_that_acts_later_lands_unasked(repository: Path, command: str, path: str) -> None:
    (repository / ".gitignore").write_text("build/\n")
    (repository / "build").mkdir()
    subprocess.run(["git", "config", "core.hooksPath", "build/hooks"], cwd=repository, check=True)
    async with open_driven(repository, [shell(command), {"text": "Done."}], settings=ACCEPT) as driven:
        driven.submit(ops.TurnStart(text="go"))
        question = await driven.answer(Verdict.REJECTED)
        assert f"{path}: " in question.request.warning
        await driven.until(ev.TurnCompleted)
    found = repository / path
    assert not found.is_symlink() and not found.is_file()


@needs_overlay
@pytest.mark.usefixtures("sandboxed")
async def test_a_secret_in_the_words_of_git_and_in_the_aim_of_a_link_is_told_to_nobody(repository: Path) -> None:
    (repository / "key").write_text(f"{AWS}\n")
    command = 'git commit -q --allow-empty -m "With $(cat key)"; ln -s "$(cat key)" link'
    async with open_driven(repository, [shell(command), {"text": "Done."}]) as driven:
        driven.submit(ops.TurnStart(text="go"))
        question = await driven.answer()
        assert question.request.patch is not None
        assert AWS not in question.request.model_dump_json()
        await driven.until(ev.TurnCompleted)
        await driven.session.wait_idle()
        assert AWS not in everything(driven)
    assert str((repository / "link").readlink()) == AWS
    said = subprocess.run(["git", "log", "-1", "--format=%s"], cwd=repository, capture_output=True, check=True).stdout
    assert said.decode() == f"With {AWS}\n"


async def test_the_editor_gets_the_text_that_would_land_and_not_the_masked_one(repository: Path) -> None:
    (repository / "config.py").write_text(f"KEY = '{AWS}'\nDEBUG = False\n")
    edit = {"path": "config.py", "old_text": "False", "new_text": "True"}
    steps = [{"calls": [read("config.py")]}, {"calls": [{"name": "edit_file", "arguments": edit}]}, {"text": "Done."}]
    async with open_driven(repository, steps) as driven:
        driven.submit(ops.TurnStart(text="go"))
        question = await driven.until(ev.ApprovalRequested)
        assert question.request.patch is not None
        (masked,) = question.request.patch.changes
        assert AWS not in masked.model_dump_json()
        exact = driven.session.exact_change(question.request.approval_id, masked)
        text = proposed_text(repository, exact, {hunk.hunk_id for hunk in exact.hunks})
        assert text == f"KEY = '{AWS}'\nDEBUG = True\n"
        mine = edited_change(repository, exact, text.replace("True", "None"))
        assert driven.session.exact_change(question.request.approval_id, mine) == mine
        approval = Approval(verdict=Verdict.ACCEPTED, edits=(mine,))
        driven.submit(ops.ApprovalAnswer(approval_id=question.request.approval_id, approval=approval))
        await driven.until(ev.TurnCompleted)
        await driven.session.wait_idle()
        assert AWS not in everything(driven)
    assert (repository / "config.py").read_text() == f"KEY = '{AWS}'\nDEBUG = None\n"


async def test_a_question_that_was_taken_back_stands_in_the_audit(repository: Path) -> None:
    steps = [shell("true"), {"text": "Done."}]
    async with open_driven(repository, steps, settings=unconfined()) as driven:
        driven.submit(ops.TurnStart(text="go"))
        await driven.until(ev.ApprovalRequested)
        driven.submit(ops.TurnInterrupt())
        await driven.until(ev.TurnCompleted)
        log = driven.session._parts.log
        assert log is not None
        (row,) = log.audit().read()
        assert (row.verdict, row.by) == ("cancelled", "interrupt")


@needs_overlay
@pytest.mark.usefixtures("sandboxed")
async def test_what_a_command_in_the_background_brings_from_a_host_is_marked_before_its_end(repository: Path) -> None:
    async with listening(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nhi\n") as host:
        name = f"127.0.0.1:{host.port}"
        command = f'curl -s -x "$HTTP_PROXY" --noproxy "" http://{name}/; echo fetched; exec sleep 600'
        look = {"calls": [{"name": "background", "arguments": {"id": "bg1", "wait_s": 1}}]}
        steps = [shell(command, background=True, hosts=[name]), look, {"text": "Done."}]
        async with open_driven(repository, steps) as driven:
            driven.submit(ops.TurnStart(text="go"))
            await driven.answer()
            await driven.until(ev.TurnCompleted)
            marked = [run.result.metadata.get("came_from") for run in driven.runs if run.result]
            assert any(sources and "127.0.0.1" in sources[0] for sources in marked)
            assert "127.0.0.1" in driven.session._parts.journal.taint()


async def test_writing_files_one_by_one_makes_no_git_folder(repository: Path) -> None:
    files = {"config": "[core]\n", "objects/a": "", "refs/a": "", "HEAD": "ref: refs/heads/main\n"}
    calls = [write(f"evil/{name}", text or "x\n") for name, text in files.items()]
    calls += [write("other/HEAD", "ref: refs/heads/main\n"), write("other/commondir", "../evil\n")]
    async with open_driven(repository, [{"calls": calls}, {"text": "Done."}], settings=ACCEPT) as driven:
        await driven.turn()
    assert not (repository / "evil" / "HEAD").exists()
    assert not (repository / "other" / "commondir").exists()
