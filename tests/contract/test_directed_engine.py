"""The real llama.cpp server made to say what the director wants: each kind of answer, parsed by our provider."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import aclosing

import pytest

from tests.support.tinymodel.director import LAST_STEP, Call, Director, Ramble, Say, Step
from tests.support.tinymodel.engine import Engine
from tests.support.tinymodel.repertoire import load_tools
from tests.support.tinymodel.weights import TRAINED
from trashclaw.agent.messages import (
    CallPart,
    EndPart,
    EndReason,
    Message,
    Part,
    Request,
    Role,
    TextPart,
    ThoughtPart,
)
from trashclaw.protocol.ids import CallId
from trashclaw.protocol.tools import ToolCall, ToolSpec
from trashclaw.providers.openai_compat import OpenAICompatProvider
from trashclaw.providers.server_traits import LLAMACPP

TOOLS = tuple(ToolSpec(**tool["function"]) for tool in load_tools())
USER = Message(Role.USER, "Go on.")


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with Engine(TRAINED, n_ctx=8192) as running:
        yield running


async def answers(engine: Engine, steps: Sequence[Step], *messages: Message, max_tokens: int = 400) -> list[Part]:
    """Ask once, through a director with these steps, and return the parts of the answer."""
    request = Request(messages or (USER,), TOOLS, max_tokens=max_tokens)
    with Director(engine, steps) as director:
        provider = OpenAICompatProvider(director.url, "tiny", LLAMACPP)
        try:
            return [part async for part in provider.stream(request)]
        finally:
            await provider.aclose()


def text_of(parts: Sequence[Part], kind: type[TextPart | ThoughtPart] = TextPart) -> str:
    return "".join(part.text for part in parts if isinstance(part, kind))


def reason_of(parts: Sequence[Part]) -> EndReason:
    assert isinstance(parts[-1], EndPart)
    return parts[-1].reason


@pytest.mark.parametrize(
    "text",
    [
        "Two plus two is four.",
        "# Title\n\n```python\nprint('[bold]x[/bold]')\n```\n\n- wide 日本語, e\u0301, 🦝",
        "lines\u2028that\u2029only\u0085look\x0clike it",
        "\x1b[31mred\x1b[0m\ttab",
    ],
    ids=["plain", "markdown", "separators", "escapes"],
)
async def test_text_arrives_unchanged_whatever_is_in_it(engine: Engine, text: str) -> None:
    parts = await answers(engine, [Say(text)])
    assert text_of(parts) == text
    assert reason_of(parts) is EndReason.STOP


async def test_thoughts_arrive_apart_from_the_text(engine: Engine) -> None:
    parts = await answers(engine, [Say("Four.", thought="Two and two.")])
    assert text_of(parts, ThoughtPart).strip() == "Two and two."
    assert text_of(parts) == "Four."
    assert {part.field for part in parts if isinstance(part, ThoughtPart)} == {"reasoning_content"}


async def test_a_thought_sent_back_is_rendered_as_it_was_generated(engine: Engine) -> None:
    steps = [Say("Four.", thought="Two and two."), Say("Eight.")]
    with Director(engine, steps) as director:
        provider = OpenAICompatProvider(director.url, "tiny", LLAMACPP)
        parts = [part async for part in provider.stream(Request((USER,), TOOLS))]
        reply = Message(
            Role.ASSISTANT, text_of(parts), thought=text_of(parts, ThoughtPart), thought_field="reasoning_content"
        )
        assert text_of([part async for part in provider.stream(Request((USER, reply, USER), TOOLS))]) == "Eight."
        await provider.aclose()
    rendered = engine.post("/apply-template", director.requests[-1])["prompt"]
    assert "<|im_start|>assistant\n<think>\nTwo and two.\n</think>\n\nFour.<|im_end|>" in rendered


@pytest.mark.parametrize(
    "call",
    [
        Call("git_status"),
        Call("read_file", {"path": "src/app.py"}),
        Call("edit_file", {"path": "a.py", "old_text": 'say("\\n")\n', "new_text": "\tsay('日本')\n"}),
        Call("bash", {"command": "printf '%s\\n' \"$HOME\" | tee out", "timeout_s": 5}),
    ],
    ids=lambda call: call.name,
)
async def test_a_native_call_arrives_with_its_arguments(engine: Engine, call: Call) -> None:
    parts = await answers(engine, [call])
    pieces = [part for part in parts if isinstance(part, CallPart)]
    assert [part.name for part in pieces if part.name] == [call.name]
    assert json.loads("".join(part.arguments for part in pieces)) == call.arguments
    assert len({part.provider_id for part in pieces if part.provider_id}) == 1
    assert reason_of(parts) is EndReason.TOOL_CALLS


async def test_a_call_that_a_server_does_not_parse_arrives_as_text(engine: Engine) -> None:
    text = '<tool_call>\n{"name": "read_file", "arguments": {"path": "a.py"}}\n</tool_call>'
    parts = await answers(engine, [Say(text)])
    assert text_of(parts) == text
    assert not [part for part in parts if isinstance(part, CallPart)]
    assert reason_of(parts) is EndReason.STOP


async def test_an_answer_that_is_cut_off_says_so(engine: Engine) -> None:
    parts = await answers(engine, [Ramble()], max_tokens=5)
    assert reason_of(parts) is EndReason.LENGTH


async def test_a_whole_session_is_directed_step_by_step(engine: Engine) -> None:
    steps = [Call("read_file", {"path": "a.py"}), Say("It is empty.")]
    asked = Message(
        Role.ASSISTANT, calls=(ToolCall(call_id=CallId("c1"), name="read_file", arguments='{"path": "a.py"}'),)
    )
    result = Message(Role.TOOL, "[the file is empty]", call_id="c1", tool_name="read_file")
    reply = Message(Role.ASSISTANT, "It is empty.")
    assert reason_of(await answers(engine, steps)) is EndReason.TOOL_CALLS
    assert text_of(await answers(engine, steps, USER, asked, result)) == "It is empty."
    assert text_of(await answers(engine, steps, USER, asked, result, reply, USER)) == LAST_STEP


async def test_leaving_an_endless_answer_frees_the_slot(engine: Engine) -> None:
    with Director(engine, [Ramble()]) as director:
        provider = OpenAICompatProvider(director.url, "tiny", LLAMACPP)
        async with aclosing(provider.stream(Request((USER,)))) as parts:
            async for part in parts:
                if isinstance(part, TextPart):
                    break
        await provider.aclose()
        engine.await_idle()


async def test_what_the_program_sent_is_kept_for_the_test_to_look_at(engine: Engine) -> None:
    with Director(engine, [Say("Yes.")]) as director:
        provider = OpenAICompatProvider(director.url, "tiny", LLAMACPP)
        assert text_of([part async for part in provider.stream(Request((USER,), TOOLS))]) == "Yes."
        await provider.aclose()
    (sent,) = director.requests
    assert [message["content"] for message in sent["messages"]] == [USER.text]
    assert len(sent["tools"]) == len(TOOLS)
