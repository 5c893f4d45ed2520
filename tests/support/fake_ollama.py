"""A strict fake of Ollama: its API as Ollama's own types and documents describe it, over loopback, playing steps.

A request that Ollama would not understand, or would understand in another way than it was meant, fails the test.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from tests.support.loopback import LoopbackServer, Received, Wire
from tests.support.ollama_checks import check_chat, check_keep_alive
from tests.support.ollama_replies import BYTES_PER_TOKEN, CREATED, call_shape, figures, line, overflow_error, refuse
from tests.support.ollama_shapes import (
    ChatRequest,
    GenerateRequest,
    ModelRequest,
    dropped_words,
)
from tests.support.pacing import paced, pieces
from trashclaw.agent.messages import EndReason
from trashclaw.providers.script import FaultKind, ScriptedStep

WARM_LOAD_S = 0.012
"""What a reply says that it took to load a model that was there."""

UNREADABLE = "error parsing tool call: raw='{\"path\":', err=unexpected end of JSON input"


class OllamaStep(ScriptedStep):
    """A step with the ways in which only Ollama answers."""

    calls_in_last: bool = False
    """Calls come in the message with `done: true`, as for a GGUF with its own template."""

    has_done: bool = True
    error_line: str = ""
    """After thought, text and calls: an error object in the middle of the stream."""


@dataclass(frozen=True, slots=True)
class FakeModel:
    """A model that the fake has."""

    name: str = "qwen3:8b"
    capabilities: tuple[str, ...] = ("completion", "tools", "thinking")
    context_length: int | None = 40960
    parameters: str = "temperature    0.6"
    remote_host: str = ""
    family: str = "qwen3"
    size: int = 5_200_000_000
    template: str = "{{ .Prompt }}"
    digest: str = "0" * 64
    layers: Mapping[str, Any] = field(default_factory=dict)
    """What its file says of its layers, by name without the family's."""

    graphics_share: float = 0.0
    """How much of it lies in graphics memory, of 1."""

    def show(self, *, verbose: bool = False) -> dict[str, Any]:
        """Return what `/api/show` says; lists come only if they are asked for."""
        answer: dict[str, Any] = {
            "parameters": self.parameters,
            "template": self.template,
            "details": {"family": self.family, "parameter_size": "8.2B", "quantization_level": "Q4_K_M"},
            "capabilities": list(self.capabilities),
            "modified_at": CREATED,
        }
        if self.remote_host:
            return answer | {"remote_host": self.remote_host, "remote_model": self.name.partition("-cloud")[0]}
        info: dict[str, Any] = {"general.architecture": "qwen3"}
        if self.context_length is not None:
            info["qwen3.context_length"] = self.context_length
        for name, value in self.layers.items():
            info[f"qwen3.{name}"] = None if isinstance(value, list) and not verbose else value
        return answer | {"model_info": info}

    def tag(self) -> dict[str, Any]:
        entry: dict[str, Any] = {"name": self.name, "model": self.name, "size": self.size, "digest": self.digest}
        entry |= {"modified_at": CREATED, "details": {"family": self.family, "format": "gguf"}}
        return entry | ({"remote_host": self.remote_host} if self.remote_host else {})


@dataclass(slots=True)
class FakeOllama:
    """Ollama on loopback: `async with FakeOllama([OllamaStep(text="Hi")]) as ollama: ... ollama.url`."""

    steps: Sequence[ScriptedStep] = ()
    models: Sequence[FakeModel] = (FakeModel(),)
    gates: Mapping[str, asyncio.Event] = field(default_factory=dict)
    memory_tokens: int | None = None
    """The largest window that fits into this machine; more is cut, and only `/api/ps` says so."""

    memory_models: int = 3
    """How many models fit beside each other; one more puts out the one that was loaded first."""

    load_s: float = 0.041
    """What a reply says that it took to load the model anew, in seconds."""

    measure: Callable[[int, int], int] = lambda tokens, before: tokens
    """What is told of a prompt, by its size and that of the one before: old versions cut it, or count the new alone."""

    chats: list[ChatRequest] = field(default_factory=list)
    ahead: list[ChatRequest] = field(default_factory=list)
    """What was sent to be read and not answered (`num_predict` 1); it plays no step."""

    loads: list[tuple[str, int | None]] = field(default_factory=list)
    """Each time a model was loaded, and with what window: a second time in a session is a lost cache."""

    fails_ps: bool = False
    dropped_words: set[str] = field(default_factory=set)
    loaded: dict[str, int] = field(default_factory=dict)
    pulls: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    """For each model that can be had: the lines after the first one while it is downloaded."""

    position: int = 0
    read_tokens: int = 0
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
            case "GET", "/api/version":
                await wire.reply(200, {"version": "0.33.3"})
            case "GET", "/api/tags":
                await wire.reply(200, {"models": [model.tag() for model in self.models]})
            case "GET", "/api/ps" if self.fails_ps:
                await wire.reply(500, {"error": "something broke"})
            case "GET", "/api/ps":
                await wire.reply(200, {"models": [self._process(name) for name in self.loaded]})
            case "POST", "/api/show":
                await self._show(ModelRequest.model_validate_json(received.body), wire)
            case "POST", "/api/generate":
                await self._generate(GenerateRequest.model_validate_json(received.body), wire)
            case "POST", "/api/pull":
                await self._pull(ModelRequest.model_validate_json(received.body).model, wire)
            case "POST", "/api/chat":
                await self._chat(ChatRequest.model_validate_json(received.body), wire)
            case _:
                raise AssertionError(f"Ollama has no {received.method} {received.path}")

    def _process(self, name: str) -> dict[str, Any]:
        model = next(model for model in self.models if model.name == name)
        in_graphics = int(model.size * model.graphics_share)
        sizes = {"size": model.size, "size_vram": in_graphics, "context_length": self.loaded[name]}
        return {"name": name, "model": name, "digest": "0" * 64, "details": {}, "expires_at": CREATED, **sizes}

    def _model(self, name: str) -> FakeModel | None:
        wanted = name if ":" in name else f"{name}:latest"
        return next((model for model in self.models if model.name == wanted), None)

    async def _show(self, request: ModelRequest, wire: Wire) -> None:
        model = self._model(request.model)
        if model is None:
            await wire.reply(404, {"error": f"model '{request.model}' not found"})
        else:
            await wire.reply(200, model.show(verbose=request.verbose))

    async def _generate(self, request: GenerateRequest, wire: Wire) -> None:
        """Load or unload."""
        assert not request.prompt, "text is generated by /api/chat"
        assert not request.stream, "loading is asked for in one answer"
        model = self._model(request.model)
        if model is None:
            await wire.reply(404, {"error": f"model '{request.model}' not found"})
            return
        check_keep_alive(request.keep_alive)
        if request.keep_alive == 0:
            self.loaded.pop(model.name, None)
        else:
            self._load(model, request.options.num_ctx)
        reason = "unload" if request.keep_alive == 0 else "load"
        answer = {"model": model.name, "created_at": CREATED, "response": "", "done": True, "done_reason": reason}
        await wire.reply(200, answer)

    async def _pull(self, name: str, wire: Wire) -> None:
        """Play the lines of a download: those of `pulls`, or the end of one that found nothing."""
        await wire.begin("application/x-ndjson")
        failed = [{"error": "pull model manifest: file does not exist"}]
        for event in [{"status": "pulling manifest"}, *(self.pulls.get(name, failed))]:
            await wire.chunk(json.dumps(event).encode() + b"\n")
        await wire.end()

    def load_for_another(self, name: str, num_ctx: int = 4096) -> None:
        """Load a model as another program's request does."""
        model = self._model(name)
        assert model is not None, f"there is no model {name}"
        self._load(model, num_ctx)

    def _load(self, model: FakeModel, num_ctx: int | None) -> bool:
        """Bring a model into memory as Ollama does: anew, if the window is another one."""
        granted = min(num_ctx or 4096, self.memory_tokens or 1 << 30)
        if self.loaded.get(model.name) == granted:
            return False
        self.loaded.pop(model.name, None)
        while len(self.loaded) >= self.memory_models:
            del self.loaded[next(iter(self.loaded))]
        self.loaded[model.name] = granted
        self.loads.append((model.name, num_ctx))
        return True

    async def _chat(self, request: ChatRequest, wire: Wire) -> None:
        check_chat(request)
        for tool in request.tools:
            self.dropped_words |= dropped_words(tool.function.parameters.model_dump())
        model = self._model(request.model)
        if model is None:
            await wire.reply(404, {"error": f"model '{request.model}' not found"})
        elif request.tools and "tools" not in model.capabilities:
            error = f"registry.ollama.ai/library/{model.name} does not support tools"
            await wire.reply(400, {"error": error})
        elif request.think and "thinking" not in model.capabilities:
            await wire.reply(400, {"error": f'"{model.name}" does not support thinking'})
        elif request.think is not None and isinstance(request.think, str) != (model.family == "gptoss"):
            await wire.reply(400, {"error": f'think value "{request.think}" is not supported for this model'})
        else:
            await self._answer(request, model, wire)

    async def _answer(self, request: ChatRequest, model: FakeModel, wire: Wire) -> None:
        if request.options.num_predict == 1:
            self.ahead.append(request)
            is_new = self._load(model, request.options.num_ctx)
            unasked = OllamaStep(text="!", end=EndReason.LENGTH)
            await self._stream(unasked, request, len(request.model_dump_json()) // BYTES_PER_TOKEN, is_new, wire)
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
        is_new = self._load(model, request.options.num_ctx)
        before, self.read_tokens = self.read_tokens, len(request.model_dump_json()) // BYTES_PER_TOKEN
        prompt_tokens = self.measure(self.read_tokens, before)
        if prompt_tokens > self.loaded[model.name]:
            await wire.reply(400, overflow_error(prompt_tokens, self.loaded[model.name]))
            return
        await self._stream(step, request, prompt_tokens, is_new, wire)

    async def _stream(
        self, step: ScriptedStep, request: ChatRequest, prompt_tokens: int, is_new: bool, wire: Wire
    ) -> None:
        await wire.begin("application/x-ndjson")
        calls = [
            {"id": f"call_{self.position:04d}{index:04d}", "function": {"index": index, **call_shape(call.name, call)}}
            for index, call in enumerate(step.calls)
        ]
        in_last = isinstance(step, OllamaStep) and step.calls_in_last
        for piece in pieces(step.thought):
            await wire.chunk(line(request.model, {"content": "", "thinking": piece}))
        async for piece in paced(pieces(step.text), step.tokens_per_s):
            await wire.chunk(line(request.model, {"content": piece}))
        if isinstance(step.hold, str):
            await self.gates[step.hold].wait()
        elif step.hold:
            await wire.hung_up.wait()
        if calls and not in_last:
            await wire.chunk(line(request.model, {"content": "", "tool_calls": calls}))
        if step.error is not None and step.error.kind is FaultKind.UNREADABLE:
            await wire.chunk(json.dumps({"error": UNREADABLE}).encode() + b"\n")
            await wire.end()
            return
        if step.error is not None:
            wire.drop()
            return
        if isinstance(step, OllamaStep) and step.error_line:
            await wire.chunk(json.dumps({"error": step.error_line}).encode() + b"\n")
        elif not isinstance(step, OllamaStep) or step.has_done:
            last = {"content": "", "tool_calls": calls} if calls and in_last else {"content": ""}
            load_s = self.load_s if is_new else WARM_LOAD_S
            await wire.chunk(line(request.model, last, figures(step, prompt_tokens, load_s)))
        await wire.end()
