"""A scripted model plays its steps exactly, and fails loudly."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from trashclaw.agent.messages import (
    CallPart,
    EndPart,
    EndReason,
    Message,
    Part,
    ProgressPart,
    Request,
    Role,
    TextPart,
    ThoughtPart,
)
from trashclaw.protocol.errors import (
    AnswerUnreadable,
    ConfigError,
    ContextOverflow,
    ModelNotFound,
    ProviderError,
    ServerFailed,
    ServerUnreachable,
    StreamBroken,
    ToolsUnsupported,
    TrashclawError,
    UsageError,
)
from trashclaw.protocol.events import Phase
from trashclaw.protocol.tools import ToolSpec
from trashclaw.protocol.usage import Usage
from trashclaw.providers.script import Script, load_script
from trashclaw.providers.scripted import ScriptedProvider

ASK = Request(messages=(Message(Role.SYSTEM, "Be brief."), Message(Role.USER, "Fix the bug.")))


def script(*steps: object, **fields: object) -> Script:
    return Script.model_validate({"steps": list(steps), **fields})


async def answer(provider: ScriptedProvider, request: Request = ASK) -> list[Part]:
    return [part async for part in provider.stream(request)]


def end_of(parts: list[Part]) -> EndPart:
    assert isinstance(parts[-1], EndPart)
    return parts[-1]


def text_of(parts: list[Part]) -> str:
    return "".join(part.text for part in parts if isinstance(part, TextPart))


async def test_text_comes_in_pieces_of_about_a_word_and_nothing_is_lost() -> None:
    words = "  Two of them\n\n    interpolate  user input.\n"
    parts = await answer(ScriptedProvider(script({"thought": "Hm, well.", "text": words})))
    assert text_of(parts) == words
    assert len([part for part in parts if isinstance(part, TextPart)]) == 7
    assert [part.text for part in parts if isinstance(part, ThoughtPart)] == ["Hm,", " well."]
    assert end_of(parts).reason is EndReason.STOP


async def test_calls_come_whole_with_their_own_ids_and_broken_arguments_stay_broken() -> None:
    calls = [{"name": "read_file", "arguments": {"path": "döner.py"}}, {"name": "run", "arguments": '{"command": "ls'}]
    parts = await answer(ScriptedProvider(script({"calls": calls})))
    pieces = [part for part in parts if isinstance(part, CallPart)]
    assert [(part.index, part.name, part.provider_id) for part in pieces if part.name] == [
        (0, "read_file", "call_1"),
        (1, "run", "call_2"),
    ]
    assert "".join(part.arguments for part in pieces if part.index == 0) == '{"path": "döner.py"}'
    assert "".join(part.arguments for part in pieces if part.index == 1) == '{"command": "ls'
    assert end_of(parts).reason is EndReason.TOOL_CALLS


async def test_steps_answer_requests_in_order_and_running_out_is_loud() -> None:
    provider = ScriptedProvider(script({"text": "one"}, None, {"text": "three", "end": "length"}), start=0)
    assert text_of(await answer(provider)) == "one"
    assert text_of(await answer(provider)) == ""
    assert end_of(await answer(provider)).reason is EndReason.LENGTH
    with pytest.raises(ProviderError, match="run out: it has 3 steps, and this is request 4"):
        await answer(provider)


async def test_a_script_may_begin_in_the_middle() -> None:
    provider = ScriptedProvider(script({"text": "one"}, {"text": "two"}), start=1)
    assert text_of(await answer(provider)) == "two"
    assert provider.position == 2


async def test_an_expectation_that_does_not_hold_is_loud() -> None:
    provider = ScriptedProvider(script({"expect": "the bug"}, {"expect": "the feature"}))
    await answer(provider)
    with pytest.raises(ProviderError, match="Step 2 of the script expects 'the feature'"):
        await answer(provider)


async def test_a_gate_holds_the_answer_and_a_second_one_holds_the_calls() -> None:
    gates = {"begin": asyncio.Event(), "call": asyncio.Event()}
    step = {"text": "Reading.", "calls": [{"name": "read_file"}], "wait": "begin", "hold": "call"}
    stream = ScriptedProvider(script(step), gates).stream(ASK)
    await anext(stream)
    first = asyncio.ensure_future(anext(stream))
    await asyncio.sleep(0)
    assert not first.done()
    gates["begin"].set()
    assert await first == TextPart("Reading.")
    gates["call"].set()
    rest = [part async for part in stream]
    assert isinstance(rest[0], CallPart)


async def test_a_held_step_stays_open_until_it_is_cancelled() -> None:
    seen: list[Part] = []

    async def read() -> None:
        async for part in ScriptedProvider(script({"text": "Well", "hold": True})).stream(ASK):
            seen.append(part)
            if isinstance(part, TextPart):
                streamed.set()

    streamed = asyncio.Event()
    task = asyncio.ensure_future(read())
    await streamed.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert seen[-1] == TextPart("Well")


async def test_a_file_gate_is_looked_for_beside_the_script(tmp_path: Path) -> None:
    (tmp_path / "play.yaml").write_text("steps:\n  - {text: now, wait_file: go}\n")
    reading = asyncio.ensure_future(answer(ScriptedProvider(load_script(tmp_path / "play.yaml"))))
    (tmp_path / "go").touch()
    assert text_of(await reading) == "now"


async def test_a_gate_that_nobody_holds_is_refused_at_once() -> None:
    with pytest.raises(UsageError, match="Step 2 of the script waits for the gate `diff`"):
        ScriptedProvider(script({}, {"hold": "diff"}))


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ({"kind": "unreachable"}, ServerUnreachable),
        ({"kind": "http", "status": 503}, ServerFailed),
        ({"kind": "model_not_found"}, ModelNotFound),
        ({"kind": "overflow", "prompt_tokens": 9000, "limit": 4096}, ContextOverflow),
        ({"kind": "empty"}, StreamBroken),
    ],
)
async def test_a_fault_comes_instead_of_an_answer(fault: dict[str, object], expected: type[TrashclawError]) -> None:
    stream = ScriptedProvider(script({"text": "never seen", "error": fault})).stream(ASK)
    assert isinstance(await anext(stream), ProgressPart)
    with pytest.raises(expected) as caught:
        await anext(stream)
    if isinstance(caught.value, ServerFailed):
        assert caught.value.status == 503
    if isinstance(caught.value, ContextOverflow):
        assert (caught.value.prompt_tokens, caught.value.limit) == (9000, 4096)


async def test_a_dropped_connection_comes_after_some_text() -> None:
    stream = ScriptedProvider(script({"text": "Half an", "error": {"kind": "dropped"}})).stream(ASK)
    assert isinstance(await anext(stream), ProgressPart)
    assert [await anext(stream), await anext(stream)] == [TextPart("Half"), TextPart(" an")]
    with pytest.raises(StreamBroken):
        await anext(stream)


async def test_what_two_requests_share_counts_as_cached() -> None:
    provider = ScriptedProvider(script({"text": "Done."}, {"text": "Again."}, {"usage": {"prompt_tokens": 7}}))
    first = end_of(await answer(provider)).usage
    longer = Request(messages=(*ASK.messages, Message(Role.ASSISTANT, "Done."), Message(Role.USER, "And now this.")))
    second = end_of(await answer(provider, longer)).usage
    third = end_of(await answer(provider, longer)).usage
    assert first is not None
    assert second is not None
    assert third is not None
    assert (first.cached_tokens, first.is_estimate) == (0, True)
    assert second.cached_tokens == first.prompt_tokens < second.prompt_tokens
    assert (third.prompt_tokens, third.is_estimate) == (7, False)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("steps: [{txt: a}]", r"there is no key `steps\.0\.txt` in a script\. Did you mean `text`\?"),
        ("steps: [{end: never}]", r"steps\.0\.end: "),
        ("model: x", r"steps: Field required"),
        ("- 1", r"a script is a mapping"),
        ("steps: [", r"no YAML.*line 1"),
    ],
)
def test_a_wrong_script_names_file_and_key(tmp_path: Path, source: str, message: str) -> None:
    path = tmp_path / "play.yaml"
    path.write_text(source)
    with pytest.raises(ConfigError, match=f"(?s)play.yaml: .*{message}"):
        load_script(path)


def test_a_missing_script_is_an_error_of_configuration(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        load_script(tmp_path / "none.yaml")


async def test_the_profile_says_what_the_script_says() -> None:
    profile = await ScriptedProvider(script({"thought": "Hm"}, model="demo", limit_tokens=4096)).profile()
    assert (profile.provider, profile.model, profile.limit_tokens) == ("scripted", "demo", 4096)
    assert profile.has_thinking


async def test_a_script_says_what_its_model_can() -> None:
    plain = await ScriptedProvider(script({"text": "Hi"})).profile()
    assert (plain.has_tools, plain.has_thinking, plain.can_constrain, plain.can_continue) == (True, False, False, False)
    claims = {"has_tools": False, "has_thinking": True, "can_constrain": True, "can_continue": True}
    told = await ScriptedProvider(script({"text": "Hi"}, **claims)).profile()
    assert (told.has_tools, told.has_thinking, told.can_constrain, told.can_continue) == (False, True, True, True)
    silent = await ScriptedProvider(script({"thought": "Hm"}, has_thinking=False)).profile()
    assert not silent.has_thinking


async def test_a_model_without_tools_refuses_them_and_no_step_is_lost() -> None:
    provider = ScriptedProvider(script({"text": "Hi"}, has_tools=False))
    tool = ToolSpec(name="bash", description="Run.", parameters={"type": "object", "properties": {}})
    with pytest.raises(ToolsUnsupported):
        await answer(provider, Request(ASK.messages, (tool,)))
    assert provider.position == 0
    assert text_of(await answer(provider)) == "Hi"


async def test_an_answer_may_be_unreadable_after_its_parts() -> None:
    provider = ScriptedProvider(script({"text": "Hm", "error": {"kind": "unreadable"}}))
    seen: list[Part] = []
    with pytest.raises(AnswerUnreadable):
        async for part in provider.stream(ASK):
            seen += [part]
    assert text_of(seen) == "Hm"


@pytest.mark.parametrize(("step", "can"), [({"text": "Half"}, True), ({}, False)])
async def test_a_dropped_answer_can_be_gone_on_from_if_it_had_begun(step: dict[str, object], can: bool) -> None:
    with pytest.raises(StreamBroken) as caught:
        await answer(ScriptedProvider(script({**step, "error": {"kind": "dropped"}})))
    assert caught.value.is_resumable is can


async def test_what_is_sent_ahead_plays_no_step_and_the_next_request_finds_it_read() -> None:
    gates = {"idle": asyncio.Event()}
    provider = ScriptedProvider(script({"text": "one"}, wait_ahead="idle"), gates)
    ahead = Request((*ASK.messages, Message(Role.USER, ".")), is_ahead=True)
    given_up = provider.stream(ahead)
    assert await anext(given_up) == ProgressPart(Phase.PREFILL)
    await given_up.aclose()
    gates["idle"].set()
    parts = await answer(provider, ahead)
    assert all(isinstance(part, ProgressPart) for part in parts[:-1])
    assert provider.position == 0
    assert end_of(parts).usage == Usage(prompt_tokens=5, cached_tokens=0, is_estimate=True)
    usage = end_of(await answer(provider, Request((*ASK.messages, Message(Role.USER, "Go."))))).usage
    assert usage is not None
    assert usage.cached_tokens == 5


def test_a_gate_for_what_is_sent_ahead_must_be_held_by_somebody() -> None:
    with pytest.raises(UsageError, match="idle"):
        ScriptedProvider(script({"text": "one"}, wait_ahead="idle"))
