"""Each matcher finds what drifted in its way, and what lands keeps the form of the file."""

from __future__ import annotations

import pytest

from trashclaw.tools.editing.replace import replace

SHOP = '''import os


class Shop:
    """Sells things."""

    def total(self, prices):
        # Add all prices of the basket.
        amount = sum(prices)
        return amount

    def name(self):
        return "shop"
'''


def shop(old: str, new: str) -> str:
    """Return the shop after a plain replacement that must be possible."""
    assert SHOP.count(old) == 1
    return SHOP.replace(old, new)


@pytest.mark.parametrize(
    ("old", "new", "expected", "note"),
    [
        pytest.param(
            "```python\n        amount = sum(prices)\n```",
            "```python\n        amount = max(prices)\n```",
            shop("sum(", "max("),
            "fence",
            id="fence",
        ),
        pytest.param(
            "9 |         amount = sum(prices)\n10 |         return amount",
            "9 |         amount = sum(prices)\n10 |         return amount + 1",
            shop("return amount", "return amount + 1"),
            "line numbers",
            id="numbers with bars",
        ),
        pytest.param(
            "9: amount = sum(prices)\n10: return amount\n",
            "amount = sum(prices)\nif amount:\n    return amount\n",
            shop("        return amount\n", "        if amount:\n            return amount\n"),
            "indentation",
            id="numbers and no indentation",
        ),
        pytest.param(
            "def total(self, prices):\n    # Add all prices of the basket.\n    amount = sum(prices)\n",
            "def total(self, prices):\n    # Add all prices of the basket.\n    if not prices:\n        return 0\n"
            "    amount = sum(prices)\n",
            shop("        amount = sum", "        if not prices:\n            return 0\n        amount = sum"),
            "indentation",
            id="dedented",
        ),
        pytest.param(
            '\tdef name(self):\n\t\treturn "shop"\n',
            '\tdef name(self):\n\t\tif self:\n\t\t\treturn "shop"\n',
            shop('        return "shop"', '        if self:\n            return "shop"'),
            "indentation",
            id="tabs for blanks",
        ),
        pytest.param(
            'return \\"shop\\"', 'return \\"store\\"', shop('"shop"', '"store"'), "escapes", id="escaped quotes"
        ),
        pytest.param(
            '    def name(self):\\n        return \\"shop\\"\\n',
            '    def name(self):\\n        return \\"store\\"\\n',
            shop('"shop"', '"store"'),
            "escapes",
            id="escaped whole",
        ),
        pytest.param("return “shop”", "return “store”", shop('"shop"', '"store"'), "quotes", id="smart quotes"),
        pytest.param(
            "        return amount\n    def name(self):\n",
            "        return amount\n    def label(self):\n",
            shop("def name", "def label"),
            "blank lines",
            id="lost blank line",
        ),
        pytest.param(
            "    def total(self, prices):\n        # ... existing code ...\n        return amount\n",
            "    def total(self, prices):\n        # ... existing code ...\n        return amount * 2\n",
            shop("return amount", "return amount * 2"),
            "middle",
            id="elided middle",
        ),
        pytest.param(
            "        # Add all prices of the baskett.\n        amount = sum(prices)\n        return amount\n",
            "        # Add all prices of the baskett.\n        amount = sum(prices)\n        return round(amount)\n",
            shop("return amount", "return round(amount)"),
            "slip",
            id="typo in a kept line",
        ),
        pytest.param(
            "        # Add all prices of the cart.\n        amount = sum(prices)\n        return amount\n",
            "        # Add all prices of the cart.\n        amount = sum(prices)\n        return round(amount)\n",
            shop("return amount", "return round(amount)"),
            "slip",
            id="word of a comment",
        ),
        pytest.param(
            "        amount = sum(prices)\n", "        amount = 0", shop("sum(prices)", "0"), "", id="newline"
        ),
        pytest.param("        amount = sum(prices)", "", shop("        amount = sum(prices)\n", ""), "", id="deleted"),
        pytest.param("amount = sum(prices)\n", "", shop("        amount = sum(prices)\n", ""), "", id="deleted bare"),
    ],
)
def test_what_drifted_lands_in_the_form_of_the_file(old: str, new: str, expected: str, note: str) -> None:
    done = replace(SHOP, old, new, "shop.py")
    assert done.text == expected
    assert note in done.note
    windows = replace(SHOP.replace("\n", "\r\n"), old, new, "shop.py")
    assert windows.text == expected.replace("\n", "\r\n")


@pytest.mark.parametrize(
    ("text", "old", "new", "expected"),
    [
        ("a {\n\tfoo()\n\tbar()\n}\n", "foo()\nbar()\n", "foo()\nif x {\n    bar()\n}\n", None),
        (
            "a {\n\tfoo(1)\n\tif x {\n\t\tbar(2)\n\t}\n}\n",
            "    foo(1)\n    if x {\n        bar(2)\n    }\n",
            "    foo(1)\n    if x {\n        if y {\n            bar(2)\n        }\n    }\n",
            "a {\n\tfoo(1)\n\tif x {\n\t\tif y {\n\t\t\tbar(2)\n\t\t}\n\t}\n}\n",
        ),
        (
            "def f():\n    value = 1\n    if value:\n        call(value)\n",
            "def f():\n  value = 1\n  if value:\n    call(value)\n",
            "def f():\n  value = 2\n  if value:\n    call(value)\n    stop()\n",
            "def f():\n    value = 2\n    if value:\n        call(value)\n        stop()\n",
        ),
        ("It’s “here” — now.\nand then\n", 'It\'s "here" - now.', 'It\'s "there" - now.', None),
        ("say “here now”\nand then\n", 'say "here now"', 'say "here then"', "say “here then”\nand then\n"),
    ],
)
def test_indentation_and_characters_of_the_file_stay(text: str, old: str, new: str, expected: str | None) -> None:
    done = replace(text, old, new, "f")
    if expected is None:
        assert done.text.splitlines()[-1] == text.splitlines()[-1]
        assert "’" in done.text or "\tif x {\n\t\tbar()" in done.text
    else:
        assert done.text == expected


def test_a_hint_of_a_line_chooses_among_exact_places() -> None:
    text = "a = 1\n" + "x\n" * 20 + "a = 1\n"
    assert replace(text, "a = 1\n", "a = 2\n", "f", near_line=22).lines == ((22, 22),)
    assert replace(text, "a = 1\n", "a = 2\n", "f", near_line=1).text.startswith("a = 2\nx")


def test_the_lines_of_each_place_are_told() -> None:
    done = replace("a\nb\na\nb\n", "a\nb", "c", "f", replace_all=True)
    assert done.lines == ((1, 2), (3, 4))
    assert replace(SHOP, "def name(self):\n    return “shop”", "x", "f").lines == ((12, 13),)


@pytest.mark.parametrize(
    ("text", "old", "new", "expected"),
    [
        ("top\r\n\r\n  one\r\n", "\n  one\n", "\n  zero\n  one\n", "top\r\n\r\n  zero\r\n  one\r\n"),
        ("call(one)  \ncall(two)\n", "call(one)  \ncall(two) \n", "call(one)\ncall(two) \n", "call(one)\ncall(two)\n"),
        (
            "tail(2)\nhead(one)\nmid\ntail(2)\n",
            "head(one)\n...\ntail(2)",
            "head(1)\n...\ntail(3)",
            "tail(2)\nhead(1)\nmid\ntail(3)\n",
        ),
    ],
    ids=["empty line first", "blanks that are to go", "order of the parts"],
)
def test_bytes_around_a_loose_place_stay_and_what_changes_changes(text: str, old: str, new: str, expected: str) -> None:
    assert replace(text, old, new, "f").text == expected


def test_a_blank_line_before_what_is_left_out_is_kept() -> None:
    text = "def f():\n    first_value = count(1)\n    b = 2\n    c = 3\n    return first_value\n"
    old = "    first_value = count(1)\n    # ...\n    return first_value\n"
    new = "    first_value = one()\n\n    # ...\n    return first_value\n"
    done = replace(text, old, new, "f.py")
    assert done.text == "def f():\n    first_value = one()\n\n    b = 2\n    c = 3\n    return first_value\n"


@pytest.mark.parametrize("opener", ["call(  # why", "[", "x = {  # a: b", "if a:  # yes", "total = a + \\"])
def test_lines_after_one_that_opens_something_are_indented_with_it(opener: str) -> None:
    text = "class A:\n    def f(self):\n        return concat(one, two)  # all\n"
    old = "return concat(one, two)  # all"
    new = f"return {opener}\n    one, two\n)"
    done = replace(text, old, new, "f.py")
    assert done.text.endswith(f"        return {opener}\n            one, two\n        )\n")
