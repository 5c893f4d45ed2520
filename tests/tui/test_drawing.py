"""Drawing: pure functions from values to lines."""

from __future__ import annotations

import ast
import unicodedata
from importlib import import_module
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.text import Text

from trashclaw.config.resources import theme_files
from trashclaw.faces.tui.completion import Candidate, best, word_before
from trashclaw.faces.tui.drawing.hunk import Switches
from trashclaw.faces.tui.drawing.intraline import changed_words
from trashclaw.faces.tui.drawing.lines import cut, fold, plain, spread, strips, wrap
from trashclaw.faces.tui.drawing.look import Look, look_of_theme
from trashclaw.faces.tui.drawing.markdown import markdown_lines
from trashclaw.faces.tui.drawing.patch import patch_lines
from trashclaw.faces.tui.drawing.table import column_lines
from trashclaw.faces.tui.themes import ThemeShelf
from trashclaw.faces.tui.widgets.hunks import HunkSwitches
from trashclaw.faces.visible import visible
from trashclaw.faces.wording.figures import seconds, tokens
from trashclaw.protocol.ids import HunkId
from trashclaw.protocol.patches import ChangeKind, FileChange, Hunk, Patch

LOOK: Look = look_of_theme(ThemeShelf(theme_files()).load("trashclaw-dark"), is_ascii=False)
ANY_TEXT = st.text(st.characters(codec=None), max_size=200)
PIECES = (
    "# h\n",
    "words *of* `code`\n",
    "\n",
    "- a\n",
    "  - b\n",
    "1. x\n",
    "> q\n",
    "a\x0bb\u2028c\x85\td\n",
    "```py\nx = 1\n",
    "```\n",
    "| a | b |\n|---|---|\n",
)
MARKDOWN = st.lists(st.sampled_from(PIECES), max_size=14).map("".join)
DIRECTING = set("\u202e\u2066\u200f\ufeff")


def lines_of(lines: list[Text]) -> list[str]:
    """The words of lines."""
    return [line.plain.rstrip() for line in lines]


@given(ANY_TEXT)
def test_nothing_that_is_shown_can_steer_a_terminal(text: str) -> None:
    shown = visible(text)
    kinds = {unicodedata.category(character) for character in shown if character != "\n"}
    assert not kinds & {"Cc", "Cs"}
    assert not DIRECTING & set(shown)
    shown.encode()


@given(ANY_TEXT, st.integers(1, 60))
@settings(deadline=None)
def test_no_line_of_any_markdown_is_wider_than_its_pane(text: str, width: int) -> None:
    room = max(8, width)
    for strip in strips(markdown_lines(text, room, LOOK), LOOK):
        assert strip.cell_length <= room


def test_html_and_entities_are_words_like_any_other() -> None:
    assert lines_of(markdown_lines("<script>x</script> &#x202e; &amp;", 60, LOOK)) == ["<script>x</script> <U+202E> &"]


def test_a_link_shows_where_it_leads() -> None:
    assert lines_of(markdown_lines("[bank](http://evil.example)", 60, LOOK)) == ["bank (http://evil.example)"]


@given(ANY_TEXT, st.integers(2, 40))
@settings(deadline=None)
def test_folding_keeps_every_character_but_a_space_that_does_not_fit(text: str, width: int) -> None:
    source = plain(text.replace("\n", " "))
    pieces = fold(source.copy(), width)
    left = source.plain
    for piece in pieces:
        assert left.startswith(piece.plain)
        left = left[len(piece.plain) :]
        left = left[1:] if piece.cell_len == width and left.startswith(" ") else left
    assert left == ""
    assert all(piece.cell_len <= width for piece in pieces)


@given(ANY_TEXT, st.integers(0, 40))
def test_a_cut_line_is_never_too_wide(text: str, width: int) -> None:
    assert cell_len(cut(text, width, LOOK)) <= max(width, 0)


def test_left_and_right_share_a_line_and_the_left_gives_way() -> None:
    assert spread(Text("a long name"), Text("12 s"), 12, LOOK).plain == "a long… 12 s"
    assert spread(Text("名前"), Text("x"), 8, LOOK).plain == "名前   x"


def test_words_wrap_and_an_empty_text_is_a_line() -> None:
    assert [line.plain for line in wrap(plain("one two three"), 7, LOOK)] == ["one two", "three"]
    assert len(wrap(plain(""), 7, LOOK)) == 1


def patch() -> Patch:
    """A patch of two hunks in one file."""
    first = Hunk(hunk_id=HunkId("1"), before=3, after=3, lines=(" a\n", "-b\n", "+c\x1b[2J\n"))
    second = Hunk(hunk_id=HunkId("2"), before=9, after=9, lines=("-x", "+y\r\n"))
    return Patch(changes=(FileChange(path="a.py", kind=ChangeKind.MODIFIED, hunks=(first, second)),))


def test_a_patch_shows_numbers_signs_and_switches() -> None:
    switches = Switches(is_on=lambda hunk_id: hunk_id == "1", current=HunkId("1"))
    drawn = patch_lines(patch(), 40, LOOK, switches)
    assert lines_of(drawn.lines) == [
        "a.py                               +2 -2",
        "[■] line 3",
        " 3 a",
        "-4 b",
        "+4 c␛[2J",
        "[□] line 9                      left out",
        "- 9 x  (no line end)",
        "+ 9 y",
    ]
    assert drawn.starts == {"1": 1, "2": 5}


def test_switches_step_through_hunks_and_choose() -> None:
    switches = HunkSwitches(patch())
    assert (switches.place, switches.count, switches.path) == (1, 2, "a.py")
    switches.step(1)
    switches.toggle()
    assert switches.chosen == ("1",)
    switches.switch_file_on()
    assert switches.is_all
    switches.step(5)
    assert switches.current == "2"


@pytest.mark.parametrize(
    ("text", "kind", "typed"),
    [
        ("/he", "command", "he"),
        ("see @src/a", "path", "src/a"),
        ("@", "path", ""),
        ("a/b", None, ""),
        ("x@y", None, ""),
    ],
)
def test_the_word_to_complete_is_found(text: str, kind: str | None, typed: str) -> None:
    word = word_before(text)
    assert (word.kind if word else None, word.text if word else "") == (kind, typed)


def test_names_and_beginnings_win_over_scattered_letters() -> None:
    paths = [Candidate(path) for path in ("docs/application.md", "src/app.py", "a/p/p.txt", "src/zap.py")]
    assert [found.text for found in best("app", paths)][:2] == ["src/app.py", "docs/application.md"]
    assert best("xyz", paths) == []


def test_figures_are_short() -> None:
    assert [tokens(count) for count in (870, 9_100, 131_072)] == ["870", "9.1k", "131k"]
    assert [seconds(duration) for duration in (0.008, 2.1, 48, 185)] == ["8 ms", "2.1 s", "48 s", "3 min 05 s"]


def test_code_breaks_at_a_space_where_one_is_near_and_says_that_it_goes_on() -> None:
    assert [piece.plain for piece in fold(Text("call(first, second)"), 14)] == ["call(first, ", "second)"]
    assert [piece.plain for piece in fold(Text("call(first, second)"), 11)] == ["call(first,", "second)"]
    assert [piece.plain for piece in fold(Text("  unbreakable_name"), 10)] == ["  unbreaka", "ble_name"]
    assert lines_of(markdown_lines("```\ncall(first, second)\n```", 16, LOOK)) == [" call(first,", "↪second)"]


def test_a_changed_line_marks_the_words_that_changed_and_a_new_one_none() -> None:
    lines = ["-def find(a, b):", "-x = 1", "+def find(a, key):", "+print(nothing.alike)"]
    found = {
        place: [lines[place][1:][start:end] for start, end in spans] for place, spans in changed_words(lines).items()
    }
    assert found == {0: ["b"], 2: ["key"], 1: [], 3: []}


@given(st.lists(st.builds("".join, st.tuples(st.sampled_from("+- "), ANY_TEXT)), max_size=8), st.integers(12, 60))
@settings(deadline=None)
def test_a_patch_of_any_text_keeps_to_its_width(lines: list[str], width: int) -> None:
    hunk = Hunk(hunk_id=HunkId("1"), before=1, after=1, lines=tuple(line.replace("\n", "") + "\n" for line in lines))
    change = FileChange(path="a.py", kind=ChangeKind.MODIFIED, hunks=(hunk,))
    drawn = patch_lines(Patch(changes=(change,)), width, LOOK, None)
    assert all(strip.cell_length <= width for strip in strips(drawn.lines, LOOK))


def test_columns_begin_where_those_above_begin() -> None:
    rows = [[Text("a"), Text("long words that wrap")], [Text("名前"), Text("b")]]
    assert lines_of(column_lines(rows, 18, LOOK)) == ["a     long words", "      that wrap", "名前  b"]


@pytest.mark.parametrize("module", ["screens.policy", "screens.manner", "drawing.context_advice", "drawing.cut"])
def test_our_own_pages_show_no_marks_of_markup(module: str) -> None:
    """They are drawn as they stand: a backtick would be seen as one."""
    source = Path(import_module(f"trashclaw.faces.tui.{module}").__file__ or "").read_text(encoding="utf-8")
    tree = ast.parse(source)
    notes = {
        node.body[place].value
        for node in ast.walk(tree)
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef))
        for place in range(len(node.body))
        if isinstance(node.body[place], ast.Expr)
    }
    said = [node for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    assert [node.value for node in said if "`" in node.value and node not in notes] == []
