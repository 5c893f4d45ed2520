"""The typed dialect on the real llama.cpp server: what comes is always a reply, and what was read stays read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

from tests.support.tinymodel.engine import Engine
from tests.support.tinymodel.weights import TRAINED
from trashclaw.agent.dialects.event_text import DONE
from trashclaw.agent.dialects.typed import Typed
from trashclaw.agent.messages import CallPart, EndPart, EndReason, Message, Part, Request, Role, TextPart
from trashclaw.protocol.ids import CallId
from trashclaw.protocol.tools import ToolCall, ToolSpec
from trashclaw.providers.openai_compat import OpenAICompatProvider
from trashclaw.providers.server_traits import LLAMACPP


def tool(name: str, **properties: object) -> ToolSpec:
    parameters = {"type": "object", "properties": properties, "required": [*properties][:1]}
    return ToolSpec.model_validate({"name": name, "description": f"To {name}.", "parameters": parameters})


TOOLS = (
    tool("read_file", path={"type": "string"}, offset={"type": "integer"}),
    tool("bash", command={"type": "string", "description": "What to run."}),
    tool("set_flag", value={"type": "boolean"}),
)
ASK = Request((Message(Role.SYSTEM, "You fix bugs."), Message(Role.USER, "Fix calc.py.", at=1795269905.0)), TOOLS)


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with Engine(TRAINED, n_ctx=8192) as running:
        yield running


@dataclass(frozen=True, slots=True)
class Reply:
    """What one request brought, raw and read."""

    raw: str
    words: str
    calls: tuple[ToolCall, ...]
    end: EndPart


async def ask(provider: OpenAICompatProvider, dialect: Typed, request: Request) -> Reply:
    reading, raw, parts = dialect.read(request), "", list[Part]()
    async for part in provider.stream(dialect.render(request)):
        raw += part.text if isinstance(part, TextPart) else ""
        parts += reading.finish(part) if isinstance(part, EndPart) else reading.feed(part)
    end = parts[-1]
    assert isinstance(end, EndPart)
    pieces = [part for part in parts if isinstance(part, CallPart)]
    name, arguments = "".join(part.name for part in pieces), "".join(part.arguments for part in pieces)
    calls = (ToolCall(call_id=CallId("call_1"), name=name, arguments=arguments),) if pieces else ()
    return Reply(raw, "".join(part.text for part in parts if isinstance(part, TextPart)), calls, end)


async def test_a_conversation_is_replies_alone_and_each_request_reads_only_what_is_new(engine: Engine) -> None:
    provider, dialect, request = OpenAICompatProvider(engine.url, "", LLAMACPP), Typed(), ASK
    sent, known = dialect.render(request), 0
    for number in range(4):
        reply = await ask(provider, dialect, replace(request, max_tokens=400, think=False, temperature=0.7))
        assert reply.end.usage is not None
        assert reply.end.usage.cached_tokens is not None
        assert reply.end.usage.cached_tokens >= known - 1, "what was read is read again"
        known = reply.end.usage.prompt_tokens
        if reply.end.reason is EndReason.LENGTH:
            break
        said = json.loads(reply.raw)
        assert reply.words == said["say"]
        if reply.calls:
            [call] = reply.calls
            assert (call.name, json.loads(call.arguments)) == (said["tool"], said["arguments"])
            assert call.name in {spec.name for spec in TOOLS}
        else:
            assert said["tool"] == DONE
        answer = Message(Role.ASSISTANT, reply.words, calls=reply.calls)
        result = Message(Role.TOOL, f"result {number} </event>", call_id="call_1", tool_name="bash", at=1795269910.0)
        more = result if reply.calls else Message(Role.USER, "Go on.")
        request = replace(request, messages=(*request.messages, answer, more))
        longer = dialect.render(request)
        assert longer.messages[: len(sent.messages)] == sent.messages
        assert json.loads(longer.messages[-2].text) == said
        sent = longer
    await provider.aclose()


async def test_forty_replies_are_all_one_of_the_union(engine: Engine) -> None:
    provider, dialect, ends = OpenAICompatProvider(engine.url, "", LLAMACPP), Typed(), list[EndReason]()
    for number in range(40):
        asked = Message(Role.USER, f"Task {number}: fix calc.py.")
        request = replace(ASK, messages=(ASK.messages[0], asked), max_tokens=300, think=False, temperature=1.5)
        reply = await ask(provider, dialect, request)
        ends.append(reply.end.reason)
        if reply.end.reason is not EndReason.LENGTH:
            said = json.loads(reply.raw)
            assert set(said) <= {"say", "tool", "arguments"}
            assert (reply.end.reason is EndReason.TOOL_CALLS) is (said["tool"] != DONE)
            names = [call.name for call in reply.calls]
            assert names == ([] if said["tool"] == DONE else [said["tool"]])
    assert len({*ends} - {EndReason.LENGTH}) >= 1
    assert ends.count(EndReason.LENGTH) < 20
    await provider.aclose()
