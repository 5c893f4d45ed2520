"""The meter's memory of counts."""

from __future__ import annotations

from trashclaw.agent.messages import Message, Request, Role
from trashclaw.agent.tokens import TokenMeter


def test_a_message_is_counted_once_while_it_is_sent_and_forgotten_afterwards() -> None:
    counted: list[str] = []

    def count(text: str) -> int:
        counted.append(text)
        return 1

    meter = TokenMeter(count)
    first = Request(tuple(Message(Role.USER, f"first {number}") for number in range(20)))
    meter.estimate(first)
    once = counted.count("first 7")
    meter.estimate(first)
    assert (once, counted.count("first 7")) == (1, 1)
    meter.estimate_messages(Message(Role.USER, f"{number}") for number in range(5000))
    meter.estimate(Request(first.messages))
    assert counted.count("first 7") == 2
