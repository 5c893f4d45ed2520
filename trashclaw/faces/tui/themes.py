"""Turns a theme file (name, dark, colours) into a Textual theme; the files hold colours and no selectors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import yaml
from textual.color import Color, ColorParseError
from textual.theme import Theme

from trashclaw.protocol.errors import ConfigError

DEFAULT_THEME = "trashclaw-dark"
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
"""The names that a theme file gives; all of them, and nothing else, so that a theme can be checked."""


class ThemeShelf:
    """The theme files that were found, by name; a file is read when its theme is asked for."""

    def __init__(self, files: Sequence[Path]) -> None:
        self._files = {file.stem: file for file in files}

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all themes, sorted."""
        return tuple(sorted(self._files))

    @property
    def default_name(self) -> str:
        """The theme to use when nobody asked for one."""
        return DEFAULT_THEME if DEFAULT_THEME in self._files else next(iter(self.names), "")

    def load(self, name: str) -> Theme:
        """Read a theme.

        Raises:
            ConfigError: there is none of that name, or its file is wrong; the text names file and key.
        """
        file = self._files.get(name)
        if file is None:
            raise ConfigError(f"There is no theme {name}.", f"Themes: {', '.join(self.names)}.")
        try:
            data = yaml.load(file.read_text(encoding="utf-8"), Loader=_LOADER)
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
            raise ConfigError(f"The theme {file} cannot be read: {error}") from error
        return theme_of(name, data, str(file))


_LOADER: type[yaml.SafeLoader] | type[yaml.CSafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def theme_of(name: str, data: object, source: str) -> Theme:
    """Return the Textual theme for what a theme file holds.

    Raises:
        ConfigError: a key is missing, unknown or no colour.
    """
    colours = data.get("colours") if isinstance(data, Mapping) else None
    if not isinstance(data, Mapping) or not isinstance(colours, Mapping):
        raise ConfigError(f"{source}: a theme has the keys name, dark and colours.")
    for key in COLOURS:
        _check_colour(colours.get(key), key, source)
    unknown = sorted(str(key) for key in colours if key not in COLOURS)
    if unknown:
        raise ConfigError(f"{source}: colours.{unknown[0]} is unknown.", f"Colours: {', '.join(COLOURS)}.")
    value = {key: str(colours[key]) for key in COLOURS}
    return Theme(
        name=name,
        dark=bool(data.get("dark", True)),
        primary=value["primary"],
        secondary=value["primary"],
        accent=value["accent"],
        background=value["background"],
        surface=value["surface"],
        panel=value["panel"],
        foreground=value["foreground"],
        success=value["success"],
        warning=value["warning"],
        error=value["error"],
        variables=_variables(value),
    )


def _check_colour(value: object, key: str, source: str) -> None:
    if not isinstance(value, str):
        raise ConfigError(f"{source}: colours.{key} is missing.", f"Colours: {', '.join(COLOURS)}.")
    try:
        Color.parse(value)
    except ColorParseError as error:
        raise ConfigError(f"{source}: colours.{key} is no colour: {value}.", "Write it as '#rrggbb'.") from error


def _variables(value: Mapping[str, str]) -> dict[str, str]:
    """Return our own variables, and those of Textual's widgets that must follow them."""
    selection = Color.parse(value["background"]).blend(Color.parse(value["accent"]), 0.30, alpha=1.0).hex
    return {
        "muted": value["muted"],
        "line": value["border"],
        "cloud": value["cloud"],
        "border": value["accent"],
        "border-blurred": value["border"],
        "block-cursor-background": selection,
        "block-cursor-foreground": value["foreground"],
        "block-cursor-text-style": "none",
        "block-cursor-blurred-background": value["panel"],
        "input-cursor-background": value["foreground"],
        "input-cursor-foreground": value["background"],
        "input-selection-background": selection,
        "screen-selection-background": selection,
        "scrollbar": value["border"],
        "scrollbar-hover": value["muted"],
        "scrollbar-active": value["accent"],
        "scrollbar-background": value["background"],
        "scrollbar-background-hover": value["background"],
        "scrollbar-background-active": value["background"],
        "scrollbar-corner-color": value["background"],
    }
