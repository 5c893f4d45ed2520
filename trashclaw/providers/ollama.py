"""A model behind Ollama's own API."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace

from trashclaw.agent.messages import ModelProfile, Part, ProgressPart, Request
from trashclaw.protocol.errors import ModelNotFound
from trashclaw.protocol.events import Phase
from trashclaw.providers.endpoint import Answer, Endpoint, Timeouts
from trashclaw.providers.ollama_host import DEFAULT_URL, ollama_url
from trashclaw.providers.ollama_models import LoadedModel, OllamaFacts, OllamaModels, full_name
from trashclaw.providers.ollama_reply import OllamaReply
from trashclaw.providers.ollama_request import OllamaSettings, ollama_body
from trashclaw.providers.prompt_pace import PromptPace
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
        connect_timeout_s: float = 2.0,
        idle_timeout_s: float | None = None,
        request_timeout_s: float | None = None,
    ) -> None:
        """Keep the address; nothing is sent before the first request.

        `model` may be empty: then it is the first that is installed. `base_url` may have the form of `OLLAMA_HOST`.

        Raises:
            UsageError: the address cannot be read.
        """
        self._endpoint = Endpoint(
            ollama_url(base_url),
            server="Ollama",
            api_key=api_key,
            timeouts=Timeouts(connect_timeout_s, idle_timeout_s, request_timeout_s),
            start_hint="Start it with: ollama serve",
            model_hint="Get it with: ollama pull {model}",
        )
        self._models = OllamaModels(self._endpoint, api_key)
        self._settings = OllamaSettings(model, num_ctx or 0, keep_alive, think=think)
        self._explicit_num_ctx = num_ctx
        self._facts: OllamaFacts | None = None
        self._digest: str | None = None
        self._pace = PromptPace()
        self._is_loaded = False
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
        reply = OllamaReply(facts.model)
        yield self._pace.expect(request) if self._is_loaded else ProgressPart(Phase.LOADING)
        opened = self._endpoint.answer("/api/chat", ollama_body(request, self._settings), facts.model)
        async with opened as answer, aclosing(self._parts(answer, reply)) as parts:
            async for part in parts:
                yield part
        end = reply.end()
        self._is_loaded = self._has_replied = True
        self._pace.learn(request, end)
        yield end

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

    async def _parts(self, answer: Answer, reply: OllamaReply) -> AsyncGenerator[Part, None]:
        """Read the lines of an answer until it is whole."""
        async with aclosing(answer.lines()) as lines:
            async for line in lines:
                for part in reply.feed(line):
                    yield part
                if reply.is_done:
                    return
                answer.has_begun = reply.has_begun
                answer.idle_s = self._endpoint.timeouts.idle_s if reply.has_begun else None

    async def _known_facts(self) -> OllamaFacts:
        """Return what `/api/show` says, asked once, with the session's settings that follow from it."""
        if self._facts is None:
            facts = await self._models.show(self._settings.model or await self._first_model())
            num_ctx = choose_num_ctx(self._explicit_num_ctx, facts)
            self._settings = replace(self._settings, model=facts.model, num_ctx=num_ctx, can_think=facts.has_thinking)
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
