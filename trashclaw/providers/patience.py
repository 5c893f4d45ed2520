"""How long each phase of a request may take, and the error when it takes longer."""

from __future__ import annotations

import time
from dataclasses import dataclass
from enum import StrEnum

from trashclaw.protocol.errors import ProviderError, ServerTooSlow, StreamBroken

AT_ONCE_S = 5.0
"""What fails within this time of being sent had not been read yet, as good as always: it may be sent again."""


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long to wait, in seconds; `None` is for ever."""

    connect_s: float = 2.0
    load_s: float | None = None
    """For the server to bring the model into memory, where it tells that from reading."""

    prompt_s: float | None = None
    """From sending a request to its first token, loading left out; progress and pings do not lengthen it."""

    idle_s: float | None = None
    """Silence after the first token; before it, a processor may read a prompt for minutes."""

    request_s: float | None = None
    """A whole request, from its first byte to the end of the answer."""


class _Limit(StrEnum):
    PROMPT = "prompt"
    IDLE = "idle"
    REQUEST = "request"


class Patience:
    """The clock of one request: how long to wait for the next sign of life."""

    def __init__(self, timeouts: Timeouts, server: str) -> None:
        """Start now."""
        self._timeouts = timeouts
        self._server = server
        self._started = time.monotonic()
        self._nearest = _Limit.REQUEST
        self.has_begun = False
        """Something of the answer itself has come, so that it cannot be asked for again."""

        self.idle_s: float | None = None
        """Longest silence from now on, in seconds."""

    @property
    def is_early(self) -> bool:
        """Whether so little time has passed that the server cannot have read much."""
        return time.monotonic() - self._started < AT_ONCE_S

    def left_s(self) -> float | None:
        """Return how long to wait for the next byte, in seconds; `None` is for ever."""
        spent_s = time.monotonic() - self._started
        limits: list[tuple[float, _Limit]] = []
        if self._timeouts.request_s is not None:
            limits.append((self._timeouts.request_s - spent_s, _Limit.REQUEST))
        if self._timeouts.prompt_s is not None and not self.has_begun:
            limits.append((self._timeouts.prompt_s - spent_s, _Limit.PROMPT))
        if self.idle_s is not None:
            limits.append((self.idle_s, _Limit.IDLE))
        if not limits:
            return None
        left_s, self._nearest = min(limits)
        return max(0.0, left_s)

    def error(self) -> ProviderError:
        """Return the error for the limit that `left_s` told last, which has passed.

        None of them is sent again by itself: the server may be at it still, and would begin from the start.
        """
        timeouts = self._timeouts
        if self._nearest is _Limit.PROMPT:
            text = f"{self._server} did not answer in time: it has been reading the prompt for {timeouts.prompt_s:g} s."
            return ServerTooSlow(text, _allow("prompt_timeout_s", "choose a smaller window or model"))
        if self._nearest is _Limit.REQUEST:
            text = f"{self._server} did not answer in time: the request has taken {timeouts.request_s:g} s."
            return ServerTooSlow(text, _allow("request_timeout_s", "ask for less at once"))
        if not self.has_begun:
            text = f"{self._server} fell silent while it was reading the prompt: no ping for {self.idle_s:g} s."
            return ServerTooSlow(text, "It may hang: look at its log, and start it again.")
        text = f"{self._server} fell silent for {self.idle_s:g} s in the middle of an answer."
        broken = StreamBroken(text, _allow("idle_timeout_s", "look at the server's log"))
        broken.is_resumable = True
        return broken


def still_loading(server: str, waited_s: float) -> ServerTooSlow:
    """Return the error for a model that takes too long to load."""
    text = f"{server} has been loading its model for {waited_s:g} s."
    return ServerTooSlow(text, _allow("load_timeout_s", "choose a smaller model"))


def sent_too_late(error: ProviderError, *, is_early: bool) -> ProviderError:
    """Return an error that is never retried if the server may have begun to read, except where it says to come back."""
    if not is_early and getattr(error, "status", None) != 429 and not getattr(error, "is_loading", False):
        error.is_retryable = False
    return error


def _allow(setting: str, otherwise: str) -> str:
    return f"Allow it more with server.{setting}, or {otherwise}."
