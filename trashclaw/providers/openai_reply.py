"""A streamed answer of `/v1/chat/completions`, read event by event into parts."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from trashclaw.agent.messages import EndPart, EndReason, Part, ProgressPart, TextPart, ThoughtPart
from trashclaw.protocol.errors import AnswerUnreadable, ContextOverflow, ProviderError, StreamBroken
from trashclaw.protocol.events import Phase
from trashclaw.protocol.usage import Timings, Usage
from trashclaw.providers.call_assembly import CallAssembly
from trashclaw.providers.openai_request import REASONING_FIELDS
from trashclaw.providers.patience import AT_ONCE_S, sent_too_late
from trashclaw.providers.refusals import refusal
from trashclaw.providers.wire_values import as_count, as_list, as_number, as_object, as_text

_FAILED_ENDS = frozenset({"error", "abort"})


class OpenAIReply:
    """The state of one answer. Feed it lines; it gives parts, and `end` when the stream is over."""

    def __init__(self, server: str = "The server", tokens_per_s: float | None = None) -> None:
        """`tokens_per_s` is how fast it has read before, for as long as it says nothing of that itself."""
        self._server = server
        self._usual_tokens_per_s = tokens_per_s
        self._calls = CallAssembly()
        self._began = time.monotonic()
        self._first_token_s: float | None = None
        self._reasoning_field = ""
        self._finish = ""
        self._usage: Mapping[str, Any] = {}
        self._timings: Mapping[str, Any] = {}
        self.is_done = False
        """`[DONE]` has come."""

        self.has_pinged = False
        """A comment has come, which is how a server says that it is alive."""

    @property
    def _is_early(self) -> bool:
        return time.monotonic() - self._began < AT_ONCE_S

    @property
    def has_begun(self) -> bool:
        """Whether anything of the answer itself has come."""
        return self._first_token_s is not None

    @property
    def is_finished(self) -> bool:
        """Whether the server has said how the answer ends; figures may still come."""
        return bool(self._finish)

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
        """Read one line of the event stream.

        Raises:
            ProviderError: the line reports an error, or is no JSON.
        """
        name, separator, value = line.partition(b":")
        self.has_pinged = self.has_pinged or bool(separator and not name)
        value = line if line.startswith(b"{") else value.strip()
        if value == b"[DONE]":
            self.is_done = True
            return
        if name not in {b"data", b"error"} and not line.startswith(b"{"):
            return
        try:
            event = json.loads(value)
        except (ValueError, RecursionError) as error:
            raise self._broken("sent an event that is no JSON") from error
        if not isinstance(event, Mapping):
            raise self._broken("sent an event that is no object")
        if name == b"error" or event.get("error") is not None:
            raise self._failure(event)
        yield from self._event(event)

    def end(self) -> EndPart:
        """Return how the answer ended.

        Raises:
            StreamBroken: it did not end, it was cut off.
        """
        if self._finish in _FAILED_ENDS:
            raise self._broken(f"gave up ({self._finish})")
        if not self._finish and not (self.is_done and self.has_begun):
            if self.has_begun:
                error = self._broken("closed the connection before the answer was whole")
                error.is_resumable = True
                raise error
            error = self._broken("ended the answer before it began")
            error.is_retryable = self._is_early
            raise error
        if self._finish == "length":
            reason = EndReason.LENGTH
        else:
            reason = EndReason.TOOL_CALLS if len(self._calls) else EndReason.STOP
        return EndPart(reason, self._total_usage(), self._total_timings())

    def _event(self, event: Mapping[str, Any]) -> Iterator[Part]:
        self._usage = as_object(event.get("usage")) or self._usage
        self._timings = as_object(event.get("timings")) or self._timings
        if progress := as_object(event.get("prompt_progress")):
            yield _progress(progress, self._usual_tokens_per_s)
        choices = as_list(event.get("choices"))
        choice = as_object(choices[0]) if choices else {}
        yield from self._delta(as_object(choice.get("delta")) or as_object(choice.get("message")))
        if finish := choice.get("finish_reason"):
            self._finish = str(finish)

    def _delta(self, delta: Mapping[str, Any]) -> Iterator[Part]:
        for part in (*self._thought(delta), *_content(delta.get("content")), *self._call_pieces(delta)):
            if self._first_token_s is None:
                self._first_token_s = time.monotonic() - self._began
            yield part

    def _thought(self, delta: Mapping[str, Any]) -> Iterator[Part]:
        """Yield the thought, once: some servers send it under two names."""
        for field in (self._reasoning_field,) if self._reasoning_field else REASONING_FIELDS:
            if text := as_text(delta.get(field)):
                self._reasoning_field = field
                yield ThoughtPart(text, field)
                return

    def _call_pieces(self, delta: Mapping[str, Any]) -> Iterator[Part]:
        for piece in as_list(delta.get("tool_calls")):
            yield from self._calls.add(as_object(piece))

    def _failure(self, event: Mapping[str, Any]) -> ProviderError:
        error = refusal(event, status=None, server=self._server)
        if not self.has_begun or isinstance(error, ContextOverflow | AnswerUnreadable):
            return sent_too_late(error, is_early=self._is_early)
        return StreamBroken(error.text, "Nothing of the answer was used.")

    def _broken(self, what: str) -> StreamBroken:
        return StreamBroken(f"{self._server} {what}.")

    def _total_usage(self) -> Usage | None:
        usage, timings = self._usage, self._timings
        if not usage and "predicted_n" not in timings:
            return None
        cached = as_count(as_object(usage.get("prompt_tokens_details")).get("cached_tokens"))
        if cached is None:
            cached = as_count(timings.get("cache_n"))
        prompt = as_count(usage.get("prompt_tokens"))
        if prompt is None:
            prompt = (as_count(timings.get("cache_n")) or 0) + (as_count(timings.get("prompt_n")) or 0)
        completion = as_count(usage.get("completion_tokens"))
        if completion is None:
            completion = as_count(timings.get("predicted_n")) or 0
        return Usage(prompt_tokens=prompt, cached_tokens=cached, completion_tokens=completion)

    def _total_timings(self) -> Timings:
        return Timings(
            total_s=time.monotonic() - self._began,
            prefill_s=_seconds(self._timings.get("prompt_ms")),
            decode_s=_seconds(self._timings.get("predicted_ms")),
            first_token_s=self._first_token_s,
        )


def _content(content: object) -> Iterator[Part]:
    """Yield the text, which some servers send as a list of pieces."""
    if isinstance(content, str) and content:
        yield TextPart(content)
    elif isinstance(content, list):
        for piece in content:
            yield from _content(as_object(piece).get("text"))


def _progress(progress: Mapping[str, Any], usual_tokens_per_s: float | None) -> ProgressPart:
    """Return how far the prompt is read, with the time left from the speed in this request, else from the usual one."""
    done, total = as_count(progress.get("processed")) or 0, as_count(progress.get("total")) or 0
    fresh = done - (as_count(progress.get("cache")) or 0)
    spent_s = _seconds(progress.get("time_ms")) or 0.0
    if fresh > 0 and spent_s > 0:
        return ProgressPart(Phase.PREFILL, done=done, total=total, eta_s=(total - done) * spent_s / fresh)
    eta_s = (total - done) / usual_tokens_per_s if usual_tokens_per_s else None
    return ProgressPart(Phase.PREFILL, done=done, total=total, eta_s=eta_s, is_estimate=eta_s is not None)


def _seconds(milliseconds: object) -> float | None:
    number = as_number(milliseconds)
    return None if number is None else number / 1000
