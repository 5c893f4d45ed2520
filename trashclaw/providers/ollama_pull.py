"""Getting a model through Ollama: it downloads, and tells how far it is."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass

from trashclaw.protocol.errors import ServerFailed, StreamBroken
from trashclaw.providers.endpoint import Endpoint
from trashclaw.providers.ollama_host import ollama_url
from trashclaw.providers.patience import Timeouts
from trashclaw.providers.refusals import refusal
from trashclaw.providers.wire_values import as_count, as_object, as_text

_SERVER = "Ollama"
_SILENCE_S = 600.0
"""Longest silence: to verify a large file takes minutes."""


@dataclass(frozen=True, slots=True)
class PullStep:
    """What Ollama is doing, in its words, with the bytes of the present file where it tells them."""

    status: str
    done_bytes: int | None = None
    total_bytes: int | None = None


async def pull(
    base_url: str, model: str, api_key: str | None = None, *, connect_s: float = 5.0
) -> AsyncGenerator[PullStep, None]:
    """Have Ollama get a model, and yield its steps until it is there. Closing the iterator stops the download.

    Raises:
        ProviderError: Ollama is not there, has no such model, or could not get it to the end.
        UsageError: `base_url` is no address.
    """
    endpoint = Endpoint(
        ollama_url(base_url),
        server=_SERVER,
        api_key=api_key,
        timeouts=Timeouts(connect_s=connect_s, idle_s=_SILENCE_S),
        start_hint="Start it with: ollama serve",
    )
    try:
        async with endpoint.answer("/api/pull", {"model": model}, model) as answer:
            answer.patience.has_begun, answer.patience.idle_s = True, _SILENCE_S
            step = PullStep("")
            async with aclosing(answer.lines()) as lines:
                async for line in lines:
                    if line.strip():
                        step = _step(line, model)
                        yield step
        if step.status != "success":
            raise StreamBroken(f"Ollama did not get {model} to the end.", "Pull it again: what is there is kept.")
    finally:
        await endpoint.aclose()


def _step(line: bytes, model: str) -> PullStep:
    try:
        event = as_object(json.loads(line))
    except (ValueError, RecursionError) as error:
        raise ServerFailed("Ollama sent a line that is no JSON.") from error
    if event.get("error"):
        raise refusal(event, status=None, model=model, server=_SERVER)
    return PullStep(as_text(event.get("status"))[:200], as_count(event.get("completed")), as_count(event.get("total")))
