"""Writing a stored session to a file, in a format that is chosen from a list or named by the file's ending."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trashclaw.faces.documents.formats import MEANINGS, format_of
from trashclaw.faces.tui.completion import Candidate

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from trashclaw.protocol.ids import SessionId
    from trashclaw.session.session import Session


def choices() -> Sequence[Candidate]:
    """Return the formats to choose from."""
    return [Candidate(kind.value, meaning) for kind, meaning in MEANINGS.items()]


def write_session(session: Session, session_id: SessionId, file: Path) -> None:
    """Write a session to a file that is not there yet, in the format that its ending names. Blocks.

    `session` is the one in front: what is not stored can be written of it alone, and not as lines of JSON.

    Raises:
        UsageError: no format has this ending, or there is no such session.
        WorkspaceError: the file is there already, or cannot be written.
        StoreError: the session cannot be read.
    """
    from trashclaw.faces.documents.writing import page_of, pieces, write_new

    kind = format_of(file)
    if session.library is not None:
        write_new(file, pieces(kind, session_id, session.library.envelopes(session_id)))
    else:
        write_new(file, [page_of(kind, session_id, session.transcript)])
