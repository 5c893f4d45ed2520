"""Failures: a failed call is told as an event, with advice that changes, and answered for before it comes again."""

from __future__ import annotations

import shlex
from collections import OrderedDict
from dataclasses import dataclass
from typing import TypeVar

from trashclaw.agent.failure_advice import FailureKind, advice, recognise
from trashclaw.agent.gist import ERROR_MARK, argument_gists, call_key, calm, digest, plain_text
from trashclaw.agent.ports import Outcome
from trashclaw.protocol.tools import ToolCall, ToolStatus

_LINES = 3
_LINE_CHARS = 300
_SCANNED_CHARS = 20_000
_COMMAND_CHARS = 4_000
_KEPT = 200
_ANSWERS = ("grep", "egrep", "fgrep", "rg", "diff", "cmp", "test", "[", "[[")
"""Programs for which exit code 1 is an answer."""

T = TypeVar("T")
_TRACEBACK = "Traceback (most recent call last)"


@dataclass(frozen=True, slots=True)
class Routed:
    """A failure, as it is told."""

    tool: str
    exit_code: int | None
    lines: tuple[str, ...]
    """The first lines of standard error (of a traceback, the last one too), or the last ones of the output."""

    times: int
    """How often the same failure has come in this turn."""

    kind: FailureKind
    text: str
    """To be appended to the result that the model reads."""


class Failures:
    """The failures of a turn."""

    def __init__(self) -> None:
        self._times: OrderedDict[str, int] = OrderedDict()
        self._open: OrderedDict[str, tuple[str, Routed]] = OrderedDict()
        self._held: OrderedDict[str, None] = OrderedDict()

    def begin(self) -> None:
        """Begin a turn: the person has spoken, and everything may be tried again."""
        self._times.clear()
        self._open.clear()
        self._held.clear()

    def take(self, call: ToolCall, outcome: Outcome) -> Routed | None:
        """Take what became of a call; return what is to be told of it if it failed.

        To be called for every call that was run: what succeeds may be what the failed ones need.
        """
        if outcome.status in (ToolStatus.REJECTED, ToolStatus.SKIPPED, ToolStatus.CANCELLED):
            return None
        if outcome.metadata.get("changes"):
            self._open.clear()
        if not is_failure(call, outcome):
            self._settle(is_command=outcome.exit_code is not None)
            return None
        lines = _told_lines(outcome)
        signature = digest(f"{call.name}\0{outcome.exit_code}\0{calm(chr(10).join(lines))}")
        times = self._times.pop(signature, 0) + 1
        _keep(self._times, signature, times)
        kind = recognise(call, outcome)
        routed = Routed(
            call.name, outcome.exit_code, lines, times, kind, _event(call.name, outcome, lines, times, kind)
        )
        _keep(self._open, call_key(call), (signature, routed))
        return routed

    def _settle(self, *, is_command: bool) -> None:
        """Something succeeded: a command may be what the failed calls need, and anything what a tool asked for."""
        for key, (_, routed) in list(self._open.items()):
            if is_command or routed.kind is FailureKind.TOOL:
                del self._open[key]

    def needs_words(self, call: ToolCall, text: str, thought: str) -> str:
        """Return what the model is told instead of a call's being run, or an empty string.

        A call that has failed is not run again while nothing was changed, and nothing was said or thought in the
        answer (`text`, `thought`) that asks for it; each failure holds a call back once, then it runs.
        """
        signature, routed = self._open.get(call_key(call), ("", None))
        if routed is None or text.strip() or thought.strip() or signature in self._held:
            return ""
        _keep(self._held, signature, None)
        ending = "failed" if routed.exit_code is None else f"failed with exit code {routed.exit_code}"
        shown = f": {routed.lines[0]}" if routed.lines else ""
        return (
            f"Not run: this very call {ending} a moment ago{shown}\nNothing has changed since. Say in a sentence what "
            "went wrong and what you do differently, then go on."
        )


def is_failure(call: ToolCall, outcome: Outcome) -> bool:
    """Whether a call went wrong; `grep` that finds nothing did not."""
    if outcome.status is ToolStatus.FAILED:
        return True
    if not outcome.exit_code:
        return False
    return not (outcome.exit_code == 1 and not (outcome.stderr or "").strip() and _is_answer(call))


def _is_answer(call: ToolCall) -> bool:
    """Whether the program whose exit code a command has is one that answers with it."""
    command = next((value for value in argument_gists(call).values() if isinstance(value, str)), "")
    try:
        words = list(shlex.shlex(command[:_COMMAND_CHARS], posix=True, punctuation_chars=True))
    except ValueError:
        return False
    breaks = [place for place, word in enumerate(words) if word and set(word) <= set(";|&")]
    last = words[breaks[-1] + 1 :] if breaks else words
    program = next((word for word in last if "=" not in word), "").rpartition("/")[2]
    return program in _ANSWERS or (program == "git" and {"grep", "diff"} & set(last[:3]) != set())


def _told_lines(outcome: Outcome) -> tuple[str, ...]:
    errors = _clean((outcome.stderr or "")[:_SCANNED_CHARS])
    if errors:
        if errors[0].startswith(_TRACEBACK):
            last = _clean((outcome.stderr or "")[-_SCANNED_CHARS:])[-1:]
            return _cut([*errors[1:_LINES], *last])
        return _cut(errors[:_LINES])
    if outcome.stdout is not None:
        return _cut(_clean(outcome.stdout[-_SCANNED_CHARS:])[-_LINES:])
    return _cut(_clean(outcome.text[:_SCANNED_CHARS])[:_LINES])


def _clean(text: str) -> list[str]:
    return [line.strip() for line in plain_text(text).splitlines() if line.strip()]


def _cut(lines: list[str]) -> tuple[str, ...]:
    return tuple(line if len(line) <= _LINE_CHARS else f"{line[: _LINE_CHARS - 3]}..." for line in lines)


def _event(tool: str, outcome: Outcome, lines: tuple[str, ...], times: int, kind: FailureKind) -> str:
    """Return the failure as the model reads it; foreign lines cannot close the event."""
    name = "".join(char for char in tool[:64] if char.isalnum() or char in "_-.")
    code = f' exit_code="{outcome.exit_code}"' if outcome.exit_code is not None else ""
    inside = "\n".join(line.replace("</error", "< /error") for line in lines)
    return f'{ERROR_MARK}{name}"{code} kind="{kind}" times="{times}">\n{inside}\n</error>\n{advice(kind, times)}'


def _keep(entries: OrderedDict[str, T], key: str, value: T) -> None:
    entries[key] = value
    if len(entries) > _KEPT:
        entries.popitem(last=False)
