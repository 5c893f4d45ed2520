"""What the agent may rely on, whichever provider it talks to."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable

import pytest

from tests.contract.conftest import Play
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
from trashclaw.agent.ports import Provider
from trashclaw.protocol.errors import (
    ContextOverflow,
    ModelNotFound,
    ProviderError,
    ServerFailed,
    ServerUnreachable,
    StreamBroken,
)
from trashclaw.protocol.ids import CallId
from trashclaw.protocol.tools import ToolCall, ToolSpec
from trashclaw.providers.script import Fault, FaultKind, ScriptedCall, ScriptedStep

READ = ToolSpec(
    name="read_file",
    description="Read a file.",
    parameters={"type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]},
)
ASK = Request((Message(Role.SYSTEM, "Be brief."), Message(Role.USER, "Fix the bug.")), (READ,))


async def answer(provider: Provider, request: Request = ASK) -> list[Part]:
    return [part async for part in provider.stream(request)]


def text_of(parts: Iterable[Part]) -> str:
    return "".join(part.text for part in parts if isinstance(part, TextPart))


def calls_of(parts: Iterable[Part]) -> list[tuple[str, str, str]]:
    """Return name, server's id and arguments of each call."""
    calls: dict[int, list[str]] = {}
    for part in parts:
        if isinstance(part, CallPart):
            call = calls.setdefault(part.index, ["", "", ""])
            assert not (part.name and call[0]), "the name comes once"
            call[0] += part.name
            call[1] += part.provider_id
            call[2] += part.arguments
    return [(name, provider_id, arguments) for name, provider_id, arguments in calls.values()]


async def test_thought_and_text_arrive_in_pieces_and_whole(play: Play) -> None:
    played = await play(ScriptedStep(thought="Let me see. ", text="Two\u2028lines\u2029and \x85 döner 🥙.\n\nEnd."))
    parts = await answer(played.provider)
    assert text_of(parts) == "Two\u2028lines\u2029and \x85 döner 🥙.\n\nEnd."
    assert "".join(part.text for part in parts if isinstance(part, ThoughtPart)) == "Let me see. "
    assert sum(part.tokens for part in parts if isinstance(part, TextPart)) > 4
    assert isinstance(parts[-1], EndPart)
    assert parts[-1].reason is EndReason.STOP
    assert len([part for part in parts if isinstance(part, EndPart)]) == 1


async def test_parallel_calls_keep_their_arguments_apart(play: Play) -> None:
    calls = (
        ScriptedCall(name="read_file", arguments={"path": "src/äpp.py", "offset": 3}),
        ScriptedCall(name="read_file", arguments={"path": "b.py"}),
    )
    parts = await answer((await play(ScriptedStep(text="Reading.\n", calls=calls))).provider)
    found = calls_of(parts)
    assert [(name, json.loads(arguments)) for name, _, arguments in found] == [
        ("read_file", {"path": "src/äpp.py", "offset": 3}),
        ("read_file", {"path": "b.py"}),
    ]
    assert len({provider_id for _, provider_id, _ in found}) == 2
    assert isinstance(parts[-1], EndPart)
    assert parts[-1].reason is EndReason.TOOL_CALLS


async def test_a_result_goes_back_under_the_id_of_its_call(play: Play) -> None:
    call = ScriptedCall(name="read_file", arguments={"path": "a.py"})
    played = await play(ScriptedStep(text="First.\n", thought="Hm.", calls=(call,)), ScriptedStep(expect="x = 1"))
    first = await answer(played.provider)
    [(name, provider_id, arguments)] = calls_of(first)
    thought = next(part for part in first if isinstance(part, ThoughtPart))
    made = ToolCall(call_id=CallId("call_ours"), name=name, arguments=arguments, provider_id=provider_id)
    history = (
        *ASK.messages,
        Message(Role.ASSISTANT, "First.\n", thought="Hm.", thought_field=thought.field, calls=(made,)),
        Message(Role.TOOL, "x = 1", call_id=provider_id, tool_name="read_file"),
    )
    parts = await answer(played.provider, Request(history, (READ,)))
    assert isinstance(parts[-1], EndPart)


async def test_arguments_that_do_not_parse_never_go_back(play: Play) -> None:
    played = await play(ScriptedStep(text="Sorry."))
    broken = ToolCall(call_id=CallId("call_1"), name="read_file", arguments='{"path": "a.p', provider_id="abc")
    result = Message(Role.TOOL, "No JSON.", call_id="abc", tool_name="read_file")
    history = (*ASK.messages, Message(Role.ASSISTANT, calls=(broken,)), result)
    assert text_of(await answer(played.provider, Request(history, (READ,)))) == "Sorry."


async def test_an_answer_cut_at_its_limit_says_so(play: Play) -> None:
    parts = await answer((await play(ScriptedStep(text="Half an ans", end="length"))).provider)
    assert isinstance(parts[-1], EndPart)
    assert parts[-1].reason is EndReason.LENGTH


async def test_an_empty_reply_is_an_answer(play: Play) -> None:
    parts = await answer((await play(ScriptedStep())).provider)
    assert text_of(parts) == ""
    assert isinstance(parts[-1], EndPart)
    assert parts[-1].reason is EndReason.STOP


async def test_usage_is_what_the_server_counted(play: Play) -> None:
    step = ScriptedStep.model_validate({"text": "Hi", "usage": {"prompt_tokens": 90, "completion_tokens": 7}})
    warm = ScriptedStep.model_validate({"text": "Hi", "usage": {"prompt_tokens": 120, "cached_tokens": 97}})
    played = await play(step, warm)
    first = (await answer(played.provider))[-1]
    second = (await answer(played.provider))[-1]
    assert isinstance(first, EndPart)
    assert first.usage is not None
    assert (first.usage.prompt_tokens, first.usage.completion_tokens) == (90, 7)
    assert first.timings.total_s > 0
    assert isinstance(second, EndPart)
    assert second.usage is not None
    assert (second.usage.prompt_tokens, second.usage.cached_tokens) == (120, 97)


@pytest.mark.parametrize(
    ("fault", "expected", "is_retryable"),
    [
        (Fault(kind=FaultKind.HTTP, status=500, text="boom"), ServerFailed, True),
        (Fault(kind=FaultKind.HTTP, status=503), ServerFailed, True),
        (Fault(kind=FaultKind.HTTP, status=422), ServerFailed, False),
        (Fault(kind=FaultKind.MODEL_NOT_FOUND), ModelNotFound, False),
        (Fault(kind=FaultKind.OVERFLOW, prompt_tokens=9000, limit=4096), ContextOverflow, False),
    ],
)
async def test_a_refusal_is_told_by_its_kind(
    play: Play, fault: Fault, expected: type[ProviderError], is_retryable: bool
) -> None:
    played = await play(ScriptedStep(error=fault))
    with pytest.raises(expected) as caught:
        await answer(played.provider)
    assert caught.value.is_retryable is is_retryable
    if isinstance(caught.value, ServerFailed):
        assert caught.value.status == fault.status
    if isinstance(caught.value, ContextOverflow):
        assert (caught.value.prompt_tokens, caught.value.limit) == (9000, 4096)


async def test_a_dropped_connection_leaves_no_end(play: Play) -> None:
    call = ScriptedCall(name="read_file", arguments={"path": "a.py"})
    played = await play(ScriptedStep(text="Half", calls=(call,), error=Fault(kind=FaultKind.DROPPED)))
    seen: list[Part] = []
    with pytest.raises(StreamBroken):
        await gather(played.provider, seen)
    assert text_of(seen) == "Half"
    assert not any(isinstance(part, EndPart) for part in seen)


async def test_a_stream_that_ends_before_it_begins_is_broken(play: Play) -> None:
    played = await play(ScriptedStep(error=Fault(kind=FaultKind.EMPTY)))
    with pytest.raises(StreamBroken):
        await answer(played.provider)


async def test_cancelling_ends_the_request_on_the_server(play: Play) -> None:
    played = await play(ScriptedStep(text="Thinking about it", hold=True))
    streamed = asyncio.Event()

    async def read() -> None:
        async for part in played.provider.stream(ASK):
            if isinstance(part, TextPart):
                streamed.set()

    task = asyncio.ensure_future(read())
    await streamed.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    if played.server is not None:
        await played.server.idle()


async def test_a_gate_lets_a_test_look_in_the_middle_of_an_answer(play: Play) -> None:
    gate = asyncio.Event()
    step = ScriptedStep(text="Reading.", hold="call", calls=(ScriptedCall(name="read_file"),))
    played = await play(step, gates={"call": gate})
    seen: list[Part] = []
    async for part in played.provider.stream(ASK):
        seen.append(part)
        if isinstance(part, TextPart):
            assert not calls_of(seen)
            gate.set()
    assert [name for name, _, _ in calls_of(seen)] == ["read_file"]


async def test_lone_surrogates_in_a_request_are_no_reason_to_fail(play: Play) -> None:
    played = await play(ScriptedStep(text="Fine."))
    request = Request((Message(Role.USER, "a file named \udcff.txt"),))
    assert text_of(await answer(played.provider, request)) == "Fine."


async def test_the_profile_tells_the_window_that_is_used(play: Play) -> None:
    played = await play()
    profile = await played.provider.profile()
    assert profile.limit_tokens == {"scripted": 32768, "ollama": 32768, "openai": 8192}[played.kind]
    assert not profile.is_limit_assumed
    assert profile.has_tools
    assert not profile.is_remote


async def test_a_server_that_is_not_there_is_unreachable(play: Play) -> None:
    played = await play(ScriptedStep(error=Fault(kind=FaultKind.UNREACHABLE)))
    if played.server is not None:
        await played.server.__aexit__(None, None, None)
    with pytest.raises(ServerUnreachable) as caught:
        await answer(played.provider)
    assert caught.value.is_retryable


async def gather(provider: Provider, seen: list[Part]) -> None:
    async for part in provider.stream(ASK):
        seen += [part]
