"""`COMMAND --help` tells of one command, with its own options; what it names is there."""

from __future__ import annotations

import re

import pytest

from trashclaw.cli import _ANSWERS, main, memory, models, policy, sessions
from trashclaw.cli.command_help import HELP, asked_of, command_help
from trashclaw.cli.options import make_parser, parse

VERB = re.compile(r"^\w+ \[?(\w+)")


def test_every_command_that_answers_has_its_own_help() -> None:
    assert set(HELP) == set(_ANSWERS)


@pytest.mark.parametrize("command", sorted(HELP))
@pytest.mark.parametrize("order", [("{}", "--help"), ("-h", "{}"), ("{}", "list", "--help")])
def test_it_is_printed_and_nothing_else_is_done(
    command: str, order: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main([word.format(command) for word in order])
    assert ended.value.code == 0
    told = capsys.readouterr().out
    assert told == command_help(make_parser(), command)
    assert "--allow-shell" not in told
    assert max(map(len, told.splitlines())) <= 110


@pytest.mark.parametrize(
    ("command", "usage"),
    [("sessions", sessions._USAGE), ("models", models._KNOWN), ("policy", policy._USAGE), ("memory", memory._USAGE)],
)
def test_it_names_what_the_command_knows(command: str, usage: str) -> None:
    verbs = {found[1] for way, _ in HELP[command].ways if (found := VERB.match(way))}
    assert verbs
    assert all(re.search(rf"\b{verb}\b", usage) for verb in verbs)
    named = re.findall(r"\b[a-z]+\b", usage.partition(":")[2])
    assert verbs >= {word for word in named if word in {"list", "show", "search", "delete", "exam", "audit", "forget"}}


@pytest.mark.parametrize("given", [["--help"], ["-p", "sessions", "--help"], ["run", "--help"], ["sessions"], []])
def test_all_else_asks_about_the_program_or_nothing(given: list[str]) -> None:
    assert asked_of(given) == ""


def test_help_behind_two_dashes_is_a_word() -> None:
    assert parse(["memory", "--", "add", "--help"]).rest == ["add", "--help"]
