"""Bodies of requests: each begins with all of the one before, but for the end of a last message of the user's."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trashclaw.agent.dialects.native import Native
from trashclaw.agent.dialects.port import Dialect
from trashclaw.agent.dialects.text.dialect import TextDialect
from trashclaw.agent.dialects.typed import Typed
from trashclaw.agent.history import History
from trashclaw.agent.messages import Request
from trashclaw.protocol import events as ev
from trashclaw.protocol.ids import CallId, ItemId
from trashclaw.protocol.items import AgentMessage, Item, Thought, ToolRun, UserMessage
from trashclaw.protocol.tools import ToolCall, ToolResult, ToolSpec, ToolStatus
from trashclaw.providers.ollama_request import OllamaSettings, ollama_body
from trashclaw.providers.openai_request import chat_body
from trashclaw.providers.server_traits import LLAMACPP, LMSTUDIO, OPENAI, VLLM, ServerTraits

TOOLS = (ToolSpec(name="read_file", description="Read.", parameters={"type": "object", "properties": {}}),)
DIALECTS: dict[str, Callable[[], Dialect]] = {"native": Native, "typed": Typed, "text": TextDialect}
Body = Callable[[Request], dict[str, Any]]


def openai_body(traits: ServerTraits) -> Body:
    return lambda request: chat_body(request, "m", traits)


BODIES: dict[str, Body] = {traits.name: openai_body(traits) for traits in (LLAMACPP, LMSTUDIO, VLLM, OPENAI)}
BODIES["ollama"] = lambda request: ollama_body(request, OllamaSettings("m", 4096))

texts = st.text(st.characters(codec="utf-8"), max_size=12) | st.sampled_from(
    ["", " ", "\n", "a\n\n", "\n\nb", "<note>"]
)
said = texts.filter(str.strip)
arguments = st.sampled_from(['{"path":  "a"}', '{"a": 1.0}', "{}", '{"a": "\\u00e9\\n"}', '{"broken', '{"a": NaN}'])
runs = st.lists(st.tuples(arguments, texts), max_size=3)

moves = st.one_of(
    st.tuples(st.just("prompt"), said, texts, texts),
    st.tuples(st.just("step"), texts, texts, runs),
    st.tuples(st.just("fail")),
    st.tuples(st.just("note"), said),
    st.tuples(st.just("command"), said),
)
"""What happens: the person speaks, the model answers (maybe nothing), a turn fails, a note or `!command` comes."""


@dataclass
class Grown:
    """A history that grows as in a session, and what would be sent at each request."""

    history: History = field(default_factory=lambda: History("You help."))
    number: int = 0

    def requests(self, story: list[tuple[Any, ...]]) -> Iterator[Request]:
        for kind, *rest in (("prompt", "Do it.", "", ""), *story):
            if kind == "prompt":
                text, attached, note = rest
                self._complete(UserMessage(item_id=self._id(), text=text, attached=attached, note=note))
            elif kind == "note":
                self._apply(ev.Notice(code="x", text=rest[0], to_model=True))
            elif kind == "command":
                self._complete(self._run('{"command": "ls"}', rest[0], {"is_shared": True}))
            else:
                self._apply(ev.StepStarted(step=1))
                yield self._sent()
                self._end(kind, rest)
        yield self._sent()

    def _end(self, kind: str, rest: list[Any]) -> None:
        if kind == "fail":
            error = ev.ErrorInfo(code="stream_broken", text="gone")
            self._apply(ev.TurnCompleted(stop_reason=ev.StopReason.ERROR, error=error))
            return
        thought, text, calls = rest
        if thought:
            self._complete(Thought(item_id=self._id(), text=thought, field="reasoning_content"))
        if text:
            self._complete(AgentMessage(item_id=self._id(), text=text))
        for given_arguments, result in calls:
            self._complete(self._run(given_arguments, result, {}))
        self._apply(ev.StepCompleted(step=1))

    def _sent(self) -> Request:
        return Request(self.history.messages, TOOLS)

    def _run(self, given_arguments: str, text: str, metadata: dict[str, Any]) -> ToolRun:
        call = ToolCall(call_id=CallId(f"c{self.number}"), name="read_file", arguments=given_arguments)
        result = ToolResult(call_id=call.call_id, status=ToolStatus.DONE, text=text, metadata=metadata)
        return ToolRun(item_id=self._id(), call=call, title="read", status=ToolStatus.DONE, result=result)

    def _complete(self, item: Item) -> None:
        self._apply(ev.ItemCompleted(item=item))

    def _apply(self, event: ev.Event) -> None:
        self.history.apply(event, float(self.number))

    def _id(self) -> ItemId:
        self.number += 1
        return ItemId(f"i{self.number}")


def grown_tail(earlier: dict[str, Any], later: dict[str, Any]) -> str | None:
    """Return what was joined to the last message of an earlier body, `None` where nothing was.

    Everything else of the later body begins with all of the earlier one.
    """
    before, after = earlier["messages"], later["messages"]
    assert json.dumps(earlier.get("tools")) == json.dumps(later.get("tools"))
    assert json.dumps(after[: len(before) - 1]) == json.dumps(before[:-1])
    old, new = before[-1], after[len(before) - 1]
    if json.dumps(old) == json.dumps(new):
        return None
    assert old.keys() == new.keys() == {"role", "content"}
    assert old["role"] == new["role"] == "user"
    assert new["content"].startswith(old["content"] + "\n\n")
    return str(new["content"][len(old["content"]) :])


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("server", BODIES)
@given(story=st.lists(moves, max_size=12))
def test_each_body_begins_with_the_one_before(server: str, dialect: str, story: list[tuple[Any, ...]]) -> None:
    render = DIALECTS[dialect]().render
    bodies = [BODIES[server](render(request)) for request in Grown().requests(story)]
    for earlier, later in pairwise(bodies):
        grown_tail(earlier, later)


@pytest.mark.parametrize(
    ("story", "tails"),
    [
        ([("step", "", "Yes.", []), ("prompt", "More.", "", "")], [None]),
        ([("step", "", "", [("{}", "text")]), ("note", "Go on."), ("step", "", "Yes.", [])], [None, None]),
        ([("fail",), ("prompt", "More.", "", "")], ["\n\nMore."]),
        ([("fail",), ("command", "ls: a.py"), ("prompt", "More.", "", "")], ["\n\nls: a.py\n\nMore."]),
        ([("step", "", "", []), ("note", "Empty.")], ["\n\n<note>Empty.</note>"]),
        (
            [("step", "", "", [("{}", "text")]), ("note", "n"), ("fail",), ("prompt", "More.", "", "")],
            [None, "\n\nMore."],
        ),
        ([("fail",), ("prompt", "More.", "", "file"), ("step", "", "Yes.", [])], ["\n\nMore.\n\nfile", None]),
    ],
    ids=[
        "answered",
        "result and note",
        "failed",
        "failed and command",
        "empty answer",
        "note after result",
        "attached",
    ],
)
def test_a_last_message_grows_only_where_it_got_no_answer(
    story: list[tuple[Any, ...]], tails: list[str | None]
) -> None:
    bodies = [BODIES["llamacpp"](request) for request in Grown().requests(story)]
    assert [grown_tail(earlier, later) for earlier, later in pairwise(bodies)] == tails
