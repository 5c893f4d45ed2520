"""What OpenAI-compatible servers tell of a model: its real window, its abilities, its name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, assert_never
from urllib.parse import quote

from trashclaw.protocol.errors import ModelNotFound, ServerFailed
from trashclaw.providers.endpoint import Endpoint
from trashclaw.providers.server_traits import ServerTraits, WindowSource
from trashclaw.providers.wire_values import as_count, as_list, as_object, as_text, as_window


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """What a server says of one model; `None` where it does not say."""

    model: str
    limit_tokens: int | None = None
    slots: int = 1
    """How many conversations it keeps at once, each with such a window."""

    is_loaded: bool = True
    longest_tokens: int | None = None
    """The longest window that the model was made for, where that is told beside the real one."""

    weights_bytes: int | None = None
    has_tools: bool | None = None
    has_thinking: bool | None = None
    digest: str = ""
    """What tells its weights from others of the same name."""


async def ask_facts(endpoint: Endpoint, model: str, traits: ServerTraits) -> ModelFacts:
    """Ask a server what it has loaded. An empty `model` means the first it offers.

    Raises:
        ProviderError: the server or the model is not there.
    """
    match traits.window_source:
        case WindowSource.PROPS:
            return await _from_props(endpoint, model, traits)
        case WindowSource.INSTANCES:
            return await _from_instances(endpoint, model, traits)
        case WindowSource.MODELS:
            return await _from_models(endpoint, model, traits)
        case _:
            assert_never(traits.window_source)


async def _from_props(endpoint: Endpoint, model: str, traits: ServerTraits) -> ModelFacts:
    """Ask llama.cpp; a router knows the window of a model only once it is loaded."""
    try:
        props = as_object(await endpoint.ask("GET", "/props"))
    except ServerFailed as error:
        if error.status != 404:
            raise
        return await _from_models(endpoint, model, traits)
    entry: Mapping[str, Any] = {}
    if props.get("role") == "router":
        entry = await _listed(endpoint, "/models", model, is_complete=True)
        model = str(entry.get("id") or model)
        if as_object(entry.get("status")).get("value") != "loaded":
            return ModelFacts(model, is_loaded=False)
        props = as_object(await endpoint.ask("GET", f"/props?model={quote(model, safe='')}"))
    if not _digest(entry):
        entry = await _served(endpoint, model)
    settings = as_object(props.get("default_generation_settings"))
    abilities = as_object(props.get("chat_template_caps"))
    tools = [abilities[key] for key in ("supports_tools", "supports_tool_calls") if key in abilities]
    return ModelFacts(
        model=model or str(props.get("model_alias") or props.get("model_path") or "default"),
        limit_tokens=as_window(settings.get("n_ctx")),
        slots=_positive(props.get("total_slots")) or 1,
        has_tools=any(tools) if tools else None,
        has_thinking="think" in str(props.get("chat_template") or ""),
        digest=_digest(entry),
        weights_bytes=_positive(as_object(entry.get("meta")).get("size")),
    )


async def _served(endpoint: Endpoint, model: str) -> Mapping[str, Any]:
    """Return what llama.cpp says of the weights; nothing if it does not."""
    try:
        entries = as_list(as_object(await endpoint.ask("GET", "/v1/models")).get("data"))
    except ServerFailed:
        return {}
    named = [entry for entry in map(as_object, entries) if len(entries) == 1 or model == entry.get("id")]
    return named[0] if named else {}


def _digest(entry: Mapping[str, Any]) -> str:
    meta = as_object(entry.get("meta"))
    figures = [str(meta[key]) for key in ("n_params", "size", "ftype") if key in meta]
    return "-".join(figures)[:80]


async def _from_instances(endpoint: Endpoint, model: str, traits: ServerTraits) -> ModelFacts:
    """Ask LM Studio: the window of the loaded instance, never the model's maximum."""
    answer: Mapping[str, Any] = {}
    try:
        answer = as_object(await endpoint.ask("GET", "/api/v1/models"))
    except ServerFailed as error:
        if error.status not in {400, 404}:
            raise
    if "models" not in answer:
        return await _from_old_lmstudio(endpoint, model, traits)
    entries = [entry for entry in map(as_object, as_list(answer.get("models"))) if entry.get("type") != "embedding"]
    names = {str(entry.get("key")): entry for entry in entries}
    for entry in entries:
        names.update({str(instance.get("id")): entry for instance in _instances(entry)})
    loaded = next((str(entry.get("key")) for entry in entries if _instances(entry)), "")
    name = _choose(model or loaded, list(names), traits)
    entry = names[name]
    instances = _instances(entry)
    chosen = next((one for one in instances if one.get("id") == name), instances[0] if instances else {})
    abilities = as_object(entry.get("capabilities"))
    return ModelFacts(
        model=name,
        limit_tokens=as_window(as_object(chosen.get("config")).get("context_length")),
        is_loaded=bool(instances),
        longest_tokens=as_window(entry.get("max_context_length")),
        weights_bytes=_positive(entry.get("size_bytes")),
        has_tools=_claim(abilities.get("trained_for_tool_use")),
        has_thinking=bool(abilities.get("reasoning")),
        digest="-".join(str(part) for part in (entry.get("size_bytes"), _quantization(entry)) if part)[:80],
    )


async def _from_old_lmstudio(endpoint: Endpoint, model: str, traits: ServerTraits) -> ModelFacts:
    answer = as_object(await endpoint.ask("GET", "/api/v0/models"))
    entries = {str(entry.get("id")): entry for entry in map(as_object, as_list(answer.get("data")))}
    loaded = next((name for name, entry in entries.items() if entry.get("state") == "loaded"), "")
    name = _choose(model or loaded, list(entries), traits)
    abilities = entries[name].get("capabilities")
    return ModelFacts(
        model=name,
        limit_tokens=as_window(entries[name].get("loaded_context_length")),
        is_loaded=entries[name].get("state") == "loaded",
        longest_tokens=as_window(entries[name].get("max_context_length")),
        has_tools="tool_use" in abilities if isinstance(abilities, list) else None,
    )


async def _from_models(endpoint: Endpoint, model: str, traits: ServerTraits) -> ModelFacts:
    """Ask a server of which no more is known than its list of models, if it has one."""
    try:
        entry = await _listed(endpoint, "/v1/models", model, is_complete=traits.checks_model)
    except ServerFailed as error:
        if not model or error.status not in {404, 405, 501}:
            raise
        return ModelFacts(model)
    told = entry.get("max_model_len"), as_object(entry.get("meta")).get("n_ctx"), entry.get("context_length")
    window = next(filter(None, map(as_window, told)), None)
    return ModelFacts(str(entry.get("id") or model), window, digest=_digest(entry))


async def _listed(endpoint: Endpoint, path: str, model: str, *, is_complete: bool) -> Mapping[str, Any]:
    """Return the entry of a model in a list of models; an empty one if the list need not be complete."""
    answer = as_object(await endpoint.ask("GET", path))
    entries = [as_object(entry) for entry in as_list(answer.get("data"))]
    for entry in entries:
        names = [entry.get("id"), *as_list(entry.get("aliases"))]
        if not model or model in names:
            return entry
    if is_complete or not model:
        raise _not_found(endpoint, model, [str(entry.get("id")) for entry in entries])
    return {}


def _choose(model: str, names: list[str], traits: ServerTraits) -> str:
    if not model and names:
        return names[0]
    if model not in names:
        raise _missing(traits.title, model, names)
    return model


def _not_found(endpoint: Endpoint, model: str, names: list[str]) -> ModelNotFound:
    return _missing(endpoint.server, model, names)


def _missing(server: str, model: str, names: list[str]) -> ModelNotFound:
    if not names:
        return ModelNotFound(f"{server} has no models.", "Give it one first.")
    close = get_close_matches(model, names, n=3, cutoff=0.3) or names[:3]
    return ModelNotFound(f"{server} does not have the model {model!r}.", f"It has: {', '.join(close)}.")


def _instances(entry: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [as_object(instance) for instance in as_list(entry.get("loaded_instances"))]


def _quantization(entry: Mapping[str, Any]) -> str:
    return as_text(as_object(entry.get("quantization")).get("name"))


def _positive(value: object) -> int | None:
    return as_count(value) or None


def _claim(value: object) -> bool | None:
    return value if isinstance(value, bool) else None
