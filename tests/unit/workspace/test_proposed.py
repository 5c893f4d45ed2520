"""Whether a change landed is told from the file alone."""

from __future__ import annotations

import pytest

from trashclaw.workspace.diff import make_change
from trashclaw.workspace.files import digest
from trashclaw.workspace.proposed import is_result

LONG = "".join(f"line {number}\n" for number in range(60))
PAIRS = [
    ("a\nb\n", "a\nc\n"),
    ("a\n", ""),
    ("", "a\n"),
    ("a", "a\n"),
    ("a\r\nb\r\n", "b\r\n"),
    (LONG, LONG.replace("line 3\n", "").replace("line 50\n", "line 50\nnew\nnew\n")),
]


@pytest.mark.parametrize(("old", "new"), PAIRS)
def test_the_result_of_a_change_is_known_and_nothing_else(old: str, new: str) -> None:
    change = make_change("f", old, new, digest(old.encode()))
    assert is_result(change, new.encode())
    assert not is_result(change, old.encode())
    assert not is_result(change, (new + "mine\n").encode())
    assert not is_result(change, None)


def test_other_encodings_are_known() -> None:
    old, new = b"\xff\xfe" + "ä\n".encode("utf-16-le"), b"\xff\xfe" + "ö\n".encode("utf-16-le")
    assert is_result(make_change("f", "ä\n", "ö\n", digest(old)), new)
    assert is_result(make_change("f", "ä\n", "ö\n", digest("ä\n".encode("cp1252"))), "ö\n".encode("cp1252"))


@pytest.mark.parametrize("text", ["", "new\n", "new"])
def test_a_file_that_came_or_went_is_known(text: str) -> None:
    came = make_change("f", None, text, None)
    assert is_result(came, text.encode())
    assert not is_result(came, b"mine")
    assert not is_result(came, None)
    went = make_change("f", text, None, digest(text.encode()))
    assert is_result(went, None)
    assert not is_result(went, text.encode())
    assert not is_result(went, b"")


def test_a_binary_file_is_no_result() -> None:
    assert not is_result(make_change("f", "a\n", "b\n", digest(b"a\n")), b"\0\0")
