"""The requests of Ollama's API as its own types (`api/types.go`) have them: nothing unknown, nothing coerced."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

SCHEMA_WORDS = frozenset({"type", "items", "description", "enum", "anyOf", "properties", "required"})
"""What survives of a property's schema; the rest is dropped without a word."""


class Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class CallFunction(Shape):
    index: int = 0
    name: str = Field(min_length=1)
    arguments: dict[str, Any]


class Call(Shape):
    id: str = ""
    function: CallFunction


class ChatMessage(Shape):
    role: Literal["system", "user", "assistant", "tool"]
    content: str = ""
    thinking: str = ""
    images: list[str] = []
    tool_calls: list[Call] = []
    tool_name: str = ""
    tool_call_id: str = ""


class Parameters(BaseModel):
    model_config = ConfigDict(strict=True)
    type: Literal["object"]
    properties: dict[str, dict[str, Any]] = {}
    required: list[str] = []


class ToolFunction(Shape):
    name: str = Field(min_length=1)
    description: str = ""
    parameters: Parameters


class ToolShape(Shape):
    type: Literal["function"]
    function: ToolFunction


class Options(Shape):
    num_ctx: int | None = None
    num_keep: int | None = None
    num_predict: int | None = None
    num_batch: int | None = None
    num_gpu: int | None = None
    num_thread: int | None = None
    seed: int | None = None
    temperature: float | None = None
    top_k: int | None = None
    top_p: float | None = None
    min_p: float | None = None
    typical_p: float | None = None
    repeat_last_n: int | None = None
    repeat_penalty: float | None = None
    presence_penalty: float | None = None
    frequency_penalty: float | None = None
    stop: list[str] | None = None


KeepAlive = int | float | str


class ChatRequest(Shape):
    model: str
    messages: list[ChatMessage] = []
    stream: bool = True
    format: dict[str, Any] | Literal["json"] | None = None
    keep_alive: KeepAlive | None = None
    tools: list[ToolShape] = []
    options: Options = Options()
    think: bool | Literal["low", "medium", "high", "max"] | None = None
    truncate: bool = True
    shift: bool = True


class GenerateRequest(Shape):
    """Only what loading and unloading need; anything more is no business of this project."""

    model: str
    prompt: str = ""
    stream: bool = True
    keep_alive: KeepAlive | None = None
    options: Options = Options()


class ModelRequest(Shape):
    model: str
    verbose: bool = False


def dropped_words(schema: object) -> set[str]:
    """Return the words of a tool's parameters that Ollama drops."""
    if not isinstance(schema, dict):
        return set()
    found = set(schema) - SCHEMA_WORDS - {"$defs"}
    for child in (*schema.get("properties", {}).values(), schema.get("items"), *schema.get("anyOf", [])):
        found |= dropped_words(child)
    return found
