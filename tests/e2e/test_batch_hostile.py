"""Batch runs over models and servers that misbehave: a clear message each, a sound log, and nothing lost."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.support.fake_ollama import FakeOllama, OllamaStep
from tests.support.fake_openai import FakeOpenAI
from tests.support.program import Ran, run_program, scripted, write_script
from tests.support.sessions import edit, read, write
from trashclaw.providers.script import ScriptedStep
from trashclaw.session.invariants import check

HOSTILE = "[bold]x[/] \x1b[31m\x1b]0;t\x07 \u202e 界🎉 \0 \ud800 e" + "\u0301" * 50
BAD_CALLS: list[dict[str, Any]] = [
    {"name": "teleport", "arguments": {"to": HOSTILE}},
    {"name": HOSTILE, "arguments": {}},
    {"name": "", "arguments": {}},
    {"name": "read_file", "arguments": '{"path": "README'},
    {"name": "read_file", "arguments": '["README.md"]'},
    {"name": "read_file", "arguments": '{"path": "a\\ud800b"}'},
    {"name": "read_file", "arguments": '{"path": NaN}'},
    {"name": "read_file", "arguments": "[" * 5000},
    {"name": "list_files", "arguments": '{"path": "\\udfff"}'},
    {"name": "grep", "arguments": '{"pattern": "\\ud800("}'},
    {"name": "think", "arguments": '{"thought": "\\ud800"}'},
    {"name": "update_plan", "arguments": '{"entries": [{"text": "\\ud800[b]", "status": "pending"}]}'},
    read("../../etc/passwd"),
    read("/etc/passwd"),
    read(HOSTILE),
    write("../outside.txt", "x"),
    write(".git/hooks/pre-commit", "x"),
    {"name": "write_file", "arguments": '{"path": "s.txt", "content": "a\\ud800b"}'},
    {"name": "write_file", "arguments": '{"path": "t\\udc80.txt", "content": "ab"}'},
    {"name": "bash", "arguments": '{"command": "echo \\ud800 [b] | cat"}'},
    {"name": "bash", "arguments": {"command": r"printf '\377\200\033[31m\0[b]'"}},
    edit("README.md", "not in there", "x"),
    write("hostile.txt", "[bold]\x1b[31m\u202e界\n"),
    read("hostile.txt"),
]
ALLOWED = ("--allow-write", "--allow-shell")


async def test_every_bad_call_is_answered_and_the_turn_goes_on(repository: Path, tmp_path: Path) -> None:
    steps = [*({"text": "[i]\x1b", "calls": [call]} for call in BAD_CALLS), {"text": f"Done {HOSTILE}"}]
    options = (*ALLOWED, "--output", "stream-json", "--max-steps", "99")
    ran = await run_program(
        repository, *scripted(write_script(tmp_path, steps)), *options, f"go {HOSTILE[:-60]}".replace("\0", "")
    )
    envelopes = ran.envelopes()
    assert check(envelopes) == []
    last = envelopes[-2].event if envelopes[-1].event.type == "checkpoint.created" else envelopes[-1].event
    assert (last.type, ran.code) == ("turn.completed", 0), ran.err
    runs = [e.event.item for e in envelopes if e.event.type == "item.completed" and e.event.item.kind == "tool_run"]
    assert len(runs) == len(BAD_CALLS)
    assert all(run.result is not None and run.result.text for run in runs)
    assert "\x1b" not in ran.err
    assert not (tmp_path / "outside.txt").exists()
    made = {path.name: path.read_bytes() for path in repository.iterdir() if path.is_file()}
    assert set(made) == {"README.md", "hostile.txt", "s.txt", "t\ufffd.txt"}
    assert made["s.txt"].decode() == "a\ufffdb"


async def ollama(repository: Path, steps: Sequence[OllamaStep], *arguments: str, model: str = "qwen3:8b") -> Ran:
    async with FakeOllama(steps) as server:
        options = ("--provider", "ollama", "--base-url", server.url, "--model", model, "--http-max-retries", "0")
        return await run_program(repository, "--batch", *options, *arguments, "--output", "json", "Summarize README.md")


async def test_a_whole_run_over_ollama(repository: Path) -> None:
    steps = [OllamaStep(calls=(ScriptedStep.model_validate({"calls": [edit("README.md", "small", "large")]}).calls))]
    ran = await ollama(repository, [*steps, OllamaStep(text="Large now.")], "--allow-write")
    assert (ran.code, ran.json()["summary"]) == (0, "Large now.")
    assert "large" in (repository / "README.md").read_text()


@pytest.mark.parametrize(
    ("error", "code", "told"),
    [
        ({"kind": "http", "status": 500, "text": "out of memory [b]\x1b"}, 1, "out of memory"),
        ({"kind": "overflow", "prompt_tokens": 9000, "limit": 4096}, 1, ""),
    ],
)
async def test_a_fault_of_the_server_ends_the_run_with_its_reason(
    repository: Path, error: dict[str, Any], code: int, told: str
) -> None:
    step = OllamaStep.model_validate({"text": "Half an", "error": error})
    ran = await ollama(repository, [step])
    assert ran.code == code
    assert told in ran.json()["error"]["text"]
    assert "\x1b" not in ran.err


async def test_an_answer_that_is_dropped_is_taken_up_where_it_ended(repository: Path) -> None:
    dropped = OllamaStep.model_validate({"text": "Half an", "error": {"kind": "dropped"}})
    ran = await ollama(repository, [dropped, OllamaStep(text=" answer.", expect="Go on exactly")])
    assert (ran.code, ran.json()["summary"]) == (0, "Half an answer.")


async def test_a_model_that_the_server_does_not_have_is_five(repository: Path) -> None:
    ran = await ollama(repository, [], model="nope:1b")
    assert (ran.code, ran.json()["exit_code"], ran.json()["session"]) == (5, 5, None)
    assert "nope:1b" in ran.err
    assert "ollama pull nope:1b" in ran.err


async def test_an_error_in_the_middle_of_a_stream_keeps_what_had_come(repository: Path) -> None:
    ran = await ollama(repository, [OllamaStep(text="Half an", error_line="CUDA error", has_done=False)])
    assert ran.code == 1
    assert ran.json()["summary"] == "Half an"
    assert "CUDA error" in ran.json()["error"]["text"]


async def test_no_server_is_five_and_says_what_to_do(repository: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    options = ("--provider", "llamacpp", "--base-url", f"http://127.0.0.1:{port}/v1", "--model", "default")
    options = (*options, "--http-timeout-ms", "300000", "--http-stream-idle-timeout-ms", "120000")
    ran = await run_program(repository, *options, "--http-max-retries", "0", "--prompt", "...", "run")
    assert (ran.code, ran.out) == (5, "")
    assert str(port) in ran.err


async def test_a_run_over_a_server_of_the_openai_kind(repository: Path) -> None:
    steps = [
        ScriptedStep.model_validate({"calls": [{"name": "edit_file", "arguments": '{"path": "README'}]}),
        # What was cut is asked for once more, as text that is held to the tool's schema.
        ScriptedStep(text='{"path": "README.md", "old_text": "small", "new_text": "large"}', expect="JSON Schema"),
        ScriptedStep(text="Done."),
    ]
    async with FakeOpenAI(steps) as server:
        options = ("--provider", "llamacpp", "--base-url", f"{server.url}/v1", "--model", "tiny", "--allow-write")
        ran = await run_program(repository, "--batch", *options, "make it large")
    assert (ran.code, ran.out) == (0, "Done.\n")
    assert "large" in (repository / "README.md").read_text()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("limits:\n  steps: 4\nprovid", "config.yaml"),
        ("limits:\n  stepz: 4\n", "limits.steps"),
        ("\x00\x01\x02", "config.yaml"),
        ("mode: [plan\n", "config.yaml"),
    ],
)
async def test_a_half_written_config_names_file_and_place(repository: Path, home: Path, text: str, told: str) -> None:
    (home / "trashclaw" / "config").mkdir(parents=True)
    (home / "trashclaw" / "config" / "config.yaml").write_text(text)
    ran = await run_program(repository, "--batch", "go")
    assert (ran.code, ran.out) == (2, "")
    assert told in ran.err
