"""What Ollama answers: the lines of a stream with their figures, and its errors."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tests.support.loopback import Wire
from trashclaw.providers.script import Fault, FaultKind, ScriptedStep

CREATED = "2026-08-21T18:48:22.1Z"
BYTES_PER_TOKEN = 4


async def refuse(fault: Fault, model: str, wire: Wire) -> None:
    """Answer with an error instead of a stream."""
    match fault.kind:
        case FaultKind.HTTP:
            text = fault.text or "server busy, please try again. maximum pending requests exceeded"
            await wire.reply(fault.status, {"error": text})
        case FaultKind.MODEL_NOT_FOUND:
            await wire.reply(404, {"error": f'model "{model}" not found, try pulling it first'})
        case FaultKind.OVERFLOW:
            await wire.reply(400, overflow_error(fault.prompt_tokens or 9000, fault.limit or 4096))
        case FaultKind.TOOLS_UNSUPPORTED:
            await wire.reply(400, {"error": f"registry.ollama.ai/library/{model} does not support tools"})
        case FaultKind.EMPTY:
            await wire.begin("application/x-ndjson")
            await wire.end()
        case _:
            wire.drop()


def overflow_error(prompt_tokens: int, limit: int) -> dict[str, str]:
    """Return llama-server's error as Ollama hands it on: JSON in a string in JSON."""
    inner = {
        "code": 400,
        "message": f"request ({prompt_tokens} tokens) exceeds the available context size ({limit} tokens)",
        "type": "exceed_context_size_error",
        "n_prompt_tokens": prompt_tokens,
        "n_ctx": limit,
    }
    return {"error": json.dumps({"error": inner})}


def call_shape(name: str, call: Any) -> dict[str, Any]:
    """Return a call; its arguments are an object, never a text."""
    assert isinstance(call.arguments, dict), "Ollama cannot send arguments that are no object"
    return {"name": name, "arguments": call.arguments}


def line(model: str, message: Mapping[str, Any], end: Mapping[str, Any] | None = None) -> bytes:
    """Return one line of a stream."""
    event = {
        "model": model,
        "created_at": CREATED,
        "message": {"role": "assistant", **message},
        "done": end is not None,
    }
    return json.dumps({**event, **(end or {})}, ensure_ascii=False).encode() + b"\n"


def figures(step: ScriptedStep, prompt_tokens: int, load_s: float) -> dict[str, Any]:
    """Return the last line's figures; like Ollama's, they are left out where they are zero."""
    answer = len(step.thought) + len(step.text) + sum(len(call.arguments_text()) for call in step.calls)
    usage = step.usage
    cached = usage.cached_tokens if usage and usage.cached_tokens else 0
    all_figures = {
        "total_duration": 182_242_375,
        "load_duration": round(load_s * 1e9),
        "prompt_eval_count": usage.prompt_tokens if usage else prompt_tokens,
        "prompt_eval_cached_count": cached,
        "prompt_eval_duration": 24_573_166,
        "eval_count": usage.completion_tokens if usage else answer // BYTES_PER_TOKEN + 1,
        "eval_duration": 115_959_084,
    }
    return {"done_reason": step.end.value, **{name: value for name, value in all_figures.items() if value}}
