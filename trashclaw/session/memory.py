"""Memory: what the model is told at the beginning, what a person adds to it, and what of it changes meanwhile."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from trashclaw.agent.tokens import count_roughly
from trashclaw.config.paths import config_folder, state_folder
from trashclaw.config.project_files import ProjectFiles
from trashclaw.config.schema import MemorySettings
from trashclaw.directives.strict_yaml import MAX_BYTES
from trashclaw.directives.unseen import without_unseen
from trashclaw.protocol import events as ev
from trashclaw.protocol.errors import StoreError, UnsuitableFile, UsageError
from trashclaw.protocol.ops import MemoryScope
from trashclaw.session.briefing import TASKS_AT_MOST, Briefing, Known, brief, own_instructions
from trashclaw.session.journal import Journal
from trashclaw.session.storage import Store
from trashclaw.store.memories import FILE_NAME, Memories
from trashclaw.store.tasks import Task
from trashclaw.workspace.files import read_bytes

_WHOSE = {MemoryScope.USER: "the user's memory", MemoryScope.PROJECT: "the project's memory"}
_CHANGED = "{path}, which your instructions are from, was changed meanwhile: read_file shows it as it is now"
_CHANGED_ABOVE = "{path}, which your instructions are from, was changed meanwhile"
_GONE = "{path}, which your instructions are from, is gone"


@dataclass(frozen=True, slots=True)
class Remembered:
    """One entry of a memory."""

    number: int
    """Counted from 1 in its memory."""

    scope: MemoryScope
    text: str
    tokens: int
    """About what it costs in every session."""


def memories_of(scope: MemoryScope, workspace_state: Path) -> Memories:
    """Return a memory: the project's lies in the workspace's state folder and never in the project itself.

    Raises:
        ConfigError: there is no home folder.
    """
    if scope is MemoryScope.PROJECT:
        return Memories(workspace_state / FILE_NAME, workspace_state)
    return Memories(config_folder() / FILE_NAME, state_folder())


def remembered(scope: MemoryScope, memories: Memories) -> list[Remembered]:
    """Return what a memory holds.

    Raises:
        StoreError: it cannot be read.
    """
    texts = (without_unseen(text)[0] for text in memories.entries())
    return [Remembered(number, scope, text, count_roughly(f"- {text}\n")) for number, text in enumerate(texts, 1)]


class Memory:
    """The memory of one session."""

    def __init__(
        self, root: Path, settings: MemorySettings, project: ProjectFiles | None, store: Store, journal: Journal
    ) -> None:
        """`project` is what a trusted folder brings, `None` where it is not trusted."""
        self._root = root
        self._settings = settings
        self._project = project
        self._store = store
        self._journal = journal
        self._told: dict[str, str] | None = None
        """The digests of the instructions that the model knows, by path."""

    def brief(self, base: str, limit_tokens: int) -> Briefing:
        """Return the system prompt with all that is known behind it. Blocks on the disk."""
        memory = self._settings
        faults: list[ev.Notice] = []
        memories: list[tuple[str, str]] = []
        tasks: Sequence[Task] = ()
        for scope in (MemoryScope.USER, MemoryScope.PROJECT):
            try:
                entries = remembered(scope, memories_of(scope, self._store.folder))
            except StoreError as error:
                faults.append(_fault(error))
            else:
                memories.append((_WHOSE[scope], "\n".join(f"- {entry.text}" for entry in entries)))
        try:
            tasks = self._tasks() if memory.tasks else ()
        except StoreError as error:
            faults.append(_fault(error))
        known = Known(
            project=self._project if memory.instructions else None,
            own=own_instructions() if memory.instructions else None,
            memories=tuple(memories),
            tasks=tasks,
            redactor=self._journal.redactor,
        )
        made = brief(base, known, limit_tokens, memory.instruction_tokens)
        self._told = _digests(made.fragments)
        return Briefing(made.system, made.fragments, (*made.notices, *faults))

    def listed(self) -> list[Remembered]:
        """Return everything that is remembered, the person's own first.

        Raises:
            StoreError: a file cannot be read.
        """
        scopes = (MemoryScope.USER, MemoryScope.PROJECT)
        return [entry for scope in scopes for entry in remembered(scope, memories_of(scope, self._store.folder))]

    def add(self, text: str, scope: MemoryScope) -> None:
        """Remember a text without its secrets, and tell it to the model at once.

        Raises:
            UsageError: nothing is stored here, or the text has no place.
        """
        clean = without_unseen(text)[0]
        redactor = self._journal.redactor
        memories = self._memories(scope)
        try:
            line = memories.add(redactor.redact(clean).text if redactor is not None else clean)
        except StoreError as error:
            self._journal.emit(_fault(error))
        else:
            self._tell(f"The user wants this to be remembered, now and in later sessions: {line}")

    def forget(self, number: int, scope: MemoryScope) -> None:
        """Take an entry out, and tell the model.

        Raises:
            UsageError: there is no such entry.
        """
        memories = self._memories(scope)
        try:
            line = without_unseen(memories.forget(number))[0]
        except StoreError as error:
            self._journal.emit(_fault(error))
        else:
            self._tell(f"The user takes back what was to be remembered: {line}")

    def note_end(self) -> None:
        """Fold what was done while it is at hand, so that the next session need not wait for it."""
        if self._store.log is not None and self._settings.tasks:
            # Where it fails now it is told at the next beginning.
            with suppress(StoreError):
                self._store.log.tasks().of(self._store.session_id)

    def changes(self) -> list[str]:
        """Return a note for each file of instructions that is not as the model was told, once. Blocks on the disk."""
        told = self._told_before() if self._told is None else self._told
        self._told = dict(told)
        notes = []
        for path, digest in told.items():
            now = self._digest(path)
            if now == digest:
                continue
            self._told[path] = now
            is_readable = not path.startswith(("../", "~/", "/"))
            notes.append((_GONE if not now else _CHANGED if is_readable else _CHANGED_ABOVE).format(path=path))
        return notes

    def _memories(self, scope: MemoryScope) -> Memories:
        if self._store.log is None:
            raise UsageError("This session stores nothing, so nothing can be remembered.", "Leave out --no-session.")
        return memories_of(scope, self._store.folder)

    def _tasks(self) -> Sequence[Task]:
        log = self._store.log
        return log.tasks().before(self._store.session_id, TASKS_AT_MOST) if log is not None else ()

    def _told_before(self) -> dict[str, str]:
        """Return what a resumed session was told at its beginning."""
        log = self._store.log
        started = log.first_of(self._store.session_id, "session.started") if log is not None else None
        return _digests(started.event.fragments) if started and isinstance(started.event, ev.SessionStarted) else {}

    def _digest(self, path: str) -> str:
        """Return the digest of a file as it is now, empty if it cannot be read."""
        try:
            data = read_bytes(self._root / Path(path).expanduser(), path, MAX_BYTES)
        except UnsuitableFile:
            return ""
        return hashlib.sha256(data).hexdigest()

    def _tell(self, text: str) -> None:
        self._journal.emit(ev.Notice(code="memory", text=text, to_model=True))


def _digests(fragments: Sequence[ev.PromptFragment]) -> dict[str, str]:
    return {fragment.source: fragment.digest for fragment in fragments if fragment.digest}


def _fault(error: StoreError) -> ev.Notice:
    return ev.Notice(level=ev.NoticeLevel.WARNING, code=error.code, text=error.text, hint=error.hint)
