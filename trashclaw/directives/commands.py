"""Slash commands: prompts with a name, read from Markdown files."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast, get_args

from trashclaw.directives.markdown import MarkdownFile, parse_markdown
from trashclaw.directives.strict_yaml import decode_source, legible, read_source
from trashclaw.protocol.errors import ConfigError

Complexity = Literal["low", "medium", "high"]
KEYS = ("name", "description", "argument-hint", "complexity")

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_WORD = re.compile(r"""(?<!\S)"([^"]*)"(?!\S)|(?<!\S)'([^']*)'(?!\S)|(\S+)""")
_PLACE = re.compile(r"\$(ARGUMENTS\b|[1-9](?!\d))")


@dataclass(frozen=True, slots=True)
class SlashCommand:
    """A prompt that is called by its name."""

    name: str
    """Without the slash."""

    description: str
    argument_hint: str
    """Shown behind the name while it is typed, such as `[path]`."""

    body: str
    source: Path
    complexity: Complexity | None = None
    """How hard its author thinks the task is."""

    def expand(self, arguments: str) -> str:
        """Return the prompt with `$ARGUMENTS` and `$1` to `$9` filled in.

        Words may be quoted; an odd quote is a character like any other. Arguments that the prompt has no place for
        follow at its end. Nothing inside the arguments is expanded again.
        """
        arguments = arguments.strip()
        words = split_words(arguments)

        def fill(place: re.Match[str]) -> str:
            if place[1] == "ARGUMENTS":
                return arguments
            return words[int(place[1]) - 1] if int(place[1]) <= len(words) else ""

        text, places = _PLACE.subn(fill, self.body)
        return f"{text}\n\n{arguments}" if arguments and not places else text.rstrip()


@dataclass(frozen=True, slots=True)
class Loaded:
    """The commands by name, sorted, and what was wrong with files, each with its place."""

    commands: Mapping[str, SlashCommand]
    problems: tuple[str, ...]


def load_commands(
    folders: Iterable[Path], reserved: Collection[str] = (), texts: Sequence[tuple[Path, bytes]] = ()
) -> Loaded:
    """Read the `*.md` files of folders, weakest folder first: a later command replaces an earlier one of its name.

    `texts` are files that were read before, and strongest. A file that cannot be used is left out and told; names in
    `reserved` belong to the program.
    """
    commands: dict[str, SlashCommand] = {}
    problems: list[str] = []
    groups: list[Sequence[tuple[Path, bytes | None]]] = [
        [(file, None) for file in sorted(folder.glob("*.md"))] for folder in folders
    ]
    for group in (*groups, texts):
        own: dict[str, SlashCommand] = {}
        for file, data in group:
            try:
                text = read_source(file) if data is None else decode_source(data, str(file))
                command = load_command(file, text, problems)
            except ConfigError as error:
                problems.append(str(error))
                continue
            if command.name in reserved:
                problems.append(f"{file}: /{command.name} is built in; give the command another name.")
            elif command.name in own:
                problems.append(f"{file}: /{command.name} is defined by {own[command.name].source.name} already.")
            else:
                own[command.name] = command
        commands |= own
    return Loaded(dict(sorted(commands.items())), tuple(problems))


def load_command(file: Path, text: str, problems: list[str]) -> SlashCommand:
    """Read one command; keys that mean nothing here are told in `problems` and passed over.

    Raises:
        ConfigError: a value in it cannot be used.
    """
    parsed = parse_markdown(text, str(file))
    if not parsed.body:
        raise ConfigError(f"{file}: the command has no text.", "Write the prompt below the front-matter.")
    for key in parsed.front.values:
        if key.replace("_", "-") not in KEYS:
            near = difflib.get_close_matches(key, KEYS, n=1)
            hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(KEYS)}."
            problems.append(f"{parsed.front.place((key,))}: {legible(key)} means nothing here; {hint}")
    return SlashCommand(
        name=_name(parsed, file),
        description=_text(parsed, "description") or _first_line(parsed.body),
        argument_hint=_hint(parsed),
        body=parsed.body,
        source=file,
        complexity=_complexity(parsed),
    )


def split_words(arguments: str) -> list[str]:
    """Split into words; one in quotes may hold spaces, and a quote inside a word, as in `don't`, is part of it."""
    return [match[3] or match[1] or match[2] or "" for match in _WORD.finditer(arguments)]


def _name(parsed: MarkdownFile, file: Path) -> str:
    name = (_text(parsed, "name") or file.stem).removeprefix("/").lower()
    if not _NAME.fullmatch(name):
        place = parsed.front.place(("name",))
        raise ConfigError(f"{place}: {name!r:.60} is no name for a command.", "Use letters, digits, - and _.")
    return name


def _text(parsed: MarkdownFile, key: str) -> str:
    value = parsed.front.values.get(key)
    if value is not None and not isinstance(value, (str, int, float)):
        raise ConfigError(f"{parsed.front.place((key,))}: {key} must be text.", "Put it in quotes.")
    return "" if value is None else " ".join(str(value).split())


def _hint(parsed: MarkdownFile) -> str:
    """Return the hint; unquoted, `[path]` is a list to YAML and a hint to the person who wrote it."""
    key = "argument_hint" if "argument_hint" in parsed.front.values else "argument-hint"
    value = parsed.front.values.get(key)
    if isinstance(value, list) and all(isinstance(word, str) for word in value):
        return f"[{', '.join(value)}]"
    return _text(parsed, key)


def _complexity(parsed: MarkdownFile) -> Complexity | None:
    value = _text(parsed, "complexity")
    if value and value not in get_args(Complexity):
        place = parsed.front.place(("complexity",))
        raise ConfigError(f"{place}: complexity is low, medium or high, not {value!r:.40}.")
    return cast(Complexity, value) if value else None


def _first_line(body: str) -> str:
    line = body.splitlines()[0].lstrip("# ").strip()
    return line if len(line) <= 80 else f"{line[:77]}..."
