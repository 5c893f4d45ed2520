"""The reading of an answer in which thoughts, and maybe calls, stand in the text."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from trashclaw.agent.dialects.splitting import Splitter
from trashclaw.agent.dialects.text.calls import Block, Found, Scope
from trashclaw.agent.dialects.text.registry import family_at, is_call_begun, marks, skip_noise
from trashclaw.agent.messages import CallPart, EndPart, EndReason, Part, ProgressPart, TextPart, ThoughtPart
from trashclaw.protocol.events import Phase

_TRIES_AT_MOST = 64
_LOOKED_AT_CHARS = 500_000
"""How much is read in tries that find no call; what is left then is words."""

_CALLS_AT_MOST = 64
_TOLD_EVERY_PIECES = 16
_CUT_CHARS = 64
"""As much behind a call is the beginning of more markup, when the answer was cut there."""


@dataclass(slots=True)
class Learned:
    """What the answers of a model have shown; one for a session and model."""

    starts_in_thought: bool = False
    """Its template begins a thought, so that an answer holds the end of it alone."""


class FindingReading:
    """Splits thoughts off, and finds calls where the server found none.

    Calls are found at the end: until then everything from a candidate on is held back.
    """

    def __init__(self, scope: Scope, learned: Learned, *, is_strict: bool, has_calls: bool = True) -> None:
        """Strictly, only calls of known tools count, behind marks made for calls, at a line's start, outside code."""
        self._scope = scope
        self._learned = learned
        self._is_strict = is_strict
        self._has_calls = has_calls
        self._has_native_calls = False
        self._has_words = False
        self._has_thought = False
        self._found = 0
        self._pieces_held = 0
        self._assumed: list[str] = []
        self._splitter = self._new_splitter(starts_in_thought=learned.starts_in_thought)

    @property
    def is_thought_alone(self) -> bool:
        """Whether there is reasoning by now, and nothing else."""
        return self._has_thought and not (self._has_words or self._found or self._has_native_calls)

    def feed(self, part: Part) -> Iterable[Part]:
        """Take a part, and return what is certain by now."""
        if isinstance(part, CallPart):
            self._has_native_calls = True
        elif isinstance(part, ThoughtPart):
            # A server that tells thoughts apart leaves none half in the text.
            self._has_thought = True
            if self._splitter.is_thought_assumed and not self._assumed:
                self._splitter = self._new_splitter(starts_in_thought=False)
        if not isinstance(part, TextPart):
            return (part,)
        if self._splitter.is_thought_assumed:
            self._assumed.append(part.text)
        certain: list[Part] = [*self._noted(self._splitter.feed(part.text))]
        if self._splitter.is_holding:
            self._pieces_held += 1
            if self._pieces_held % _TOLD_EVERY_PIECES == 0:
                certain.append(ProgressPart(Phase.DECODING, done=self._pieces_held, text="writing a call"))
        return certain

    def finish(self, end: EndPart) -> Iterable[Part]:
        """Return what was held back: calls, or words that were none."""
        is_cut = end.reason is EndReason.LENGTH
        parts: list[Part] = [*self._resolve(is_cut=is_cut)]
        if self._splitter.is_thought_assumed and not is_cut and not self._has_native_calls and self._assumed:
            self._learned.starts_in_thought = False
            self._splitter = self._new_splitter(starts_in_thought=False)
            parts += self._noted(self._splitter.feed("".join(self._assumed)))
            parts += self._resolve(is_cut=False)
            self._assumed.clear()
        if self._splitter.has_lone_closing:
            self._learned.starts_in_thought = True
        if self._found and end.reason is EndReason.STOP:
            end = replace(end, reason=EndReason.TOOL_CALLS)
        return (*parts, end)

    def _new_splitter(self, *, starts_in_thought: bool) -> Splitter:
        chosen = marks(is_strict=self._is_strict, has_calls=self._has_calls)
        return Splitter(chosen, starts_in_thought=starts_in_thought)

    def _resolve(self, *, is_cut: bool) -> list[Part]:
        """Look at what is held until nothing of it is left."""
        calls: list[CallPart] = []
        parts: list[Part] = []
        tries = looked_at = 0
        while True:
            while (held := self._splitter.held) is not None:
                family, block = self._block(held, is_cut=is_cut) if tries < _TRIES_AT_MOST else ("", None)
                if block is None:
                    looked_at += len(held)
                    tries = tries + 1 if looked_at < _LOOKED_AT_CHARS else _TRIES_AT_MOST + 1
                    self._pass_over(tries)
                else:
                    calls += self._as_parts(family, block)
                    rest = held[skip_noise(held, block.end) :]
                    self._splitter.go_on_after("" if is_cut and len(rest) <= _CUT_CHARS else rest)
                parts += self._noted(self._splitter.take())
            parts += self._noted(self._splitter.flush(is_cut=is_cut))
            if self._splitter.held is None:
                break
        if calls and self._splitter.is_over:
            told = f"{calls[-1].mended}; what it made up as the result was left out"
            calls[-1] = replace(calls[-1], mended=told)
        return [*parts, *calls]

    def _pass_over(self, tries: int) -> None:
        if tries > _TRIES_AT_MOST:
            self._splitter.give_up()
        else:
            self._splitter.reject()

    def _as_parts(self, family: str, block: Block) -> list[CallPart]:
        told = f"call found in the text ({family})"
        first, self._found = self._found, self._found + len(block.calls)
        return [
            CallPart(first + place, name=call.name, arguments=call.arguments, mended=told)
            for place, call in enumerate(block.calls)
        ]

    def _block(self, held: str, *, is_cut: bool) -> tuple[str, Block | None]:
        family = family_at(held, is_strict=self._is_strict)
        if family is None or self._has_native_calls:
            return "", None
        block = family.parse(held, self._scope)
        has_room = block is not None and self._found + len(block.calls) <= _CALLS_AT_MOST
        if block and has_room and all(self._counts(call, is_cut, family.is_explicit) for call in block.calls):
            return family.name, block
        if is_cut and (block is None or not all(call.name for call in block.calls)) and is_call_begun(held, family):
            return family.name, Block((Found("", ""),), len(held))
        return "", None

    def _counts(self, call: Found, is_cut: bool, is_explicit: bool) -> bool:
        if not call.name:
            return is_explicit and (is_cut or (not self._is_strict and bool(call.arguments)))
        return not self._is_strict or self._scope.knows(call.name)

    def _noted(self, parts: list[TextPart | ThoughtPart]) -> list[TextPart | ThoughtPart]:
        for part in parts:
            if isinstance(part, ThoughtPart):
                self._has_thought = True
            elif part.text.strip():
                self._has_words = True
        return parts
