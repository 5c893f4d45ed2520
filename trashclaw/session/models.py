"""The models that a session can talk to: opened by choice, listed, and switched by name."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from trashclaw.agent.messages import ModelProfile
from trashclaw.agent.ports import Provider
from trashclaw.config.schema import Settings
from trashclaw.protocol.errors import ProviderError
from trashclaw.protocol.events import Event, Notice, NoticeLevel
from trashclaw.providers.factory import ProviderOptions, make_provider
from trashclaw.providers.patience import Timeouts
from trashclaw.session.model_facts import PACE_NAME, ModelFacts, facts_of
from trashclaw.session.selection import NEEDS_FILE, Choice, LastChoice, choose, find_choices

_ASK_LIMIT_S = 10.0
_AT_ONCE = 4
"""Models that are asked about at the same time."""

_CLOSE_LIMIT_S = 10.0
"""For a model's server to take leave of; after it the session ends without that."""


class ModelSource:
    """Opens providers as the settings say."""

    def __init__(self, settings: Settings, state: Path) -> None:
        self._settings = settings
        self._last = LastChoice(state)
        self._gate = asyncio.Semaphore(_AT_ONCE)
        self._state = state
        self._pace_file = state / PACE_NAME
        self._api_key = os.environ.get(settings.api_key_env) if settings.api_key_env else None

    async def open(self, choice: Choice | None = None) -> tuple[Provider, ModelProfile]:
        """Open the model that was chosen, or the one that the settings and this machine suggest.

        Raises:
            ProviderError: the server or the model is not there.
            UsageError: more than one model could be meant, or none can.
        """
        is_named = choice is None and self._settings.provider is not None and self._settings.model is not None
        choice = choice or await choose(self._settings, self._last, self._api_key)
        provider, profile = await self._open(choice)
        if not is_named and choice.provider not in NEEDS_FILE:
            self._last.write(choice)
        return provider, profile

    async def open_again(self, provider: str, model: str) -> tuple[Provider, ModelProfile]:
        """Open the model that a session had before, if it is still on offer, else what `open` suggests.

        Raises:
            ProviderError, UsageError: as `open`.
        """
        try:
            choices = await self._find()
        except ProviderError:
            choices = []
        for choice in choices:
            if (choice.provider, choice.model) == (provider, model):
                return await self._open(choice)
        return await self.open()

    async def choices(self) -> Sequence[tuple[str, str]]:
        """Return (provider, model) pairs, none when no server answers."""
        try:
            return [(choice.provider, choice.model) for choice in await self._find()]
        except ProviderError:
            return []

    async def facts(self, choice: Choice) -> ModelFacts | None:
        """Return what is known of a model; `None` where its server does not say, or a file would have to be loaded."""
        if choice.provider in NEEDS_FILE:
            return None
        try:
            async with self._gate, asyncio.timeout(_ASK_LIMIT_S):
                provider, profile = await self._open(choice)
                try:
                    return await facts_of(provider, profile, self._state)
                finally:
                    await take_leave(provider)
        except (ProviderError, TimeoutError):
            return None

    async def switch(self, name: str) -> tuple[Provider, ModelProfile]:
        """Open another model, given as `model` or `provider/model`.

        Raises:
            ProviderError, UsageError: as `open`.
        """
        choices = await self._find()
        for choice in choices:
            if name in (choice.model, f"{choice.provider}/{choice.model}", f"{choice.provider} {choice.model}"):
                return await self.open(choice)
        provider = self._settings.provider or (choices[0].provider if choices else "ollama")
        return await self.open(Choice(provider, name, self._settings.base_url))

    async def _open(self, choice: Choice) -> tuple[Provider, ModelProfile]:
        provider = self._make(choice)
        try:
            return provider, await provider.profile()
        except BaseException:
            await provider.aclose()
            raise

    async def _find(self) -> list[Choice]:
        if self._settings.provider is not None and self._settings.provider in NEEDS_FILE and self._settings.model:
            return [Choice(self._settings.provider, self._settings.model)]
        return await find_choices(self._settings, self._api_key)

    def _make(self, choice: Choice) -> Provider:
        server = self._settings.server
        options = ProviderOptions(
            num_ctx=server.num_ctx,
            timeouts=Timeouts(
                connect_s=server.connect_timeout_s,
                load_s=server.load_timeout_s,
                prompt_s=server.prompt_timeout_s,
                idle_s=server.idle_timeout_s,
                request_s=server.request_timeout_s,
            ),
            max_retries=server.retries,
            think_tokens=server.think_tokens,
            keep_alive=server.keep_alive,
            api_key=self._api_key,
            pace_file=self._pace_file,
        )
        return make_provider(choice.provider, choice.model, choice.base_url or "", options)


def notices_about(profile: ModelProfile) -> Iterator[Event]:
    """Yield what a person has to know about a model before they talk to it."""
    if profile.is_limit_assumed:
        text = f"The server does not say how large its window is; {profile.limit_tokens} tokens are assumed."
        yield Notice(code="window_assumed", text=text, hint="Say what it is with --num-ctx (server.num_ctx).")
    if profile.limit_warning:
        level = NoticeLevel.WARNING
        yield Notice(level=level, code="window_doubtful", text=profile.limit_warning, hint=profile.limit_hint)
    if profile.is_remote:
        text = f"{profile.model} does not run on this machine: what it reads leaves it."
        yield Notice(level=NoticeLevel.WARNING, code="remote_model", text=text)


async def take_leave(provider: Provider) -> None:
    """Close the way to a model, but do not wait for ever for one that does not answer."""
    with suppress(TimeoutError):
        async with asyncio.timeout(_CLOSE_LIMIT_S):
            await provider.aclose()
