"""A model that plays a script: for tests, the demo and screenshots."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncGenerator, Iterator, Mapping
from typing import assert_never

from trashclaw.agent.messages import (
    CallPart,
    EndPart,
    EndReason,
    Message,
    ModelProfile,
    Part,
    ProgressPart,
    Request,
    TextPart,
    ThoughtPart,
)
from trashclaw.protocol.errors import (
    AnswerUnreadable,
    ContextOverflow,
    ModelNotFound,
    ProviderError,
    ServerFailed,
    ServerUnreachable,
    StreamBroken,
    ToolsUnsupported,
    UsageError,
)
from trashclaw.protocol.events import Phase
from trashclaw.protocol.usage import Timings, Usage
from trashclaw.providers.script import (
    Fault,
    FaultKind,
    Script,
    ScriptedCall,
    ScriptedStep,
    load_script,
)
from trashclaw.providers.turn_order import join_users

__all__ = ["Fault", "FaultKind", "Script", "ScriptedCall", "ScriptedProvider", "ScriptedStep", "load_script"]

_FILE_POLL_S = 0.01
_FILE_LIMIT_S = 120.0
_ARGUMENTS_PIECE = 32


class ScriptedProvider:
    """Answers each request with the next step of a script, and fails loudly when there is none left."""

    def __init__(self, script: Script, gates: Mapping[str, asyncio.Event] | None = None, *, start: int = 0) -> None:
        """Play `script` from step `start` (counted from 0); `gates` are the events that its steps wait for.

        Raises:
            UsageError: a step names a gate that is not there.
        """
        self._script = script
        self._gates = dict(gates or {})
        self._position = start
        self._calls_made = 0
        self._summaries = list(script.summaries)
        self._previous: Request | None = None
        self._sizes: tuple[int, ...] = ()
        """Of the tools and each message of the last request, in bytes."""

        for name in (script.wait_ahead, script.wait_summary):
            if name and name not in self._gates:
                raise UsageError(f"The script waits for the gate `{name}`, which nobody holds.")
        for number, step in enumerate(script.steps, start=1):
            for name in step.gate_names():
                if name not in self._gates:
                    raise UsageError(f"Step {number} of the script waits for the gate `{name}`, which nobody holds.")

    @property
    def position(self) -> int:
        """How many steps have been played, those before `start` included."""
        return self._position

    async def profile(self) -> ModelProfile:
        """Return what the script says of its model."""
        thinks = self._script.has_thinking
        return ModelProfile(
            provider="scripted",
            model=self._script.model,
            limit_tokens=self._script.limit_tokens,
            has_tools=self._script.has_tools,
            has_thinking=any(step.thought for step in self._script.steps) if thinks is None else thinks,
            can_constrain=self._script.can_constrain,
            can_continue=self._script.can_continue,
            is_remote=self._script.is_remote,
            first_ahead_tokens=self._script.first_ahead_tokens,
        )

    async def count_tokens(self, request: Request) -> int | None:
        """Return `None`: nobody counts here."""
        return None

    async def aclose(self) -> None:
        """Nothing is open."""

    async def stream(self, request: Request) -> AsyncGenerator[Part, None]:
        """Play the next step; for what is sent ahead, only take it over as read.

        Raises:
            ProviderError: the step's own error, an `expect` that does not hold, or no step left.
        """
        began = time.perf_counter()
        if request.tools and not self._script.has_tools:
            raise ToolsUnsupported("The scripted model does not support tools.")
        if request.is_ahead:
            async for part in self._read_ahead(request, began):
                yield part
            return
        step = self._summary() if request.is_aside else self._next_step(request)
        cached_tokens = self._take_over(request)
        usage = step.usage or self._usage(step, cached_tokens)
        yield ProgressPart(Phase.PREFILL, done=usage.cached_tokens, total=usage.prompt_tokens)
        await self._wait(step)
        _raise_early(step.error)
        async for part in self._pieces(step):
            yield part
        if step.error is not None:
            raise _late_error(step, step.error)
        reason = EndReason.TOOL_CALLS if step.calls and step.end is EndReason.STOP else step.end
        yield EndPart(reason, usage, Timings(total_s=time.perf_counter() - began))

    async def _read_ahead(self, request: Request, began: float) -> AsyncGenerator[Part, None]:
        """Read what is sent ahead and write nothing; what is given up before the gate opens was not read."""
        yield ProgressPart(Phase.PREFILL)
        if self._script.wait_ahead:
            await self._gates[self._script.wait_ahead].wait()
        cached_tokens = self._take_over(request)
        total = sum(self._sizes) // 4
        yield ProgressPart(Phase.PREFILL, done=total, total=total)
        usage = Usage(prompt_tokens=total, cached_tokens=cached_tokens, completion_tokens=0, is_estimate=True)
        yield EndPart(EndReason.LENGTH, usage, Timings(total_s=time.perf_counter() - began))

    def _summary(self) -> ScriptedStep:
        if not self._summaries:
            raise ProviderError("The script has no summary left.")
        return ScriptedStep(text=self._summaries.pop(0), wait=self._script.wait_summary)

    def _next_step(self, request: Request) -> ScriptedStep:
        number = self._position + 1
        if number > len(self._script.steps):
            raise ProviderError(
                f"The script has run out: it has {len(self._script.steps)} steps, and this is request {number}.",
                f"The last message is: {_last_text(request)[:200]!r}",
            )
        step = self._script.steps[self._position]
        self._position = number
        if step.expect and step.expect not in _last_text(request):
            raise ProviderError(
                f"Step {number} of the script expects {step.expect!r} in the last message.",
                f"The message is: {_last_text(request)[:500]!r}",
            )
        return step

    async def _wait(self, step: ScriptedStep) -> None:
        """Wait for the step's gate and file."""
        if step.wait:
            await self._gates[step.wait].wait()
        if step.wait_file is None:
            return
        path = self._script.folder / step.wait_file
        # A file made by another process sends no event, so this is the one place that looks again and again.
        for _ in range(round(_FILE_LIMIT_S / _FILE_POLL_S)):
            if await asyncio.to_thread(path.exists):
                return
            await asyncio.sleep(_FILE_POLL_S)
        raise ProviderError(f"The script waited {_FILE_LIMIT_S:.0f} s for {path}, which nobody made.")

    async def _pieces(self, step: ScriptedStep) -> AsyncGenerator[Part, None]:
        """Stream thought, text and calls at the step's pace, holding before the calls if it says so."""
        rate = step.tokens_per_s or self._script.tokens_per_s
        pause_s = 1 / rate if rate else 0.0
        for piece in _words(step.thought):
            yield ThoughtPart(piece)
            await asyncio.sleep(pause_s)
        for piece in _words(step.text):
            yield TextPart(piece)
            await asyncio.sleep(pause_s)
        if isinstance(step.hold, str):
            await self._gates[step.hold].wait()
        elif step.hold:
            await asyncio.Event().wait()
        for index, call in enumerate(step.calls):
            for part in self._call_parts(index, call):
                yield part
                await asyncio.sleep(pause_s)

    def _call_parts(self, index: int, call: ScriptedCall) -> Iterator[CallPart]:
        self._calls_made += 1
        yield CallPart(index, name=call.name, provider_id=f"call_{self._calls_made}")
        arguments = call.arguments_text()
        for start in range(0, len(arguments), _ARGUMENTS_PIECE):
            yield CallPart(index, arguments=arguments[start : start + _ARGUMENTS_PIECE])

    def _take_over(self, request: Request) -> int:
        """Keep a request as what the server holds; return how many of its tokens the one before has in common."""
        known = self._sizes[: self._shared_messages(request) + 1]
        new = request.messages[len(known) - 1 :] if known else request.messages
        self._sizes = (*(known or (_tool_bytes(request),)), *map(_message_bytes, new))
        self._previous = request
        return sum(known) // 4

    def _usage(self, step: ScriptedStep, cached_tokens: int) -> Usage:
        """Return an estimate of what a step costs: four bytes a token."""
        answer = len(step.thought) + len(step.text) + sum(len(call.arguments_text()) + 16 for call in step.calls)
        return Usage(
            prompt_tokens=sum(self._sizes) // 4,
            cached_tokens=cached_tokens,
            completion_tokens=answer // 4,
            is_estimate=True,
        )

    def _shared_messages(self, request: Request) -> int:
        """Return how many leading messages equal those of the last request; -1 if not even the tools do."""
        previous = self._previous
        if previous is None or previous.tools != request.tools:
            return -1
        shared = 0
        for old, new in zip(previous.messages, request.messages, strict=False):
            if old is not new and old != new:
                break
            shared += 1
        return shared


def _raise_early(fault: Fault | None) -> None:
    """Raise the errors that come before any answer."""
    if fault is None:
        return
    match fault.kind:
        case FaultKind.UNREACHABLE:
            raise ServerUnreachable(fault.text or "Nobody answers at the scripted server.")
        case FaultKind.HTTP:
            raise ServerFailed(fault.text or f"The scripted server answered {fault.status}.", status=fault.status)
        case FaultKind.MODEL_NOT_FOUND:
            raise ModelNotFound(fault.text or "The scripted server does not have this model.")
        case FaultKind.OVERFLOW:
            text = fault.text or "The request is larger than the scripted window."
            raise ContextOverflow(text, prompt_tokens=fault.prompt_tokens, limit=fault.limit)
        case FaultKind.EMPTY:
            raise StreamBroken(fault.text or "The server ended the answer before it began.")
        case FaultKind.TOOLS_UNSUPPORTED:
            raise ToolsUnsupported(fault.text or "The scripted model does not support tools.")
        case FaultKind.DROPPED | FaultKind.UNREADABLE:
            return
        case _:
            assert_never(fault.kind)


def _late_error(step: ScriptedStep, fault: Fault) -> ProviderError:
    """Return the error that comes after what a step says."""
    if fault.kind is FaultKind.UNREADABLE:
        return AnswerUnreadable(fault.text or "The scripted server cannot read the model's call.")
    broken = StreamBroken(fault.text or "The connection was dropped in the middle of an answer.")
    broken.is_resumable = bool(step.thought or step.text or step.calls)
    return broken


def _words(text: str) -> list[str]:
    """Split text into pieces of about a token, losing nothing."""
    return re.findall(r"\s*\S+|\s+", text)


def _last_text(request: Request) -> str:
    joined = join_users(request.messages)
    return joined[-1].text if joined else ""


def _tool_bytes(request: Request) -> int:
    return sum(len(tool.name) + len(tool.description) + len(str(tool.parameters)) for tool in request.tools)


def _message_bytes(message: Message) -> int:
    calls = sum(_size(call.name) + _size(call.arguments) for call in message.calls)
    return _size(message.text) + _size(message.thought) + calls


def _size(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))
