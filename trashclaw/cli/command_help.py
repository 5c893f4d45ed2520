"""`trashclaw COMMAND --help`: what one command can do, with the options that it knows and no others."""

from __future__ import annotations

from argparse import ArgumentParser, HelpFormatter
from collections.abc import Sequence
from typing import NamedTuple


class CommandHelp(NamedTuple):
    """What is told of a command."""

    about: str
    ways: tuple[tuple[str, str], ...]
    """What can be typed behind `trashclaw`, each with what it does; the first is what the name alone does."""

    options: tuple[str, ...]
    """The destinations of its options in the parser."""


_PLACE = ("folder", "config")
_SERVER = ("model", "provider", "base_url", "num_ctx")

HELP: dict[str, CommandHelp] = {
    "sessions": CommandHelp(
        "The sessions of this folder. The end of an id is enough, and `last` is the latest.",
        (
            ("sessions [list]", "all of them, that written to last first, forks below their parents"),
            ("sessions show ID", "when, how much, and how it ended"),
            ("sessions search WORDS", "every entry in which all words are"),
            ("sessions rename ID TITLE", "give it a title; without one it is known by its first prompt"),
            ("sessions export ID", "write it as Markdown, as one HTML page or as lines that can be replayed"),
            ("sessions delete ID", "remove it for good"),
        ),
        ("format", "out", "yes", "folder"),
    ),
    "replay": CommandHelp(
        "A session as it happened; nothing is executed, and no model is needed.",
        (
            ("replay ID", "one that is stored here"),
            ("replay FILE.jsonl", "one that was exported, here or elsewhere"),
        ),
        ("speed", "plain", "theme", "folder"),
    ),
    "models": CommandHelp(
        "The models of this machine and of the servers that are set.",
        (
            ("models [list]", "all that are found, with window, speed and exam"),
            ("models show MODEL", "what is known of one, and how it is talked to because of that"),
            ("models exam [MODEL]", "find out what it can do; the result is kept"),
            ("models pull MODEL", "fetch one, where the server can"),
            ("models load MODEL", "have the server load it now"),
            ("models unload MODEL", "take it out of memory"),
        ),
        (*_SERVER, "quick", "full", "output", "max_time", *_PLACE),
    ),
    "doctor": CommandHelp(
        "What works here, what does not, and the next thing to type.",
        (
            ("doctor", "look at servers, models, sandbox, settings, keys and themes"),
            ("doctor --model NAME", "and try it"),
        ),
        (*_SERVER, *_PLACE),
    ),
    "config": CommandHelp(
        "The settings, each with the layer that set it.",
        (
            ("config [show]", "all settings"),
            ("config path", "the files that are read"),
            ("config keymap", "every action with its keys, as a keymap.yaml"),
        ),
        _PLACE,
    ),
    "policy": CommandHelp(
        "The rules for commands, paths, hosts and tools.",
        (
            ("policy [show]", "all rules, with where they come from"),
            ("policy check 'COMMAND'", "what would be said of a command line, and why"),
            ("policy test FILE", "whether cases in a file are judged as they expect"),
            ("policy audit", "what was decided in the sessions of this folder"),
        ),
        ("about_tool", "about_host", "about_path", "mode", *_PLACE),
    ),
    "memory": CommandHelp(
        "What is remembered, and told the model at the start of a session.",
        (
            ("memory [list]", "all of it, numbered"),
            ('memory add "TEXT"', "remember something"),
            ("memory forget NUMBER", "forget it"),
        ),
        ("user", "folder"),
    ),
}


def command_help(parser: ArgumentParser, command: str) -> str:
    """Return the help for a command of `HELP`; `parser` knows its options."""
    told = HELP[command]
    width = max(len(way) for way, _ in told.ways)
    ways = "\n".join(f"  trashclaw {way:<{width}}   {what}" for way, what in told.ways)
    return f"{told.about}\n\n{ways}\n\n{_options(parser, told.options)}\n`trashclaw --help` shows all that there is.\n"


def asked_of(given: Sequence[str]) -> str:
    """Return the command that a line with `--help` asks about; empty where it asks about the program."""
    words = [word for word in given if word not in ("-h", "--help")]
    is_asked = len(words) < len(given)
    return words[0] if is_asked and words and words[0] in HELP else ""


def _options(parser: ArgumentParser, wanted: Sequence[str]) -> str:
    formatter = HelpFormatter(parser.prog, max_help_position=30, width=100)
    formatter.start_section("options")
    known = {action.dest: action for action in parser._actions}
    formatter.add_arguments([known[name] for name in wanted])
    formatter.end_section()
    return formatter.format_help()
