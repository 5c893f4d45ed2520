"""A message is written once, wherever it stays in its place; what is sent is the same as if each were written anew."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest

from trashclaw.agent.dialects.native import Native
from trashclaw.agent.dialects.port import Dialect
from trashclaw.agent.dialects.text.dialect import TextDialect
from trashclaw.agent.dialects.text.forms import FORMS
from trashclaw.agent.dialects.typed import Typed
from trashclaw.agent.dialects.written import Written
from trashclaw.agent.messages import Message, Request, Role
from trashclaw.protocol.ids import CallId
from trashclaw.protocol.tools import ToolCall, ToolKind, ToolSpec

SYSTEM = Message(Role.SYSTEM, "Be brief.")
PARAMETERS = {"type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]}
ONE, TWO = (ToolSpec(name=name, description=name, parameters=PARAMETERS, kind=ToolKind.READ) for name in ("one", "two"))
MAKERS: dict[str, Callable[[], Dialect]] = {
    "native": Native,
    "typed": Typed,
    **{f"text-{form}": partial(TextDialect, form) for form in FORMS},
}


def step(number: int) -> tuple[Message, ...]:
    """Return an answer with an inline thought and a call, its result, and a note."""
    call = ToolCall(call_id=CallId(f"call_{number}"), name="one", arguments=f'{{"path": "{number}"}}')
    answer = Message(Role.ASSISTANT, f"Step {number}.", f"Hm {number}.", "<think>", (call,))
    result = Message(Role.TOOL, f"result {number}", call_id=f"call_{number}", tool_name="one")
    return answer, result, Message(Role.USER, f"<note>note {number}</note>")


def test_only_what_is_new_or_moved_is_written() -> None:
    seen: list[str] = []

    def write(message: Message) -> Message:
        seen.append(message.text)
        return replace(message, text=message.text.upper())

    written = Written(write)
    a, b, c, d = (Message(Role.USER, letter) for letter in "abcd")
    assert [message.text for message in written.of((a, b))] == ["A", "B"]
    first = written.of((a, b))
    assert written.of((a, b, c))[:2] == first
    assert written.of((a, b, c))[0] is first[0]
    assert seen == ["a", "b", "c"]
    assert [message.text for message in written.of((a, c, d))] == ["A", "C", "D"]
    assert [message.text for message in written.of(())] == []
    assert [message.text for message in written.of((replace(a, text="e"),))] == ["E"]


@pytest.mark.parametrize("name", MAKERS)
def test_a_dialect_that_remembers_sends_what_a_fresh_one_would(name: str) -> None:
    history = (SYSTEM, Message(Role.USER, "Go."), *step(1), *step(2), *step(3))
    compacted = (SYSTEM, Message(Role.USER, "Go."), Message(Role.USER, "summary"), *history[8:])
    requests = [
        *(Request(history[:count], (ONE, TWO)) for count in range(1, len(history) + 1)),
        Request(compacted, (ONE, TWO)),
        Request((*compacted, *step(4)), (ONE,)),
        Request((*compacted, *step(4))),
        Request(history[1:], (ONE, TWO)),
        Request(history[:3], (ONE, TWO)),
        Request((), (TWO,)),
    ]
    kept = MAKERS[name]()
    for request in requests:
        assert kept.render(request) == MAKERS[name]().render(request)
