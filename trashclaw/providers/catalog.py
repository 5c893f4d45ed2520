"""Finding the model servers that run on this machine."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from trashclaw.protocol.errors import ProviderError, ServerUnreachable, UsageError
from trashclaw.providers.endpoint import Endpoint
from trashclaw.providers.listing import FoundModel, list_models, read_models
from trashclaw.providers.ollama_host import DEFAULT_URL, ollama_url
from trashclaw.providers.patience import Timeouts
from trashclaw.providers.server_address import root_url
from trashclaw.providers.server_traits import LLAMACPP, LMSTUDIO, OPENAI, VLLM
from trashclaw.providers.wire_values import as_list, as_object

__all__ = ["DEFAULT_PLACES", "Found", "FoundModel", "Place", "Search", "Tried", "discover", "list_models"]

_CONNECT_LIMIT_S = 0.5
_ANSWER_FACTOR = 4
"""How much longer than for a connection to wait for an answer: who listens may be busy."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a kind of server is expected."""

    provider: str
    base_url: str


DEFAULT_PLACES = (
    Place("ollama", DEFAULT_URL),
    Place(LMSTUDIO.name, LMSTUDIO.default_url),
    Place(LLAMACPP.name, LLAMACPP.default_url),
    Place(LLAMACPP.name, "http://127.0.0.1:8080"),
    Place(VLLM.name, VLLM.default_url),
)


@dataclass(frozen=True, slots=True)
class Found:
    """A server that answered, and what it offers."""

    provider: str
    base_url: str
    models: tuple[FoundModel, ...]


@dataclass(frozen=True, slots=True)
class Tried:
    """An address at which no model server was found, and why."""

    provider: str
    url: str
    reason: str


@dataclass(frozen=True, slots=True)
class Search:
    """The outcome of looking everywhere."""

    found: tuple[Found, ...]
    tried: tuple[Tried, ...]


async def discover(
    places: Sequence[Place] = DEFAULT_PLACES, *, api_key: str | None = None, limit_s: float = _CONNECT_LIMIT_S
) -> Search:
    """Look at every place at once; what answers is named by what it is, not by its port.

    `limit_s` is how long to wait for a connection; an answer may take longer.
    """
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(_look(place, api_key, limit_s)) for place in places]
    outcomes = [task.result() for task in tasks]
    return Search(
        found=tuple(outcome for outcome in outcomes if isinstance(outcome, Found)),
        tried=tuple(outcome for outcome in outcomes if isinstance(outcome, Tried)),
    )


async def _look(place: Place, api_key: str | None, limit_s: float) -> Found | Tried:
    try:
        # The address may come from `OLLAMA_HOST`, which has a form of its own.
        url = ollama_url(place.base_url) if place.provider == "ollama" else root_url(place.base_url)
    except UsageError as error:
        return Tried(place.provider, place.base_url, error.text)
    return await _look_at(replace(place, base_url=url), api_key, limit_s)


async def _look_at(place: Place, api_key: str | None, limit_s: float) -> Found | Tried:
    endpoint = Endpoint(place.base_url, api_key=api_key, timeouts=Timeouts(connect_s=limit_s))
    try:
        provider = await _identify(endpoint, place.provider, limit_s * _ANSWER_FACTOR)
        if provider is None:
            return Tried(place.provider, place.base_url, "something answers that is no model server")
        models = await read_models(endpoint, provider, limit_s * _ANSWER_FACTOR)
        return Found(provider, place.base_url, tuple(models))
    except ServerUnreachable as error:
        is_slow = "did not answer" in error.text
        return Tried(place.provider, place.base_url, "no answer in time" if is_slow else "nobody listens there")
    except ProviderError as error:
        return Tried(place.provider, place.base_url, error.text)
    finally:
        await endpoint.aclose()


async def _identify(endpoint: Endpoint, expected: str, limit_s: float) -> str | None:
    """Return what kind of server answers: the expected kind is asked for first."""
    probes = {"ollama": _is_ollama, LMSTUDIO.name: _is_lmstudio, LLAMACPP.name: _is_llamacpp}
    for name in sorted(probes, key=lambda name: name != expected):
        if await probes[name](endpoint, limit_s):
            return name
    models = as_list((await _asked(endpoint, "/v1/models", limit_s)).get("data"))
    owners = {as_object(model).get("owned_by") for model in models}
    if not models:
        return None
    return VLLM.name if "vllm" in owners else OPENAI.name


async def _is_ollama(endpoint: Endpoint, limit_s: float) -> bool:
    return isinstance((await _asked(endpoint, "/api/version", limit_s)).get("version"), str)


async def _is_lmstudio(endpoint: Endpoint, limit_s: float) -> bool:
    models = as_list((await _asked(endpoint, "/api/v1/models", limit_s)).get("models"))
    if any("key" in as_object(model) for model in models):
        return True
    old = as_list((await _asked(endpoint, "/api/v0/models", limit_s)).get("data"))
    return any("state" in as_object(model) for model in old)


async def _is_llamacpp(endpoint: Endpoint, limit_s: float) -> bool:
    props = await _asked(endpoint, "/props", limit_s)
    return "default_generation_settings" in props


async def _asked(endpoint: Endpoint, path: str, limit_s: float) -> dict[str, Any]:
    """Return the object a server answers with, an empty one if it refuses.

    Raises:
        ServerUnreachable: nobody answers.
    """
    try:
        return dict(as_object(await endpoint.ask("GET", path, limit_s=limit_s)))
    except ServerUnreachable:
        raise
    except ProviderError:
        return {}
