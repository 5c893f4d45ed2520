"""The library: listing, searching, previewing, the tree of forks, and what is not there."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from trashclaw.protocol import events as ev
from trashclaw.protocol.envelope import Envelope
from trashclaw.protocol.errors import UsageError
from trashclaw.protocol.ids import CallId, ItemId, SessionId, TurnId
from trashclaw.protocol.items import AgentMessage, Item, ToolRun, UserMessage
from trashclaw.protocol.modes import Mode
from trashclaw.protocol.tools import ToolCall, ToolResult, ToolStatus
from trashclaw.session.library import Library
from trashclaw.session.storage import LOG_NAME
from trashclaw.session.stored import SessionSummary, in_tree
from trashclaw.store.log import Log

pytestmark = pytest.mark.made_up_log

A, B, C = SessionId("20260101-000000-aaaa"), SessionId("20260102-000000-bbbb"), SessionId("20260103-000000-cccc")


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    log = Log(tmp_path / LOG_NAME)
    yield log
    log.close()


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(tmp_path, tmp_path)


def add(log: Log, session_id: SessionId, *events: ev.Event) -> None:
    first = log.stored().end(session_id) + 1
    for seq, event in enumerate(events, start=first):
        log.append(Envelope(seq=seq, at=float(seq), session_id=session_id, turn_id=TurnId("t"), event=event))


def begin(log: Log, session_id: SessionId, *items: Item, model: str = "m") -> None:
    started = ev.SessionStarted(workspace="/w", provider="p", model=model, mode=Mode.PLAN, limit_tokens=1)
    add(log, session_id, started, ev.TurnStarted(), *(ev.ItemCompleted(item=item) for item in items))


def said(text: str, name: str = "u") -> UserMessage:
    return UserMessage(item_id=ItemId(name), text=text)


def answered(text: str, name: str = "a") -> AgentMessage:
    return AgentMessage(item_id=ItemId(name), text=text)


def ran(command: str, output: str) -> ToolRun:
    call = ToolCall(call_id=CallId("c"), name="bash", arguments=json.dumps({"command": command}))
    result = ToolResult(call_id=call.call_id, status=ToolStatus.DONE, text=output)
    return ToolRun(item_id=ItemId("r"), call=call, title="a command", status=ToolStatus.DONE, result=result)


def excerpts(library: Library, words: str) -> list[str]:
    return [match.excerpt for match in library.search(words)]


def test_nothing_is_stored_by_looking(library: Library, tmp_path: Path) -> None:
    assert library.list() == []
    assert library.search("x") == []
    with pytest.raises(UsageError, match="no session"):
        library.transcript(A)
    assert list(tmp_path.iterdir()) == []


def test_a_list_follows_what_was_added_since(log: Log, library: Library) -> None:
    begin(log, A, said("one"))
    assert [(one.turns, one.messages, one.model) for one in library.list()] == [(1, 1, "m")]
    add(log, A, ev.ItemCompleted(item=answered("two")), ev.SettingsChanged(mode=Mode.PLAN, model="other"))
    begin(log, B, said("b"))
    add(log, A, ev.SessionRenamed(title="Named"), ev.SessionEnded())
    assert [(one.session_id, one.title, one.messages, one.model, one.is_named) for one in library.list()] == [
        (A, "Named", 2, "other", True),
        (B, "b", 1, "m", False),
    ]


def test_a_list_reads_a_long_session_once(log: Log, library: Library, tmp_path: Path) -> None:
    begin(log, A, said("one"))
    library.list()
    with sqlite3.connect(tmp_path / LOG_NAME) as db:
        db.execute("UPDATE outbox SET payload = 'unreadable' WHERE seq < 3")
    db.close()
    assert library.list()[0].title == "one"


def test_a_list_made_anew_is_the_same(log: Log, library: Library, tmp_path: Path) -> None:
    begin(log, A, said("one"), answered("two"))
    library.list()
    add(log, A, ev.SessionForked(parent_id=B, parent_seq=7), ev.TurnStarted())
    grown = library.list()
    with sqlite3.connect(tmp_path / LOG_NAME) as db:
        db.execute("UPDATE summaries SET summary = '{}'")
    db.close()
    assert library.list() == grown
    assert (grown[0].parent_id, grown[0].parent_seq, grown[0].turns) == (B, 7, 2)


@pytest.mark.parametrize(
    "words",
    [
        "Ärger",
        "ÄRGER?",
        "naïve",
        "ПРИВЕТ",
        "日本",
        "%",
        "100%",
        "_x_",
        'say "hi"',
        "C:\\new",
        "emoji🙂",
        "' OR 1=1",
        "*",
    ],
)
def test_words_are_found_as_they_were_written(log: Log, library: Library, words: str) -> None:
    text = f"before {words} after"
    begin(log, A, said("nothing of it"), answered(text))
    begin(log, B, ran(f"echo {words}", "out"))
    assert excerpts(library, words) == [f"echo {words}", text]
    assert excerpts(library, words.upper() + " BEFORE") == [text]


@pytest.mark.parametrize("words", ["item_id", "user_message", "kind", "type", "null", "u1", '{"', "\\n", "call_id"])
def test_names_of_fields_and_ids_are_no_words(log: Log, library: Library, words: str) -> None:
    begin(log, A, said("Hello\nthere", "u1"), ran("ls", "README.md"))
    assert excerpts(library, words) == []


def test_what_the_server_wrote_as_an_escape_is_found(log: Log, library: Library) -> None:
    begin(log, A, ran("grep 'Ägypten'", ""))
    [stored] = log.stored().pick(A, [3])
    assert "Ägypten" not in stored.model_dump_json()
    assert len(excerpts(library, "ägypten")) == 1


def test_all_words_have_to_be_in_one_entry(log: Log, library: Library) -> None:
    begin(log, A, said("red and green"), answered("green and blue"))
    assert excerpts(library, "green blue") == ["green and blue"]
    assert excerpts(library, "red blue") == []
    assert excerpts(library, "  ") == []


def test_the_latest_is_found_first_and_no_more_than_asked_for(log: Log, library: Library) -> None:
    for number in range(5):
        begin(log, SessionId(f"s{number}"), said(f"the word {number}"))
    assert [match.excerpt for match in library.search("word", 2)] == ["the word 4", "the word 3"]
    assert [match.session_id for match in library.search("word", 9, SessionId("s1"))] == ["s1"]


def test_an_excerpt_is_one_line_around_the_word(log: Log, library: Library) -> None:
    begin(log, A, said("a " * 500 + "needle\n\n\tin the hay" + " z" * 500))
    [found] = excerpts(library, "needle")
    assert "needle in the hay" in found
    assert found.startswith("…")
    assert found.endswith("…")
    assert len(found) < 140


def test_what_a_fork_was_given_is_found_in_its_parent_alone(log: Log, library: Library) -> None:
    begin(log, A, said("the word"))
    begin(log, B, said("the word"))
    add(log, B, ev.SessionForked(parent_id=A, parent_seq=3), ev.ItemCompleted(item=answered("the word again")))
    assert [(match.session_id, match.seq) for match in library.search("word")] == [(B, 5), (A, 3)]


def test_damaged_entries_are_passed_over(log: Log, library: Library, tmp_path: Path) -> None:
    begin(log, A, said("the word"), answered("the word"))
    with sqlite3.connect(tmp_path / LOG_NAME) as db:
        db.execute("UPDATE outbox SET payload = substr(payload, 1, 60) || 'word' WHERE seq = 3")
        db.execute(
            "INSERT INTO outbox (agent, event_type, payload, session_id, seq, at) VALUES (?, ?, ?, ?, ?, ?)",
            ("main", "item.completed", '["word"]', A, 9, 0),
        )
    db.close()
    assert excerpts(library, "word") == ["the word"]


def test_a_preview_shows_the_end_without_what_was_gone_back_over(log: Log, library: Library) -> None:
    items = [said(f"m{number}", f"u{number}") for number in range(40)]
    begin(log, A, *items)
    assert [entry.text for entry in library.preview(A, 3) if isinstance(entry, UserMessage)] == ["m37", "m38", "m39"]
    add(log, A, ev.ConversationRewound(item_id=ItemId("u5")), ev.ItemCompleted(item=answered("otherwise", "x")))
    shown = [entry.text for entry in library.preview(A, 3) if isinstance(entry, (UserMessage, AgentMessage))]
    assert shown == ["m3", "m4", "otherwise"]
    assert len(library.preview(A, 100)) == 6


def summary(session_id: str, parent_id: str | None = None) -> SessionSummary:
    parent = SessionId(parent_id) if parent_id else None
    return SessionSummary(SessionId(session_id), session_id, 0, 0, 1, "m", parent_id=parent)


def shape(summaries: Sequence[SessionSummary]) -> list[tuple[int, str]]:
    return [(depth, one.session_id) for depth, one in in_tree(summaries)]


def test_forks_stand_below_their_parents_and_orphans_at_the_top() -> None:
    given = [summary("e", "gone"), summary("d", "b"), summary("c", "a"), summary("b", "a"), summary("a")]
    assert shape(given) == [(0, "e"), (0, "a"), (1, "c"), (1, "b"), (2, "d")]


def test_a_tree_that_goes_round_in_circles_still_shows_everything() -> None:
    assert {name for _, name in shape([summary("a", "b"), summary("b", "a"), summary("c", "c")])} == {"a", "b", "c"}


async def test_what_is_deleted_is_nowhere_in_the_file(log: Log, library: Library, tmp_path: Path) -> None:
    begin(log, A, said("kept"))
    begin(log, B, said("tulip"))
    add(log, A, ev.ItemCompleted(item=answered("kept, on the same page")))
    add(log, B, *(ev.ItemCompleted(item=answered("sesame " * 2_000, f"a{number}")) for number in range(50)))
    log.read_new("consumer")
    log.read_new("consumer")
    library.list()
    await library.delete(B)
    assert [one.session_id for one in library.list()] == [A]
    assert excerpts(library, "sesame") == []
    begin(log, C, said("new"))
    assert [envelope.session_id for envelope in log.read_new("consumer")] == [C, C, C]
    log.close()
    stored = b"".join(file.read_bytes() for file in tmp_path.glob(f"{LOG_NAME}*"))
    assert b"sesame" not in stored
    assert b"tulip" not in stored
    assert b"on the same page" in stored
    assert (tmp_path / LOG_NAME).stat().st_size < 100_000
