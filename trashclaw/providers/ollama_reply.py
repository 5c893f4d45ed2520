"""A streamed answer of Ollama's `/api/chat`, read line by line into parts."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from trashclaw.agent.messages import CallPart, EndPart, EndReason, Part, TextPart, ThoughtPart
from trashclaw.protocol.errors import AnswerUnreadable, ContextOverflow, ProviderError, StreamBroken
from trashclaw.protocol.usage import Timings, Usage
from trashclaw.providers.patience import AT_ONCE_S, sent_too_late
from trashclaw.providers.refusals import refusal
from trashclaw.providers.wire_values import as_count, as_list, as_number, as_object, as_text

_SERVER = "Ollama"


class OllamaReply:
    """The state of one answer. Feed it lines; it gives parts, and `end` when the stream is over."""

    def __init__(self, model: str = "") -> None:
        self._model = model
        self._began = time.monotonic()
        self._first_token_s: float | None = None
        self._calls = 0
        self._last: Mapping[str, Any] = {}

    @property
    def _is_early(self) -> bool:
        return time.monotonic() - self._began < AT_ONCE_S

    @property
    def has_begun(self) -> bool:
        """Whether anything of the answer itself has come."""
        return self._first_token_s is not None

    @property
    def is_done(self) -> bool:
        """Whether the line with `done: true` has come."""
        return bool(self._last)

    def feed_all(self, lines: Iterable[bytes]) -> Iterator[Part]:
        """Read lines up to the one that ends the stream.

        Raises:
            ProviderError: as `feed`.
        """
        for line in lines:
            if self.is_done:
                return
            yield from self.feed(line)

    def feed(self, line: bytes) -> Iterator[Part]:
        """Read one line; a call may come in any of them, the last one included.

        Raises:
            ProviderError: the line reports an error, or is no JSON.
        """
        if not line.strip():
            return
        try:
            event = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise StreamBroken(f"{_SERVER} sent a line that is no JSON.") from error
        if not isinstance(event, Mapping):
            raise StreamBroken(f"{_SERVER} sent a line that is no object.")
        if event.get("error") is not None:
            raise self._failure(event)
        for part in self._parts(as_object(event.get("message"))):
            if self._first_token_s is None:
                self._first_token_s = time.monotonic() - self._began
            yield part
        if event.get("done") is True:
            self._last = event

    def end(self) -> EndPart:
        """Return how the answer ended.

        Raises:
            StreamBroken: the stream is over without `done: true`; Ollama does so when a model repeats itself for ever.
        """
        if not self.is_done:
            error = StreamBroken(
                f"{_SERVER} ended the answer before it was whole.",
                "The model may have repeated itself, or run out of memory; Ollama's log says which.",
            )
            error.is_retryable = not self.has_begun and self._is_early
            error.is_resumable = self.has_begun
            raise error
        if self._last.get("done_reason") == "length":
            reason = EndReason.LENGTH
        else:
            reason = EndReason.TOOL_CALLS if self._calls else EndReason.STOP
        return EndPart(reason, self._usage(), self._timings())

    def _parts(self, message: Mapping[str, Any]) -> Iterator[Part]:
        if thought := as_text(message.get("thinking")):
            yield ThoughtPart(thought, "thinking")
        if text := as_text(message.get("content")):
            yield TextPart(text)
        for call in as_list(message.get("tool_calls")):
            yield self._call(as_object(call))

    def _call(self, call: Mapping[str, Any]) -> CallPart:
        """Return a call, which always comes whole; the index that Ollama gives is not unique across messages."""
        function = as_object(call.get("function"))
        arguments = function.get("arguments")
        if not isinstance(arguments, str):
            arguments = json.dumps(arguments if arguments is not None else {}, ensure_ascii=False)
        self._calls += 1
        return CallPart(
            self._calls - 1,
            name=as_text(function.get("name")),
            provider_id=as_text(call.get("id")),
            arguments=arguments,
        )

    def _failure(self, event: Mapping[str, Any]) -> ProviderError:
        error = refusal(event, status=None, model=self._model, server=_SERVER)
        if not self.has_begun or isinstance(error, ContextOverflow | AnswerUnreadable):
            return sent_too_late(error, is_early=self._is_early)
        return StreamBroken(error.text, "Nothing of the answer was used.")

    def _usage(self) -> Usage | None:
        """Return the counts, which are left out where they are zero; none without the size of the prompt."""
        prompt = as_count(self._last.get("prompt_eval_count"))
        if prompt is None:
            return None
        return Usage(
            prompt_tokens=prompt,
            cached_tokens=as_count(self._last.get("prompt_eval_cached_count")),
            completion_tokens=as_count(self._last.get("eval_count")) or 0,
        )

    def _timings(self) -> Timings:
        return Timings(
            total_s=time.monotonic() - self._began,
            load_s=_seconds(self._last.get("load_duration")),
            prefill_s=_seconds(self._last.get("prompt_eval_duration")),
            decode_s=_seconds(self._last.get("eval_duration")),
            first_token_s=self._first_token_s,
        )


def _seconds(nanoseconds: object) -> float | None:
    number = as_number(nanoseconds)
    return None if number is None else number / 1e9
