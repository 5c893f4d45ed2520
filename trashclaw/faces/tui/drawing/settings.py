"""The settings as lines: a row each under its section, and everything that is known of the current one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.text import Text

from trashclaw.config.load import DEFAULT, OPTION, PREFIX
from trashclaw.config.setting_files import SettingRow
from trashclaw.config.setting_kinds import Kind, kind_of, text_of
from trashclaw.faces.tui.drawing.lines import cut, plain, pointed, prefixed, spread, wrap
from trashclaw.faces.tui.drawing.look import Look

GENERAL = "general"
_VALUE_PART = 0.38
_ORIGIN_CELLS = 12
_TAKES = {
    Kind.SWITCH: "on or off",
    Kind.LIST: "words, divided by commas; those of several files add up",
    Kind.NUMBER: "a number",
    Kind.TEXT: "text",
}


def found_settings(rows: Sequence[SettingRow], typed: str) -> list[SettingRow]:
    """Return the settings in which every typed word occurs: in name, description, value or layer."""
    words = typed.lower().split()
    return [row for row in rows if all(word in _searched(row) for word in words)]


def setting_lines(rows: Sequence[SettingRow], at: int, width: int, look: Look) -> tuple[list[Text], int]:
    """Return the list of settings, with the line of the current one."""
    lines: list[Text] = []
    current, section = 0, None
    for place, row in enumerate(rows):
        if row.section != section:
            section = row.section
            lines += [*([Text()] if lines else []), Text(section or GENERAL, style=look.strong)]
        if place == at:
            current = len(lines)
        lines.append(pointed(_row_line(row, width - 2, look), look, width, is_current=place == at))
    return lines or [Text("No setting has all of these words.", style=look.muted)], current


def detail_lines(row: SettingRow, target: Path, width: int, look: Look) -> Iterator[Text]:
    """Yield what a setting means, takes, is and was, and where a change would be written."""
    yield Text(look.signs.rule * width, style=look.faint)
    yield Text(row.key, style=look.strong)
    yield from wrap(plain(row.description, look.text), width, look)
    kind = kind_of(row.key)
    takes = ", ".join(kind.choices) if kind.choices else _TAKES[kind.kind]
    facts = [
        ("takes", takes + (", or none" if kind.is_optional and not kind.choices else "")),
        ("default", text_of(row.default) or "empty"),
        ("set by", layer_words(row.origin)),
        ("writes to", str(target)),
    ]
    for name, said in facts:
        head = Text(f"{name:<11}", style=look.muted)
        yield from prefixed(head, Text(" " * 11), wrap(plain(said, look.text), max(8, width - 11), look))


def layer_words(origin: str) -> str:
    """Return what a layer is, for a person."""
    return ", and ".join(_layer(part) for part in origin.split(", "))


def _layer(origin: str) -> str:
    if origin == DEFAULT:
        return "nothing; this is the default"
    if origin == OPTION:
        return "an option of this start"
    return f"the environment, {origin}" if origin.startswith(PREFIX) else origin


def _row_line(row: SettingRow, width: int, look: Look) -> Text:
    room = max(8, int(width * _VALUE_PART))
    origin = cut(_short(row.origin), _ORIGIN_CELLS, look)
    name = row.key.rpartition(".")[2]
    left = Text(cut(name, max(8, width - room - _ORIGIN_CELLS - 2), look), style=look.text, end="")
    shown = plain(cut(text_of(row.value) or "empty", room, look), look.muted if row.is_default else look.accent)
    right = Text(end="").append_text(shown).append(f"  {origin:<{_ORIGIN_CELLS}}", style=look.muted)
    return spread(left, right, width, look)


def _short(origin: str) -> str:
    if ", " in origin:
        return "several"
    if origin.startswith(PREFIX):
        return "environment"
    if origin in (DEFAULT, OPTION):
        return origin
    return "project" if f"{Path('.trashclaw')}/" in origin else "your file"


def _searched(row: SettingRow) -> str:
    return f"{row.key} {row.description} {text_of(row.value)} {_short(row.origin)}".lower()
