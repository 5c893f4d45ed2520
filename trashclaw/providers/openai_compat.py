"""Any server that speaks OpenAI's `/v1/chat/completions`: llama.cpp, LM Studio, vLLM and others."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from typing import Any

from trashclaw.agent.messages import EndPart, ModelProfile, NoticePart, Part, ProgressPart, Request
from trashclaw.protocol.errors import ContextOverflow, ProviderError, ServerUnreachable, StreamBroken
from trashclaw.protocol.events import Phase
from trashclaw.providers import lmstudio
from trashclaw.providers.answer import Answer
from trashclaw.providers.endpoint import Endpoint
from trashclaw.providers.machine import free_memory_bytes
from trashclaw.providers.memory_fit import MemoryFit
from trashclaw.providers.merging import merged
from trashclaw.providers.openai_reply import OpenAIReply
from trashclaw.providers.openai_request import chat_body, stream_body
from trashclaw.providers.patience import Timeouts
from trashclaw.providers.prompt_pace import PromptPace
from trashclaw.providers.served_window import change_notice, choose_served
from trashclaw.providers.server_address import root_url
from trashclaw.providers.server_traits import OPENAI, ServerTraits, WindowSource
from trashclaw.providers.ticking import ticked
from trashclaw.providers.windows import ModelFacts, ask_facts

_BYTES_PER_TOKEN = 4
_LEAST_BYTES_PER_TOKEN = 2
"""For a request that was answered with nothing: rather taken for too large than sent once more as it is."""

_AFTER_FINISH_S = 5.0
_ASK_AGAIN_S = 300.0
"""After so long without an answer a server may have been started anew, with another window."""

_PING_S = 90.0
"""A server that pings does so every 30 s or so; three that did not come are a silence."""


class OpenAICompatProvider:
    """A model behind an OpenAI-compatible server."""

    def __init__(
        self,
        base_url: str,
        model: str = "",
        traits: ServerTraits = OPENAI,
        *,
        uds: str | None = None,
        api_key: str | None = None,
        timeouts: Timeouts | None = None,
        asks_again: bool = True,
        think_tokens: int | None = None,
        num_ctx: int | None = None,
        pace: PromptPace | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Keep the address; nothing is sent before the first request.

        `model` may be empty: then it is the first that the server offers. `uds` is a Unix socket to go through.
        `asks_again` lets a request be sent a second time when the server hangs up on it at once. `think_tokens` is the
        longest thought, for servers that keep to one. `num_ctx` is the window that is asked for, in tokens: LM Studio
        loads a model with it, elsewhere it is a bound. `clock` tells the time in seconds.
        """
        self._endpoint = Endpoint(
            root_url(base_url),
            server=traits.title,
            uds=uds,
            api_key=api_key,
            timeouts=timeouts,
            start_hint=traits.start_hint,
            asks_again=asks_again,
        )
        self._model = model
        self._traits = traits
        self._think_tokens = think_tokens
        self._pace = pace or PromptPace()
        self._num_ctx = num_ctx
        self._clock = clock
        self._is_loaded = True
        self._limit_tokens: int | None = None
        """What the server really has, once it has told."""

        self._answered_at: float | None = None
        self._is_doubtful = False
        """A connection was lost: the server may have been started anew."""

        self._counts_tokens = traits.counts_tokens

    async def profile(self) -> ModelProfile:
        """Ask the server for the window it really uses; ask again after the first reply, which may have loaded it.

        Raises:
            ProviderError: the server or the model is not there.
        """
        facts = await self._facts()
        chosen = choose_served(self._num_ctx, facts, self._traits)
        return ModelProfile(
            provider=self._traits.name,
            model=facts.model,
            limit_tokens=chosen.tokens,
            is_limit_assumed=chosen.is_assumed,
            limit_reason=chosen.reason,
            limit_warning=chosen.warning,
            limit_hint=chosen.hint,
            has_tools=facts.has_tools is not False,
            has_thinking=facts.has_thinking is True,
            is_remote=not self._endpoint.is_local,
            counts_tokens=self._counts_tokens,
            can_constrain=self._traits.can_constrain,
            can_continue=self._traits.can_continue,
            first_ahead_tokens=self._traits.first_ahead_tokens,
            digest=facts.digest,
        )

    async def memory_fit(self) -> MemoryFit:
        """Return what is known of the memory that the model needs: these servers do not tell what a token costs.

        Raises:
            ProviderError: the server or the model is not there.
        """
        facts = await self._facts()
        tokens = choose_served(self._num_ctx, facts, self._traits).tokens
        free_bytes = await asyncio.to_thread(free_memory_bytes) if self._endpoint.is_local else None
        loaded = "It is loaded with this window already." if facts.limit_tokens is not None else ""
        return MemoryFit(tokens, facts.weights_bytes, None, free_bytes, notes=(loaded,) if loaded else ())

    async def stream(self, request: Request) -> AsyncGenerator[Part, None]:
        """Send a request and yield the answer as it comes.

        Raises:
            ProviderError: see the tree in `protocol/errors.py`.
        """
        model = await self._known_model()
        async with aclosing(self._prepare(request, model)) as steps:
            async for step in steps:
                yield step
        await self._pace.recall(f"{self._traits.name} {model}")
        foretold = self._pace.foretell(request)
        yield foretold.now()
        answered = self._answered(request, model)
        if not self._traits.reports_progress:
            answered = ticked(answered, foretold, self._pace.pause)
        try:
            async with aclosing(answered):
                async for part in answered:
                    yield part
        except (ServerUnreachable, StreamBroken):
            self._is_doubtful = True
            raise

    async def count_tokens(self, request: Request) -> int | None:
        """Return the exact size of a request, tools and template included; `None` where the server cannot count."""
        if not self._counts_tokens:
            return None
        body = chat_body(request, await self._known_model(), self._traits)
        try:
            answer = await self._endpoint.ask("POST", "/v1/chat/completions/input_tokens", body, limit_s=30.0)
        except ProviderError as error:
            if getattr(error, "status", None) in {404, 405, 501}:
                self._counts_tokens = False
            return None
        count = answer.get("input_tokens") if isinstance(answer, dict) else None
        return count if isinstance(count, int) else None

    async def aclose(self) -> None:
        """Close every connection."""
        await self._pace.keep()
        await self._endpoint.aclose()

    async def _answered(self, request: Request, model: str) -> AsyncGenerator[Part, None]:
        body = stream_body(request, model, self._traits, self._think_tokens)
        reply = OpenAIReply(self._traits.title, self._pace.tokens_per_s)
        opened = self._endpoint.answer("/v1/chat/completions", body, model)
        async with opened as answer, aclosing(self._parts(answer, reply)) as parts:
            async for part in parts:
                if not request.is_ahead or isinstance(part, ProgressPart):
                    yield part
        end = self._end(reply, body)
        self._pace.learn(request, end)
        self._answered_at, self._is_doubtful, self._is_loaded = self._clock(), False, True
        yield end

    async def _prepare(self, request: Request, model: str) -> AsyncGenerator[NoticePart | ProgressPart, None]:
        """Load the model with our window, where the server takes one; ask again for a window that may have changed.

        Raises:
            ProviderError: the model cannot be loaded.
            ContextOverflow: the request is too large for what the server has now.
        """
        if self._num_ctx is not None and not self._is_loaded and self._traits.window_source is WindowSource.INSTANCES:
            yield ProgressPart(Phase.LOADING)
            given = await lmstudio.load(self._endpoint, model, self._num_ctx)
            self._limit_tokens, self._is_loaded = given, True
            if given is not None and given < self._num_ctx:
                yield lmstudio.given_less(model, self._num_ctx, given)
            return
        is_old = self._answered_at is not None and self._clock() - self._answered_at > _ASK_AGAIN_S
        before = self._limit_tokens
        if before is None or not (is_old or self._is_doubtful):
            return
        try:
            now = (await self._facts()).limit_tokens
        except ProviderError:
            # The request itself will tell.
            self._limit_tokens = before
            return
        if now is None or now == before:
            self._limit_tokens = before
            return
        yield change_notice(before, now, model, self._traits)
        if now < before and self._is_over_limit(_size(chat_body(request, model, self._traits))):
            raise self._overflow(None)

    async def _parts(self, answer: Answer, reply: OpenAIReply) -> AsyncGenerator[Part, None]:
        """Read the events of an answer until it is whole."""
        async with aclosing(answer.batches()) as batches:
            try:
                async for lines in batches:
                    for part in merged(reply.feed_all(lines)):
                        yield part
                    if reply.is_done:
                        return
                    answer.patience.has_begun = reply.has_begun
                    answer.patience.idle_s = self._silence_s(reply)
            except StreamBroken:
                # The answer was whole; only its figures are missing.
                if not reply.is_finished:
                    raise

    def _silence_s(self, reply: OpenAIReply) -> float | None:
        """Return how long the server may be silent: while it reads a prompt, only one that pings is expected to."""
        idle_s = self._endpoint.timeouts.idle_s
        if reply.is_finished:
            return _AFTER_FINISH_S
        if reply.has_begun or idle_s is None:
            return idle_s
        return max(idle_s, _PING_S) if reply.has_pinged else None

    def _end(self, reply: OpenAIReply, body: Mapping[str, Any]) -> EndPart:
        """Return the end of an answer; LM Studio answers nothing to a request over the window, which is an overflow."""
        try:
            end = reply.end()
        except StreamBroken as error:
            if reply.has_begun or not self._is_over_limit(_size(body, _LEAST_BYTES_PER_TOKEN)):
                raise
            raise self._overflow(None) from error
        prompt_tokens = end.usage.prompt_tokens if end.usage else 0
        if not prompt_tokens and self._traits.is_silent_on_overflow:
            prompt_tokens = _size(body, _LEAST_BYTES_PER_TOKEN)
        if not reply.has_begun and self._is_over_limit(prompt_tokens):
            raise self._overflow(prompt_tokens)
        return end

    def _is_over_limit(self, prompt_tokens: int) -> bool:
        return self._limit_tokens is not None and prompt_tokens >= self._limit_tokens

    def _overflow(self, prompt_tokens: int | None) -> ContextOverflow:
        text = f"{self._traits.title} has no answer to a request that is larger than its window."
        return ContextOverflow(text, prompt_tokens=prompt_tokens, limit=self._limit_tokens)

    async def _known_model(self) -> str:
        return self._model or (await self._facts()).model

    async def _facts(self) -> ModelFacts:
        facts = await ask_facts(self._endpoint, self._model, self._traits)
        self._model = facts.model
        self._limit_tokens, self._is_loaded = facts.limit_tokens, facts.is_loaded
        return facts


def _size(body: Mapping[str, Any], bytes_per_token: int = _BYTES_PER_TOKEN) -> int:
    """Return about how many tokens a request has."""
    return len(str(body)) // bytes_per_token
