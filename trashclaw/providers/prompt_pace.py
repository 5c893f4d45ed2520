"""How long a server will read a prompt, estimated where it does not say: from how long it took before."""

from __future__ import annotations

from trashclaw.agent.messages import EndPart, Message, ProgressPart, Request, Role
from trashclaw.protocol.events import Phase

_MIN_TOKENS = 64
"""Below this, what is measured is the overhead and not the speed."""


class PromptPace:
    """Learns tokens a character and tokens a second from each answer, and foretells the next."""

    def __init__(self) -> None:
        self._previous: Request | None = None
        self._tokens_per_character = 0.25
        self._tokens_per_s: float | None = None

    def expect(self, request: Request) -> ProgressPart:
        """Return what reading this request will take; without figures while nothing has been measured."""
        if self._tokens_per_s is None:
            return ProgressPart(Phase.PREFILL)
        total = round(_size(request) * self._tokens_per_character)
        fresh = round(self._fresh_characters(request) * self._tokens_per_character)
        return ProgressPart(
            Phase.PREFILL, done=total - fresh, total=total, eta_s=fresh / self._tokens_per_s, text="estimated"
        )

    def learn(self, request: Request, end: EndPart) -> None:
        """Take the figures of an answer to `request`."""
        usage, prefill_s = end.usage, end.timings.prefill_s
        if usage is not None and usage.prompt_tokens:
            self._tokens_per_character = usage.prompt_tokens / max(1, _size(request))
            fresh: float = self._fresh_characters(request) * self._tokens_per_character
            if usage.cached_tokens is not None:
                fresh = usage.prompt_tokens - usage.cached_tokens
            if prefill_s and fresh >= _MIN_TOKENS:
                self._tokens_per_s = fresh / prefill_s
        self._previous = request

    def _fresh_characters(self, request: Request) -> int:
        """Return the size of what the server has not seen: neither sent before nor written by the model itself."""
        previous = self._previous
        if previous is None or previous.tools != request.tools:
            return _size(request)
        shared = 0
        for old, new in zip(previous.messages, request.messages, strict=False):
            if old is not new and old != new:
                break
            shared += 1
        return sum(_message_size(one) for one in request.messages[shared:] if one.role is not Role.ASSISTANT)


def _size(request: Request) -> int:
    tools = sum(len(tool.name) + len(tool.description) + len(str(tool.parameters)) for tool in request.tools)
    return tools + sum(map(_message_size, request.messages))


def _message_size(message: Message) -> int:
    return len(message.text) + len(message.thought) + sum(len(call.arguments) for call in message.calls)
