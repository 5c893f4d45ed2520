"""A request is sent again only while that can do no harm."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import replace

import pytest

from trashclaw.agent.messages import EndReason, Message, ModelProfile, Part, ProgressPart, Request, Role, TextPart
from trashclaw.protocol.errors import ProviderError, ServerFailed, ServerTooSlow, ServerUnreachable, StreamBroken
from trashclaw.protocol.events import Phase
from trashclaw.providers.openai_compat import OpenAICompatProvider
from trashclaw.providers.refusals import ServerBusy
from trashclaw.providers.retry import RetryingProvider, RetryPolicy
from trashclaw.providers.script import Fault, FaultKind, Script, ScriptedStep
from trashclaw.providers.scripted import ScriptedProvider
from trashclaw.providers.server_traits import LLAMACPP

ASK = Request((Message(Role.USER, "Hello"),))
GONE = ScriptedStep(error=Fault(kind=FaultKind.UNREACHABLE))
HI = ScriptedStep(text="Hi", end=EndReason.STOP)


class Waiting:
    """A clock that only notes how long it was asked to wait."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


async def play(
    *steps: ScriptedStep, policy: RetryPolicy | None = None
) -> tuple[list[Part], list[float], ProviderError | None]:
    waiting = Waiting()
    provider = RetryingProvider(ScriptedProvider(Script(steps=steps)), policy, sleep=waiting)
    parts: list[Part] = []
    try:
        async for part in provider.stream(ASK):
            parts += [part]
    except ProviderError as error:
        return parts, waiting.seconds, error
    return parts, waiting.seconds, None


async def test_two_failures_are_waited_out_with_growing_patience_and_said() -> None:
    parts, waits, error = await play(GONE, GONE, HI)
    assert error is None
    assert TextPart("Hi") in parts
    assert waits == [0.5, 1.0]
    said = [part for part in parts if isinstance(part, ProgressPart) and part.phase is Phase.WAITING]
    assert [part.eta_s for part in said] == waits
    assert said[0].text.startswith("try 2 of 3 in 0.5 s: ")


async def test_the_third_failure_is_told() -> None:
    _, waits, error = await play(GONE, GONE, GONE, HI)
    assert isinstance(error, ServerUnreachable)
    assert len(waits) == 2


async def test_what_is_only_read_ahead_is_not_tried_again() -> None:
    gone = RetryingProvider(OpenAICompatProvider("http://127.0.0.1:9", "tiny", LLAMACPP), sleep=(waiting := Waiting()))
    with pytest.raises(ServerUnreachable):
        assert [part async for part in gone.stream(replace(ASK, is_ahead=True))]
    assert not waiting.seconds
    await gone.aclose()


async def test_retries_can_be_switched_off() -> None:
    _, waits, error = await play(GONE, HI, policy=RetryPolicy(max_retries=0))
    assert isinstance(error, ServerUnreachable)
    assert not waits


async def test_nothing_is_sent_again_once_a_part_of_an_answer_has_come() -> None:
    broken = ScriptedStep(text="Half", error=Fault(kind=FaultKind.DROPPED))
    parts, waits, error = await play(broken, HI)
    assert isinstance(error, StreamBroken)
    assert TextPart("Half") in parts
    assert not waits


@pytest.mark.parametrize("fault", [Fault(kind=FaultKind.OVERFLOW), Fault(kind=FaultKind.HTTP, status=400)])
async def test_what_will_not_pass_is_not_tried_again(fault: Fault) -> None:
    _, waits, error = await play(ScriptedStep(error=fault), HI)
    assert error is not None
    assert not waits


def test_the_server_may_name_the_wait_within_reason() -> None:
    policy = RetryPolicy(longest_delay_s=30.0)
    assert policy.delay_s(1, ServerBusy("full", retry_after_s=7.0)) == 7.0
    assert policy.delay_s(1, ServerBusy("full", retry_after_s=90.0)) == 90.0
    assert policy.allows(1, ServerBusy("full", retry_after_s=90.0))
    assert not policy.allows(1, ServerBusy("full", retry_after_s=3600.0))
    assert policy.delay_s(9, ServerFailed("boom", status=500)) == 30.0


async def test_a_server_that_loads_is_waited_for_as_long_as_it_takes() -> None:
    waiting = Waiting()
    policy = RetryPolicy(max_retries=0, loading_limit_s=3.0)
    provider = RetryingProvider(_Loading(3), policy, sleep=waiting)
    parts = [part async for part in provider.stream(ASK)]
    assert TextPart("Hi") in parts
    assert waiting.seconds == [1.0, 1.0, 1.0]
    assert sum(isinstance(part, ProgressPart) and part.phase is Phase.LOADING for part in parts) == 3
    with pytest.raises(ServerTooSlow, match="has been loading its model for 3 s") as caught:
        assert [part async for part in RetryingProvider(_Loading(4), policy, sleep=waiting).stream(ASK)]
    assert "server.load_timeout_s" in caught.value.hint


async def test_the_profile_of_a_server_that_loads_is_waited_for() -> None:
    waiting = Waiting()
    policy = RetryPolicy(profile_limit_s=3.0)
    profile = await RetryingProvider(_Loading(3), policy, sleep=waiting).profile()
    assert profile.model == "scripted"
    assert len(waiting.seconds) == 3
    with pytest.raises(ServerBusy):
        await RetryingProvider(_Loading(5), policy, sleep=waiting).profile()


class _Loading(ScriptedProvider):
    """A server that loads its model for some requests, and then answers."""

    def __init__(self, requests: int) -> None:
        super().__init__(Script(steps=(HI,)))
        self._left = requests

    def _load(self) -> None:
        self._left -= 1
        if self._left >= 0:
            raise ServerBusy("llama.cpp's server says: Loading model")

    async def profile(self) -> ModelProfile:
        self._load()
        return await super().profile()

    async def stream(self, request: Request) -> AsyncGenerator[Part, None]:
        self._load()
        async for part in super().stream(request):
            yield part
