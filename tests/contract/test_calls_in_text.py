"""Calls in the text of real answers: captured ones, and the trained model's when it is sent no tools."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.text_calls import calls_of, read, text_of, thought_of
from tests.support.tinymodel.director import Director, Say
from tests.support.tinymodel.engine import Engine
from tests.support.tinymodel.repertoire import load_tools
from tests.support.tinymodel.weights import TRAINED
from trashclaw.agent.dialects.native import Native
from trashclaw.agent.dialects.port import Dialect
from trashclaw.agent.dialects.text.dialect import TextDialect
from trashclaw.agent.messages import EndPart, EndReason, Message, Part, Request, Role
from trashclaw.protocol.ids import CallId
from trashclaw.protocol.tools import ToolCall, ToolSpec
from trashclaw.providers.openai_compat import OpenAICompatProvider
from trashclaw.providers.server_traits import LLAMACPP

CAPTURES = Path(__file__).with_name("captures")
TOOLS = tuple(ToolSpec(**tool["function"]) for tool in load_tools())
RUN = ToolSpec(
    name="run",
    description="Run a command.",
    parameters={"type": "object", "properties": {"command": {"type": "string"}}, "required": ["command"]},
)
ASK = Message(Role.USER, "The add function in calc.py gives wrong answers. Please fix it.")


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with Engine(TRAINED, n_ctx=8192) as running:
        yield running


async def answer(url: str, dialect: Dialect, request: Request) -> list[Part]:
    """Return what a dialect reads of the server's answer."""
    provider = OpenAICompatProvider(url, "tiny", LLAMACPP)
    reading, parts = dialect.read(request), list[Part]()
    try:
        async for part in provider.stream(dialect.render(request)):
            parts += reading.finish(part) if isinstance(part, EndPart) else reading.feed(part)
    finally:
        await provider.aclose()
    return parts


@pytest.mark.parametrize("dialect", [Native(), TextDialect()], ids=["native", "text"])
def test_a_captured_call_that_came_as_content_is_found(dialect: Dialect) -> None:
    lines = (CAPTURES / "trained_call_without_tools.json").read_text(encoding="utf-8").splitlines()
    choice = json.loads(lines[-1])["choices"][0]
    assert choice["finish_reason"] == "stop"
    content = choice["message"]["content"]
    parts = read(dialect.read(Request((), (RUN,))), content)
    assert calls_of(parts) == (("run", '{"command": "rm -rf build"}'),)
    assert text_of(parts) == ""
    assert text_of(read(dialect.read(Request(())), content)) == content


async def test_the_trained_model_calls_a_tool_in_its_text(engine: Engine) -> None:
    dialect = TextDialect()
    first = await answer(engine.url, dialect, Request((ASK,), TOOLS, max_tokens=120))
    assert calls_of(first) == (("read_file", '{"path": "calc.py"}'),)
    assert isinstance(first[-1], EndPart)
    assert first[-1].reason is EndReason.TOOL_CALLS
    call = ToolCall(call_id=CallId("c1"), name="read_file", arguments=calls_of(first)[0][1])
    said = Message(Role.ASSISTANT, text_of(first), calls=(call,))
    result = Message(Role.TOOL, "1\tdef add(a, b):\n2\t    return a - b\n", call_id="c1", tool_name="read_file")
    second = await answer(engine.url, dialect, Request((ASK, said, result), TOOLS, max_tokens=160))
    end = second[-1]
    assert isinstance(end, EndPart)
    assert end.usage is not None
    assert end.usage.cached_tokens is not None
    written = first[-1].usage
    assert written is not None
    # The call goes back as it was generated: all of it is in the server's cache.
    assert end.usage.cached_tokens >= written.prompt_tokens + written.completion_tokens - 16


async def test_a_thought_and_a_call_in_one_text_are_told_apart(engine: Engine) -> None:
    call = '<tool_call>\n{"name": "bash", "arguments": {"command": "ls"}}\n</tool_call>'
    with Director(
        engine, [Say(f"I look.\n{call}\n<tool_response>\nfile\n</tool_response>", thought="Hm.")]
    ) as director:
        parts = await answer(director.url, TextDialect(), Request((ASK,), TOOLS, max_tokens=200))
    assert thought_of(parts).strip() == "Hm."
    assert (calls_of(parts), text_of(parts)) == ((("bash", '{"command": "ls"}'),), "I look.")


async def test_natively_a_call_that_the_server_gives_as_text_is_found(engine: Engine) -> None:
    call = '<tool_call>\n{"name": "read_file", "arguments": {"path": "a.py"}}\n</tool_call>'
    with Director(engine, [Say(call)]) as director:
        parts = await answer(director.url, Native(), Request((ASK,), TOOLS, max_tokens=200))
    assert (calls_of(parts), text_of(parts)) == ((("read_file", '{"path": "a.py"}'),), "")
