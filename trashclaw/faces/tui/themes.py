"""Turns a theme file (name, dark, colours) into a Textual theme; the files hold colours and no selectors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from textual.color import Color
from textual.theme import Theme

from trashclaw.config.themes import ThemeSpec, load_theme
from trashclaw.protocol.errors import ConfigError

DEFAULT_THEME = "trashclaw-dark"


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
        return theme_of(name, load_theme(file))


def theme_of(name: str, spec: ThemeSpec) -> Theme:
    """Return the Textual theme for what a theme file gives."""
    value = spec.colours
    return Theme(
        name=name,
        dark=spec.is_dark,
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
