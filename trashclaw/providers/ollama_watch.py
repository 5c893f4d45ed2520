"""Watches over a model in Ollama's memory: another program's load that takes it away is noticed, and what it cost."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from trashclaw.agent.messages import EndPart, NoticePart
from trashclaw.providers.ollama_models import LoadedModel, full_name

LOADED_ANEW_S = 1.0
"""A reply that took this long to load was not answered by the model as it was: a warm one takes some milliseconds."""

LOOK_AFTER_S = 5.0
"""After so long without an answer it is worth asking what is in memory; until then nobody else will have come."""

TELL_AGAIN_S = 600.0
_OTHER_HINT = (
    "Let both stay: OLLAMA_MAX_LOADED_MODELS=2 for Ollama, the same num_ctx ({num_ctx}) in the other program, "
    "or a longer server.keep_alive."
)
_ALONE_HINT = "Keep it longer with server.keep_alive; now it is {keep_alive}."


@dataclass(frozen=True, slots=True)
class Sight:
    """What was found in memory before a request."""

    is_ready: bool
    """Our model is there, with our window."""

    cause: str = ""
    """Why it is not, if it should be."""


class OllamaWatch:
    """Compares what is in memory with what was left there. Times are in seconds."""

    def __init__(
        self, model: str, num_ctx: int, keep_alive: str | float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._model = model
        self._num_ctx = num_ctx
        self._keep_alive = keep_alive
        self._clock = clock
        self._seen_at: float | None = None
        self._granted: int | None = None
        """The window that our model was given, once it is known."""

        self._is_ours = False
        """Whether we have had it loaded, or used it."""

        self._cause = ""
        self._load_s = 0.0
        self._has_told_first = False
        self._told_at: float | None = None
        self._untold, self._untold_s = 0, 0.0

    @property
    def is_due(self) -> bool:
        """Whether it is time to look what is in memory."""
        return self._seen_at is None or self._clock() - self._seen_at > LOOK_AFTER_S

    def look(self, loaded: Sequence[LoadedModel]) -> Sight:
        """Take what is in memory before a request."""
        self._seen_at = self._clock()
        ours = self._ours(loaded)
        window = ours.limit_tokens if ours is not None else None
        expected = self._granted or self._num_ctx
        is_ready = ours is not None and window in (None, expected)
        if not self._is_ours or is_ready:
            return Sight(is_ready)
        others = _names(loaded, self._model)
        if ours is not None:
            self._cause = f"another program had it loaded with a window of {window:,} tokens"
        else:
            self._cause = f"it had to make room for {others}" if others else "nobody had used it for too long"
        return Sight(False, self._cause)

    def before_first(self, loaded: Sequence[LoadedModel]) -> NoticePart | None:
        """Tell once that our load throws out the same model with another window, which may be another program's."""
        ours = self._ours(loaded)
        if self._is_ours or self._has_told_first or ours is None or ours.limit_tokens in (None, self._num_ctx):
            return None
        self._has_told_first = True
        text = (
            f"{self._model} is in memory with a window of {ours.limit_tokens:,} tokens, maybe for another program. "
            f"It is loaded anew with {self._num_ctx:,}, and the other loses what it had read."
        )
        hint = f"To share it, use one window in both: num_ctx {self._num_ctx} there, or --num-ctx {ours.limit_tokens}."
        return NoticePart("model_reloaded", text, hint)

    def loaded_in(self, seconds: float) -> None:
        """Take how long it took to load the model before a request."""
        self._load_s = seconds
        self._seen_at = self._clock()

    def with_load(self, end: EndPart) -> EndPart:
        """Return the end of an answer with the time that loading took before its request, if it did."""
        if not self._load_s:
            return end
        load_s = self._load_s + (end.timings.load_s or 0.0)
        return replace(end, timings=end.timings.model_copy(update={"load_s": load_s}))

    def forget(self) -> None:
        """Take it that the model was put out of memory by ourselves."""
        self._is_ours, self._granted, self._cause, self._load_s = False, None, "", 0.0

    @property
    def knows_window(self) -> bool:
        """Whether it is known what window the server gave our model."""
        return self._granted is not None

    def granted(self, limit_tokens: int | None) -> None:
        """Take the window that the server gave the model for us."""
        self._granted = limit_tokens or self._granted

    def answered(self, load_s: float | None) -> bool:
        """Take an answer and how long loading for it took in all; return whether it was loaded anew in mid-session."""
        self._load_s = max(self._load_s, load_s or 0.0)
        self._seen_at = self._clock()
        was_ours, self._is_ours = self._is_ours, True
        is_anew = was_ours and (bool(self._cause) or self._load_s >= LOADED_ANEW_S)
        if not is_anew:
            self._cause, self._load_s = "", 0.0
        return is_anew

    def after_answer(self, loaded: Sequence[LoadedModel], read_s: float | None, *, is_anew: bool) -> NoticePart | None:
        """Take what is in memory after an answer, and tell of a load in mid-session (`is_anew`), with its cost.

        It is told rarely, but for a smaller window. `read_s` is how long the prompt was read.
        """
        ours, before = self._ours(loaded), self._granted
        window = ours.limit_tokens if ours is not None else None
        self._granted = window or before
        if not is_anew:
            return None
        spent_s = self._load_s + (read_s or 0.0)
        cause, load_s = self._cause, self._load_s
        self._cause, self._load_s = "", 0.0
        shrunk = window if window is not None and before is not None and window < before else None
        now = self._clock()
        if shrunk is None and self._told_at is not None and now - self._told_at < TELL_AGAIN_S:
            self._untold, self._untold_s = self._untold + 1, self._untold_s + spent_s
            return None
        self._told_at = now
        text = self._text(load_s, read_s, cause, loaded)
        if shrunk is not None:
            text += f" Its window has {shrunk:,} tokens now, not {before:,}."
        self._untold, self._untold_s = 0, 0.0
        is_alone = not _names(loaded, self._model) and cause.startswith("nobody")
        hint = (
            _ALONE_HINT.format(keep_alive=self._keep_alive) if is_alone else _OTHER_HINT.format(num_ctx=self._num_ctx)
        )
        code = "model_reloaded" if shrunk is None and "window" not in cause else "window_changed"
        return NoticePart(code, text, hint, shrunk)

    def _text(self, load_s: float, read_s: float | None, cause: str, loaded: Sequence[LoadedModel]) -> str:
        read = f", and {read_s:.1f} s to read the conversation again" if read_s else ""
        why = f": {cause}" if cause else ""
        text = f"{self._model} was loaded anew, which took {load_s:.1f} s{read}{why}."
        if self._untold:
            times = "once more" if self._untold == 1 else f"{self._untold} more times"
            text += f" So it was {times} since this was told, {self._untold_s:.0f} s in all."
        names = ", ".join(model.name for model in loaded)
        return f"{text} In memory now: {names}." if names else text

    def _ours(self, loaded: Sequence[LoadedModel]) -> LoadedModel | None:
        return find_loaded(loaded, self._model)


def find_loaded(loaded: Sequence[LoadedModel], name: str) -> LoadedModel | None:
    """Return a model that is in memory, found by its name with or without a tag."""
    return next((model for model in loaded if full_name(model.name) == full_name(name)), None)


def _names(loaded: Sequence[LoadedModel], but: str) -> str:
    return ", ".join(model.name for model in loaded if full_name(model.name) != full_name(but))
