"""What the server does and how full the window is, in words; a `~` stands before what is estimated."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trashclaw.faces.visible import visible_line
from trashclaw.faces.wording.figures import seconds, tokens

if TYPE_CHECKING:
    from trashclaw.protocol.events import ContextMeasured, Progress
    from trashclaw.session.transcript import Transcript

_CHECKING = "checking: "
"""Begins the words about a check that runs in the middle of a tool run, and is what takes the time."""

_ASIDE, _SUMMING_UP = "asking again", "summing up"
"""What is asked beside the conversation."""


def whole(duration_s: float) -> str:
    """Return a duration in whole seconds, minutes from one minute on."""
    return f"{int(duration_s)} s" if duration_s < 60 else seconds(duration_s)


def activity_words(transcript: Transcript) -> str:
    """Return what a running turn does now: what the server does, or the tool that runs; nothing outside a turn."""
    progress = turn_progress(transcript)
    said = phase_words(progress) if progress is not None else ""
    return said if said.startswith(_CHECKING) else _tool_words(transcript, progress) or said


def turn_progress(transcript: Transcript) -> Progress | None:
    """Return what is told of the running turn, or of a summary that the person waits for; not what is read ahead."""
    progress = transcript.live.progress
    is_waited_for = transcript.is_running or is_summing_up(transcript)
    return progress if is_waited_for and progress is not None and not _is_ahead(progress) else None


def is_summing_up(transcript: Transcript) -> bool:
    """Tell whether the model writes the summary of a compaction."""
    progress = transcript.live.progress
    return progress is not None and progress.text == _SUMMING_UP


def ahead_words(transcript: Transcript) -> tuple[str, str]:
    """Return what is read while nobody waits, long and short: `reading ahead 2.1k/3.2k`; nothing while a turn runs."""
    progress = transcript.live.progress
    if transcript.is_running or progress is None or not _is_ahead(progress):
        return "", ""
    share = _share_read(progress)
    return f"reading ahead {share}".rstrip(), f"ahead {share}" if share else "reading ahead"


def phase_words(progress: Progress) -> str:
    """Return what the server does in words: `reading prompt 9.1k/12.4k`, `loading the model`, `calling edit_file`."""
    if progress.text in (_ASIDE, _SUMMING_UP):
        return f"{progress.text}, {phase_words(progress.model_copy(update={'text': ''}))}"
    match progress.phase.value:
        case "connecting":
            return "connecting"
        case "loading" if progress.text:
            return progress.text if " " in progress.text else f"loading {progress.text}"
        case "loading":
            return "loading the model"
        case "prefill":
            words = f"reading prompt {_share_read(progress)}".rstrip()
            return f"{words}, {progress.text}" if progress.text else words
        case "waiting":
            return progress.text or "working"
        case _:
            return progress.text or _written("writing", progress)


def context_words(context: ContextMeasured | None) -> tuple[str, str, str]:
    """Return how full the window is, from long to short; empty where nothing is known."""
    if context is None:
        return "", "", ""
    mark = "~" if context.is_estimate else ""
    short = f"{mark}{context.used_tokens / max(1, context.limit_tokens):.0%}"
    reused = ""
    if context.reused_tokens is not None and context.used_tokens:
        reused = f" (reused {min(1.0, context.reused_tokens / context.used_tokens):.0%})"
    sizes = f"{mark}{tokens(context.used_tokens)}/{tokens(context.limit_tokens)}"
    return f"context {sizes} {short.lstrip('~')}{reused}", f"context {short}{reused}", f"context {short}"


def reread_words(context: ContextMeasured | None) -> tuple[str, str, str]:
    """Return what was read again in this session and the time it took, from long to short; empty while nothing was."""
    if context is None or not context.reread_tokens:
        return "", "", ""
    short = f"re-read {tokens(context.reread_tokens)}"
    long = f"{short}, {whole(context.reread_s)}" if context.reread_s >= 1 else short
    return long, long, short


def _is_ahead(progress: Progress) -> bool:
    from trashclaw.protocol.events import AHEAD

    return progress.text == AHEAD


def _share_read(progress: Progress) -> str:
    """Return how much of a prompt is read: `9.1k/12.4k`; nothing where that is not known."""
    if progress.done is None or not progress.total:
        return ""
    mark, done, total = "~" if progress.is_estimate else "", tokens(progress.done), tokens(progress.total)
    # Rounded, the last of a large prompt would look like all of it.
    return f"{mark}{total}" if done == total and progress.done < progress.total else f"{mark}{done}/{total}"


def _written(verb: str, progress: Progress) -> str:
    word = "token" if progress.done == 1 else "tokens"
    return f"{verb} {tokens(progress.done)} {word}" if progress.done else verb


def _tool_words(transcript: Transcript, progress: Progress | None) -> str:
    """Return which tool runs now: `running $ pytest -q`, or that the model thinks; nothing where it does other work."""
    from trashclaw.protocol.items import Thought, ToolRun

    last = transcript.entries[-1] if transcript.is_running and transcript.entries else None
    if isinstance(last, Thought) and not last.text and progress is not None and progress.phase.value == "decoding":
        return "" if progress.text else _written("thinking", progress)
    return f"running {visible_line(last.title)}" if isinstance(last, ToolRun) and last.result is None else ""
