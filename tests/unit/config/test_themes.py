"""Every shipped theme can be read, and a broken one is told with file, line and key."""

from __future__ import annotations

from pathlib import Path

import pytest

from trashclaw.config.paths import config_folder
from trashclaw.config.resources import resource_folder, theme_files
from trashclaw.config.themes import COLOURS, ThemeSpec, load_theme
from trashclaw.protocol.errors import ConfigError

BACKGROUNDS = ("background", "surface", "panel")
INKS = tuple(name for name in COLOURS if name not in (*BACKGROUNDS, "border"))
SHIPPED = sorted(resource_folder("themes").glob("*.yaml"))
GOOD = "name: own\ndark: true\ncolours:\n" + "".join(f'  {name}: "#A0b1c2"\n' for name in COLOURS)


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    parts = [int(colour[index : index + 2], 16) / 255 for index in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: str, second: str) -> float:
    darker, lighter = sorted((luminance(first), luminance(second)))
    return (lighter + 0.05) / (darker + 0.05)


def unreadable(theme: ThemeSpec, inks: tuple[str, ...], at_least: float) -> list[str]:
    found = {
        f"{ink} on {ground}": contrast(theme.colours[ink], theme.colours[ground])
        for ink in inks
        for ground in BACKGROUNDS
    }
    return [f"{theme.name}: {pair} {value:.2f}" for pair, value in found.items() if value < at_least]


def complaint(folder: Path, text: str) -> str:
    file = folder / "own.yaml"
    file.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load_theme(file)
    return str(caught.value)


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_text_of_every_shipped_theme_is_readable(file: Path) -> None:
    theme = load_theme(file)
    assert theme.name == file.stem
    assert not unreadable(theme, ("foreground",), 4.5)
    assert not unreadable(theme, INKS, 3.0)
    assert (luminance(theme.colours["background"]) < 0.2) == theme.is_dark


def test_the_set_has_something_for_every_room() -> None:
    themes = {theme.name: theme for theme in map(load_theme, SHIPPED)}
    assert len(themes) >= 8
    assert sum(not theme.is_dark for theme in themes.values()) >= 2
    assert not unreadable(themes["high-contrast"], INKS, 7.0)
    assert not unreadable(themes["trashclaw-dark"], tuple(set(INKS) - {"muted"}), 4.5)


def test_the_theme_for_poor_terminals_keeps_to_their_palette() -> None:
    cube = (0x00, 0x5F, 0x87, 0xAF, 0xD7, 0xFF)
    greys = {f"#{8 + 10 * step:02x}" + f"{8 + 10 * step:02x}" * 2 for step in range(24)}
    palette = greys | {f"#{red:02x}{green:02x}{blue:02x}" for red in cube for green in cube for blue in cube}
    assert set(load_theme(resource_folder("themes") / "palette-256.yaml").colours.values()) <= palette


def test_a_persons_own_themes_follow_the_shipped_ones(tmp_path: Path) -> None:
    own = config_folder() / "themes" / "own.yaml"
    own.parent.mkdir(parents=True)
    own.write_text(GOOD)
    assert theme_files() == (*SHIPPED, own)
    assert load_theme(own).colours["cloud"] == "#a0b1c2"


@pytest.mark.parametrize(
    ("old", "new", "part"),
    [
        ("  accent", "  acent", "own.yaml, line 5: acent means nothing here; did you mean accent?"),
        ("  accent", "  acent", "own.yaml, line 3: the colour accent is missing"),
        ('muted: "#A0b1c2"', "muted: #A0b1c2", "line 10: muted is empty; a colour needs quotes"),
        ('muted: "#A0b1c2"', "muted: red", "line 10: muted is 'red', and must look like"),
        ('muted: "#A0b1c2"', "muted: 7", "line 10: muted is 7, and must look like"),
        ("dark: true", "dark: 1", "line 2: dark must be true or false"),
        ("dark: true", "drak: true", "line 2: drak means nothing here; did you mean dark?"),
        ("name: own", "name:", "line 1: name must be text"),
        ("colours:", "colours: [", "broken YAML"),
        ("name: own", "", "name must be text"),
    ],
)
def test_a_mistake_in_a_theme_is_told_with_its_line(tmp_path: Path, old: str, new: str, part: str) -> None:
    assert part in complaint(tmp_path, GOOD.replace(old, new))


def test_a_theme_without_colours_is_told_what_it_needs(tmp_path: Path) -> None:
    assert "colours is missing" in complaint(tmp_path, "name: own\ndark: true\n")
    assert "colours is missing" in complaint(tmp_path, "name: own\ndark: true\ncolours: []\n")
