"""A conversation as a Markdown document."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from trashclaw.faces.documents.outline import document_title, facts, kept_entries
from trashclaw.faces.visible import visible
from trashclaw.faces.wording.compactions import compaction_words
from trashclaw.faces.wording.outcomes import outcome, reverted_lines
from trashclaw.protocol import events as ev
from trashclaw.protocol.ids import HunkId, SessionId
from trashclaw.protocol.items import AgentMessage, Compaction, ToolRun, UserMessage
from trashclaw.protocol.patches import HunkPart, Patch
from trashclaw.session.landed import landed_patch
from trashclaw.session.transcript import Entry, Transcript


def markdown_document(transcript: Transcript, session_id: SessionId) -> str:
    """Return what was said and done, in order; thoughts are left out, and what the conversation went back over."""
    parts = [f"# {_one_line(document_title(transcript, session_id))}", f"{_one_line(facts(transcript, session_id))}"]
    reverted = transcript.all_reverted()
    for entry in kept_entries(transcript):
        parts.extend(_part(entry, reverted.get(entry.item_id, frozenset()) if isinstance(entry, ToolRun) else ()))
    return "\n\n".join(parts) + "\n"


def _part(entry: Entry, reverted: Collection[HunkId]) -> Iterator[str]:
    match entry:
        case UserMessage():
            yield "## You"
            yield _text(entry.text)
        case AgentMessage() if entry.text.strip():
            yield _text(entry.text)
        case ToolRun():
            came = outcome(entry, is_waiting=False, reverted=reverted)
            told = f", {_one_line(came)}" if came and came != entry.status.value else ""
            yield f"- **{entry.status.value}** `{_one_line(entry.title)}`{told}"
            if (landed := landed_patch(entry)) is not None:
                yield _fenced("\n".join(_diff(landed)), "diff")
            yield from (f"> {_one_line(line)}" for line in reverted_lines(entry, reverted))
            if entry.result is not None and entry.result.text.strip():
                yield _fenced(_text(entry.result.text))
        case Compaction():
            yield f"> {_one_line(compaction_words(entry))}"
        case ev.Notice() if entry.level is not ev.NoticeLevel.INFO or entry.code in ("stalled", "forked"):
            yield f"> {_one_line(f'{entry.text} {entry.hint}')}"
        case ev.TurnCompleted() if entry.error is not None:
            yield f"> failed: {_one_line(entry.error.text)}"
        case _:
            return


def _diff(patch: Patch) -> Iterator[str]:
    for change in patch.changes:
        yield f"--- {_one_line(change.from_path or change.path)}"
        yield f"+++ {_one_line(change.path)}"
        for hunk in change.hunks:
            if hunk.part is HunkPart.LINES:
                before, after = len(hunk.lines) - hunk.added, len(hunk.lines) - hunk.removed
                yield f"@@ -{hunk.before},{before} +{hunk.after},{after} @@"
                yield from (_text(line).rstrip("\n") for line in hunk.lines)
            else:
                yield _one_line(hunk.what)


def _text(text: str) -> str:
    return visible(text, keep_tabs=True)


def _one_line(text: str) -> str:
    return " ".join(visible(text).replace("`", "'").split())


def _fenced(text: str, language: str = "") -> str:
    """Return text in a fence that is longer than any inside it."""
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}{language}\n{text.rstrip()}\n{fence}"
