"""Loading a model in LM Studio with a window of our choice."""

from __future__ import annotations

import asyncio

from trashclaw.agent.messages import NoticePart
from trashclaw.protocol.errors import ServerFailed
from trashclaw.providers.endpoint import Endpoint
from trashclaw.providers.patience import still_loading
from trashclaw.providers.wire_values import as_object, as_window

_EVER_S = 86_400.0
"""The limit of loading is another one."""


async def load(endpoint: Endpoint, model: str, tokens: int) -> int | None:
    """Load a model that is not in memory, and return the window that it was really given; `None` if nobody says.

    An LM Studio that is too old to be told loads it by itself with the first request, with a window of its own.

    Raises:
        ProviderError: it cannot be loaded, or not in time.
    """
    body = {"model": model, "context_length": tokens, "echo_load_config": True}
    limit_s = endpoint.timeouts.load_s
    try:
        async with asyncio.timeout(limit_s):
            answer = await endpoint.ask("POST", "/api/v1/models/load", body, limit_s=_EVER_S, model=model)
    except TimeoutError as error:
        raise still_loading("LM Studio", limit_s or 0.0) from error
    except ServerFailed as error:
        if error.status in {404, 405}:
            return None
        raise
    return as_window(as_object(as_object(answer).get("load_config")).get("context_length"))


def given_less(model: str, asked: int, given: int) -> NoticePart:
    """Return what there is to tell when the window is smaller than what was asked for."""
    text = f"LM Studio gave {model} a window of {given:,} tokens, not the {asked:,} asked for."
    return NoticePart("window_changed", text, "Free memory, or ask for less with --num-ctx.", given)
