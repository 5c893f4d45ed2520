"""The same steps, played by every kind of back end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass

import pytest

from tests.support.fake_ollama import FakeOllama
from tests.support.fake_openai import FakeOpenAI
from tests.support.loopback import LoopbackServer
from trashclaw.agent.ports import Provider
from trashclaw.providers.ollama import OllamaProvider
from trashclaw.providers.openai_compat import OpenAICompatProvider
from trashclaw.providers.script import Script, ScriptedStep
from trashclaw.providers.scripted import ScriptedProvider
from trashclaw.providers.server_traits import LLAMACPP

Play = Callable[..., Awaitable["Played"]]


@dataclass(frozen=True, slots=True)
class Played:
    """A provider and, if it speaks to one, the server behind it."""

    provider: Provider
    server: LoopbackServer | None
    kind: str


@pytest.fixture(params=["scripted", "ollama", "openai"])
async def play(request: pytest.FixtureRequest) -> AsyncIterator[Play]:
    """Return a function that takes steps and returns a provider that answers with them."""
    async with AsyncExitStack() as stack:

        async def start(*steps: ScriptedStep, gates: Mapping[str, asyncio.Event] | None = None) -> Played:
            played = await _start(request.param, steps, gates or {}, stack)
            stack.push_async_callback(played.provider.aclose)
            return played

        yield start


async def _start(
    kind: str, steps: tuple[ScriptedStep, ...], gates: Mapping[str, asyncio.Event], stack: AsyncExitStack
) -> Played:
    if kind == "ollama":
        ollama = await stack.enter_async_context(FakeOllama(steps, gates=gates))
        return Played(OllamaProvider("qwen3:8b", ollama.url), ollama.server, kind)
    if kind == "openai":
        openai = await stack.enter_async_context(FakeOpenAI(steps, gates=gates))
        return Played(OpenAICompatProvider(f"{openai.url}/v1", "tiny", LLAMACPP), openai.server, kind)
    return Played(ScriptedProvider(Script(steps=steps), gates), None, kind)
