"""Theme files: a name, dark or light, and twelve colours, or names of the terminal's own sixteen."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from trashclaw.directives.strict_yaml import Document, legible, read_mapping, read_source
from trashclaw.protocol.errors import ConfigError

COLOURS = (
    "primary",
    "accent",
    "background",
    "surface",
    "panel",
    "foreground",
    "muted",
    "border",
    "success",
    "warning",
    "error",
    "cloud",
)
"""What a theme must name; a screen needs nothing else."""

_KEYS = ("name", "dark", "colours")
_HEX = re.compile(r"#[0-9a-fA-F]{6}")
_USUAL = re.compile(
    r"(?:#[^\n]*\n)*name: ([a-z]+-[a-z0-9-]+)\ndark: (true|false)\ncolours:\n"
    r'((?:  [a-z]+: "#[0-9a-fA-F]{6}"\n){12})'
)
"""A file in the form of the shipped ones, with nothing in it that YAML could read in another way."""

_HUES = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")
ANSI_NAMES = ("ansi_default", *(f"ansi_{hue}" for hue in _HUES), *(f"ansi_bright_{hue}" for hue in _HUES))
"""The terminal's own colours; a theme has only these, or none of them."""


class ThemeSpec(NamedTuple):
    """A theme as its file gives it."""

    name: str
    is_dark: bool
    colours: Mapping[str, str]
    """`#rrggbb`, or a name of `ANSI_NAMES`, for each of `COLOURS`, in that order."""

    @property
    def is_ansi(self) -> bool:
        """Whether the colours are the terminal's own."""
        return self.colours["background"] in ANSI_NAMES


def load_theme(path: Path) -> ThemeSpec:
    """Read a theme file.

    Raises:
        ConfigError: it cannot be read, or keys are missing, unknown or no colour; all are told, with file and line.
    """
    source = read_source(path)
    if (usual := _usual(source)) is not None:
        return usual
    document = read_mapping(source, str(path))
    problems = [*_unknown(document, (), _KEYS), *_wrong_head(document)]
    colours = document.values.get("colours")
    if isinstance(colours, dict):
        problems += [*_unknown(document, ("colours",), COLOURS), *_wrong_colours(document, colours)]
    else:
        problems.append(f"{document.place(('colours',))}: colours is missing; it names {', '.join(COLOURS)}.")
    if problems or not isinstance(colours, dict):
        raise ConfigError("\n".join(problems))
    ordered = {key: colours[key].lower() for key in COLOURS}
    return ThemeSpec(document.values["name"], document.values["dark"], ordered)


def _usual(source: str) -> ThemeSpec | None:
    """Return the theme of a file in the usual form without loading a YAML parser: the first picture waits for it."""
    found = _USUAL.fullmatch(source)
    if found is None:
        return None
    colours = dict(re.findall(r'([a-z]+): "(#[0-9a-fA-F]{6})"', found[3]))
    if set(colours) != set(COLOURS):
        return None
    return ThemeSpec(found[1], found[2] == "true", {key: colours[key].lower() for key in COLOURS})


def _unknown(document: Document, path: tuple[str, ...], known: tuple[str, ...]) -> list[str]:
    values = document.values[path[0]] if path else document.values
    problems = []
    for key in values:
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1)
            hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}."
            problems.append(f"{document.place((*path, key))}: {legible(key)} means nothing here; {hint}")
    return problems


def _wrong_head(document: Document) -> list[str]:
    problems = []
    name = document.values.get("name")
    if not isinstance(name, str) or not name.strip():
        problems.append(f"{document.place(('name',))}: name must be text.")
    if not isinstance(document.values.get("dark"), bool):
        problems.append(f"{document.place(('dark',))}: dark must be true or false.")
    return problems


def _wrong_colours(document: Document, colours: Mapping[str, Any]) -> list[str]:
    problems = []
    for key in COLOURS:
        place = document.place(("colours", key))
        value = colours.get(key)
        if key not in colours:
            problems.append(f"{place}: the colour {key} is missing.")
        elif value is None:
            problems.append(f'{place}: {key} is empty; a colour needs quotes, as in "#1a2b3c", for # begins a remark.')
        elif not isinstance(value, str) or not (_HEX.fullmatch(value) or value.lower() in ANSI_NAMES):
            problems.append(
                f'{place}: {key} is {value!r:.40}, and must look like "#1a2b3c", or be {_ansi_hint(value)}.'
            )
    own = [key for key in COLOURS if str(colours.get(key)).lower() in ANSI_NAMES]
    if own and not problems and len(own) < len(COLOURS):
        problems.append(
            f"{document.place(('colours', own[0]))}: {own[0]} is a colour of the terminal's and others are not; "
            "they cannot be mixed, so take only ansi_ names, or none."
        )
    return problems


def _ansi_hint(value: object) -> str:
    if f"ansi_{str(value).lower()}" in ANSI_NAMES:
        return f"ansi_{str(value).lower()}"
    near = difflib.get_close_matches(str(value).lower(), ANSI_NAMES, n=1)
    return near[0] if near else "a colour of the terminal's, such as ansi_red"
