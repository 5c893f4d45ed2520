"""A model behind Ollama's own API."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing, suppress
from dataclasses import replace

from trashclaw.agent.messages import EndPart, ModelProfile, NoticePart, Part, ProgressPart, Request
from trashclaw.protocol.errors import ModelNotFound, ProviderError, ServerFailed
from trashclaw.protocol.events import Phase
from trashclaw.providers.answer import Answer
from trashclaw.providers.chosen_window import ChosenWindow
from trashclaw.providers.endpoint import Endpoint
from trashclaw.providers.machine import free_memory_bytes
from trashclaw.providers.memory_fit import MemoryFit
from trashclaw.providers.merging import merged
from trashclaw.providers.ollama_host import DEFAULT_URL, ollama_url
from trashclaw.providers.ollama_models import InstalledModel, LoadedModel, OllamaFacts, OllamaModels
from trashclaw.providers.ollama_reply import OllamaReply
from trashclaw.providers.ollama_request import OllamaSettings, ollama_body
from trashclaw.providers.ollama_watch import OllamaWatch, find_loaded
from trashclaw.providers.ollama_window import choose_window, memory_facts
from trashclaw.providers.patience import Timeouts, still_loading
from trashclaw.providers.prompt_pace import PromptPace
from trashclaw.providers.refusals import ThinkingUnsupported
from trashclaw.providers.ticking import ticked


class OllamaProvider:
    """A model behind Ollama, with one `num_ctx` for the whole session."""

    def __init__(
        self,
        model: str = "",
        base_url: str = DEFAULT_URL,
        *,
        num_ctx: int | None = None,
        keep_alive: str | float = "30m",
        think: bool | None = None,
        api_key: str | None = None,
        timeouts: Timeouts | None = None,
        asks_again: bool = True,
        pace: PromptPace | None = None,
        free_bytes: Callable[[], int | None] = free_memory_bytes,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Keep the address; nothing is sent before the first request.

        `model` may be empty: then it is the first that is installed. `base_url` may have the form of `OLLAMA_HOST`.
        `asks_again` lets a request be sent a second time when Ollama hangs up on it at once. `free_bytes` tells how
        much memory this machine has to spare, `clock` the time in seconds.

        Raises:
            UsageError: the address cannot be read.
        """
        self._endpoint = Endpoint(
            ollama_url(base_url),
            server="Ollama",
            api_key=api_key,
            timeouts=timeouts,
            start_hint="Start it with: ollama serve",
            model_hint="Get it with: ollama pull {model}",
            asks_again=asks_again,
        )
        self._models = OllamaModels(self._endpoint, api_key)
        self._settings = OllamaSettings(model, num_ctx or 0, keep_alive, think=think)
        self._explicit_num_ctx = num_ctx
        self._free_bytes = free_bytes
        self._clock = clock
        self._facts: OllamaFacts | None = None
        self._installed = InstalledModel()
        self._chosen = ChosenWindow(num_ctx or 0, "")
        self._watch = OllamaWatch(model, num_ctx or 0, keep_alive, clock)
        self._pace = pace or PromptPace()
        self._is_loaded: bool | None = None
        """`None` until it was asked."""

        self._has_replied = False

    async def profile(self) -> ModelProfile:
        """Ask what the model can do; after the first reply also how large a window it was really given.

        Raises:
            ProviderError: Ollama or the model is not there.
        """
        facts = await self._known_facts()
        loaded = await self._models.loaded_if_told()
        limit_tokens = self._chosen.tokens
        ours = find_loaded(loaded or [], facts.model)
        # Before our first request, what is loaded may be there for somebody else, with another window.
        if self._has_replied and ours is not None and ours.limit_tokens:
            self._watch.granted(ours.limit_tokens)
            limit_tokens = min(limit_tokens, ours.limit_tokens)
        if loaded is not None:
            self._is_loaded = self._watch.look(loaded).is_ready
        return ModelProfile(
            provider="ollama",
            model=facts.model,
            limit_tokens=limit_tokens,
            is_limit_assumed=self._chosen.is_assumed,
            limit_reason=self._chosen.reason,
            limit_warning=self._chosen.warning,
            limit_hint=self._chosen.hint,
            has_tools=facts.has_tools,
            has_thinking=facts.has_thinking,
            is_remote=facts.is_remote or not self._endpoint.is_local,
            can_constrain=True,
            can_continue=facts.can_continue,
            first_ahead_tokens=facts.first_ahead_tokens,
            digest=self._installed.digest,
        )

    async def stream(self, request: Request) -> AsyncGenerator[Part, None]:
        """Send a request and yield the answer as it comes.

        Raises:
            ProviderError: see the tree in `protocol/errors.py`.
        """
        facts = await self._known_facts()
        async with aclosing(self._prepare(request, facts)) as steps:
            async for step in steps:
                yield step
        try:
            async with aclosing(self._answer(request, facts)) as parts:
                async for part in parts:
                    yield part
        except ThinkingUnsupported:
            # Refused before anything was read, and remembered.
            self._settings = replace(self._settings, can_think=False)
            async with aclosing(self._answer(request, facts)) as parts:
                async for part in parts:
                    yield part

    async def count_tokens(self, request: Request) -> int | None:
        """Return `None`: Ollama cannot count."""
        return None

    async def memory_fit(self) -> MemoryFit:
        """Return what the model and the session's window need in memory, and what there is.

        Raises:
            ProviderError: Ollama or the model is not there.
        """
        facts = await self._known_facts()
        fit = await self._reckon(facts, await self._models.loaded_if_told() or [])
        return replace(fit, window_tokens=self._chosen.tokens)

    async def load(self) -> None:
        """Bring the model into memory with the session's window, so that the first request does not wait for it.

        Raises:
            ProviderError: Ollama or the model is not there, or it does not fit.
        """
        facts = await self._known_facts()
        await self._models.load(facts.model, self._settings.num_ctx, self._settings.keep_alive)
        self._is_loaded = True

    async def unload(self) -> None:
        """Take the model out of memory.

        Raises:
            ProviderError: Ollama or the model is not there.
        """
        await self._models.unload((await self._known_facts()).model)
        self._watch.forget()
        self._is_loaded = False

    async def aclose(self) -> None:
        """Close every connection."""
        await self._pace.keep()
        await self._models.aclose()
        await self._endpoint.aclose()

    async def _answer(self, request: Request, facts: OllamaFacts) -> AsyncGenerator[Part, None]:
        """Send a request; while Ollama reads it, of which it tells nothing, say how far it should be."""
        answered = self._answered(request, facts)
        if self._is_loaded:
            await self._pace.recall(f"ollama {facts.model}")
            foretold = self._pace.foretell(request)
            yield foretold.now()
            answered = ticked(answered, foretold, self._pace.pause)
        async with aclosing(answered):
            async for part in answered:
                yield part

    async def _answered(self, request: Request, facts: OllamaFacts) -> AsyncGenerator[Part, None]:
        reply = OllamaReply(facts.model)
        opened = self._endpoint.answer("/api/chat", ollama_body(request, self._settings), facts.model)
        async with opened as answer, aclosing(self._parts(answer, reply)) as parts:
            async for part in parts:
                if not request.is_ahead:
                    yield part
        end = self._watch.with_load(reply.end())
        self._is_loaded = self._has_replied = True
        self._pace.learn(request, end)
        if not facts.is_remote and (notice := await self._reload_notice(end)):
            yield notice
        yield end

    async def _prepare(self, request: Request, facts: OllamaFacts) -> AsyncGenerator[NoticePart | ProgressPart, None]:
        """Look what is in memory, if that may have changed, and load our model if it is not there with our window.

        Raises:
            ServerFailed: it is not there for what is only read ahead: nobody's model is thrown out for that.
            ServerTooSlow: it takes too long to load.
        """
        if facts.is_remote:
            return
        cause = ""
        if self._watch.is_due and (loaded := await self._seen()) is not None:
            sight = self._watch.look(loaded)
            self._is_loaded, cause = sight.is_ready, sight.cause
            if notice := self._watch.before_first(loaded):
                yield notice
        if self._is_loaded:
            return
        if request.is_ahead:
            raise ServerFailed(f"{facts.model} is not in memory; nothing is read ahead.")
        self._pace.forget()
        yield ProgressPart(Phase.LOADING, text=cause)
        if self._is_loaded is False:
            began = self._clock()
            await self._load_first(facts)
            self._watch.loaded_in(self._clock() - began)

    async def _reload_notice(self, end: EndPart) -> NoticePart | None:
        """Return what there is to tell if the model was loaded anew for an answer in mid-session."""
        is_anew = self._watch.answered(end.timings.load_s)
        if not is_anew and self._watch.knows_window:
            return None
        return self._watch.after_answer(await self._seen() or [], end.timings.prefill_s, is_anew=is_anew)

    async def _seen(self) -> list[LoadedModel] | None:
        """Return what is in memory; `None` if Ollama does not say now."""
        try:
            return await self._models.loaded()
        except ProviderError:
            return None

    async def _load_first(self, facts: OllamaFacts) -> None:
        """Load before the request is sent, so that each has its own limit; why it fails the request itself will tell.

        Raises:
            ServerTooSlow: it takes too long.
        """
        load_s = self._endpoint.timeouts.load_s
        try:
            async with asyncio.timeout(load_s):
                await self._models.load(facts.model, self._settings.num_ctx, self._settings.keep_alive, limit_s=None)
        except TimeoutError as error:
            raise still_loading("Ollama", load_s or 0.0) from error
        except ProviderError:
            return
        self._is_loaded = True

    async def _parts(self, answer: Answer, reply: OllamaReply) -> AsyncGenerator[Part, None]:
        """Read the lines of an answer until it is whole."""
        async with aclosing(answer.batches()) as batches:
            async for lines in batches:
                for part in merged(reply.feed_all(lines)):
                    yield part
                if reply.is_done:
                    return
                answer.patience.has_begun = reply.has_begun
                answer.patience.idle_s = self._endpoint.timeouts.idle_s if reply.has_begun else None

    async def _known_facts(self) -> OllamaFacts:
        """Return what `/api/show` says, asked once, with the session's settings that follow from it."""
        if self._facts is None:
            facts = await self._models.show(self._settings.model or await self._first_model())
            with suppress(ProviderError):
                self._installed = await self._models.installed(facts.model)
            loaded = await self._seen() or []
            fit = await self._reckon(facts, loaded)
            self._chosen = choose_window(self._explicit_num_ctx, facts, fit, find_loaded(loaded, facts.model))
            self._settings = replace(
                self._settings,
                model=facts.model,
                num_ctx=self._chosen.tokens,
                can_think=facts.has_thinking,
                takes_levels=facts.takes_levels,
            )
            self._watch = OllamaWatch(facts.model, self._chosen.tokens, self._settings.keep_alive, self._clock)
            self._facts = facts
        return self._facts

    async def _reckon(self, facts: OllamaFacts, loaded: Sequence[LoadedModel]) -> MemoryFit:
        """Return the figures of the memory for our model, without a window."""
        is_here = self._endpoint.is_local and not facts.is_remote
        free_bytes = await asyncio.to_thread(self._free_bytes) if is_here else None
        return memory_facts(facts, self._installed.size_bytes, free_bytes, loaded, is_here=is_here)

    async def _first_model(self) -> str:
        names = await self._models.names()
        if not names:
            raise ModelNotFound("Ollama has no models.", "Get one with: ollama pull qwen3:8b")
        return names[0]
