"""Turns a theme file (name, dark, colours) into a Textual theme; the files hold colours and no selectors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from textual.color import Color
from textual.theme import Theme

from trashclaw.config.contrast import SELECTION_PART, shortfalls
from trashclaw.config.themes import ThemeSpec, load_theme
from trashclaw.protocol.errors import ConfigError

DARK_THEME, LIGHT_THEME = "trashclaw-dark", "trashclaw-light"
_TWINS = ((DARK_THEME, LIGHT_THEME), ("ansi-dark", "ansi-light"))
"""Themes for a dark and for a light background, of which nobody has to choose one."""


_LIGHT_GROUNDS = frozenset({"7", "15"})


def has_light_background(environ: Mapping[str, str]) -> bool:
    """Tell whether the terminal says that its background is light; most say nothing, and count as dark."""
    return environ.get("COLORFGBG", "").rpartition(";")[2] in _LIGHT_GROUNDS


def twin_of(name: str, *, is_light: bool) -> str:
    """Return the theme like this one for a background; itself if it is one that somebody has to choose."""
    return next((pair[is_light] for pair in _TWINS if name in pair), name)


class ThemeShelf:
    """The theme files that were found, by name; a file is read when its theme is asked for."""

    def __init__(self, files: Sequence[Path], *, is_light: bool = False) -> None:
        """`is_light`: the terminal's background is."""
        self._files = {file.stem: file for file in files}
        self._usual = LIGHT_THEME if is_light else DARK_THEME

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all themes, sorted."""
        return tuple(sorted(self._files))

    @property
    def default_name(self) -> str:
        """The theme to use when nobody asked for one."""
        return self._usual if self._usual in self._files else next(iter(self.names), "")

    def file_of(self, name: str) -> Path | None:
        """Return the file of a theme, if there is one of that name."""
        return self._files.get(name)

    def find(self, files: Sequence[Path]) -> None:
        """Take these files from now on."""
        self._files = {file.stem: file for file in files}

    def faults(self, name: str) -> Sequence[str]:
        """Return what of a theme is hard to read, each with its figures.

        Raises:
            ConfigError: there is none of that name, or its file is wrong.
        """
        return [str(pair) for pair in shortfalls(self._spec(name).colours)]

    def load(self, name: str) -> Theme:
        """Read a theme.

        Raises:
            ConfigError: there is none of that name, or its file is wrong; the text names file and key.
        """
        return theme_of(name, self._spec(name))

    def load_or_another(self, name: str) -> tuple[Theme, ConfigError | None]:
        """Read a theme, or in its place the first that can be read, with what is to be told then.

        Raises:
            ConfigError: no theme can be read.
        """
        try:
            return self.load(name), None
        except ConfigError as error:
            problem = error
        for other in dict.fromkeys((self.default_name, DARK_THEME, *self.names)):
            try:
                theme = self.load(other)
            except ConfigError:
                continue
            return theme, ConfigError(problem.text, f"{problem.hint} The theme {other} is shown instead.".strip())
        raise problem

    def _spec(self, name: str) -> ThemeSpec:
        file = self._files.get(name)
        if file is None:
            raise ConfigError(f"There is no theme {name}.", f"Themes: {', '.join(self.names)}.")
        return load_theme(file)


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
        variables=_ansi_variables(value, is_dark=spec.is_dark) if spec.is_ansi else _variables(value),
        ansi=spec.is_ansi,
    )


def _ansi_variables(value: Mapping[str, str], *, is_dark: bool) -> dict[str, str]:
    """Return the variables of a theme in the terminal's own colours, none of which can be mixed with another."""
    return {
        "ansi-background": "ansi_black" if is_dark else "ansi_white",
        "ansi-foreground": "ansi_white" if is_dark else "ansi_black",
        "muted": value["muted"],
        "line": value["border"],
        "cloud": value["cloud"],
        "surface": value["surface"],
        "panel": value["panel"],
        "border": value["accent"],
        "border-blurred": value["border"],
        "input-selection-foreground": "ansi_black",
        "scrollbar": value["border"],
        "scrollbar-hover": value["accent"],
        "scrollbar-active": value["accent"],
        "scrollbar-background": value["background"],
        "scrollbar-background-hover": value["background"],
        "scrollbar-background-active": value["background"],
    }


def _variables(value: Mapping[str, str]) -> dict[str, str]:
    """Return our own variables, and those of Textual's widgets that must follow them."""
    selection = Color.parse(value["background"]).blend(Color.parse(value["accent"]), SELECTION_PART, alpha=1.0).hex
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
        "input-selection-foreground": value["foreground"],
        "screen-selection-background": selection,
        "screen-selection-foreground": value["foreground"],
        "scrollbar": value["border"],
        "scrollbar-hover": value["muted"],
        "scrollbar-active": value["accent"],
        "scrollbar-background": value["background"],
        "scrollbar-background-hover": value["background"],
        "scrollbar-background-active": value["background"],
        "scrollbar-corner-color": value["background"],
    }
