"""What Ollama says of its models, and loading and unloading them."""

from __future__ import annotations

import asyncio
import importlib
import os
import re
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from trashclaw.protocol.errors import ProviderError, ServerFailed
from trashclaw.providers.endpoint import Endpoint
from trashclaw.providers.kv_cost import DEFAULT_CACHE, KvCost, kv_cost
from trashclaw.providers.ollama_host import is_cloud_model
from trashclaw.providers.ollama_request import keep_alive_value
from trashclaw.providers.server_traits import LLAMA_FIRST_AHEAD_TOKENS
from trashclaw.providers.wire_values import as_count, as_list, as_object, as_text, as_window

if TYPE_CHECKING:
    import ollama

_Answer = TypeVar("_Answer")
_QUESTION_LIMIT_S = 10.0
_LOAD_LIMIT_S = 900.0
_LEFT_OPEN = re.compile(r"not\s+(?:\$last|\$?\.Last)\b")
_NUM_CTX = re.compile(r"^[ \t]*num_ctx[ \t]+([0-9]{1,9})[ \t]*\r?$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class OllamaFacts:
    """What `/api/show` says of one model."""

    model: str
    has_tools: bool
    has_thinking: bool
    is_remote: bool
    max_tokens: int | None = None
    """The longest window it was made for."""

    num_ctx: int | None = None
    """The window its Modelfile asks for."""

    takes_levels: bool = False
    """It thinks more or less, and not at all it cannot."""

    can_continue: bool = False
    """Its template leaves a last message of the assistant's open."""

    cost: KvCost | None = None
    """What its window costs in memory."""

    @property
    def first_ahead_tokens(self) -> int:
        """See `ModelProfile`: 0 for a model that keeps keys and values of every token, and can go back to any."""
        is_whole = self.cost is not None and not self.cost.fixed_bytes and not self.cost.is_at_most
        return 0 if is_whole else LLAMA_FIRST_AHEAD_TOKENS


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """A model in memory."""

    name: str
    limit_tokens: int | None
    size_bytes: int = 0
    """Weights, cache and all."""

    graphics_bytes: int = 0
    """How much of that is in the memory of a graphics card."""


@dataclass(frozen=True, slots=True)
class InstalledModel:
    """What the list of models says of one."""

    digest: str = ""
    """What tells its weights from others of the same name."""

    size_bytes: int | None = None


def full_name(name: str) -> str:
    """Return a model's name with its tag, which is `latest` where none is given."""
    return name if ":" in name.rpartition("/")[2] else f"{name}:latest"


class OllamaModels:
    """Questions about models.

    Loading and unloading is left to the official client. It is not asked for `show`, `tags` and `ps`: it drops what
    they say of models that run elsewhere, and fails on a model without `model_info` and on what is no object.
    """

    def __init__(self, endpoint: Endpoint, api_key: str | None = None) -> None:
        """Use the address of `endpoint`; the client is imported and made at its first use."""
        self._endpoint = endpoint
        self._api_key = api_key
        self._client: ollama.AsyncClient | None = None

    async def names(self) -> list[str]:
        """Return the models that are installed, those that run here first.

        Raises:
            ProviderError: Ollama is not there.
        """
        answer = as_object(await self._endpoint.ask("GET", "/api/tags"))
        entries = [as_object(entry) for entry in as_list(answer.get("models"))]
        entries.sort(key=lambda entry: is_cloud_model(_name(entry), entry))
        return [_name(entry) for entry in entries]

    async def show(self, model: str) -> OllamaFacts:
        """Return what is known of a model.

        Raises:
            ProviderError: Ollama or the model is not there.
        """
        answer = as_object(await self._endpoint.ask("POST", "/api/show", {"model": model}, model=model))
        info = as_object(answer.get("model_info"))
        abilities = answer.get("capabilities")
        parameters = _NUM_CTX.search(str(answer.get("parameters") or ""))
        longest = info.get(f"{info.get('general.architecture')}.context_length")
        if longest is None:
            longest = as_object(answer.get("details")).get("context_length")
        return OllamaFacts(
            model=model,
            # Ollama before 0.6.4 does not say what a model can do: then it is tried.
            has_tools="tools" in abilities if isinstance(abilities, list) else True,
            has_thinking="thinking" in abilities if isinstance(abilities, list) else False,
            is_remote=is_cloud_model(model, answer),
            max_tokens=as_window(longest),
            num_ctx=as_window(int(parameters[1])) if parameters else None,
            takes_levels="gptoss" in _family(answer),
            can_continue=bool(_LEFT_OPEN.search(str(answer.get("template") or ""))),
            cost=kv_cost(await self._with_lists(model, info), os.environ.get("OLLAMA_KV_CACHE_TYPE") or DEFAULT_CACHE),
        )

    async def installed(self, model: str) -> InstalledModel:
        """Return what is known of a model's weights; nothing of one that is not listed.

        Raises:
            ProviderError: Ollama is not there.
        """
        answer = as_object(await self._endpoint.ask("GET", "/api/tags"))
        entries = [as_object(entry) for entry in as_list(answer.get("models"))]
        wanted = full_name(model)
        entry = next((entry for entry in entries if full_name(_name(entry)) == wanted), {})
        return InstalledModel(as_text(entry.get("digest")), as_count(entry.get("size")) or None)

    async def _with_lists(self, model: str, info: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return a model's metadata with its longer lists, which are left out unless they are asked for."""
        heads = f"{info.get('general.architecture')}.attention.head_count_kv"
        if heads not in info or info[heads]:
            return info
        try:
            answer = await self._endpoint.ask("POST", "/api/show", {"model": model, "verbose": True}, model=model)
        except ProviderError:
            return info
        return as_object(as_object(answer).get("model_info")) or info

    async def loaded(self) -> list[LoadedModel]:
        """Return the models in memory, with the windows they really have.

        Raises:
            ProviderError: Ollama is not there.
        """
        answer = as_object(await self._endpoint.ask("GET", "/api/ps"))
        return [
            LoadedModel(
                name=_name(entry),
                limit_tokens=as_window(entry.get("context_length")),
                size_bytes=as_count(entry.get("size")) or 0,
                graphics_bytes=as_count(entry.get("size_vram")) or 0,
            )
            for entry in map(as_object, as_list(answer.get("models")))
        ]

    async def loaded_if_told(self) -> list[LoadedModel] | None:
        """Return the same, and `None` for an Ollama that is there and cannot tell.

        Raises:
            ProviderError: Ollama is not there.
        """
        try:
            return await self.loaded()
        except ServerFailed:
            return None

    async def load(
        self, model: str, num_ctx: int, keep_alive: str | float, limit_s: float | None = _LOAD_LIMIT_S
    ) -> None:
        """Bring a model into memory with a window of `num_ctx` tokens.

        Raises:
            ProviderError: Ollama or the model is not there, or it does not fit.
        """
        client = await self._open()
        kept = keep_alive_value(keep_alive)
        await self._asked(client.generate(model, options={"num_ctx": num_ctx}, keep_alive=kept), model, limit_s)

    async def unload(self, model: str) -> None:
        """Take a model out of memory.

        Raises:
            ProviderError: Ollama or the model is not there.
        """
        client = await self._open()
        await self._asked(client.generate(model, keep_alive=0), model, _QUESTION_LIMIT_S)

    async def aclose(self) -> None:
        """Close the client."""
        client, self._client = self._client, None
        if client is not None:
            async with client:
                pass

    async def _open(self) -> ollama.AsyncClient:
        if self._client is None:
            await asyncio.to_thread(importlib.import_module, "ollama")
        import ollama

        if self._client is None:
            headers = {"Authorization": f"Bearer {self._api_key}"} if self._api_key else {}
            url = self._endpoint.base_url
            self._client = ollama.AsyncClient(
                url, headers=headers, trust_env=not self._endpoint.is_local, verify=url.startswith("https:")
            )
        return self._client

    async def _asked(self, question: Awaitable[_Answer], model: str, limit_s: float | None) -> _Answer:
        """Await the client, with its errors in our own words."""
        import httpx
        import ollama

        try:
            async with asyncio.timeout(limit_s):
                return await question
        except ollama.ResponseError as error:
            raise self._endpoint.refusal(error.error, error.status_code, model) from error
        except (ConnectionError, TimeoutError, httpx.HTTPError) as error:
            reason = str(error).partition(".")[0] or type(error).__name__
            raise self._endpoint.unreachable(f"cannot be reached ({reason})") from error
        except (TypeError, ValueError) as error:
            raise ServerFailed(f"Ollama at {self._endpoint.base_url} gave an answer that cannot be read.") from error


def _family(answer: Mapping[str, Any]) -> str:
    return str(as_object(answer.get("details")).get("family")).lower().replace("-", "")


def _name(entry: Mapping[str, Any]) -> str:
    return str(entry.get("name") or entry.get("model") or "")
