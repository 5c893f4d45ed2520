"""Windows that turn out smaller than they were: compacted once and asked again, and a reload is noticed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.support.fake_ollama import FakeModel, FakeOllama
from tests.support.fake_openai import FakeOpenAI
from tests.support.loopback import Received, Wire
from tests.support.sessions import Driven, make_provider
from trashclaw.agent.ports import Provider
from trashclaw.config.schema import Settings
from trashclaw.protocol import events as ev
from trashclaw.protocol.items import Compaction
from trashclaw.providers.ollama import OllamaProvider
from trashclaw.providers.openai_compat import OpenAICompatProvider
from trashclaw.providers.script import Fault, FaultKind, ScriptedCall, ScriptedStep
from trashclaw.providers.server_traits import LLAMACPP, LMSTUDIO
from trashclaw.session.build import Opening, open_session

LIMIT = 32_768
SHRUNK = 16_384
FILES = 8


class FakeLMStudio(FakeOpenAI):
    """LM Studio's list of models before the chat of the others."""

    async def _handle(self, received: Received, wire: Wire) -> None:
        if received.path != "/api/v1/models":
            await super()._handle(received, wire)
            return
        instance = {"id": self.model, "config": {"context_length": self.n_ctx}}
        await wire.reply(200, {"models": [{"type": "llm", "key": self.model, "loaded_instances": [instance]}]})


@asynccontextmanager
async def served(kind: str, steps: list[ScriptedStep]) -> AsyncIterator[tuple[Provider, FakeOllama | FakeOpenAI]]:
    """Give a provider at a fake of a server, and the fake."""
    if kind == "ollama":
        model = FakeModel(parameters=f"num_ctx {LIMIT}")
        async with FakeOllama(steps, models=[model]) as ollama:
            yield OllamaProvider(model.name, ollama.url), ollama
        return
    fake, traits = (FakeLMStudio, LMSTUDIO) if kind == "lmstudio" else (FakeOpenAI, LLAMACPP)
    async with fake(steps, n_ctx=LIMIT) as server:
        yield OpenAICompatProvider(server.url, "tiny", traits), server


def overflow(kind: str) -> ScriptedStep:
    """Return how a server says that a request is too large; LM Studio says nothing at all."""
    if kind == "lmstudio":
        return ScriptedStep(error=Fault(kind=FaultKind.EMPTY))
    return ScriptedStep(error=Fault(kind=FaultKind.OVERFLOW, prompt_tokens=LIMIT + 100, limit=LIMIT))


@pytest.fixture
def large(repository: Path) -> Path:
    """A repository with files that fill about two thirds of the window."""
    for number in range(FILES):
        lines = (f"value_{number}_{line} = [{line}, {number}, '{line * 7919}']\n" for line in range(240))
        (repository / f"m{number}.py").write_text("".join(lines))
    return repository


@pytest.mark.parametrize("kind", ["ollama", "llamacpp", "lmstudio"])
async def test_it_is_compacted_and_sent_once_more(kind: str, large: Path) -> None:
    reads = [
        ScriptedStep(calls=(ScriptedCall(name="read_file", arguments={"path": f"m{number}.py"}),))
        for number in range(FILES)
    ]
    steps = [*reads, overflow(kind), ScriptedStep(text="Done.")]
    async with served(kind, steps) as (provider, fake):
        state = large.parent / "state"
        opening = Opening(root=large, settings=Settings(), provider=provider, state=state)
        driven = Driven(await open_session(opening), make_provider([]), state)
        done = await driven.turn("Read them all.")
        assert done.stop_reason is ev.StopReason.END_TURN, done.error
        assert len([item for item in driven.items if isinstance(item, Compaction)]) == 1
        driven.assert_sound()
        await driven.session.aclose()
        before, after = (len(chat.model_dump_json()) for chat in fake.chats[-2:])
        assert after < before * 0.8


async def test_a_window_that_shrank_while_another_program_had_its_turn_is_kept_to(repository: Path) -> None:
    steps = [ScriptedStep(text="Hello."), ScriptedStep(text="Again.")]
    async with served("ollama", steps) as (provider, fake):
        assert isinstance(fake, FakeOllama)
        state = repository.parent / "state"
        opening = Opening(root=repository, settings=Settings(), provider=provider, state=state)
        driven = Driven(await open_session(opening), make_provider([]), state)
        await driven.turn()
        fake.loaded.clear()
        fake.memory_tokens, fake.load_s = SHRUNK, 4.0
        done = await driven.turn("and now?")
        assert done.stop_reason is ev.StopReason.END_TURN
        [told] = [notice for notice in driven.notices if notice.code == "window_changed"]
        assert "was loaded anew, which took 4.0 s" in told.text
        assert "Its window has 16,384 tokens now, not 32,768." in told.text
        measured = [event for event in driven.events if isinstance(event, ev.ContextMeasured)]
        assert (measured[0].limit_tokens, measured[-1].limit_tokens) == (LIMIT, SHRUNK)
        driven.assert_sound()
        await driven.session.aclose()
