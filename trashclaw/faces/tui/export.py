"""A conversation as a Markdown document."""

from __future__ import annotations

from collections.abc import Iterator

from trashclaw.protocol import events as ev
from trashclaw.protocol.items import AgentMessage, ToolRun, UserMessage
from trashclaw.session.transcript import Entry, Transcript


def markdown_document(transcript: Transcript, title: str) -> str:
    """Return everything that was said and done, in order; thoughts are left out."""
    parts = [f"# {title}", f"Model: {transcript.model} ({transcript.provider})"]
    for entry in transcript.entries:
        parts.extend(_part(entry))
    return "\n\n".join(parts) + "\n"


def _part(entry: Entry) -> Iterator[str]:
    match entry:
        case UserMessage():
            yield "## You"
            yield entry.text
        case AgentMessage() if entry.text:
            yield entry.text
        case ToolRun():
            yield f"- **{entry.status.value}** `{_one_line(entry.title)}`"
            if entry.result is not None and entry.result.text.strip():
                yield _fenced(entry.result.text)
        case ev.Notice(code="stalled"):
            yield entry.text
        case ev.TurnCompleted() if entry.error is not None:
            yield f"> failed: {_one_line(entry.error.text)}"
        case _:
            return


def _one_line(text: str) -> str:
    return " ".join(text.replace("`", "'").split())


def _fenced(text: str) -> str:
    """Return text in a fence that is longer than any inside it."""
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}\n{text.rstrip()}\n{fence}"
