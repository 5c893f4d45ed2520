"""What `trashclaw doctor` has found, a line each: whether it is good, and what to do if it is not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, assert_never

from trashclaw.exam.result import WindowMarks, WindowVerdict
from trashclaw.faces.batch.exit_codes import ExitCode
from trashclaw.providers.memory_fit import MemoryFit, fit_text

if TYPE_CHECKING:
    from trashclaw.agent.messages import ModelProfile

INDENT = "      "
_LEAST_ADVISED = 2048


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    is_good: bool
    text: str
    hint: str = ""
    """What to do, or what else there is to know, with line ends as they are to be shown."""

    code: ExitCode = ExitCode.NO_SERVER
    """The exit code if it is not good."""


def model_finding(profile: ModelProfile) -> Finding:
    """Tell which model a session would use, and why its window is what it is."""
    window = f"{profile.limit_tokens} tokens{' (assumed)' if profile.is_limit_assumed else ''}"
    tools = "native tool calls" if profile.has_tools else "no native tool calls"
    why = f"The window: {profile.limit_reason}." if profile.limit_reason else ""
    lines = [why, profile.limit_warning, profile.limit_hint, "Ready: trashclaw"]
    text = f"model: {profile.provider} {profile.model}, window {window}, {tools}"
    return Finding(True, text, f"\n{INDENT}".join(filter(None, lines)))


def memory_finding(fit: MemoryFit) -> Finding:
    """Tell whether the model and its window fit into memory; what cannot be told is no fault."""
    lines = list(fit.notes)
    largest = fit.largest_tokens
    if fit.fits() is False:
        smaller = f"A window that fits: --num-ctx {largest}." if largest and largest >= _LEAST_ADVISED else ""
        lines.append(smaller or "Free memory, or take a smaller model.")
    text = f"memory: {fit_text(fit)}"
    return Finding(fit.fits() is not False, text, f"\n{INDENT}".join(lines), ExitCode.DONE)


def canary_finding(marks: WindowMarks) -> Finding:
    """Tell whether the head of a long prompt was read, by a word that stood there and was asked back."""
    size = f"{marks.proven_tokens:,}-token prompt"
    kept = f"Sessions keep to {marks.proven_tokens:,} tokens." if marks.proven_tokens else _set_it(marks)
    match marks.verdict:
        case WindowVerdict.HELD if marks.has_recalled:
            return Finding(True, f"window: the head of a {size} was read", marks.note)
        case WindowVerdict.HELD:
            told = f"window: a {size} was read whole, by the server's own count"
            return Finding(True, told, "The model did not find the word at its head.")
        case WindowVerdict.CUT:
            text = f"window: the head of a prompt of about {marks.failed_tokens or 0:,} tokens was cut without a word"
            lines = [marks.note, kept, "More: give the server a larger window, and say how large with --num-ctx."]
            return Finding(False, text, f"\n{INDENT}".join(filter(None, lines)), ExitCode.FAILED)
        case WindowVerdict.REFUSED:
            text = f"window: about {marks.failed_tokens or 0:,} tokens were refused, not cut"
            lines = [marks.note, kept]
            return Finding(bool(marks.proven_tokens), text, f"\n{INDENT}".join(filter(None, lines)), ExitCode.FAILED)
        case WindowVerdict.UNKNOWN:
            why = marks.error or marks.note or "The server did not say what it has read."
            text = "window: not proven that the head of a long prompt is read"
            return Finding(False, text, f"{why}\n{INDENT}Try again: trashclaw models exam --full", ExitCode.DONE)
        case _:
            assert_never(marks.verdict)


def _set_it(marks: WindowMarks) -> str:
    half = (marks.failed_tokens or 0) // 2
    return f"Ask for less: --num-ctx {half}" if half >= _LEAST_ADVISED else "Ask for less with --num-ctx."
