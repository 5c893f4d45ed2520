"""The journal: the one way by which events enter the log, the folds and the bus, in that order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

from pydantic import JsonValue

from trashclaw.agent.history import History
from trashclaw.agent.ports import Clock, Redactor
from trashclaw.agent.recounting import CountedSteps
from trashclaw.protocol.envelope import Envelope
from trashclaw.protocol.errors import StoreError
from trashclaw.protocol.events import Event, ItemStarted, Notice, NoticeLevel, is_durable
from trashclaw.protocol.ids import OpId, SessionId, TurnId
from trashclaw.protocol.patches import Patch
from trashclaw.session.bus import Bus
from trashclaw.session.redaction import EventRedaction
from trashclaw.session.taint import Taint
from trashclaw.session.trail import Trail
from trashclaw.session.transcript import Transcript
from trashclaw.store.log import Log

_TURN: ContextVar[TurnId | None] = ContextVar("turn", default=None)
_CAUSE: ContextVar[OpId | None] = ContextVar("cause", default=None)


@contextmanager
def within(*, cause: OpId | None = None, turn_id: TurnId | None = None) -> Iterator[None]:
    """Mark the events of this task, and of tasks begun here, with the op that led to them and the turn they are of."""
    tokens = _CAUSE.set(cause), _TURN.set(turn_id)
    try:
        yield
    finally:
        _CAUSE.reset(tokens[0])
        _TURN.reset(tokens[1])


def current_turn() -> TurnId | None:
    """Return the turn that this task is of."""
    return _TURN.get()


class Journal:
    """Numbers, stores, folds and publishes what happens in one session.

    `log` may be `None`: then nothing is stored (`--no-session`). With a `redactor` no secret enters.
    """

    def __init__(
        self,
        session_id: SessionId,
        log: Log | None,
        history: History,
        clock: Clock,
        redactor: Redactor | None = None,
    ) -> None:
        self.session_id = session_id
        self.redactor = redactor
        self.bus = Bus()
        self.transcript = Transcript()
        self.history = history
        self.taint = Taint(history, clock.now)
        self.counted = CountedSteps()
        self.fault: StoreError | None = None
        """Why the log cannot be written any more; no new turn is begun after it."""

        self._log = log
        self._clock = clock
        self._redaction = EventRedaction(redactor) if redactor is not None else None

    @property
    def trail(self) -> Trail:
        """Where the session can go back to."""
        return self.transcript.trail

    async def prepare(self, patch: Patch | None, metadata: Mapping[str, JsonValue]) -> None:
        """Look at something large before the event that brings it, so that the event itself takes little time."""
        if self._redaction is not None:
            await self._redaction.prepare(patch, metadata)

    async def masked(self, patch: Patch) -> Patch:
        """Return a patch that no event brings as one would: free of secrets."""
        if self._redaction is None:
            return patch
        await self._redaction.prepare(patch, {})
        return self._redaction.patch(patch)

    def emit(self, event: Event) -> None:
        """Take an event: free it of secrets, store it if it is durable, fold it, and pass it on."""
        for clean in self._redaction.clean(event) if self._redaction is not None else (event,):
            self._take(clean)

    def _take(self, event: Event) -> None:
        seq = self.transcript.seq + 1 if is_durable(event) else None
        envelope = Envelope(
            seq=seq,
            at=self._clock.now(),
            session_id=self.session_id,
            turn_id=_TURN.get(),
            cause=_CAUSE.get(),
            event=event,
        )
        if seq is not None:
            self._store(envelope)
            self.counted.apply(event, self.history)
            self.history.apply(event, envelope.at)
            self.taint.apply(envelope)
        self.transcript.apply(envelope)
        self.bus.publish(envelope)

    def replay(self, envelope: Envelope) -> None:
        """Fold an envelope that is in the log already."""
        if isinstance(envelope.event, ItemStarted):
            # Only the view shows what is not whole yet; everything else is folded from the end of an item.
            self.transcript.apply(envelope)
            return
        if self._redaction is not None:
            self._redaction.remember(envelope.event)
        self.counted.apply(envelope.event, self.history)
        self.history.apply(envelope.event, envelope.at)
        self.taint.apply(envelope)
        self.transcript.apply(envelope)

    def _store(self, envelope: Envelope) -> None:
        if self._log is None or self.fault is not None:
            return
        try:
            self._log.append(envelope)
        except StoreError as error:
            self.fault = error
            notice = Notice(level=NoticeLevel.ERROR, code=error.code, text=error.text, hint=error.hint)
            told = envelope.model_copy(update={"seq": None, "turn_id": None, "event": notice})
            self.transcript.apply(told)
            self.bus.publish(told)
