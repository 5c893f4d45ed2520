"""Puts the gate of a session together: its rules, its record, and where new rules are written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from trashclaw.agent.ports import Clock
from trashclaw.config.new_rules import append_rules
from trashclaw.config.paths import state_folder
from trashclaw.config.policy import load_rules
from trashclaw.config.project_files import ProjectFiles
from trashclaw.config.trust import TrustStore
from trashclaw.policy.gate import Abilities, Ask, KeepRules, PolicyGate
from trashclaw.policy.records import Record
from trashclaw.protocol.errors import TrashclawError
from trashclaw.protocol.events import Notice, NoticeLevel
from trashclaw.protocol.modes import Mode
from trashclaw.session.auditing import AuditTrail
from trashclaw.session.journal import Journal, current_turn
from trashclaw.store.log import Log


def make_gate(
    root: Path,
    project: ProjectFiles | None,
    mode: Callable[[], Mode],
    abilities: Abilities,
    ask: Ask | None,
    journal: Journal,
    log: Log | None,
    clock: Clock,
) -> PolicyGate:
    """Return the gate of a session; `project` is what a trusted folder brings, `None` where it is not trusted.

    Raises:
        ConfigError: a rule cannot be read; no session is opened without it.
        StoreError: the audit cannot be opened.
    """
    return PolicyGate(
        mode,
        abilities,
        ask,
        rules=load_rules(project),
        root=root,
        tainted_by=journal.taint,
        record=_record(journal, log, clock) if log is not None else None,
        keep_rules=_keeper(root, journal) if project is not None else None,
    )


def _record(journal: Journal, log: Log, clock: Clock) -> Record:
    redactor = journal.redactor
    redact = (lambda text: redactor.redact(text).text) if redactor is not None else str
    return AuditTrail(log.audit(), journal.session_id, clock, current_turn, journal.emit, redact)


def _keeper(root: Path, journal: Journal) -> KeepRules:
    def keep(rules: tuple[str, ...]) -> None:
        try:
            append_rules(root, TrustStore(state_folder()), rules)
        except TrashclawError as error:
            text = f"The rule holds for this session only: {error.text}"
            journal.emit(Notice(level=NoticeLevel.WARNING, code=error.code, text=text, hint=error.hint))

    return keep
