"""What the composer knows without a screen: paths, words, pastes, prompts of the past."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trashclaw.faces.tui.completion import Word, WordKind, completed, ranges, word_before
from trashclaw.faces.tui.past_prompts import PastPrompts, search
from trashclaw.faces.tui.path_index import PathIndex
from trashclaw.faces.tui.widgets.pastes import Pastes
from trashclaw.session.mentions import Mention, attach_files, find_mentions, written
from trashclaw.store.drafts import Draft
from trashclaw.workspace.root import Workspace

PATHS = ["README.md", "src/app.py", "src/db.py", "src/app/main.py", "tests/test_app.py", "docs/my notes.txt"]
NAMES = st.text(st.sampled_from("ab c.,;:!?()<>`'@1-/\u00e9"), min_size=1, max_size=12)


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("app.py", "src/app.py"),
        ("app", "src/app/"),
        ("src/", "src/"),
        ("APP.P", "src/app.py"),
        ("notes", "docs/my notes.txt"),
        ("tsap", "tests/test_app.py"),
        ("src/main", "src/app/main.py"),
    ],
)
def test_the_best_path_comes_first(typed: str, first: str) -> None:
    assert PathIndex(PATHS).best(typed, 3)[0] == first


def test_what_is_nowhere_is_not_found_and_nothing_typed_shows_the_top() -> None:
    index = PathIndex([*PATHS, "odd\nname"])
    assert not index.best("zzz", 3)
    assert index.best("", 3) == ["src/", "docs/", "tests/"]
    assert "odd\nname" not in index.best("", 99)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.text("ab/.", min_size=1, max_size=8), max_size=20), st.text("ab/.", min_size=1, max_size=4))
def test_every_path_with_the_letters_together_is_found_once(paths: list[str], typed: str) -> None:
    index = PathIndex(paths)
    found = list(index.best(typed, 10_000))
    assert {path for path in paths if typed in path} <= set(found)
    assert all(path in paths or path.endswith("/") for path in found)


@settings(max_examples=400, deadline=None)
@given(NAMES.filter(lambda name: not name.rpartition(":")[2].replace("-", "").isdigit()))
def test_a_completed_path_is_what_the_session_reads(path: str) -> None:
    text = f"see {completed(Word(WordKind.PATH, '', 4), path)}and more"
    if path.endswith("/"):
        text = f"see {written(path)} and more"
    assert find_mentions(text)[0] == Mention(path)


def test_lines_of_a_quoted_file_are_understood(repository: Path) -> None:
    (repository / "my notes.txt").write_text("one\ntwo\nthree\n")
    assert find_mentions('see @"my notes.txt":2-3.') == [Mention("my notes.txt", 2, 3)]
    assert 'lines="2-2 of 3"' in attach_files(Workspace(repository), 'see @"my notes.txt":2')


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("/mo", Word(WordKind.COMMAND, "mo", 0)),
        ("/model qwen3:8b/x", Word(WordKind.ARGUMENT, "qwen3:8b/x", 7, "model")),
        ("/commit @sr", Word(WordKind.PATH, "sr", 8)),
        ('see @"my no', Word(WordKind.PATH, "my no", 4)),
        ("see @src/db.py:1", Word(WordKind.RANGE, "1", 15, "src/db.py")),
        ('see @"my notes.txt":', Word(WordKind.RANGE, "", 20, "my notes.txt")),
        ("!cat sr", Word(WordKind.SHELL, "sr", 5)),
        ("!ls", None),
        ("write to ada@example", None),
    ],
)
def test_the_word_at_the_cursor(text: str, word: Word | None) -> None:
    assert word_before(text) == word


def test_what_is_put_into_a_shell_command_is_quoted() -> None:
    assert completed(Word(WordKind.SHELL, "my", 5), "my notes.txt") == "'my notes.txt' "


def test_ranges_stay_within_the_file() -> None:
    assert [one.text for one in ranges("", 30)] == ["1-20", "1-30"]
    assert [one.text for one in ranges("25", 30)] == ["25-30"]
    assert [one.text for one in ranges("99999999999", 30)] == ["30-30"]
    assert not ranges("3-4", 30)


def test_a_paste_that_names_another_is_not_taken_for_it() -> None:
    pastes = Pastes()
    one = pastes.fold("x\n" * 20) or ""
    two = pastes.fold(f"{one}\n" * 15) or ""
    assert pastes.expand(f"{one} {two}") == "x\n" * 20 + " " + f"{one}\n" * 15


def test_pastes_of_another_time_get_signs_of_their_own() -> None:
    pastes = Pastes()
    sign = pastes.fold("here\n" * 20) or ""
    shown = pastes.adopt(f"see {sign}", {sign: "there\n" * 20})
    assert pastes.expand(shown) == "see " + "there\n" * 20
    assert pastes.expand(sign) == "here\n" * 20


def test_a_walk_begins_and_ends_with_what_is_being_written() -> None:
    past = PastPrompts()
    for text in ("one", "two", "one"):
        past.add(Draft(text))
    writing = Draft("draft")
    walked = [past.step(-1, writing) for _ in range(3)]
    assert [draft.text if draft else None for draft in walked] == ["one", "two", None]
    assert [past.step(1, writing), past.step(1, writing), past.step(1, writing)] == [Draft("one"), writing, None]


def test_a_search_finds_words_in_any_order_newest_first_then_letters() -> None:
    drafts = [Draft(text) for text in ("fix the parser", "parse and fix", "f-i-x", "other")]
    assert [draft.text for draft in search(drafts, "fix pars")] == ["fix the parser", "parse and fix"]
    assert [draft.text for draft in search(drafts, "fix")] == ["fix the parser", "parse and fix", "f-i-x"]
