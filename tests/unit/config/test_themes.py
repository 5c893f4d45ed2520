"""Every shipped theme can be read, and a broken one is told with file, line and key."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.style import Style

from trashclaw.config.contrast import contrast, grounds, luminance, mixed, shortfalls
from trashclaw.config.paths import config_folder
from trashclaw.config.resources import resource_folder, theme_files
from trashclaw.config.themes import COLOURS, ThemeSpec, load_theme
from trashclaw.faces.tui.drawing.look import look_of_theme
from trashclaw.faces.tui.themes import theme_of
from trashclaw.protocol.errors import ConfigError

BACKGROUNDS = ("background", "surface", "panel")
INKS = tuple(name for name in COLOURS if name not in (*BACKGROUNDS, "border"))
SHIPPED = sorted(resource_folder("themes").glob("*.yaml"))
GOOD = "name: own\ndark: true\ncolours:\n" + "".join(f'  {name}: "#A0b1c2"\n' for name in COLOURS)


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


def test_contrast_is_what_wcag_says_it_is() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.005)
    assert contrast("#ffffff", "#767676") == contrast("#767676", "#ffffff")
    assert mixed("#000000", "#ffffff", 0.5) == "#7f7f7f"


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_everything_in_a_shipped_theme_is_readable_on_all_that_it_stands_on(file: Path) -> None:
    theme = load_theme(file)
    assert theme.name == file.stem
    assert [str(pair) for pair in shortfalls(theme.colours)] == []
    if not theme.is_ansi:
        assert (luminance(theme.colours["background"]) < 0.2) == theme.is_dark


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_a_file_in_the_usual_form_says_what_yaml_makes_of_it(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read = load_theme(file)
    monkeypatch.setattr("trashclaw.config.themes._usual", lambda source: None)
    assert load_theme(file) == read


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_what_is_checked_is_what_is_drawn(file: Path) -> None:
    theme = load_theme(file)
    if theme.is_ansi:
        return
    look = look_of_theme(theme_of(theme.name, theme), is_ascii=False)
    drawn = {
        "current row": look.cursor,
        "added line": look.added,
        "removed line": look.removed,
        "added words": look.added_words,
        "removed words": look.removed_words,
    }
    checked = grounds(theme.colours)
    for name, style in drawn.items():
        assert style.bgcolor is not None
        shown = style.bgcolor.get_truecolor()
        wanted = (int(checked[name][at : at + 2], 16) for at in (1, 3, 5))
        assert all(abs(one - other) <= 1 for one, other in zip(shown, wanted, strict=True)), name
    assert look.added_words.color == look.removed_words.color == look.text.color
    selection = theme_of(theme.name, theme).variables["screen-selection-background"].lower()
    assert all(
        abs(int(selection[at : at + 2], 16) - int(checked["selection"][at : at + 2], 16)) <= 1 for at in (1, 3, 5)
    )


def test_a_faint_theme_is_told_with_figures_and_read_all_the_same(tmp_path: Path) -> None:
    file = tmp_path / "faint.yaml"
    file.write_text((resource_folder("themes") / "nord.yaml").read_text().replace("#b2bcce", "#5b6578"))
    told = [str(pair) for pair in shortfalls(load_theme(file).colours)]
    assert "muted on background 2.12:1, needs 4.5:1" in told
    assert all(line.startswith("muted on ") for line in told)


def test_the_set_has_something_for_every_room() -> None:
    themes = {theme.name: theme for theme in map(load_theme, SHIPPED)}
    assert len(themes) >= 14
    assert sum(theme.is_dark for theme in themes.values()) >= 7
    assert sum(not theme.is_dark for theme in themes.values()) >= 6
    assert {name for name, theme in themes.items() if theme.is_ansi} == {"ansi-dark", "ansi-light"}
    for name in ("high-contrast", "high-contrast-light"):
        assert not unreadable(themes[name], INKS, 7.0)


@pytest.mark.parametrize("name", ["ansi-dark", "ansi-light"])
def test_a_theme_of_the_terminals_own_colours_sends_no_others(name: str) -> None:
    theme = theme_of(name, load_theme(resource_folder("themes") / f"{name}.yaml"))
    look = look_of_theme(theme, is_ascii=False)
    for part, style in look._asdict().items():
        for colour in (style.color, style.bgcolor) if isinstance(style, Style) else ():
            assert colour is None or colour.is_system_defined or colour.is_default, part
    generated = theme.to_color_system().generate()
    assert not {key: value for key, value in generated.items() if value.startswith("#")}
    assert look.cursor.reverse
    assert look.added_words.reverse


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
        ('muted: "#A0b1c2"', "muted: red", "muted is 'red', and must look like \"#1a2b3c\", or be ansi_red"),
        ('muted: "#A0b1c2"', "muted: 7", "line 10: muted is 7, and must look like"),
        ('muted: "#A0b1c2"', "muted: ansi_rde", "or be ansi_red"),
        ('muted: "#A0b1c2"', "muted: ansi_red", "line 10: muted is a colour of the terminal's and others are not"),
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
