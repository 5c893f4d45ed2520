"""The models that a server offers, whatever kind of server it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from trashclaw.protocol.errors import ServerFailed, UsageError
from trashclaw.providers.endpoint import Endpoint
from trashclaw.providers.ollama_host import is_cloud_model, ollama_url
from trashclaw.providers.patience import Timeouts
from trashclaw.providers.server_address import root_url
from trashclaw.providers.server_traits import LMSTUDIO, OPENAI, TRAITS
from trashclaw.providers.wire_values import as_count, as_list, as_object


@dataclass(frozen=True, slots=True)
class FoundModel:
    """A model on offer; `None` where the server does not say."""

    name: str
    is_remote: bool = False
    """Text would leave this machine."""

    size_bytes: int | None = None
    is_loaded: bool | None = None
    has_tools: bool | None = None


async def list_models(
    provider: str, base_url: str, api_key: str | None = None, *, limit_s: float = 10.0
) -> list[FoundModel]:
    """Return what a server offers, models for embeddings left out.

    Raises:
        ProviderError: nobody answers, or not as this kind of server.
        UsageError: `provider` is no server, or `base_url` no address.
    """
    if provider == "ollama":
        endpoint = Endpoint(ollama_url(base_url), server="Ollama", api_key=api_key, timeouts=Timeouts(limit_s))
    elif provider in TRAITS:
        title = TRAITS[provider].title
        endpoint = Endpoint(root_url(base_url), server=title, api_key=api_key, timeouts=Timeouts(limit_s))
    else:
        raise UsageError(f"The provider {provider!r} has no list of models.")
    try:
        return await read_models(endpoint, provider, limit_s)
    finally:
        await endpoint.aclose()


async def read_models(endpoint: Endpoint, provider: str, limit_s: float) -> list[FoundModel]:
    """Return what the server at `endpoint` offers.

    Raises:
        ProviderError: nobody answers, or not as this kind of server.
    """
    is_remote = not endpoint.is_local
    if provider == "ollama":
        return await _from_ollama(endpoint, is_remote, limit_s)
    if provider == LMSTUDIO.name:
        return await _from_lmstudio(endpoint, is_remote, limit_s)
    answer = as_object(await endpoint.ask("GET", "/v1/models", limit_s=limit_s))
    return [_from_openai(entry, is_remote) for entry in _entries(answer, "data")]


async def _from_lmstudio(endpoint: Endpoint, is_remote: bool, limit_s: float) -> list[FoundModel]:
    """Ask LM Studio, in its own words or, before 0.4, in OpenAI's."""
    try:
        answer = as_object(await endpoint.ask("GET", "/api/v1/models", limit_s=limit_s))
    except ServerFailed:
        answer = {}
    if "models" not in answer:
        return await read_models(endpoint, OPENAI.name, limit_s)
    return [
        FoundModel(
            name=str(entry.get("key")),
            is_remote=is_remote,
            size_bytes=_size(entry.get("size_bytes")),
            is_loaded=bool(as_list(entry.get("loaded_instances"))),
            has_tools=as_object(entry.get("capabilities")).get("trained_for_tool_use") is True,
        )
        for entry in _entries(answer, "models")
        if entry.get("type") != "embedding"
    ]


async def _from_ollama(endpoint: Endpoint, is_remote: bool, limit_s: float) -> list[FoundModel]:
    """Ask Ollama what it has, and what of it is in memory; not through its client, which takes long to import."""
    answer = as_object(await endpoint.ask("GET", "/api/tags", limit_s=limit_s))
    running = as_object(await endpoint.ask("GET", "/api/ps", limit_s=limit_s))
    loaded = {_name(entry) for entry in _entries(running, "models")}
    return [
        FoundModel(
            name=_name(entry),
            is_remote=is_remote or is_cloud_model(_name(entry), entry),
            size_bytes=_size(entry.get("size")),
            is_loaded=_name(entry) in loaded,
        )
        for entry in _entries(answer, "models")
        # The families of models for embeddings: bert, nomic-bert, nomic-bert-moe, ...
        if "bert" not in str(as_object(entry.get("details")).get("family"))
    ]


def _from_openai(entry: Mapping[str, Any], is_remote: bool) -> FoundModel:
    """Read an entry of `/v1/models`; llama.cpp describes in `meta` what it has loaded, and a router has a status."""
    status = as_object(entry.get("status")).get("value")
    return FoundModel(
        name=str(entry.get("id") or ""),
        is_remote=is_remote,
        size_bytes=_size(as_object(entry.get("meta")).get("size")),
        is_loaded=status == "loaded" if isinstance(status, str) else ("meta" in entry or None),
    )


def _entries(answer: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    return [as_object(entry) for entry in as_list(answer.get(key))]


def _name(entry: Mapping[str, Any]) -> str:
    return str(entry.get("name") or entry.get("model") or "")


def _size(value: object) -> int | None:
    return as_count(value) or None
