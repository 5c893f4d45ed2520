"""Changes from outside: told at the tail with the person's next message, once, and never in the middle."""

from __future__ import annotations

import os
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.support.sessions import Driven, Steps, assert_continues, edit, open_driven, read
from trashclaw.config.schema import Settings
from trashclaw.protocol import ops
from trashclaw.protocol.modes import Mode
from trashclaw.session.outside import PATHS_AT_MOST, Outside, words

TALK: list[dict[str, Any]] = [
    {"calls": [read("a.py"), read("b.py")]},
    {"text": "Read."},
    {"text": "Yes."},
    {"text": "Still."},
]


@pytest.fixture
def two(repository: Path) -> Path:
    """A repository with two files."""
    (repository / "a.py").write_text("a = 1\n")
    (repository / "b.py").write_text("b = 1\n")
    return repository


def last_text(driven: Driven) -> str:
    return driven.provider.requests[-1].messages[-1].text


def assert_appended(driven: Driven) -> None:
    """Every request goes on from the one before, and nobody had to tell that one did not."""
    for earlier, later in pairwise(driven.provider.requests):
        assert_continues(later, earlier)
    assert not [notice for notice in driven.notices if notice.code == "ledger_break"]


async def test_what_somebody_else_changed_is_told_once_behind_the_next_message(two: Path) -> None:
    async with open_driven(two, TALK) as driven:
        await driven.turn("Read them.")
        (two / "b.py").write_text("b = 2\n")
        await driven.turn("And now?")
        assert last_text(driven) == "And now?\n\n<note>Changed outside since you read them: b.py</note>"
        await driven.turn("Still?")
        assert last_text(driven) == "Still?"
        assert_appended(driven)


async def test_a_file_that_went_is_told_as_such_and_another_change_is_told_again(two: Path) -> None:
    async with open_driven(two, TALK) as driven:
        await driven.turn("Read them.")
        (two / "a.py").unlink()
        (two / "b.py").write_text("b = 2\n")
        await driven.turn("And now?")
        assert "Changed outside since you read them: b.py. Gone since you read them: a.py" in last_text(driven)
        (two / "b.py").write_text("b = 3\n")
        await driven.turn("Still?")
        assert last_text(driven) == "Still?\n\n<note>Changed outside since you read them: b.py</note>"
        assert_appended(driven)


async def test_the_same_size_and_time_with_other_bytes_is_found_and_a_new_time_alone_is_no_change(two: Path) -> None:
    async with open_driven(two, TALK) as driven:
        await driven.turn("Read them.")
        status = (two / "a.py").stat()
        (two / "a.py").write_text("a = 9\n")
        os.utime(two / "a.py", ns=(status.st_atime_ns, status.st_mtime_ns))
        os.utime(two / "b.py")
        await driven.turn("And now?")
        assert last_text(driven) == "And now?\n\n<note>Changed outside since you read them: a.py</note>"


async def test_what_the_model_itself_changed_is_not_told(two: Path) -> None:
    steps: Steps = [TALK[0], {"calls": [edit("a.py", "a = 1", "a = 2")]}, {"text": "Done."}, {"text": "Yes."}]
    settings = Settings.model_validate({"mode": Mode.ACCEPT})
    async with open_driven(two, steps, settings=settings, is_trusted=True) as driven:
        await driven.turn("Change it.")
        assert (two / "a.py").read_text() == "a = 2\n"
        await driven.turn("And now?")
        assert last_text(driven) == "And now?"
        assert_appended(driven)


async def test_what_was_undone_is_told_once_as_that(two: Path) -> None:
    steps: Steps = [
        TALK[0],
        {"calls": [edit("a.py", "a = 1", "a = 2")]},
        {"text": "Done."},
        {"text": "Yes."},
        {"text": "Ok."},
    ]
    settings = Settings.model_validate({"mode": Mode.ACCEPT})
    async with open_driven(two, steps, settings=settings, is_trusted=True) as driven:
        await driven.turn("Change it.")
        await driven.do(ops.CheckpointRestore())
        await driven.turn("And now?")
        assert last_text(driven) == "And now?\n\n<note>The user undid your changes to: a.py.</note>"
        await driven.turn("Still?")
        assert last_text(driven) == "Still?"


async def test_a_resumed_session_is_told_what_changed_meanwhile(two: Path) -> None:
    async with open_driven(two, TALK) as driven:
        await driven.turn("Read them.")
        session_id, state = driven.session.session_id, driven.state
    (two / "b.py").write_text("b = 2\n")
    async with open_driven(two, TALK[2:], state=state, resume=session_id) as driven:
        await driven.turn("And now?")
        assert "Changed outside since you read them: b.py" in last_text(driven)


async def test_pipes_and_large_files_do_not_hold_a_prompt_up(two: Path) -> None:
    async with open_driven(two, TALK) as driven:
        await driven.turn("Read them.")
        (two / "a.py").unlink()
        os.mkfifo(two / "a.py")
        with (two / "b.py").open("wb") as file:
            file.truncate(5_000_000_000)
        await driven.turn("And now?")
        assert "Changed outside since you read them: b.py" in last_text(driven)
        assert_appended(driven)


def test_at_most_ten_paths_are_named_and_nothing_in_a_name_acts() -> None:
    (note,) = words(Outside([f"f{number}.py" for number in range(25)]))
    assert note.count(".py") == PATHS_AT_MOST
    assert note.endswith("and 15 more")
    (note,) = words(Outside(gone=["a\n\x1b[2J.py"]))
    assert note == r"Gone since you read them: a\n\x1b[2J.py"
