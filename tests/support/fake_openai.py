"""A fake of llama.cpp's `/v1/chat/completions` over loopback, for faults that no real server can be asked for."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Literal, Self

from pydantic import Field

from tests.support.loopback import LoopbackServer, Received, Wire
from tests.support.ollama_shapes import Shape, ToolShape
from tests.support.pacing import paced, pieces
from trashclaw.agent.messages import EndReason
from trashclaw.providers.script import Fault, FaultKind, ScriptedCall, ScriptedStep

EVENT = {"created": 1795188552, "id": "chatcmpl-x", "model": "tiny", "object": "chat.completion.chunk"}
BYTES_PER_TOKEN = 4
UNREADABLE = {
    "code": 500,
    "message": "The model produced output that does not match the expected peg-native format",
    "type": "server_error",
}
NO_TOOLS = "tools param requires --jinja flag"


class Function(Shape):
    name: str = Field(min_length=1)
    arguments: str


class Call(Shape):
    id: str = Field(min_length=1)
    type: Literal["function"]
    function: Function


class ChatMessage(Shape):
    role: Literal["system", "user", "assistant", "tool"]
    content: str
    reasoning_content: str = ""
    reasoning: str = ""
    tool_calls: list[Call] = Field(default_factory=list)
    tool_call_id: str = ""
    name: str = ""


class StreamOptions(Shape):
    include_usage: bool


class JsonSchema(Shape):
    name: str = Field(pattern=r"^[a-zA-Z0-9_-]{1,64}$")
    strict: Literal[True]
    schema_: dict[str, Any] = Field(alias="schema")


class ResponseFormat(Shape):
    type: Literal["json_schema"]
    json_schema: JsonSchema


class ChatRequest(Shape):
    model: str
    messages: list[ChatMessage]
    tools: list[ToolShape] = Field(default_factory=list)
    max_tokens: int | None = None
    temperature: float | None = None
    stream: Literal[True]
    stream_options: StreamOptions
    return_progress: bool = False
    chat_template_kwargs: dict[str, Any] = Field(default_factory=dict)
    response_format: ResponseFormat | None = None
    reasoning_format: Literal["none", "auto"] | None = None
    thinking_budget_tokens: int | None = None
    continue_final_message: bool = False
    add_generation_prompt: bool = True


@dataclass(slots=True)
class FakeOpenAI:
    """`async with FakeOpenAI([ScriptedStep(text="Hi")]) as server: ... server.url`."""

    steps: Sequence[ScriptedStep] = ()
    gates: Mapping[str, asyncio.Event] = field(default_factory=dict)
    model: str = "tiny"
    n_ctx: int = 8192
    chats: list[ChatRequest] = field(default_factory=list)
    ahead: list[ChatRequest] = field(default_factory=list)
    """What was sent to be read and not answered; it plays no step."""

    position: int = 0
    server: LoopbackServer = field(init=False)

    def __post_init__(self) -> None:
        self.server = LoopbackServer(self._handle)

    @property
    def url(self) -> str:
        """The address to give to a provider."""
        return self.server.url

    async def __aenter__(self) -> Self:
        await self.server.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.server.__aexit__(kind, error, trace)

    async def _handle(self, received: Received, wire: Wire) -> None:
        match received.method, received.path:
            case "GET", "/props":
                caps = {"supports_tools": True, "supports_tool_calls": True}
                settings = {"n_ctx": self.n_ctx}
                props = {"default_generation_settings": settings, "model_alias": self.model, "chat_template_caps": caps}
                await wire.reply(200, props)
            case "GET", "/v1/models":
                entry = {"id": self.model, "owned_by": "llamacpp", "meta": {"n_ctx": self.n_ctx}}
                await wire.reply(200, {"object": "list", "data": [entry]})
            case "POST", "/v1/chat/completions":
                await self._chat(ChatRequest.model_validate_json(received.body), wire)
            case _:
                error = {"message": "File Not Found", "type": "not_found_error", "code": 404}
                await wire.reply(404, {"error": error})

    async def _chat(self, request: ChatRequest, wire: Wire) -> None:
        check_history(request.messages)
        check_continuation(request)
        if is_ahead(request):
            self.ahead.append(request)
            step = ScriptedStep(text="!", end=EndReason.LENGTH)
            await self._stream(step, len(request.model_dump_json()) // BYTES_PER_TOKEN, wire)
            return
        self.chats.append(request)
        assert self.position < len(self.steps), f"request {self.position + 1} is one more than there are steps"
        step = self.steps[self.position]
        self.position += 1
        assert step.expect in request.messages[-1].content, f"the last message does not hold {step.expect!r}"
        if step.wait:
            await self.gates[step.wait].wait()
        if step.error is not None and not step.error.is_late:
            await refuse(step.error, request.model, wire)
            return
        await self._stream(step, len(request.model_dump_json()) // BYTES_PER_TOKEN, wire)

    async def _stream(self, step: ScriptedStep, prompt_tokens: int, wire: Wire) -> None:
        await wire.begin("text/event-stream")
        await wire.chunk(event({"role": "assistant", "content": None}))
        for piece in pieces(step.thought):
            await wire.chunk(event({"reasoning_content": piece}))
        async for piece in paced(pieces(step.text), step.tokens_per_s):
            await wire.chunk(event({"content": piece}))
        if isinstance(step.hold, str):
            await self.gates[step.hold].wait()
        elif step.hold:
            await wire.hung_up.wait()
        for index, call in enumerate(step.calls):
            for delta in call_deltas(index, f"{self.position:016d}{index:016d}", call):
                await wire.chunk(event({"tool_calls": [delta]}))
        if step.error is not None and step.error.kind is FaultKind.UNREADABLE:
            await wire.chunk(b"data: " + json.dumps({"error": UNREADABLE}).encode() + b"\n\n")
            await wire.end()
            return
        if step.error is not None:
            wire.drop()
            return
        finish = "tool_calls" if step.calls and step.end is EndReason.STOP else step.end.value
        await wire.chunk(event({}, finish))
        await wire.chunk(figures(step, prompt_tokens))
        await wire.chunk(b"data: [DONE]\n\n")
        await wire.end()


def check_history(messages: Sequence[ChatMessage]) -> None:
    """Hold a history to what llama.cpp fails on, or what would go wrong without a word."""
    open_calls: set[str] = set()
    for message in messages:
        for call in message.tool_calls:
            assert message.role == "assistant", "only an assistant calls"
            assert isinstance(json.loads(call.function.arguments), dict), "broken arguments fail every later request"
            assert not message.content.endswith("\n"), "the template adds its own line end before a call"
            open_calls.add(call.id)
        if message.role == "tool":
            assert message.tool_call_id in open_calls, f"no call has the id {message.tool_call_id!r}"
    assert not (messages[-1].role == "assistant" and messages[-1].tool_calls), "calls want results"


def is_ahead(request: ChatRequest) -> bool:
    """Tell whether a request is to be read alone: no answer is begun."""
    return request.max_tokens == 1 and not (request.add_generation_prompt or request.continue_final_message)


def check_continuation(request: ChatRequest) -> None:
    """Hold a request to what its last message asks for."""
    is_begun = request.messages[-1].role == "assistant"
    assert not (is_begun and request.response_format), "the rest of an answer would be held to a whole one"
    is_one = request.add_generation_prompt is not request.continue_final_message
    assert is_one or is_ahead(request), "one of the two, where an answer is wanted"
    assert is_begun or not request.continue_final_message, "there is nothing to go on with"


async def refuse(fault: Fault, model: str, wire: Wire) -> None:
    """Answer with an error instead of a stream."""
    match fault.kind:
        case FaultKind.HTTP:
            error = {"code": fault.status, "message": fault.text or "failed", "type": "server_error"}
            await wire.reply(fault.status, {"error": error})
        case FaultKind.MODEL_NOT_FOUND:
            await wire.reply(404, {"error": {"message": f"The model `{model}` does not exist.", "code": 404}})
        case FaultKind.OVERFLOW:
            prompt, limit = fault.prompt_tokens or 9000, fault.limit or 4096
            text = f"request ({prompt} tokens) exceeds the available context size ({limit} tokens), try increasing it"
            sizes = {"type": "exceed_context_size_error", "n_prompt_tokens": prompt, "n_ctx": limit}
            await wire.reply(400, {"error": {"code": 400, "message": text, **sizes}})
        case FaultKind.TOOLS_UNSUPPORTED:
            await wire.reply(500, {"error": {"code": 500, "message": NO_TOOLS, "type": "server_error"}})
        case FaultKind.EMPTY:
            await wire.begin("text/event-stream")
            await wire.end()
        case _:
            wire.drop()


def call_deltas(index: int, call_id: str, call: ScriptedCall) -> list[dict[str, Any]]:
    """Return a call in pieces, as llama.cpp streams it."""
    first, *rest = [*pieces(call.arguments_text()), ""]
    head = {"id": call_id, "type": "function", "function": {"name": call.name, "arguments": first}}
    return [{"index": index, **head}, *({"index": index, "function": {"arguments": piece}} for piece in rest if piece)]


def event(delta: Mapping[str, Any], finish: str | None = None) -> bytes:
    """Return one event of a stream."""
    choice = {"finish_reason": finish, "index": 0, "delta": dict(delta)}
    return b"data: " + json.dumps({"choices": [choice], **EVENT}, ensure_ascii=False).encode() + b"\n\n"


def figures(step: ScriptedStep, prompt_tokens: int) -> bytes:
    """Return the last event, which has figures and no choices."""
    usage = step.usage
    prompt = usage.prompt_tokens if usage else prompt_tokens
    cached = (usage.cached_tokens or 0) if usage else 0
    completion = usage.completion_tokens if usage else len(step.text) // BYTES_PER_TOKEN + 1
    counts = {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
        "prompt_tokens_details": {"cached_tokens": cached},
    }
    timings = {"cache_n": cached, "prompt_n": prompt - cached, "prompt_ms": 33.8, "predicted_ms": 10.8}
    return b"data: " + json.dumps({"choices": [], **EVENT, "usage": counts, "timings": timings}).encode() + b"\n\n"
