"""What the person writes: earlier prompts of the workspace, the draft of a session, and the files that it names.

Everything here blocks on the disk. Secrets are taken out before anything is stored; with `--no-session` nothing is.
"""

from __future__ import annotations

import shlex
import threading
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit

from trashclaw.policy.secrets import Secrets
from trashclaw.protocol.errors import WorkspaceError
from trashclaw.protocol.ids import new_session_id
from trashclaw.session.mentions import written
from trashclaw.session.storage import Store
from trashclaw.store.drafts import Draft, Drafts
from trashclaw.store.prompts import FILE_NAME, Prompts
from trashclaw.workspace.leftovers import sweep_leftovers
from trashclaw.workspace.presence import is_file, is_folder, is_there
from trashclaw.workspace.root import Workspace

LINES_OF_BYTES = 8 * 1024 * 1024
"""Of a larger file the lines are not counted."""

DROPPED_AT_MOST = 50
_DROPPED_CHARS = 8_192


class Writing:
    """What the editor of one session needs of the disk."""

    def __init__(self, store: Store, workspace: Workspace) -> None:
        self._store = store
        self._workspace = workspace
        self._is_stored = store.log is not None
        self._prompts = Prompts(store.folder / FILE_NAME)
        self._drafts = Drafts(store.folder / "drafts", store.folder / "leases")
        self._lock = threading.Lock()
        self._secrets = Secrets()
        self._newest = 0
        self._known: dict[str, str] = {}
        """Large pastes as they are stored; a draft is stored again and again."""

    def earlier(self) -> Sequence[Draft]:
        """Return what was said in this workspace, the oldest first.

        Raises:
            StoreError: it cannot be read.
        """
        return self._prompts.entries()

    def remember(self, draft: Draft) -> None:
        """Remember what was said for later sessions; what begins with a space is not for the memory.

        Raises:
            StoreError: it cannot be stored.
        """
        if self._is_stored and draft.text.strip() and not draft.text.startswith(" "):
            with self._lock:
                self._prompts.add(self._clean(draft))

    def keep(self, draft: Draft, number: int) -> None:
        """Keep what stands in the editor in the place of what stood there before; without a text, nothing is kept.

        `number` grows from draft to draft: one whose thread comes late takes the place of none that is newer.

        Raises:
            StoreError: it cannot be stored.
        """
        if self._is_stored:
            with self._lock:
                if number > self._newest:
                    self._drafts.save(self._store.session_id, self._clean(draft))
                    self._newest = number

    def left_draft(self, *, is_new: bool) -> Draft | None:
        """Return what was written in this session and not sent; in a new one, what a session that ended left so."""
        if not self._is_stored:
            return None
        with self._lock:
            sweep_leftovers(self._store.folder / "drafts")
            return self._drafts.take(self._store.session_id, is_new=is_new)

    def line_count(self, path: str) -> int | None:
        """Return how many lines a file has that a mention names: `None` where there is none, -1 for what has none."""
        try:
            file = self._workspace.resolve(path)
        except WorkspaceError:
            return None
        if is_folder(file):
            return -1
        if not is_file(file):
            return None
        try:
            if file.stat().st_size > LINES_OF_BYTES:
                return -1
            data = file.read_bytes()
        except OSError:
            return -1
        return -1 if b"\0" in data else data.count(b"\n") + (not data.endswith(b"\n") and data != b"")

    def dropped(self, text: str) -> str | None:
        """Return mentions for a text that is nothing but paths of files here, as terminals paste what is dropped."""
        words = _dropped_words(text)
        names: list[str] = []
        for word in words:
            path = Path(word)
            if not path.is_absolute() or not is_there(path):
                return None
            try:
                real = self._workspace.resolve(word)
            except WorkspaceError:
                return None
            if not real.is_relative_to(self._workspace.root) or real == self._workspace.root:
                return None
            names.append(written(self._workspace.relative(real)))
        return " ".join(names) if names else None

    def _clean(self, draft: Draft) -> Draft:
        clean = {sign: self._clean_paste(text) for sign, text in draft.pastes.items()}
        return Draft(self._secrets.redact(draft.text).text, clean)

    def _clean_paste(self, text: str) -> str:
        if text not in self._known:
            if len(self._known) >= DROPPED_AT_MOST:
                self._known.clear()
            self._known[text] = self._secrets.redact(text).text
        return self._known[text]


def keep_unsent(folder: Path, draft: Draft) -> None:
    """Keep what was written for a session that was never there, in the state `folder` of the workspace.

    The next new session is given it, as it is given what a session that ended left.

    Raises:
        StoreError: it cannot be stored.
    """
    secrets = Secrets()
    pastes = {sign: secrets.redact(text).text for sign, text in draft.pastes.items()}
    clean = Draft(secrets.redact(draft.text).text, pastes)
    Drafts(folder / "drafts", folder / "leases").save(new_session_id(), clean)


def _dropped_words(text: str) -> Sequence[str]:
    """Return the paths that a terminal pasted: quoted or escaped as for a shell, or as `file://` addresses."""
    text = text.strip()
    if len(text) > _DROPPED_CHARS or not text.startswith(("/", "'/", '"/', "file:///")):
        return ()
    words: list[str] = []
    for line in text.splitlines():
        words += _shell_words(line)
    found = [unquote(urlsplit(word).path) if word.startswith("file:///") else word for word in words]
    return found if len(found) <= DROPPED_AT_MOST else ()


def _shell_words(line: str) -> Sequence[str]:
    if is_there(Path(line.strip())):
        return (line.strip(),)
    try:
        return shlex.split(line)
    except ValueError:
        return ()
