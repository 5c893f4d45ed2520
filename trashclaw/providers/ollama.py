"""A model behind Ollama's own API."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace

from trashclaw.agent.messages import ModelProfile, Part, ProgressPart, Request
from trashclaw.protocol.errors import ModelNotFound, ProviderError
from trashclaw.protocol.events import Phase
from trashclaw.providers.answer import Answer
from trashclaw.providers.endpoint import Endpoint
from trashclaw.providers.ollama_host import DEFAULT_URL, ollama_url
from trashclaw.providers.ollama_models import LoadedModel, OllamaFacts, OllamaModels, full_name
from trashclaw.providers.ollama_reply import OllamaReply
from trashclaw.providers.ollama_request import OllamaSettings, ollama_body
from trashclaw.providers.patience import Timeouts, still_loading
from trashclaw.providers.prompt_pace import PromptPace
from trashclaw.providers.refusals import ThinkingUnsupported
from trashclaw.providers.windows import ASSUMED_LIMIT_TOKENS

MAX_DEFAULT_NUM_CTX = 32768
"""The largest window asked for without being told to: more costs memory that may not be there."""


def choose_num_ctx(explicit: int | None, facts: OllamaFacts) -> int:
    """Return a session's window: the user's, else the Modelfile's, else the model's own up to a careful maximum."""
    longest = facts.max_tokens
    chosen = explicit or facts.num_ctx or min(longest or ASSUMED_LIMIT_TOKENS, MAX_DEFAULT_NUM_CTX)
    return min(chosen, longest) if longest else chosen


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
    ) -> None:
        """Keep the address; nothing is sent before the first request.

        `model` may be empty: then it is the first that is installed. `base_url` may have the form of `OLLAMA_HOST`.
        `asks_again` lets a request be sent a second time when Ollama hangs up on it at once.

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
        self._facts: OllamaFacts | None = None
        self._digest: str | None = None
        self._pace = PromptPace()
        self._is_loaded: bool | None = None
        """`None` until it was asked."""

        self._has_replied = False

    async def profile(self) -> ModelProfile:
        """Ask what the model can do; after the first reply also how large a window it was really given.

        Raises:
            ProviderError: Ollama or the model is not there.
        """
        facts = await self._known_facts()
        loaded = await self._loaded()
        self._is_loaded = loaded is not None
        limit_tokens = self._settings.num_ctx
        # Before our first request, what is loaded may be there for somebody else, with another window.
        if self._has_replied and loaded is not None and loaded.limit_tokens:
            limit_tokens = min(limit_tokens, loaded.limit_tokens)
        return ModelProfile(
            provider="ollama",
            model=facts.model,
            limit_tokens=limit_tokens,
            is_limit_assumed=not (self._explicit_num_ctx or facts.num_ctx or facts.max_tokens),
            has_tools=facts.has_tools,
            has_thinking=facts.has_thinking,
            is_remote=facts.is_remote or not self._endpoint.is_local,
            can_constrain=True,
            can_continue=facts.can_continue,
            digest=await self._known_digest(),
        )

    async def stream(self, request: Request) -> AsyncGenerator[Part, None]:
        """Send a request and yield the answer as it comes.

        Raises:
            ProviderError: see the tree in `protocol/errors.py`.
        """
        facts = await self._known_facts()
        if not self._is_loaded:
            yield ProgressPart(Phase.LOADING)
        if self._is_loaded is False and not facts.is_remote:
            await self._load_first(facts)
        if self._is_loaded:
            yield self._pace.expect(request)
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
        self._is_loaded = False

    async def aclose(self) -> None:
        """Close every connection."""
        await self._models.aclose()
        await self._endpoint.aclose()

    async def _answer(self, request: Request, facts: OllamaFacts) -> AsyncGenerator[Part, None]:
        reply = OllamaReply(facts.model)
        opened = self._endpoint.answer("/api/chat", ollama_body(request, self._settings), facts.model)
        async with opened as answer, aclosing(self._parts(answer, reply)) as parts:
            async for part in parts:
                if not request.is_ahead:
                    yield part
        end = reply.end()
        self._is_loaded = self._has_replied = True
        self._pace.learn(request, end)
        yield end

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
        async with aclosing(answer.lines()) as lines:
            async for line in lines:
                for part in reply.feed(line):
                    yield part
                if reply.is_done:
                    return
                answer.patience.has_begun = reply.has_begun
                answer.patience.idle_s = self._endpoint.timeouts.idle_s if reply.has_begun else None

    async def _known_facts(self) -> OllamaFacts:
        """Return what `/api/show` says, asked once, with the session's settings that follow from it."""
        if self._facts is None:
            facts = await self._models.show(self._settings.model or await self._first_model())
            num_ctx = choose_num_ctx(self._explicit_num_ctx, facts)
            self._settings = replace(self._settings, model=facts.model, num_ctx=num_ctx, can_think=facts.has_thinking)
            self._settings = replace(self._settings, takes_levels=facts.takes_levels)
            self._facts = facts
        return self._facts

    async def _known_digest(self) -> str:
        if self._digest is None:
            self._digest = await self._models.digest(self._settings.model)
        return self._digest

    async def _first_model(self) -> str:
        names = await self._models.names()
        if not names:
            raise ModelNotFound("Ollama has no models.", "Get one with: ollama pull qwen3:8b")
        return names[0]

    async def _loaded(self) -> LoadedModel | None:
        """Return our model, if it is in memory."""
        wanted = full_name(self._settings.model)
        return next((model for model in await self._models.loaded() if full_name(model.name) == wanted), None)
