"""Trying again, when nothing of an answer had come and the error may pass."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass

from trashclaw.agent.messages import ModelProfile, NoticePart, Part, ProgressPart, Request
from trashclaw.agent.ports import Provider
from trashclaw.protocol.errors import ProviderError
from trashclaw.protocol.events import Phase
from trashclaw.providers.patience import still_loading
from trashclaw.providers.refusals import ServerBusy

Sleep = Callable[[float], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often to try again, and how long to wait in between, in seconds."""

    max_retries: int = 2
    first_delay_s: float = 0.5
    longest_delay_s: float = 30.0
    longest_asked_s: float = 120.0
    """The longest wait that a server may ask for; one that wants more is not asked again."""

    loading_limit_s: float | None = 900.0
    """How long a server may say that it is loading its model; these tries do not count. `None` is for ever."""

    profile_limit_s: float = 120.0
    """The same, before anything was asked for and while nobody can be told."""

    loading_delay_s: float = 1.0

    def delay_s(self, retry: int, error: ProviderError) -> float:
        """Return the wait before try number `retry` (from 1): what the server asks for, else twice the one before."""
        asked_s = _asked_s(error)
        return min(self.longest_delay_s, self.first_delay_s * 2 ** (retry - 1)) if asked_s is None else asked_s

    def allows(self, retry: int, error: ProviderError) -> bool:
        """Tell whether there may be a try number `retry` (from 1) after an error."""
        is_soon = (_asked_s(error) or 0.0) <= self.longest_asked_s
        return error.is_retryable and retry <= self.max_retries and is_soon

    def check_loading(self, waited_s: float, error: ServerBusy) -> None:
        """Allow another wait for a server that loads its model.

        Raises:
            ServerTooSlow: it has had its time.
        """
        if self.loading_limit_s is not None and waited_s >= self.loading_limit_s:
            raise still_loading("The server", waited_s) from error


def _asked_s(error: ProviderError) -> float | None:
    return error.retry_after_s if isinstance(error, ServerBusy) else None


class RetryingProvider:
    """A provider that sends a request again while that can do no harm, and says so while it waits."""

    def __init__(self, provider: Provider, policy: RetryPolicy | None = None, *, sleep: Sleep = asyncio.sleep) -> None:
        """Wrap `provider`; `sleep` is there for tests to hold."""
        self._provider = provider
        self._policy = policy or RetryPolicy()
        self._sleep = sleep

    @property
    def wrapped(self) -> Provider:
        """The provider that does the work."""
        return self._provider

    async def profile(self) -> ModelProfile:
        """Ask once, for who looks for a server wants to know now; but wait for one that is loading its model.

        Raises:
            ProviderError: the server or the model is not there.
        """
        waited_s = 0.0
        while True:
            try:
                return await self._provider.profile()
            except ServerBusy as error:
                if not error.is_loading or waited_s >= self._policy.profile_limit_s:
                    raise
            waited_s += self._policy.loading_delay_s
            await self._sleep(self._policy.loading_delay_s)

    async def count_tokens(self, request: Request) -> int | None:
        """Return the exact size of a request, or `None` where the server cannot count."""
        return await self._provider.count_tokens(request)

    async def aclose(self) -> None:
        """Free connections and processes."""
        await self._provider.aclose()

    async def stream(self, request: Request) -> AsyncGenerator[Part, None]:
        """Send a request, again if need be, and yield the answer as it comes.

        Raises:
            ProviderError: the last error, when there are no tries left or a part of an answer had come.
        """
        retry, loading_s = 0, 0.0
        while True:
            has_begun = False
            try:
                async with aclosing(self._provider.stream(request)) as parts:
                    async for part in parts:
                        has_begun = has_begun or not isinstance(part, (ProgressPart, NoticePart))
                        yield part
                return
            except ProviderError as error:
                failure = error
            # What is only read ahead is not worth a second try: the request itself comes soon.
            if has_begun or request.is_ahead:
                raise failure
            if isinstance(failure, ServerBusy) and failure.is_loading:
                self._policy.check_loading(loading_s, failure)
                loading_s += self._policy.loading_delay_s
                yield ProgressPart(Phase.LOADING, text="the server is loading the model")
                await self._sleep(self._policy.loading_delay_s)
                continue
            retry += 1
            if not self._policy.allows(retry, failure):
                raise failure
            delay_s = self._policy.delay_s(retry, failure)
            tries = f"try {retry + 1} of {self._policy.max_retries + 1} in {delay_s:g} s"
            yield ProgressPart(Phase.WAITING, eta_s=delay_s, text=f"{tries}: {failure.text}")
            await self._sleep(delay_s)
