"""The ledger: which request did not go on from the one before, where, why, and what that costs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.support.agents import make_bench
from trashclaw.agent.ledger import Ledger, shared_count, visible
from trashclaw.agent.messages import Message, Request, Role
from trashclaw.protocol import events as ev
from trashclaw.protocol.ids import CallId
from trashclaw.protocol.tools import ToolCall, ToolSpec

READ = ToolSpec(name="read_file", description="Read.", parameters={"type": "object"})
EDIT = ToolSpec(name="edit_file", description="Edit.", parameters={"type": "object"})
TALK = (
    Message(Role.SYSTEM, "You help."),
    Message(Role.USER, "Fix the parser."),
    Message(Role.ASSISTANT, "I look.", calls=(ToolCall(call_id=CallId("c"), name="read_file", arguments="{}"),)),
    Message(Role.TOOL, "def parse():\n    return 1\n", call_id="c", tool_name="read_file"),
)


def entered(*first: Message, tools: tuple[ToolSpec, ...] = (READ,)) -> Ledger:
    ledger = Ledger()
    assert ledger.record(Request(first or TALK, tools), model="m") is None
    return ledger


def changed(place: int, **fields: object) -> tuple[Message, ...]:
    return (*TALK[:place], replace(TALK[place], **fields), *TALK[place + 1 :])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("messages", "cause"),
    [
        (changed(0, text="You HELP."), 'the system prompt changed at character 4: "You help." became "You HELP."'),
        (changed(1, text="Fix the lexer."), "message 1 (user) changed at character 8:"),
        (changed(3, text="def parse():\n    return 2\n"), r"return 1\n" + '" became "...'),
        (changed(3, text="def parse():\n\x1b[2Jreturn\u202e"), r'"...arse():\n\x1b[2Jreturn\u202e"'),
        (changed(3, call_id="d"), "message 3 (tool) changed in its call_id"),
        (changed(2, thought="Hm"), "message 2 (assistant) changed in its thought, at character 0"),
        (changed(2, calls=()), "in its calls: read_file became none"),
        (changed(1, role=Role.TOOL), "its role was user and is tool"),
        ((*TALK[:1], *TALK[2:]), "message 1 (user) is gone"),
        (TALK[:3], "message 3 (tool) is gone"),
        ((*TALK[:1], Message(Role.USER, "Hey."), *TALK[1:]), "a message (user) was put in before message 1 (user)"),
    ],
)
def test_the_cause_names_the_first_difference_and_nothing_in_it_acts(messages: tuple[Message, ...], cause: str) -> None:
    found = entered().record(Request(messages, (READ,)), model="m")
    assert found is not None
    assert cause in found.cause
    assert found.cause.isprintable()


@pytest.mark.parametrize(
    ("tools", "cause"),
    [
        ((READ, EDIT), "edit_file came"),
        ((), "read_file went"),
        ((READ.model_copy(update={"description": "Read it."}),), "read_file changed"),
        ((EDIT,), "edit_file came; read_file went"),
    ],
)
def test_tools_that_came_went_or_changed_are_named(tools: tuple[ToolSpec, ...], cause: str) -> None:
    found = entered().record(Request(TALK, tools), model="m")
    assert found is not None
    assert (found.place, found.cause) == (-1, f"the tool list changed: {cause}")
    assert found.again == TALK


def test_another_order_of_tools_is_told_as_such() -> None:
    ledger = entered(tools=(READ, EDIT))
    found = ledger.record(Request(TALK, (EDIT, READ)), model="m")
    assert found is not None
    assert found.cause == "the tool list changed: its order"


def test_tools_that_a_dialect_writes_into_the_system_prompt_are_still_named() -> None:
    ledger = Ledger()
    ledger.record(Request(TALK), (READ,))
    found = ledger.record(Request(changed(0, text="You help. Tools: read_file, edit_file")), (READ, EDIT))
    assert found is not None
    assert (found.place, found.cause) == (0, "the tool list changed: edit_file came")


def test_what_is_read_again_begins_at_the_difference_and_ends_where_the_new_begins() -> None:
    longer = (*changed(1, text="Fix the lexer."), Message(Role.ASSISTANT, "Done."))
    found = entered().record(Request(longer, (READ,)), model="m")
    assert found is not None
    assert [message.text for message in found.again] == ["lexer.", *(message.text for message in TALK[2:])]
    gone = entered().record(Request(TALK[:3], (READ,)), model="m")
    assert gone is not None
    assert gone.again == ()


def test_other_reasons_for_a_new_head_are_noted_and_are_no_break() -> None:
    ledger = entered()
    assert ledger.record(Request(TALK, (READ,), think=False), model="n") is None
    assert ledger.entry.doubts == (
        "the model changed from m to n",
        "thinking was switched from the model's choice to off",
    )
    ledger.rebase()
    assert ledger.record(Request(TALK[:1], (READ,), think=True), model="o") is None
    assert ledger.entry.is_anew
    assert not ledger.entry.doubts


def test_a_request_aside_must_go_on_from_the_last_and_is_not_entered() -> None:
    ledger = entered()
    note = Message(Role.USER, "Say it again.")
    assert ledger.check_aside(Request((*TALK, note), (READ,))) is None
    assert ledger.check_aside(Request((TALK[0], note), (READ,))) is not None
    assert ledger.check_aside(Request((*TALK, note), (EDIT,))) is not None
    assert ledger.sent == TALK
    ledger.rebase()
    assert ledger.check_aside(Request((TALK[0], note), (READ,))) is None


def test_a_rewind_expects_the_messages_that_are_left() -> None:
    ledger = entered()
    ledger.rewind(TALK[:2])
    assert ledger.record(Request((*TALK[:2], Message(Role.ASSISTANT, "Other.")), (READ,)), model="m") is None


@pytest.mark.parametrize(
    ("text", "shown"),
    [("a\tb\n", r"a\tb\n"), ("é日🦝", "é日🦝"), ("\x00\x9b\u202e\u2028\ud800", r"\x00\x9b\u202e\u2028\ud800")],
)
def test_what_would_act_on_a_terminal_is_written_out(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_messages_are_compared_by_what_is_sent() -> None:
    assert shared_count(TALK, (*(replace(message, at=9.0) for message in TALK), TALK[1])) == 4
    assert shared_count(TALK, changed(2, text="x")) == 2


async def test_the_notice_tells_position_and_cost() -> None:
    bench = make_bench([{"text": "One."}, {"text": "Two."}])
    await bench.turn("Do " + "this " * 400)
    bench.agent.history.system = Message(Role.SYSTEM, "You are a tset.")
    await bench.turn()
    (notice,) = [one for one in bench.events if isinstance(one, ev.Notice) and one.code == "ledger_break"]
    assert 'the system prompt changed at character 11: "... are a test." became "... are a tset."' in notice.text
    assert "The server has to read 2 messages again (about " in notice.text
    again = int(notice.text.partition("(about ")[2].partition(" ")[0].replace(",", ""))
    assert 400 <= again <= 900
    assert bench.agent.reuse.causes[-1].startswith("the system prompt changed")


async def test_questions_aside_and_continuations_are_suffixes() -> None:
    broken = {"name": "echo", "arguments": '{"text": '}
    steps: list[dict[str, Any]] = [
        {"calls": [broken]},
        {"text": '{"text": "hi"}'},
        {"text": "Half", "end": "length"},
        {"text": " whole."},
    ]
    bench = make_bench(steps, traits={"can_continue": True, "can_constrain": True})
    await bench.turn()
    assert len(bench.provider.requests) == 4
    assert [one for one in bench.events if isinstance(one, ev.Notice) and one.code == "ledger_break"] == []
