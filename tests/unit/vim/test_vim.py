"""Vim's keys, against what the real vim made of them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.vim_recording import FILE
from trashclaw.faces.tui.vim.machine import Vim
from trashclaw.faces.tui.vim.state import Answer, Mode
from trashclaw.faces.tui.vim.undo import Undo

RECORDED: list[dict[str, Any]] = json.loads(FILE.read_text())
FAILURES = {Answer.FAILED, Answer.OLDER, Answer.NEWER}
NAMES = {"\x1b": "escape", "\x12": "ctrl+r"}
KEYS = [*"hjklwbeWBE0^$}{%G;,dcyxXDCYsSr~JpPu.oOiaIAvVfFtTg123456789q:/\"'([pw", "escape", "ctrl+r"]


def vim_on(text: str, at: int = 0) -> Vim:
    """Vim in normal mode on a text."""
    vim = Vim()
    vim.take_over(text, at)
    vim.press("escape")
    vim.undo = Undo()
    vim.take_over(text, at)
    return vim


def press(vim: Vim, *keys: str) -> None:
    """Press keys, up to one that fails; in insert mode, as an editor types them."""
    for key in keys:
        if vim.mode is Mode.INSERT and len(key) == 1:
            vim.take_over(vim.text[: vim.at] + key + vim.text[vim.at :], vim.at + 1)
        elif vim.press(key) in FAILURES and not {"u", "ctrl+r"} & set(keys):
            break


def answer_of(case: dict[str, Any]) -> dict[str, Any]:
    """Do a recorded case, and return what came of it in the same form."""
    lines: list[str] = case["text"]
    vim = vim_on("\n".join(lines), sum(len(line) + 1 for line in lines[: case["row"]]) + case["column"])
    press(vim, *(NAMES.get(key, key) for key in case["keys"]))
    before = vim.text[: vim.at]
    answer = {"text": vim.text.split("\n"), "row": before.count("\n"), "column": len(before.rpartition("\n")[2])}
    # Of a motion that failed while something is selected, vim leaves the cursor behind the line.
    return answer if vim.mode is Mode.NORMAL else {**answer, "column": case["after"]["column"]}


@pytest.mark.parametrize("keys", sorted({case["keys"] for case in RECORDED}), ids=repr)
def test_keys_do_what_vim_does(keys: str) -> None:
    for case in RECORDED:
        if case["keys"] == keys:
            assert answer_of(case) == case["after"], case


TEXTS = st.text(st.sampled_from("ab_ .(){}\"'\n\u4e16"), max_size=40)


@settings(max_examples=300, deadline=None)
@given(TEXTS, st.integers(0, 40), st.lists(st.sampled_from(KEYS), max_size=25))
def test_no_keys_break_it_and_undo_brings_everything_back(text: str, at: int, keys: list[str]) -> None:
    vim = vim_on(text, min(at, len(text)))
    press(vim, *keys)
    press(vim, "escape", "escape")
    assert vim.mode is Mode.NORMAL
    assert 0 <= vim.at <= len(vim.text)
    changed = vim.text
    steps = 0
    while vim.press("u") is Answer.TAKEN:
        steps += 1
    assert vim.text == text
    for _ in range(steps):
        assert vim.press("ctrl+r") is Answer.TAKEN
    assert vim.press("ctrl+r") is Answer.FAILED or "u" in keys
    assert vim.text == changed or "u" in keys


@settings(max_examples=150, deadline=None)
@given(TEXTS, st.integers(0, 40), st.integers(1, 6), st.sampled_from(["x", "X", "dw", "p", "J", "dd"]))
def test_a_count_is_the_same_as_that_often_unless_it_fails(text: str, at: int, count: int, keys: str) -> None:
    at = min(at, len(text))
    counted, repeated = vim_on(text, at), vim_on(text, at)
    if keys in {"dd", "J"}:
        rows = text.count("\n") - text.count("\n", 0, at) + (keys == "dd")
        count = max(1, min(count, rows))
    if keys == "x":
        # At the end of a line the cursor steps back, and the next x takes what is before it.
        count = max(1, min(count, len(text[at:].partition("\n")[0])))
    if keys == "dw":
        text, at = "ab cd ef gh ij kl mn", 0
        counted, repeated = vim_on(text), vim_on(text)
    times = max(1, count - 1) if keys == "J" and count > 1 else count
    for vim in (counted, repeated):
        vim.register.text = "yz"
    press(counted, *f"{count}{keys}")
    for _ in range(times):
        press(repeated, *keys)
    assert counted.text == repeated.text or keys == "p"
    assert counted.text.count("yz") >= count * (keys == "p")


def test_escape_leaves_insert_first_and_then_means_what_it_means_elsewhere() -> None:
    vim = Vim()
    assert vim.press("x") is Answer.LEFT
    assert vim.press("escape") is Answer.TAKEN
    assert vim.press("escape") is Answer.ESCAPE
    assert vim.press("d") is Answer.TAKEN
    assert vim.press("escape") is Answer.TAKEN
    assert vim.press("escape") is Answer.ESCAPE


def test_enter_sends_in_normal_mode_and_not_behind_an_operator() -> None:
    vim = vim_on("one")
    assert vim.press("enter") is Answer.SEND
    press(vim, "d")
    assert vim.press("enter") is Answer.FAILED
    assert vim.press("enter") is Answer.SEND


def test_what_was_written_is_one_step_also_behind_a_change() -> None:
    vim = vim_on("one two")
    press(vim, *"cwnew ", "escape")
    assert vim.text == "new  two"
    press(vim, "u")
    assert vim.text == "one two"


def test_a_text_that_others_put_there_can_be_undone() -> None:
    vim = vim_on("one")
    vim.take_over("something else", 3)
    press(vim, "u")
    assert vim.text == "one"


def test_a_count_cannot_make_a_text_endless() -> None:
    vim = vim_on("one")
    press(vim, *"999999999ix", "escape")
    assert len(vim.text) < 11_000
