"""The small parts of the loop: inbox, ledger, limits, tokens."""

from __future__ import annotations

import socket
from dataclasses import replace

import pytest

from trashclaw.agent.encoding import load_counter
from trashclaw.agent.inbox import Inbox
from trashclaw.agent.ledger import Ledger
from trashclaw.agent.limits import Limits
from trashclaw.agent.messages import Message, Request, Role
from trashclaw.agent.tokens import count_roughly
from trashclaw.protocol import events as ev
from trashclaw.protocol.ids import EntryId
from trashclaw.protocol.items import Origin
from trashclaw.protocol.tools import ToolSpec

SPEC = ToolSpec(name="x", description="y", parameters={"type": "object"})
SYSTEM, ASK = Message(Role.SYSTEM, "You are."), Message(Role.USER, "Do it.")


def texts(entries: tuple[ev.QueuedInput, ...]) -> list[str]:
    return [entry.text for entry in entries]


def test_steers_come_before_follow_ups_which_come_one_by_one() -> None:
    told: list[ev.Event] = []
    inbox = Inbox(told.append)
    for text, origin in (
        ("f1", Origin.FOLLOW_UP),
        ("s1", Origin.STEER),
        ("f2", Origin.FOLLOW_UP),
        ("s2", Origin.STEER),
    ):
        inbox.add(text, "", origin)
    assert inbox.has_steer
    assert texts(inbox.take_next()) == ["s1", "s2"]
    assert not inbox.has_steer
    assert texts(inbox.take_steers()) == []
    assert [texts(inbox.take_next()) for _ in range(3)] == [["f1"], ["f2"], []]
    queues = [texts(event.queue) for event in told if isinstance(event, ev.InputQueued)]
    assert queues[3:] == [["f1", "s1", "f2", "s2"], ["f1", "f2"], ["f2"], []]


def test_an_entry_is_edited_in_its_place_and_taken_out() -> None:
    told: list[ev.Event] = []
    inbox = Inbox(told.append)
    first, second = inbox.add("a", "with", Origin.STEER), inbox.add("b", "", Origin.STEER)
    assert inbox.edit(first, "A")
    assert inbox.edit(second, None)
    assert not inbox.edit(second, "B")
    assert not inbox.edit(EntryId("none"), "x")
    (entry,) = inbox.take_steers()
    assert (entry.text, entry.attached, entry.entry_id) == ("A", "with", first)


def test_what_waited_in_an_earlier_run_still_waits() -> None:
    entry = ev.QueuedInput(entry_id=EntryId("e"), text="later", origin=Origin.FOLLOW_UP)
    assert Inbox(lambda event: None, (entry,)).take_next() == (entry,)


def test_a_request_that_goes_on_is_no_break() -> None:
    ledger = Ledger()
    assert ledger.record(Request((SYSTEM, ASK), (SPEC,))) is None
    equal = (replace(SYSTEM), replace(ASK), Message(Role.ASSISTANT, "Done."))
    assert ledger.record(Request(equal, (SPEC.model_copy(),))) is None


@pytest.mark.parametrize(
    ("messages", "tools", "place", "lost"),
    [
        ((SYSTEM, Message(Role.USER, "Do that.")), (SPEC,), 1, 1),
        ((Message(Role.SYSTEM, "Be."), ASK), (SPEC,), 0, 2),
        ((SYSTEM,), (SPEC,), 1, 1),
        ((SYSTEM, ASK), (), -1, 2),
    ],
)
def test_the_first_difference_is_found_with_its_cost(
    messages: tuple[Message, ...], tools: tuple[ToolSpec, ...], place: int, lost: int
) -> None:
    ledger = Ledger()
    ledger.record(Request((SYSTEM, ASK), (SPEC,)))
    found = ledger.record(Request(messages, tools))
    assert found is not None
    assert (found.place, found.lost_messages) == (place, lost)


def test_a_new_beginning_that_was_announced_is_no_break_and_counts_once() -> None:
    ledger = Ledger()
    ledger.record(Request((SYSTEM, ASK)))
    ledger.rebase()
    assert ledger.record(Request((SYSTEM,))) is None
    assert ledger.record(Request((ASK,))) is not None


@pytest.mark.parametrize(
    ("limits", "used", "told"),
    [
        (Limits(steps=2), (1, 9, 9.0), ""),
        (Limits(steps=2), (2, 0, 0.0), "2 steps"),
        (Limits(steps=None, tokens=10), (99, 10, 0.0), "10 written tokens"),
        (Limits(steps=None, time_s=1.5), (99, 99, 1.5), "1.5 s"),
        (Limits(steps=None), (10**6, 10**9, 1e9), ""),
    ],
)
def test_the_limit_that_is_reached_is_named(limits: Limits, used: tuple[int, int, float], told: str) -> None:
    reached = limits.reached(*used)
    assert told in reached
    assert bool(reached) == bool(told)


def test_tokens_are_counted_without_a_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_network(*_: object) -> None:
        raise AssertionError("counting tokens opened a connection")

    monkeypatch.setattr(socket.socket, "connect", no_network)
    load_counter.cache_clear()
    count = load_counter()
    assert count("hello world") == 2
    assert count("<|endoftext|>") > 1
    assert count("") == 0
    assert count("\ud800") > 0


@pytest.mark.parametrize("text", ["", "def f(x):\n    return x + 1\n" * 20, "Grüße aus 東京 🎉" * 20])
def test_the_rough_count_is_near_the_real_one(text: str) -> None:
    real, rough = load_counter()(text), count_roughly(text)
    assert real / 2 <= rough <= real * 2 + 1
