"""Writing documents, and reading back the one that is made for it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from pydantic import ValidationError

from trashclaw.faces.documents.formats import Format
from trashclaw.faces.documents.markdown import markdown_document
from trashclaw.faces.documents.page import html_document
from trashclaw.protocol.envelope import Envelope
from trashclaw.protocol.errors import UsageError, WorkspaceError
from trashclaw.protocol.ids import SessionId
from trashclaw.session.transcript import Transcript, fold

LATEST_S = 253_402_214_400.0
"""The last time that every calendar can tell, in seconds since the epoch: the end of the year 9999."""


def pieces(kind: Format, session_id: SessionId, envelopes: Iterable[Envelope]) -> Iterator[str]:
    """Yield a stored session as a document. What the log says was freed of secrets when it was written."""
    if kind is Format.JSONL:
        yield from (envelope.model_dump_json() + "\n" for envelope in envelopes)
    else:
        yield page_of(kind, session_id, fold(envelopes))


def page_of(kind: Format, session_id: SessionId, transcript: Transcript) -> str:
    """Return a conversation as Markdown or HTML.

    Raises:
        UsageError: the format needs the events themselves, which a transcript does not have.
    """
    if kind is Format.HTML:
        return html_document(transcript, session_id)
    if kind is Format.MARKDOWN:
        return markdown_document(transcript, session_id)
    raise UsageError("The events of this session are not stored.", "Write it as .md or .html.")


def write_new(file: Path, document: Iterable[str]) -> None:
    """Write a file that is not there yet; one that could not be finished is removed again.

    Raises:
        WorkspaceError: it is there, or cannot be written.
        StoreError: what is to be written cannot be read.
    """
    is_done = False
    try:
        # What was read and written in the session is in it, so it is nobody else's to read.
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as stream:
            try:
                stream.writelines(document)
                is_done = True
            finally:
                if not is_done:
                    file.unlink(missing_ok=True)
    except FileExistsError as error:
        raise WorkspaceError(f"{file} is there already.", "Name another file.") from error
    except OSError as error:
        raise WorkspaceError(f"{file} cannot be written: {error.strerror or error}.") from error


def read_back(lines: Iterable[str], name: str) -> Iterator[Envelope]:
    """Yield the envelopes of a document in lines of JSON; empty lines are passed over.

    Raises:
        UsageError: a line is none, or there is none at all; `name` is what the error calls the document.
    """
    is_empty = True
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield _envelope(line, f"Line {number} of {name}")
            is_empty = False
    if is_empty:
        raise UsageError(f"{name} holds no session.", "Export one: trashclaw sessions export ID --format jsonl")


def _envelope(line: str, place: str) -> Envelope:
    try:
        envelope = Envelope.model_validate_json(line)
    except ValidationError as error:
        reason = error.errors(include_url=False)[0]["msg"]
        raise UsageError(f"{place} is no event: {reason}.", "Export the session again.") from error
    if not 0 <= envelope.at <= LATEST_S:
        raise UsageError(f"{place} is no event: there is no such time.", "Export the session again.")
    return envelope
