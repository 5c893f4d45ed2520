"""Keeps the gate's records in the audit, with time, session and turn; where that fails, it is told once."""

from __future__ import annotations

from collections.abc import Callable

from trashclaw.agent.ports import Clock
from trashclaw.policy.records import GateRecord
from trashclaw.protocol.errors import StoreError
from trashclaw.protocol.events import Notice, NoticeLevel
from trashclaw.protocol.ids import SessionId, TurnId
from trashclaw.store.audit import Audit, AuditRow


class AuditTrail:
    """Takes what the gate decided; never fails."""

    def __init__(
        self,
        audit: Audit,
        session_id: SessionId,
        clock: Clock,
        turn_id: Callable[[], TurnId | None],
        emit: Callable[[Notice], None],
        redact: Callable[[str], str] = str,
    ) -> None:
        self._audit = audit
        self._session_id = session_id
        self._clock = clock
        self._turn_id = turn_id
        self._emit = emit
        self._redact = redact
        self._has_failed = False

    def __call__(self, record: GateRecord) -> None:
        """Keep a record."""
        row = AuditRow(
            at=self._clock.now(),
            session_id=self._session_id,
            turn_id=self._turn_id(),
            tool=record.tool,
            title=self._redact(record.title),
            decision=record.decision,
            rule=self._redact(record.rule),
            verdict=record.verdict,
            scope=record.scope,
            by=record.by,
            arguments_sha256=record.arguments_sha256,
            hosts=tuple(map(self._redact, record.hosts)),
            paths=tuple(map(self._redact, record.paths)),
        )
        try:
            self._audit.append(row)
        except StoreError as error:
            if not self._has_failed:
                self._has_failed = True
                self._emit(Notice(level=NoticeLevel.ERROR, code=error.code, text=error.text, hint=error.hint))
