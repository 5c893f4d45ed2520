"""The embedded engine: llama.cpp's own server in a child process, spoken to like any other."""

from __future__ import annotations

import asyncio
import importlib.util
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

from trashclaw.agent.messages import ModelProfile, Part, ProgressPart, Request
from trashclaw.protocol.errors import ProviderError, ServerUnreachable, StreamBroken, UsageError
from trashclaw.protocol.events import Phase
from trashclaw.providers.chosen_window import ChosenWindow, be_careful, obey
from trashclaw.providers.engine import Engine, EngineSettings
from trashclaw.providers.gguf_header import read_header
from trashclaw.providers.kv_cost import kv_cost
from trashclaw.providers.machine import free_memory_bytes
from trashclaw.providers.memory_fit import MemoryFit
from trashclaw.providers.openai_compat import OpenAICompatProvider
from trashclaw.providers.patience import Timeouts
from trashclaw.providers.prompt_pace import PromptPace
from trashclaw.providers.server_traits import LLAMACPP

DEFAULT_N_CTX = 16384
"""The window, in tokens, unless one is asked for or the model was trained for less: it costs memory."""

TRAITS = replace(
    LLAMACPP, name="embedded", title="The embedded engine", default_url="", start_hint="", first_ahead_tokens=0
)
_TICK_S = 1.0


class EmbeddedProvider:
    """A model file, run by an engine that is started with the first request and ends with us."""

    def __init__(
        self,
        model_path: Path,
        n_ctx: int | None = None,
        threads: int | None = None,
        *,
        timeouts: Timeouts | None = None,
        asks_again: bool = True,
        think_tokens: int | None = None,
        pace: PromptPace | None = None,
        free_bytes: Callable[[], int | None] = free_memory_bytes,
    ) -> None:
        """Keep the path; nothing is read or started yet. `n_ctx` is the window in tokens, `think_tokens` the longest
        thought. `asks_again` lets a request be sent a second time when the engine hangs up on it at once. `free_bytes`
        tells how much memory this machine has to spare.

        Raises:
            UsageError: the engine is not installed.
        """
        if importlib.util.find_spec("xllamacpp") is None:
            raise UsageError(
                "The embedded engine is not installed.", "Install it with: pip install 'trashclaw[embedded]'"
            )
        self._model_path = model_path
        self._n_ctx = n_ctx
        self._threads = threads
        self._timeouts = timeouts or Timeouts()
        self._asks_again = asks_again
        self._think_tokens = think_tokens
        self._pace = pace or PromptPace()
        self._free_bytes = free_bytes
        self._fit: MemoryFit | None = None
        self._chosen = ChosenWindow(0, "")
        self._starting = asyncio.Lock()
        self._engine: Engine | None = None
        self._server: OpenAICompatProvider | None = None

    @property
    def engine_pid(self) -> int | None:
        """Process id of the engine while it runs."""
        return None if self._engine is None else self._engine.pid

    async def profile(self) -> ModelProfile:
        """Load the model if need be, and return what the engine says of it.

        Raises:
            ProviderError: the file is not there or cannot be loaded; the text says why.
        """
        server = await self._running()
        try:
            profile = await server.profile()
        except ProviderError as error:
            raise await self._explained(error) from error
        chosen = self._chosen
        is_chosen = profile.limit_tokens == chosen.tokens
        reason = chosen.reason if is_chosen else f"what the engine gave of {chosen.tokens:,}"
        return replace(profile, limit_reason=reason, limit_warning=chosen.warning, limit_hint=chosen.hint)

    async def memory_fit(self) -> MemoryFit:
        """Return what the model and its window need in memory, and what there was before it was loaded.

        Raises:
            ProviderError: the file is not there or cannot be read.
        """
        async with self._starting:
            return await self._reckoned()

    async def stream(self, request: Request) -> AsyncGenerator[Part, None]:
        """Load the model if need be, send a request and yield the answer as it comes.

        Raises:
            ProviderError: the model cannot be loaded, or as the tree in `protocol/errors.py` says. An engine that
                crashed is a `StreamBroken`; the next request starts another one.
        """
        async with aclosing(self._loading()) as steps:
            async for step in steps:
                yield step
        server = await self._running()
        try:
            async with aclosing(server.stream(request)) as parts:
                async for part in parts:
                    yield part
        except ProviderError as error:
            raise await self._explained(error) from error

    async def count_tokens(self, request: Request) -> int | None:
        """Return the exact size of a request, tools and template included; `None` if the engine cannot be had."""
        try:
            server = await self._running()
        except ProviderError:
            return None
        return await server.count_tokens(request)

    async def aclose(self) -> None:
        """End the engine and wait until it is gone."""
        async with self._starting:
            await self._stop()

    async def _loading(self) -> AsyncGenerator[ProgressPart, None]:
        """Say every second that the engine is being started, until it runs."""
        if self._server is not None and self._engine is not None and self._engine.is_running:
            return
        starting = asyncio.create_task(self._running(), name="start the embedded engine")
        try:
            yield ProgressPart(Phase.LOADING, text=self._model_path.name)
            while not (await asyncio.wait({starting}, timeout=_TICK_S))[0]:
                yield ProgressPart(Phase.LOADING, text=self._model_path.name)
        finally:
            if not starting.done():
                starting.cancel()
                await asyncio.wait({starting})
            elif not starting.cancelled():
                # Raised again, or used, by the next call.
                starting.exception()
        await starting

    async def _running(self) -> OpenAICompatProvider:
        """Return the way to the engine; start it if it is not there."""
        async with self._starting:
            if self._server is not None and self._engine is not None and self._engine.is_running:
                return self._server
            await self._stop()
            window = (await self._reckoned()).window_tokens
            settings = EngineSettings(self._model_path, window, self._threads, load_s=self._timeouts.load_s)
            engine = Engine(settings)
            address = await engine.start()
            self._engine = engine
            self._server = OpenAICompatProvider(
                address.base_url,
                self._model_path.name,
                TRAITS,
                uds=address.socket_path,
                api_key=address.api_key,
                timeouts=self._timeouts,
                asks_again=self._asks_again,
                think_tokens=self._think_tokens,
                pace=self._pace,
            )
            return self._server

    async def _reckoned(self) -> MemoryFit:
        """Return the figures of the memory with the session's window, which is chosen once."""
        if self._fit is None:
            header = await asyncio.to_thread(read_header, self._model_path)
            free_bytes = await asyncio.to_thread(self._free_bytes)
            fit = MemoryFit(0, header.size_bytes, kv_cost(header.facts), free_bytes, limit_tokens=header.limit_tokens)
            if self._n_ctx is not None:
                # Longer than it was made for is allowed here: who asks for it knows why.
                self._chosen = obey(self._n_ctx, "asked for", replace(fit, limit_tokens=None), "The engine")
            else:
                self._chosen = be_careful(fit, DEFAULT_N_CTX)
            self._fit = replace(fit, window_tokens=self._chosen.tokens)
        return self._fit

    async def _stop(self) -> None:
        server, self._server = self._server, None
        engine, self._engine = self._engine, None
        if server is not None:
            await server.aclose()
        if engine is not None:
            await engine.stop()

    async def _explained(self, error: ProviderError) -> ProviderError:
        """Return the error as it is, or as a crash of the engine if that was the reason."""
        if self._engine is None or not isinstance(error, ServerUnreachable | StreamBroken):
            return error
        ending = await self._engine.ending()
        if not ending:
            return error
        return StreamBroken(f"The embedded engine {ending}.", "It is started again with the next request.")
