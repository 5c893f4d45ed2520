"""Ollama's window: chosen by what fits, told with its reason, verified, and watched while others load models too."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.support.fake_ollama import FakeModel, FakeOllama, OllamaStep
from tests.support.loopback import Wire
from tests.support.ollama_shapes import GenerateRequest
from trashclaw.agent.messages import EndPart, Message, ModelProfile, NoticePart, Part, ProgressPart, Request, Role
from trashclaw.protocol.errors import ServerFailed
from trashclaw.protocol.events import Phase
from trashclaw.providers.memory_fit import fit_text
from trashclaw.providers.ollama import OllamaProvider

GIGA = 10**9
ASK = Request((Message(Role.SYSTEM, "Be brief."), Message(Role.USER, "Fix the bug.")))
NAME = "qwen3:8b"
LAYERS: Mapping[str, Any] = {
    "block_count": 36,
    "embedding_length": 4096,
    "attention.head_count": 32,
    "attention.head_count_kv": 8,
    "attention.key_length": 128,
    "attention.value_length": 128,
}
"""147,456 bytes a token."""

QWEN = FakeModel(NAME, layers=LAYERS, size=5 * GIGA)
LLAMA = FakeModel("llama3:8b")


@dataclass
class Clock:
    """A clock that stands still until it is set on."""

    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


class TimedOllama(FakeOllama):
    """A fake that takes time to load a model, by a clock that is set on."""

    clock = Clock()
    takes_s = 0.0

    async def _generate(self, request: GenerateRequest, wire: Wire) -> None:
        self.clock.now += self.takes_s
        await super()._generate(request, wire)


@dataclass
class Seat:
    """A provider at a fake."""

    ollama: TimedOllama
    provider: OllamaProvider
    clock: Clock
    notices: list[NoticePart] = field(default_factory=list)

    async def answer(self, request: Request = ASK, *, after_s: float = 0.0) -> list[Part]:
        """Set the clock on, and return what comes for a request."""
        self.clock.now += after_s
        parts = [part async for part in self.provider.stream(request)]
        self.notices += [part for part in parts if isinstance(part, NoticePart)]
        return parts


@asynccontextmanager
async def seated(
    *steps: OllamaStep,
    free: float | None = 16.0,
    num_ctx: int | None = None,
    loaded: Mapping[str, int] | None = None,
    models: tuple[FakeModel, ...] = (QWEN, LLAMA),
    **about: Any,
) -> AsyncIterator[Seat]:
    """Give a provider at a fake, on a machine with so many GB to spare."""
    clock = Clock()
    async with TimedOllama(steps or [OllamaStep(text="a")] * 9, models=models, **about) as ollama:
        ollama.clock = clock
        ollama.loaded |= loaded or {}
        spare = None if free is None else int(free * GIGA)
        provider = OllamaProvider(NAME, ollama.url, num_ctx=num_ctx, free_bytes=lambda: spare, clock=clock)
        try:
            yield Seat(ollama, provider, clock)
        finally:
            await provider.aclose()


async def profile_of(**about: Any) -> ModelProfile:
    async with seated(**about) as seat:
        return await seat.provider.profile()


@pytest.mark.parametrize(
    ("free", "expected", "reason"),
    [
        (16.0, 32768, "as much as is taken unasked; the model was made for 40,960 (server.num_ctx)"),
        (9.0, 16384, "what fits into 9.0 GB of free memory"),
        (7.0, 8192, "what fits into 7.0 GB of free memory"),
        (5.6, 4096, "what fits into 5.6 GB of free memory, and hardly that"),
        (4.0, 8192, "careful: the weights alone exceed 4.0 GB of free memory"),
        (None, 32768, "as much as is taken unasked; the model was made for 40,960 (server.num_ctx)"),
    ],
)
async def test_the_window_is_what_fits_and_says_why(free: float | None, expected: int, reason: str) -> None:
    profile = await profile_of(free=free)
    assert (profile.limit_tokens, profile.limit_reason) == (expected, reason)
    assert not profile.limit_warning


@pytest.mark.parametrize(
    ("layers", "expected"),
    [
        (LAYERS, 0),
        ({**LAYERS, "attention.head_count_kv": [0, 0, 0, 8] * 9, "ssm.inner_size": 4096, "ssm.state_size": 128}, 520),
        ({**LAYERS, "attention.sliding_window": 1024}, 520),
        ({}, 520),
    ],
    ids=["all is kept", "recurrent layers", "a sliding window", "nothing is known"],
)
async def test_only_what_cannot_go_back_is_read_further_ahead(layers: Mapping[str, Any], expected: int) -> None:
    profile = await profile_of(models=(FakeModel(NAME, layers=layers, size=5 * GIGA),))
    assert profile.first_ahead_tokens == expected


async def test_every_request_and_load_has_the_window_that_fits() -> None:
    async with seated(free=9.0) as seat:
        await seat.provider.load()
        await seat.answer()
        await seat.answer(after_s=60)
        assert seat.ollama.loads == [(NAME, 16384)]
        assert {chat.options.num_ctx for chat in seat.ollama.chats} == {16384}
        assert seat.notices == []


async def test_layers_that_differ_are_asked_for_in_full() -> None:
    hybrid = FakeModel(NAME, layers={**LAYERS, "attention.head_count_kv": [0, 0, 0, 8] * 9}, size=5 * GIGA)
    profile = await profile_of(free=7.0, models=(hybrid,))
    assert profile.limit_tokens == 32768


@pytest.mark.parametrize(
    ("kind", "tokens"), [("q8_0", 24576), ("q4_0", 32768), ("f16", 8192), ("nonsense", 8192), ("", 8192)]
)
async def test_the_type_of_the_cache_is_taken_from_the_environment(
    kind: str, tokens: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OLLAMA_KV_CACHE_TYPE", kind)
    assert (await profile_of(free=7.9)).limit_tokens == tokens


async def test_windows_that_are_kept_at_once_share_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OLLAMA_NUM_PARALLEL", "4")
    assert (await profile_of(free=16.0)).limit_tokens == 16384


async def test_a_window_that_was_asked_for_is_obeyed_and_warned_of_with_the_figures() -> None:
    profile = await profile_of(free=9.0, num_ctx=40960)
    assert (profile.limit_tokens, profile.limit_reason) == (40960, "asked for")
    assert profile.limit_warning.startswith(
        "A window of 40,960 tokens needs 11.6 GB with the weights, and 9.0 GB are free: Ollama may refuse"
    )
    assert profile.limit_hint == "At most 23,485 tokens fit: --num-ctx 23485."
    fitting = await profile_of(free=9.0, num_ctx=16384)
    assert (fitting.limit_tokens, fitting.limit_warning) == (16384, "")


async def test_more_than_the_model_was_made_for_is_not_given_and_said() -> None:
    profile = await profile_of(num_ctx=99999)
    assert profile.limit_reason == "99,999 asked for, but the model was made for 40,960"


async def test_what_the_modelfile_asks_for_is_obeyed_like_a_persons_wish() -> None:
    made = FakeModel(NAME, layers=LAYERS, size=5 * GIGA, parameters="num_ctx 40960")
    profile = await profile_of(free=9.0, models=(made,))
    assert (profile.limit_tokens, profile.limit_reason) == (40960, "its Modelfile asks for it")
    assert profile.limit_warning


async def test_a_graphics_card_is_named_and_its_memory_not_guessed() -> None:
    card = FakeModel("llama3:8b", size=6 * GIGA, graphics_share=0.5)
    async with seated(free=9.0, models=(QWEN, card), loaded={"llama3:8b": 4096}) as seat:
        profile = await seat.provider.profile()
        assert profile.limit_reason == "what fits into 9.0 GB of free memory (graphics memory not counted)"
        [note] = (await seat.provider.memory_fit()).notes
        assert note.startswith("llama3:8b has 3.0 GB of its 6.0 GB in graphics memory, which is not counted")


async def test_the_reckoning_is_told_with_its_parts() -> None:
    async with seated(free=9.0) as seat:
        assert fit_text(await seat.provider.memory_fit()) == (
            "weights 5.0 GB + 16,384 tokens x 147 kB + 0.5 GB to compute in = 8.0 GB; "
            "9.0 GB free: fits (at most 23,485 tokens)"
        )


async def test_a_larger_window_that_is_loaded_is_taken_as_it_is() -> None:
    async with seated(free=9.0, loaded={NAME: 40960}) as seat:
        profile = await seat.provider.profile()
        assert profile.limit_tokens == 40960
        assert profile.limit_reason == "it is in memory with this window already; another one would be loaded anew"
        await seat.answer()
        assert (seat.ollama.loads, seat.notices) == ([], [])


async def test_a_person_who_asked_gets_their_window_though_a_larger_one_is_loaded() -> None:
    async with seated(num_ctx=8192, loaded={NAME: 32768}) as seat:
        assert (await seat.provider.profile()).limit_tokens == 8192
        await seat.answer()
        assert seat.ollama.loads == [(NAME, 8192)]


async def test_that_our_load_throws_out_anothers_is_told_once_and_before_it_is_done() -> None:
    async with seated(loaded={NAME: 4096}) as seat:
        await seat.provider.profile()
        first = await seat.answer(after_s=60)
        notice, loading, *_ = first
        assert isinstance(notice, NoticePart)
        assert notice.code == "model_reloaded"
        assert "in memory with a window of 4,096 tokens" in notice.text
        assert "loaded anew with 32,768" in notice.text
        assert "--num-ctx 4096" in notice.hint
        assert loading == ProgressPart(Phase.LOADING)
        await seat.answer(after_s=60)
        assert len(seat.notices) == 1


async def test_a_reply_that_took_long_to_load_tells_of_another_programs_load() -> None:
    async with seated(memory_models=1, load_s=4.2) as seat:
        await seat.answer()
        seat.ollama.load_for_another("llama3:8b")
        *_, notice, end = await seat.answer(after_s=1)
        assert isinstance(end, EndPart)
        assert isinstance(notice, NoticePart)
        assert notice.code == "model_reloaded"
        assert "was loaded anew, which took 4.2 s" in notice.text
        assert "to read the conversation again" in notice.text
        assert notice.text.endswith("In memory now: qwen3:8b.")
        assert "OLLAMA_MAX_LOADED_MODELS" in notice.hint
        assert "num_ctx (32768)" in notice.hint
        assert len(seat.notices) == 1


async def test_who_is_there_instead_is_seen_before_the_request_is_sent() -> None:
    async with seated(memory_models=1) as seat:
        await seat.answer()
        seat.ollama.load_for_another("llama3:8b")
        loading, *_, notice, _ = await seat.answer(after_s=60)
        assert loading == ProgressPart(Phase.LOADING, text="it had to make room for llama3:8b")
        assert isinstance(notice, NoticePart)
        assert "it had to make room for llama3:8b" in notice.text
        assert seat.ollama.loads[-1] == (NAME, 32768)


async def test_the_time_that_loading_took_is_in_the_figures_of_the_answer() -> None:
    async with seated(memory_models=1) as seat:
        await seat.answer()
        seat.ollama.load_for_another("llama3:8b")
        seat.ollama.takes_s = 7.5
        *_, notice, end = await seat.answer(after_s=60)
        assert isinstance(end, EndPart)
        assert end.timings.load_s == pytest.approx(7.5, abs=0.1)
        assert isinstance(notice, NoticePart)
        assert "which took 7.5 s" in notice.text


async def test_after_a_reload_the_whole_prompt_is_foretold_to_be_read() -> None:
    long = Request((Message(Role.SYSTEM, "Be brief. " * 400), Message(Role.USER, "Fix the bug.")))
    async with seated(memory_models=1) as seat:
        await seat.answer(long)
        warm = [part for part in await seat.answer(long) if isinstance(part, ProgressPart) and part.total]
        assert warm[0].done == warm[0].total
        seat.ollama.load_for_another("llama3:8b")
        cold = [part for part in await seat.answer(long, after_s=60) if isinstance(part, ProgressPart) and part.total]
        assert cold[0].done == 0


async def test_another_window_for_our_model_is_seen_and_ours_is_loaded_again() -> None:
    async with seated() as seat:
        await seat.answer()
        seat.ollama.load_for_another(NAME, 4096)
        loading, *_, notice, _ = await seat.answer(after_s=60)
        assert loading == ProgressPart(
            Phase.LOADING, text="another program had it loaded with a window of 4,096 tokens"
        )
        assert isinstance(notice, NoticePart)
        assert (notice.code, notice.limit_tokens) == ("window_changed", None)
        assert seat.ollama.loaded[NAME] == 32768


async def test_a_model_that_nobody_used_for_long_says_how_to_keep_it() -> None:
    async with seated() as seat:
        await seat.answer()
        seat.ollama.loaded.clear()
        await seat.answer(after_s=3600)
        [notice] = seat.notices
        assert "nobody had used it for too long" in notice.text
        assert notice.hint == "Keep it longer with server.keep_alive; now it is 30m."


async def test_a_window_that_shrank_with_a_reload_is_the_window_from_then_on() -> None:
    async with seated() as seat:
        await seat.answer()
        assert (await seat.provider.profile()).limit_tokens == 32768
        seat.ollama.loaded.clear()
        seat.ollama.memory_tokens = 4096
        await seat.answer(after_s=60)
        [notice] = seat.notices
        assert (notice.code, notice.limit_tokens) == ("window_changed", 4096)
        assert "Its window has 4,096 tokens now, not 32,768." in notice.text


async def test_loads_are_told_rarely_and_those_between_are_counted() -> None:
    async with seated(load_s=4.0) as seat:
        for pause_s in (0, 1, 60, 60, 600):
            seat.ollama.loaded.clear()
            await seat.answer(after_s=pause_s)
        first, second = seat.notices
        assert "more times" not in first.text
        assert "2 more times since this was told" in second.text


async def test_a_warm_model_and_one_that_we_put_out_ourselves_are_no_news() -> None:
    async with seated(load_s=9.0) as seat:
        await seat.answer()
        await seat.answer(after_s=60)
        await seat.provider.unload()
        await seat.answer(after_s=60)
        assert seat.notices == []


async def test_nobodys_model_is_thrown_out_to_read_ahead() -> None:
    async with seated(memory_models=1) as seat:
        await seat.answer()
        seat.ollama.load_for_another("llama3:8b")
        ahead = Request(ASK.messages, is_ahead=True)
        with pytest.raises(ServerFailed, match="not in memory; nothing is read ahead"):
            await seat.answer(ahead, after_s=60)
        assert list(seat.ollama.loaded) == ["llama3:8b"]


async def test_an_ollama_that_does_not_say_what_is_loaded_still_answers() -> None:
    async with seated() as seat:
        await seat.answer()
        seat.ollama.fails_ps = True
        assert (await seat.provider.profile()).limit_tokens == 32768
        assert (await seat.provider.memory_fit()).window_tokens == 32768
        assert isinstance((await seat.answer(after_s=60))[-1], EndPart)
        assert seat.notices == []


async def test_a_model_that_runs_elsewhere_is_not_watched_and_has_no_figures() -> None:
    cloud = FakeModel(NAME, remote_host="https://elsewhere.example")
    async with seated(models=(cloud,), load_s=9.0) as seat:
        for _ in range(3):
            seat.ollama.loaded.clear()
            parts = await seat.answer(after_s=60)
            assert not [part for part in parts if isinstance(part, ProgressPart) and part.phase is Phase.LOADING]
        fit = await seat.provider.memory_fit()
        assert fit.free_bytes is None
        assert any("another machine" in note for note in fit.notes)
        assert seat.notices == []
