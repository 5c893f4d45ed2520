"""Commands end to end: run where nothing lands unseen, their effects reviewed, more than that asked for."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.sessions import Driven, open_driven
from trashclaw.config.schema import Settings
from trashclaw.protocol import events as ev
from trashclaw.protocol import ops
from trashclaw.protocol.approvals import Approval, Scope, Verdict
from trashclaw.protocol.modes import Mode
from trashclaw.protocol.tools import ToolResult, ToolStatus
from trashclaw.sandbox import choose
from trashclaw.sandbox.choose import Probe
from trashclaw.sandbox.overlay.probe import probe
from trashclaw.sandbox.ports import Backend

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the overlay sandbox is Linux's")


@pytest.fixture(autouse=True)
async def sandboxed(tmp_path: Path) -> None:
    if reason := await probe(tmp_path / "probing"):
        pytest.skip(reason)


def shell(command: str, **arguments: Any) -> dict[str, Any]:
    return {"calls": [{"name": "bash", "arguments": {"command": command, **arguments}}]}


def asked(driven: Driven) -> list[ev.ApprovalRequested]:
    return [event for event in driven.events if isinstance(event, ev.ApprovalRequested)]


def last_result(driven: Driven) -> ToolResult:
    result = driven.runs[-1].result
    assert result is not None
    return result


async def answer(driven: Driven, question: ev.ApprovalRequested, **fields: Any) -> None:
    approval = Approval(**{"verdict": Verdict.ACCEPTED, **fields})
    driven.submit(ops.ApprovalAnswer(approval_id=question.request.approval_id, approval=approval))


async def test_a_command_that_changes_nothing_is_not_asked_about(repository: Path) -> None:
    steps = [shell("cat README.md; git status --short; ls"), {"text": "Done."}]
    async with open_driven(repository, steps) as driven:
        await driven.turn()
        assert asked(driven) == []
        assert last_result(driven).metadata["has_effects"] is False


async def test_what_a_command_changed_waits_for_the_person_and_lands_as_accepted(repository: Path) -> None:
    steps = [shell("echo new > a.txt; echo other > b.txt; rm README.md"), {"text": "Done."}]
    async with open_driven(repository, steps) as driven:
        driven.submit(ops.TurnStart(text="go"))
        question = await driven.until(ev.ApprovalRequested)
        assert not (repository / "a.txt").exists()
        assert (repository / "README.md").exists()
        patch = question.request.patch
        assert patch is not None
        assert [change.path for change in patch.changes] == ["README.md", "a.txt", "b.txt"]
        wanted = next(change for change in patch.changes if change.path == "a.txt").hunks
        await answer(driven, question, hunk_ids=tuple(hunk.hunk_id for hunk in wanted))
        await driven.until(ev.TurnCompleted)
        assert (repository / "a.txt").read_text() == "new\n"
        assert not (repository / "b.txt").exists()
        assert (repository / "README.md").exists()
        text = last_result(driven).text
        assert "this landed:]\n- a.txt: new" in text
        assert "REJECTED, not in the files:]\n- README.md: deleted" in text


async def test_a_rejected_effect_leaves_every_byte(repository: Path) -> None:
    before = {path: path.read_bytes() for path in repository.rglob("*") if path.is_file()}
    steps = [shell("rm -rf * .git; echo gone > README.md"), {"text": "Ok."}]
    async with open_driven(repository, steps) as driven:
        driven.submit(ops.TurnStart(text="go"))
        await driven.answer(Verdict.REJECTED, note="never")
        await driven.until(ev.TurnCompleted)
        assert {path: path.read_bytes() for path in repository.rglob("*") if path.is_file()} == before
        text = last_result(driven).text
        assert "what it changed was discarded" in text
        assert "never" in text


async def test_an_effect_that_landed_can_be_undone(repository: Path) -> None:
    steps = [shell("echo more >> README.md; echo n > n.txt; mkdir -p ign; echo x > ign/c.pyc"), {"text": "Done."}]
    before = (repository / "README.md").read_bytes()
    async with open_driven(repository, steps, settings=Settings(mode=Mode.ACCEPT)) as driven:
        await driven.turn()
        assert asked(driven) == []
        assert (repository / "n.txt").exists()
        await driven.do(ops.CheckpointRestore())
        assert (repository / "README.md").read_bytes() == before
        assert not (repository / "n.txt").exists()


async def test_in_plan_mode_a_command_runs_and_its_effects_are_let_go(repository: Path) -> None:
    steps = [shell("echo new > a.txt; cat a.txt"), {"text": "Done."}]
    async with open_driven(repository, steps, settings=Settings(mode=Mode.PLAN)) as driven:
        await driven.turn()
        assert asked(driven) == []
        result = last_result(driven)
        assert result.stdout == "new\n"
        assert "discarded" in result.text
        assert not (repository / "a.txt").exists()


async def test_a_host_is_a_question_of_its_own_and_an_answer_for_the_session_holds(repository: Path) -> None:
    step = shell("true", hosts=["api.example.com"])
    async with open_driven(repository, [step, step, {"text": "Done."}]) as driven:
        driven.submit(ops.TurnStart(text="go"))
        question = await driven.answer(scope=Scope.SESSION)
        assert question.request.needs.hosts == ("api.example.com",)
        assert "api.example.com" in question.request.new_rule
        await driven.until(ev.TurnCompleted)
        assert len(asked(driven)) == 1


async def test_a_host_that_nobody_granted_is_not_reached_and_named(repository: Path) -> None:
    command = "python3 -c \"import urllib.request as u; u.urlopen('http://api.example.com/')\""
    async with open_driven(repository, [shell(command), {"text": "Done."}]) as driven:
        await driven.turn()
        result = last_result(driven)
        assert result.metadata["denied"] == ["host api.example.com"]
        assert "name it in hosts" in result.text


async def test_without_the_sandbox_only_after_a_question(repository: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside.txt"
    steps = [shell(f"echo x > {outside}"), shell(f"echo x > {outside}", unsandboxed=True), {"text": "Done."}]
    async with open_driven(repository, steps) as driven:
        driven.submit(ops.TurnStart(text="go"))
        question = await driven.until(ev.ApprovalRequested)
        assert not outside.exists()
        assert question.request.needs.is_unsandboxed
        await answer(driven, question)
        await driven.until(ev.TurnCompleted)
        assert outside.read_text() == "x\n"


async def test_an_outside_path_that_was_granted_is_written(repository: Path, tmp_path: Path) -> None:
    outside = tmp_path / "granted"
    outside.mkdir()
    steps = [shell(f"echo x > {outside}/f", outside_paths=[str(outside)]), {"text": "Done."}]
    async with open_driven(repository, steps) as driven:
        driven.submit(ops.TurnStart(text="go"))
        question = await driven.answer()
        assert question.request.needs.paths == (str(outside),)
        await driven.until(ev.TurnCompleted)
        assert (outside / "f").read_text() == "x\n"


async def test_an_interrupt_ends_the_command_and_leaves_nothing(repository: Path, tmp_path: Path) -> None:
    steps = [shell("echo new > a.txt; echo begun; sleep 600"), {"text": "Never said."}]
    async with open_driven(repository, steps) as driven:
        driven.submit(ops.TurnStart(text="go"))
        await driven.until(ev.ItemDelta)
        driven.submit(ops.TurnInterrupt())
        done = await driven.until(ev.TurnCompleted)
        assert done.stop_reason is ev.StopReason.CANCELLED
        assert last_result(driven).status is ToolStatus.CANCELLED
        assert not (repository / "a.txt").exists()
        left = list((driven.state / "sandbox").glob("*/*/upper0"))
        assert left == []


async def test_a_background_command_goes_on_and_is_settled_when_it_is_stopped(repository: Path) -> None:
    server = "echo made > made.txt; exec python3 -u -m http.server 8123 --bind 127.0.0.1"
    fetch = "for i in $(seq 100); do curl -sf http://127.0.0.1:8123/made.txt && break; sleep 0.1; done"
    steps = [
        shell(server, background=True),
        shell(fetch),
        {"calls": [{"name": "background", "arguments": {"id": "bg1", "action": "stop"}}]},
        {"text": "Done."},
    ]
    async with open_driven(repository, steps, settings=Settings(mode=Mode.ACCEPT)) as driven:
        await driven.turn()
        started, fetched, stopped = driven.runs
        assert started.result is not None
        assert fetched.result is not None
        assert stopped.result is not None
        assert started.result.metadata["background_id"] == "bg1"
        assert fetched.result.stdout == "made\n"
        assert "- made.txt: new" in stopped.result.text
        assert (repository / "made.txt").read_text() == "made\n"


async def test_a_background_command_ends_with_the_session(repository: Path) -> None:
    mark = f"trashclaw-test-{os.getpid()}"
    steps = [shell(f"echo up; exec -a {mark} sleep 600", background=True), {"text": "Done."}]
    async with open_driven(repository, steps) as driven:
        await driven.turn()
        assert mark in processes()
    assert mark not in processes()


def processes() -> str:
    return subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout


async def test_the_hooks_of_git_are_asked_about_in_every_mode(repository: Path) -> None:
    steps = [shell("printf '#!/bin/sh\\n' > .git/hooks/pre-commit; chmod +x .git/hooks/pre-commit"), {"text": "Ok."}]
    async with open_driven(repository, steps, settings=Settings(mode=Mode.AUTO)) as driven:
        driven.submit(ops.TurnStart(text="go"))
        question = await driven.answer(Verdict.REJECTED)
        assert "hook" in question.request.warning
        await driven.until(ev.TurnCompleted)
        assert not (repository / ".git" / "hooks" / "pre-commit").exists()


async def test_a_commit_lands_as_one_change_told_in_gits_words(repository: Path) -> None:
    commit = "echo more >> README.md; git -c user.name=T -c user.email=t@example.invalid commit -qam 'More words'"
    async with open_driven(repository, [shell(commit), {"text": "Done."}]) as driven:
        driven.submit(ops.TurnStart(text="go"))
        question = await driven.answer()
        assert question.request.patch is not None
        paths = {change.path: change for change in question.request.patch.changes}
        assert set(paths) == {".git", "README.md"}
        assert '"More words"' in paths[".git"].hunks[0].what
        await driven.until(ev.TurnCompleted)
        said = subprocess.run(
            ["git", "status", "--short"], cwd=repository, capture_output=True, text=True, check=True
        ).stdout
        assert said == ""


async def test_a_file_that_the_person_changed_meanwhile_is_not_overwritten_unasked(repository: Path) -> None:
    steps = [shell("echo ready; sleep 1; echo agent > README.md"), {"text": "Ok."}]
    async with open_driven(repository, steps, settings=Settings(mode=Mode.AUTO)) as driven:
        driven.submit(ops.TurnStart(text="go"))
        await driven.until(ev.ItemDelta)
        (repository / "README.md").write_text("the person's words\n")
        question = await driven.answer(Verdict.REJECTED)
        assert "README.md" in question.request.warning
        await driven.until(ev.TurnCompleted)
        assert (repository / "README.md").read_text() == "the person's words\n"


async def test_what_a_landing_left_that_was_killed_is_removed_at_the_next_start(repository: Path) -> None:
    gone = subprocess.Popen(["true"])
    gone.wait()
    left = repository / f".trashclaw-{gone.pid}-0123456789ab.tmp"
    left.mkdir()
    (left / "new").write_text("half\n")
    async with open_driven(repository, [{"text": "Hi."}]) as driven:
        await driven.turn()
    assert not left.exists()


def _said(backend: Backend) -> Probe:
    return lambda: None if backend is Backend.ASK_FIRST else "closed here"


async def test_where_nothing_is_confined_that_is_told_once(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing_works(state: Path) -> dict[Backend, Probe]:
        return {backend: _said(backend) for backend in Backend}

    monkeypatch.setattr(choose, "known_probes", nothing_works)
    async with open_driven(repository, [shell("true"), shell("true"), {"text": "Done."}]) as driven:
        driven.submit(ops.TurnStart(text="go"))
        await driven.answer()
        await driven.answer()
        await driven.until(ev.TurnCompleted)
        (told,) = [notice.text for notice in driven.notices if notice.code == "sandbox"]
        assert "every command is asked about before it runs" in told
        assert "overlay: closed here" in told


async def test_what_the_settings_hide_is_read_neither_by_commands_nor_by_tools(repository: Path) -> None:
    (repository / "keys").mkdir()
    (repository / "keys" / "a").write_text("very private\n")
    reading = {"calls": [{"name": "read_file", "arguments": {"path": "keys/a"}}]}
    settings = Settings.model_validate({"sandbox": {"hidden": ["keys"]}})
    steps = [shell("cat keys/a; grep -r private ."), reading, {"text": "Ok."}]
    async with open_driven(repository, steps, settings=settings) as driven:
        await driven.turn()
        assert "very private" not in str([run.result for run in driven.runs])
        assert [run.status for run in driven.runs] == [ToolStatus.DONE, ToolStatus.FAILED]


async def test_without_a_sandbox_nothing_runs_in_batch_unless_commands_were_switched_on(repository: Path) -> None:
    unconfined = {"sandbox": {"backend": "ask-first"}, "allow_write": True}
    async with open_driven(
        repository, [shell("ls"), {"text": "Ok."}], settings=Settings.model_validate(unconfined), can_ask=False
    ) as driven:
        await driven.turn()
        assert [run.status for run in driven.runs] == [ToolStatus.REJECTED]
