"""The archive: what has left the window can be had again, whatever it was and however often it was compacted."""

from __future__ import annotations

from tests.support.made_sessions import MadeSession
from trashclaw.agent.archive import KeptKind
from trashclaw.agent.compaction.digest import gather
from trashclaw.agent.history import History
from trashclaw.agent.records import shortened
from trashclaw.protocol import events as ev
from trashclaw.protocol.ids import CallId, ItemId
from trashclaw.protocol.items import Compaction, ToolRun
from trashclaw.protocol.tools import ToolCall, ToolResult, ToolStatus

LONG = "a line that is long enough to be left out, and more of it " * 10
DEEP = 3_000


def test_a_note_is_found_again_and_a_rewind_forgets_it_with_what_it_was_about() -> None:
    made = MadeSession()
    made.say("Mend it.")
    made.step("Written.", note="test_lexer fails: expected 3, got 4")
    first = made.history.archive.search("expected 3")[0].kept
    assert (first.kind, first.text) == (KeptKind.NOTE, "test_lexer fails: expected 3, got 4")
    said = made.say("Go on.")
    made.step("Written.", note="test_parser fails: expected 5, got 6")
    made.share("output of mine")
    made.rewind(said)
    assert made.history.archive.search("expected 5") == ()
    assert made.history.archive.search("output of mine") == ()
    assert made.history.archive.search("expected 3") != ()
    assert made.replayed().archive.search("expected 3")[0].kept == first


def test_arguments_that_are_no_object_come_back_too() -> None:
    call = ToolCall(call_id=CallId("c"), name="write_file", arguments=f'["a.py", "{LONG}"]')
    result = ToolResult(call_id=call.call_id, status=ToolStatus.FAILED, text="No object.")
    history = History()
    run = ToolRun(item_id=ItemId("r"), call=call, title="", status=ToolStatus.FAILED, result=result)
    history.apply(ev.ItemCompleted(item=run))
    assert LONG not in shortened(call, 1).arguments
    kept = history.archive.find(1)
    assert kept is not None
    assert LONG in kept.text
    assert kept.text.endswith("result:\nNo object.")


def test_summaries_of_summaries_are_told_however_many_there_are() -> None:
    made = MadeSession()
    (run_id,) = made.step("text")
    made.complete(Compaction(item_id=ItemId("cut-0"), summary="s", dropped=(run_id,)))
    for number in range(DEEP):
        below = (ItemId(f"cut-{number}"),)
        made.history.cuts.apply(
            ev.ItemCompleted(item=Compaction(item_id=ItemId(f"cut-{number + 1}"), summary="s", dropped=below))
        )
    last = ItemId(f"cut-{DEEP}")
    assert made.history.cuts.covered([last]) == (run_id,)
    (digest,) = (record for record in made.history.records if record.is_digest)
    told = gather([type(digest)(digest.messages, (last,))], made.history.archive, made.history.cuts)
    assert told.numbers == [1]
