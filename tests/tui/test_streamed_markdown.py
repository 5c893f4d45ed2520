"""Markdown while it is written: at its end it is the whole text as it is drawn, and what is drawn early stays."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.text import Text

from trashclaw.config.resources import theme_files
from trashclaw.faces.tui.drawing import stream as streaming
from trashclaw.faces.tui.drawing.look import look_of_theme
from trashclaw.faces.tui.drawing.markdown import markdown_lines
from trashclaw.faces.tui.drawing.stream import PIECE_LINES, MarkdownStream
from trashclaw.faces.tui.themes import ThemeShelf

LOOK = look_of_theme(ThemeShelf(theme_files()).load("trashclaw-dark"), is_ascii=False)
WIDTH = 40
PIECES = (
    "# Head\n",
    "words *of* `code` and **more** of them than fit into one line\n",
    "Setext\n",
    "===\n",
    "---\n",
    "\n",
    "\n\n",
    "- a\n",
    "-",
    "#",
    "|--|--",
    "  - b\n",
    "1. x\n",
    "9) y\n",
    "> q\n",
    "a\x0bb\u2028c\x85\td\r\n",
    "\x1b[31m\u202ered\n",
    "```py\nx = 1\n",
    "    indented\n",
    "~~~\n",
    "```\n",
    '"""open\n',
    "| a | b |\n|---|---|\n",
    "| 1 | `2` |\n",
    "[one] and [two][one] and [three](http://x.example)\n",
    "[one]: http://a.example\n",
    '[one]: http://b.example "ti',
    'tle"\n',
    "<b>html</b> &amp; \\* 漢字 🙂\u200d\n",
)
MARKDOWN = st.lists(st.sampled_from(PIECES), max_size=18).map("".join)
"""Of pieces that begin, end and turn into each other."""


def drawn(lines: list[Text]) -> list[tuple[str, str, str, list[tuple[int, int, str]]]]:
    """All that is drawn of lines: characters, the style beneath, how they end, and the styles over them."""
    return [
        (line.plain, str(line.style), line.end, [(span.start, span.end, str(span.style)) for span in line.spans])
        for line in lines
    ]


def streamed(text: str, sizes: list[int]) -> MarkdownStream:
    """Feed a text in pieces of these sizes, again and again, and draw it after each."""
    stream, place, turn = MarkdownStream(WIDTH, LOOK), 0, 0
    while place < len(text):
        size = sizes[turn % len(sizes)]
        stream.feed(text[place : place + size])
        before = drawn(stream.lines)
        changed = stream.advance()
        assert drawn(stream.lines)[:changed] == before[:changed], "what is said to be the same is the same"
        place, turn = place + size, turn + 1
    return stream


@given(MARKDOWN, st.lists(st.integers(1, 30), min_size=1, max_size=5))
@settings(deadline=None, max_examples=300)
def test_at_its_end_a_streamed_text_is_the_whole_text_as_it_is_drawn(text: str, sizes: list[int]) -> None:
    stream = streamed(text, sizes)
    before = drawn(stream.lines)
    changed = stream.finish()
    assert drawn(stream.lines) == drawn(markdown_lines(text, WIDTH, LOOK))
    assert drawn(stream.lines)[:changed] == before[:changed]


@given(MARKDOWN.filter(lambda text: "]:" not in text), st.integers(1, 30))
@settings(deadline=None, max_examples=200)
def test_the_words_stand_where_they_stay_before_the_end_is_known(text: str, size: int) -> None:
    stream = streamed(text, [size])
    before = [line.plain for line in stream.lines]
    stream.finish()
    assert [line.plain for line in stream.lines] == before


@given(st.text(st.characters(codec=None), max_size=200), st.integers(1, 30))
@settings(deadline=None)
def test_any_text_is_drawn_as_a_whole_one(text: str, size: int) -> None:
    stream = streamed(text, [size])
    stream.finish()
    assert drawn(stream.lines) == drawn(markdown_lines(text, WIDTH, LOOK))


def test_a_label_that_is_defined_last_makes_a_link_of_its_use_at_the_end() -> None:
    stream = streamed("See [it].\n\nMore.\n\nAnd more.\n\n[it]: http://x.example\n", [7])
    assert stream.lines[0].plain == "See [it]."
    assert stream.finish() == 0
    assert stream.lines[0].plain == "See it (http://x.example)."


def test_what_is_settled_is_parsed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    lengths: list[int] = []
    parse = streaming.parsed

    def counted(source: str, labels: dict[str, object]) -> object:
        lengths.append(len(source))
        return parse(source, labels)

    monkeypatch.setattr(streaming, "parsed", counted)
    block = "Some words of a paragraph.\n\n- one\n- two\n\n"
    streamed(block * 50, [20])
    assert max(lengths) < 3 * len(block)


def test_a_long_open_code_block_is_coloured_in_parts_and_then_as_a_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    rows: list[int] = []
    draw = streaming.code_lines

    def counted(code: str, *rest: object) -> list[Text]:
        rows.append(code.count("\n"))
        return draw(code, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(streaming, "code_lines", counted)
    code = "text = '''\n" + "words in a string\n" * 3 * PIECE_LINES + "'''\nlast = 1\n"
    text = f"Before\n\n```python\n{code}"
    stream = streamed(text, [18])
    assert max(rows) == PIECE_LINES
    assert [line.plain.strip() for line in stream.lines] == ["Before", "", *code.splitlines()]
    assert drawn(stream.lines) != drawn(markdown_lines(text, WIDTH, LOOK)), "a string over several parts"
    stream.finish()
    assert drawn(stream.lines) == drawn(markdown_lines(text, WIDTH, LOOK))
