"""What is not certain is refused: twins, texts that are gone, new text whose form is open, and hostile files."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trashclaw.protocol.errors import ToolError
from trashclaw.tools.editing.replace import replace

TWINS = """def test_load_a(shop):
    basket = shop.basket()
    assert basket.total() == 1


def test_load_b(shop):
    basket = shop.basket()
    assert basket.total() == 2
"""


@pytest.mark.parametrize(
    ("text", "old", "new", "said"),
    [
        pytest.param(
            "  if a:\n    b(1)\n\tif a:\n\t  b(1)\n", "if a:\n\tb(1)\n", "x", "lines 1, 3", id="indented twins"
        ),
        pytest.param("a = “word”\nb\na = ‘word’\n" * 1, 'a = "word’\n', "x", "not in the file", id="no such quotes"),
        pytest.param('v = "word"\nw\nv = "word"\n', "v = “word”\n", "x", "nearly so at lines 1, 3", id="quote twins"),
        pytest.param("one()\n\ntwo()\none()\n\n\ntwo()\n", "one()\ntwo()\n", "x", "lines 1, 4", id="blank twins"),
        pytest.param("}\n", "  }", "x", "not in the file", id="too short"),
        pytest.param("  a1\n", "\n   \n", "x", "not in the file", id="blanks alone"),
        pytest.param(TWINS, TWINS[:76].replace("_a", "_c"), "x", "not in the file", id="a name is no slip"),
        pytest.param(
            "head(one)\nlast(two)\nhead(one)\nlast(two)\n",
            "head(one)\n...\nlast(two)\n",
            "head(1)\n...\nlast(two)\n",
            "several places",
            id="elided twins",
        ),
        pytest.param(
            "head(one)\nmid\nlast(two)\n",
            "head(one)\n...\nlast(two)\n",
            "head(1)\nlast(two)\n",
            "not",
            id="elided once",
        ),
        pytest.param(
            "def f():\n    first(1)\n    third(3)\n",
            "def f():\n    # ... existing code ...\n    third(3)\n",
            "def f():\n    third(4)\n",
            "middle is left out",
            id="elided in old alone",
        ),
        pytest.param(
            "def f():\n    return 1\n",
            "    return 1\n",
            "    # ... rest of the code unchanged ...\n    return 2\n",
            "stands for code",
            id="new text with a hole",
        ),
        pytest.param(
            "def f():\n    a = 1\n    b = 2\n    return a\n",
            "    a = 1\n    b = 2\n    return a\n",
            "    # ...\n    return b\n",
            "stands for code",
            id="a hole of dots alone",
        ),
        pytest.param(
            "def f():\n    a = 1\n    b = 2\n    return a\n",
            "    a = 1\n    b = 2\n    return a\n",
            "    # rest of the code unchanged\n    return b\n",
            "stands for code",
            id="a hole of words alone",
        ),
        pytest.param('print("a")\n', 'print(\\"a\\")', 'print(\\"b")', "escapes", id="escapes half undone"),
        pytest.param("if a:\n    go()\n", "go()", "go()\nstop()", "how far", id="indentation of more lines open"),
        pytest.param("  one()\n      two()\n", "one()\ntwo()\n", "one()\n", "indented otherwise", id="other structure"),
        pytest.param(
            "alpha(1)\n\nbeta(2)\n",
            "alpha(1)\nbeta(2)\n",
            "alpha(1)\nnew(3)\nbeta(2)\n",
            "blank lines",
            id="where in a gap",
        ),
        pytest.param(
            "def one():\n    value = compute(all_of_it)\n    return value\n",
            "def one():\n    value = compute(all_of_tt)\n    return value\n",
            "def one():\n    value = compute(none_of_it)\n    return value\n",
            "not in the file",
            id="a slip in what is to change",
        ),
        pytest.param(
            "v = 10\nname = shop\nlabel = other\n", "v = 11\nname = shop\nlabel = other\n", "x", "not in", id="number"
        ),
    ],
)
def test_what_is_not_certain_is_refused(text: str, old: str, new: str, said: str) -> None:
    with pytest.raises(ToolError) as raised:
        replace(text, old, new, "f")
    assert said in raised.value.text


def test_two_places_that_are_nearly_alike_are_no_place() -> None:
    with pytest.raises(ToolError):
        replace(TWINS, "    basket = shop.baskett()\n    assert basket.total() == 3\n", "x", "f")


def test_with_exact_only_nothing_but_line_ends_may_differ() -> None:
    assert replace("a\r\nb\r\n", "a\nb\n", "c\n", "f", is_exact_only=True).text == "c\r\n"
    for text, old in (("a \nbcdef\n", "a\nbcdef\n"), ("    return value\n", "\treturn value\n")):
        with pytest.raises(ToolError):
            replace(text, old, "c\n", "f", is_exact_only=True)


def test_a_hint_of_a_line_does_not_choose_between_two_that_are_as_near() -> None:
    with pytest.raises(ToolError, match="2 times, at lines 1, 5"):
        replace("same\nx\nx\nx\nsame\n", "same", "y", "f", near_line=3)


LINES = st.lists(
    st.sampled_from(["alpha = 1", "  beta(2)", "", "\tgamma", '"delta"', "}", "...", "# omega is all"]), max_size=9
)


@given(
    LINES, LINES, LINES, st.sampled_from([str.expandtabs, str.strip, lambda t: t.replace('"', "“"), lambda t: f"  {t}"])
)
def test_nothing_outside_the_place_ever_changes(
    before: list[str], old: list[str], after: list[str], drift: object
) -> None:
    assert callable(drift)
    text = "".join(f"{line}\n" for line in (*before, *old, *after))
    wanted = "".join(f"{drift(line)}\n" for line in old)
    try:
        done = replace(text, wanted, wanted + "NEW = 1\n", "f")
    except ToolError:
        return
    (first, last), lines = done.lines[0], text.split("\n")
    changed = done.text.split("\n")
    assert changed[: first - 1] == lines[: first - 1]
    assert lines[last:] == changed[len(changed) - len(lines[last:]) :]


@given(LINES, LINES, LINES)
def test_an_exact_place_that_is_the_only_one_always_wins(before: list[str], old: list[str], after: list[str]) -> None:
    quoted = "".join(f"{line}\n" for line in ("<<<<", *old, ">>>>"))
    text = "".join(f"{line}\n" for line in (*before, "x<<<<", *old)) + quoted + "".join(f"  {line}\n" for line in after)
    done = replace(text, quoted, "NEW\n", "f")
    assert (done.text, done.note) == (text.replace(quoted, "NEW\n"), "")


@given(LINES)
def test_a_drifted_edit_that_landed_does_not_land_again(lines: list[str]) -> None:
    text = "".join(f"    {line}\n" for line in ("first_of_all(1)", *lines, "last_of_all(2)"))
    old = "".join(f"{line}\n" for line in ("first_of_all(1)", *lines, "last_of_all(2)"))
    try:
        done = replace(text, old, old.replace("first_of_all", "next_of_all"), "f")
    except ToolError:
        return
    with pytest.raises(ToolError):
        replace(done.text, old, old.replace("first_of_all", "next_of_all"), "f")


def hostile(kind: str) -> tuple[str, str]:
    """Return a large file and an old text that nearly is in it everywhere."""
    if kind == "one line for ever":
        return "    value = compute(value)\n" * 100_000, "value = compute(value)\n" * 200 + "other(value)\n"
    if kind == "blank lines":
        return "\n" * 1_000_000 + "value(1)\n", "value(1)\n\n\nvalue(2)\n"
    if kind == "markers":
        return "head(1)\n...\nlast(2)\n" * 30_000, "head(1)\n...\n" * 5 + "last(2)\n"
    if kind == "backslashes":
        return "\\" * 500_000, "\\" * 1_000 + "n" * 20 + '\\"'
    if kind == "fences":
        return "text\n" * 100_000, "```\n" + " \n" * 100_000 + "``` x"
    if kind == "one long line":
        return "x = (" + "ab, " * 1_000_000 + ")\n", "x = (" + "ab,  " * 1_000 + ")\n"
    shuffler = random.Random(1)
    lines = ["".join(shuffler.choice("ab") for _ in range(12)) for _ in range(100_000)]
    return "\n".join(lines), "\n".join(shuffler.sample(lines, 400)) + "\nabababbbab()"


@pytest.mark.parametrize(
    "kind", ["one line for ever", "blank lines", "markers", "backslashes", "fences", "one long line", "letters"]
)
def test_a_hostile_file_is_refused_in_bounded_work(kind: str) -> None:
    text, old = hostile(kind)
    with pytest.raises(ToolError) as raised:
        replace(text, old, old + "x\n", "f")
    assert len(raised.value.text + raised.value.hint) < 6_000


def test_a_slip_in_a_line_that_is_to_change_is_no_slip() -> None:
    text = "def compute_all_prices(basket):\n    everything_inside = collect(basket)\n    return everything_inside\n"
    old = text.replace("collect(basket)", "colect(basket)")
    assert replace(text, old, old.replace("return everything_inside", "return 0"), "f").text.endswith("    return 0\n")
    with pytest.raises(ToolError):
        replace(text, old, old.replace("colect(basket)", "nothing(basket)"), "f")
