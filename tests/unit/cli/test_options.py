"""Command lines, as people type them."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import get_args

import pytest

from trashclaw.cli.options import BACKENDS, COMMANDS, make_parser, overrides, parse, wanted_session
from trashclaw.config.load import setting_keys
from trashclaw.config.schema import BackendName
from trashclaw.protocol.errors import UsageError
from trashclaw.sandbox.ports import Backend


def given(line: str) -> dict[str, object]:
    """Return the settings that a command line sets."""
    return {key: value for key, value in overrides(parse(shlex.split(line))).items() if value is not None}


def test_a_manner_can_be_tried_by_option() -> None:
    assert given("--dialect typed --tool-set nano x") == {"manner.dialect": "typed", "manner.tool_set": "nano"}
    with pytest.raises(UsageError):
        parse(["--dialect", "morse"])


def test_the_line_for_slow_hardware_is_understood_word_for_word() -> None:
    line = """--provider llamacpp --base-url http://localhost:5001/v1 --model default --http-timeout-ms 300000
    --http-stream-idle-timeout-ms 120000 --http-max-retries 0 --prompt "..." run"""
    options = parse(shlex.split(line))
    assert (options.command, options.batch, options.prompt) == ("run", True, "...")
    assert given(line) == {
        "provider": "llamacpp",
        "model": "default",
        "base_url": "http://localhost:5001/v1",
        "server.request_timeout_s": 300.0,
        "server.idle_timeout_s": 120.0,
        "server.retries": 0,
    }


def test_the_other_known_lines_are_understood() -> None:
    options = parse(shlex.split('--provider ollama --model qwen3:8b --prompt "Summarize README.md" run'))
    assert (options.batch, options.prompt, options.model) == (True, "Summarize README.md", "qwen3:8b")
    assert parse(["doctor", "--provider", "lmstudio"]).command == "doctor"
    chat = parse(shlex.split("--provider lmstudio --model x chat --tui"))
    assert (chat.command, chat.batch, chat.prompt) == ("chat", False, None)


@pytest.mark.parametrize(
    ("line", "is_batch", "prompt"),
    [
        ("", False, None),
        ("fix the test", False, "fix the test"),
        ("'fix the test'", False, "fix the test"),
        ("--batch 'run the tests'", True, "run the tests"),
        ("-p fix", True, "fix"),
        ("--print fix", True, "fix"),
        ("fix --batch it", True, "fix it"),
        ("run fix it", True, "fix it"),
        ("run 'doctor'", True, "doctor"),
        ("--batch -", True, "-"),
        ("--batch", True, None),
        ("--batch -- --not-an-option", True, "--not-an-option"),
        ("--prompt='--x' run", True, "--x"),
        ("chat hello", False, "hello"),
        ("--batch run the tests", True, "run the tests"),
        ("-p doctor", True, "doctor"),
        ("run --batch the tests", True, "the tests"),
    ],
)
def test_a_prompt_is_found_wherever_it_stands(line: str, is_batch: bool, prompt: str | None) -> None:
    options = parse(shlex.split(line))
    assert (options.batch, options.prompt) == (is_batch, prompt)


@pytest.mark.parametrize(
    "line",
    [
        "--provder ollama",
        "--provider nobody",
        "--mode yolo",
        "--max-steps many",
        "--output xml --batch x",
        "--prompt a b",
        "--prompt a run b",
        "--resume a --continue",
        "--batch --tui x",
        "--model",
    ],
)
def test_a_mistake_is_told_in_a_sentence(line: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse(shlex.split(line))
    assert caught.value.text.endswith(".")
    assert caught.value.text[0].isupper() or caught.value.text.startswith("--")
    assert caught.value.hint


def test_every_option_sets_a_setting_that_exists() -> None:
    assert set(overrides(parse([]))) <= set(setting_keys())
    assert given("") == {}


@pytest.mark.parametrize(
    ("line", "wanted"), [("", None), ("--continue", "last"), ("--resume abc", "abc"), ("--resume last", "last")]
)
def test_the_session_to_go_on_with(line: str, wanted: str | None) -> None:
    assert wanted_session(parse(shlex.split(line))) == wanted


def test_nothing_is_resumed_where_nothing_is_stored() -> None:
    with pytest.raises(UsageError, match="--no-session"):
        wanted_session(parse(["--no-session", "--continue"]))


def test_the_help_names_every_command() -> None:
    told = make_parser().format_help()
    assert all(f"trashclaw {command}" in told for command in COMMANDS)


def test_hosts_and_folders_are_named_one_by_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    line = "--allow-net a.example.com --allow-net b.example.com:443 --add-dir lib --add-dir /srv --sandbox ask-first"
    told = given(line)
    assert told["allow_net"] == ["a.example.com", "b.example.com:443"]
    assert told["add_dirs"] == [str(tmp_path / "lib"), "/srv"]
    assert told["sandbox.backend"] == "ask-first"


def test_every_backend_that_can_be_set_can_be_named_and_the_other_way_round() -> None:
    assert BACKENDS == get_args(BackendName) == ("auto", *(backend.value for backend in Backend))
