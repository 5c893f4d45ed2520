"""The library: the one door to the stored sessions of a workspace."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from trashclaw.protocol.envelope import Envelope
from trashclaw.protocol.errors import GitFailed, UsageError
from trashclaw.protocol.ids import CheckpointId, SessionId, new_session_id
from trashclaw.protocol.session_events import SessionRenamed
from trashclaw.session.fork_point import ForkPoint
from trashclaw.session.forking import find_cut, tail_of
from trashclaw.session.preview import last_entries
from trashclaw.session.searching import Match, find_matches
from trashclaw.session.storage import CHECKPOINTS, LEASES, LOG_NAME
from trashclaw.session.stored import SessionSummary, as_title, find_session, in_tree, list_sessions
from trashclaw.session.transcript import Entry, Transcript, fold
from trashclaw.store.lease import Lease, is_held
from trashclaw.store.log import Log
from trashclaw.workspace.dropping import drop_checkpoints

_TRIES = 5


class Library:
    """Lists, searches, reads, forks, renames and deletes stored sessions.

    Every call opens the log for itself, so all of them may be called from any thread, and a screen should: the longest
    ones read the whole log.
    """

    def __init__(self, folder: Path, root: Path, own_id: SessionId | None = None) -> None:
        """`folder` is the workspace's state, `root` the workspace, `own_id` the session that is open here."""
        self._folder = folder
        self._root = root
        self._own_id = own_id

    def list(self, limit: int | None = 1_000) -> Sequence[SessionSummary]:
        """Return the sessions in which something was said, and forks, that written to last first.

        Raises:
            StoreError: the log cannot be read.
        """
        with self._log() as log:
            return [] if log is None else list_sessions(log, limit, is_open=self._is_open)

    def find(self, wanted: str) -> SessionId:
        """Return the session whose id is, begins or ends with `wanted`; `last` is the one written to last.

        Raises:
            UsageError: there is none, or more than one.
        """
        with self._log() as log:
            if log is None:
                raise UsageError(f"There is no session {wanted!r} in this workspace.", "None is stored yet.")
            return find_session(log, wanted)

    def search(self, words: str, limit: int = 50, session_id: SessionId | None = None) -> Sequence[Match]:
        """Return where all of the words were said or done, the latest first; in all sessions, or in one.

        Letters count the same in upper and lower case. What a fork was given is found in its parent only.

        Raises:
            StoreError: the log cannot be read.
        """
        with self._log() as log:
            return [] if log is None else find_matches(log, words, limit, session_id)

    def transcript(self, session_id: SessionId) -> Transcript:
        """Return the fold of a whole session.

        Raises:
            UsageError: there is no such session.
            StoreError: an entry cannot be read.
        """
        return fold(self.envelopes(session_id))

    def envelopes(self, session_id: SessionId) -> Iterator[Envelope]:
        """Yield everything that is stored of a session, in order.

        Raises:
            UsageError: there is no such session.
            StoreError: an entry cannot be read.
        """
        with self._stored(session_id) as log:
            yield from log.read(session_id)

    def preview(self, session_id: SessionId, entries: int = 12) -> Sequence[Entry]:
        """Return the last entries that the model still reads, from the end of the log alone.

        Raises:
            UsageError: there is no such session.
            StoreError: an entry cannot be read.
        """
        with self._stored(session_id) as log:
            return last_entries(log.stored(), session_id, entries)

    def check_fork(self, point: ForkPoint) -> None:
        """Look whether a session can be forked at a place; nothing is written.

        Raises:
            UsageError: there is no such session, or no such place in it.
            StoreError: an entry cannot be read.
        """
        with self._stored(point.session_id) as log:
            find_cut(log.stored().outline(point.session_id), point)

    def fork(self, point: ForkPoint) -> SessionId:
        """Copy a session up to a place under a new id, and return that.

        The session itself may run meanwhile. To open a fork, open its point: nothing stays then where that fails.

        Raises:
            UsageError: there is no such session, or no such place in it.
            StoreError: an entry cannot be read, or nothing can be written.
        """
        session_id = point.session_id
        with self._stored(session_id) as log:
            rows = log.stored()
            cut = find_cut(rows.outline(session_id), point)
            fork_id = next(new_id for _ in range(_TRIES) if not rows.end(new_id := new_session_id()))
            rows.copy(session_id, cut.seq, fork_id, tail_of(rows, session_id, cut, fork_id))
            return fork_id

    def rename(self, session_id: SessionId, title: str) -> None:
        """Give a closed session a name; an empty one takes it back. The open one takes the op `session.rename`.

        Raises:
            UsageError: there is no such session, or it is the one that is open here.
            StoreError: another program has it open, or it cannot be written.
        """
        if session_id == self._own_id:
            raise UsageError("This session is open here.", "Its name is changed by the session itself: /rename.")
        with self._stored(session_id) as log, self._held(session_id):
            event = SessionRenamed(title=as_title(title))
            seq = log.stored().end(session_id) + 1
            log.append(Envelope(seq=seq, at=time.time(), session_id=session_id, event=event))

    async def delete(self, session_id: SessionId) -> None:
        """Delete a session, and the checkpoints that no other one needs. What the audit says of it stays.

        Raises:
            UsageError: there is no such session, or it is the one that is open here.
            StoreError: another program has it open, or it cannot be written; nothing was deleted.
        """
        dropped = await asyncio.to_thread(self._delete, session_id)
        try:
            await drop_checkpoints(self._root, self._folder / CHECKPOINTS, dropped)
        except GitFailed:
            # The session is gone. Its checkpoints go when they are old.
            return

    @staticmethod
    def tree(summaries: Iterable[SessionSummary]) -> Sequence[tuple[int, SessionSummary]]:
        """Return sessions in the order of a tree, each with its depth: forks stand below their parents."""
        return in_tree(summaries)

    def _delete(self, session_id: SessionId) -> frozenset[CheckpointId]:
        if session_id == self._own_id:
            raise UsageError("The open session cannot be deleted.", "Start another one with /new; then it can.")
        with self._stored(session_id) as log, self._held(session_id):
            return log.stored().remove(session_id)

    def _is_open(self, session_id: SessionId) -> bool:
        return session_id == self._own_id or is_held(self._folder / LEASES, session_id)

    @contextmanager
    def _held(self, session_id: SessionId) -> Iterator[None]:
        lease = Lease(self._folder / LEASES, session_id)
        try:
            yield
        finally:
            lease.release()

    @contextmanager
    def _log(self) -> Iterator[Log | None]:
        """Open the log; where nothing was stored yet, none is made."""
        path = self._folder / LOG_NAME
        if not path.exists():
            yield None
            return
        log = Log(path)
        try:
            yield log
        finally:
            log.close()

    @contextmanager
    def _stored(self, session_id: SessionId) -> Iterator[Log]:
        with self._log() as log:
            if log is None or not log.stored().end(session_id):
                raise UsageError(f"There is no session {session_id} in this workspace.", "It may have been deleted.")
            yield log
