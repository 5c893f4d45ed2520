"""Whole sessions over a scripted model, with real files, git and log, driven by ops as a face drives them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from tests.support.recording import RecordingProvider
from trashclaw.agent.history import fold as fold_history
from trashclaw.agent.messages import Message, Request, Role
from trashclaw.config.schema import Settings
from trashclaw.protocol import events as ev
from trashclaw.protocol import ops
from trashclaw.protocol.approvals import Approval, Verdict
from trashclaw.protocol.base import Frozen
from trashclaw.protocol.envelope import Envelope
from trashclaw.protocol.ids import OpId, SessionId
from trashclaw.protocol.items import Item, ToolRun
from trashclaw.providers.script import Script, ScriptedStep
from trashclaw.session.build import LOG_NAME, Opening, open_session
from trashclaw.session.invariants import check
from trashclaw.session.session import Session
from trashclaw.session.transcript import fold
from trashclaw.store.log import Log

LIMIT_S = 10.0

E = TypeVar("E", bound=Frozen)
Steps = Sequence[Mapping[str, Any]]


@dataclass
class Driven:
    """A session, its model, and everything that was told."""

    session: Session
    provider: RecordingProvider
    state: Path
    seen: list[Envelope] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._subscription = self.session.subscribe()
        self.seen += self.session.started
        self._mark = len(self.seen)

    def submit(self, op: ops.Op) -> OpId:
        """Hand in an op."""
        return self.session.submit(op)

    async def turn(self, text: str = "go") -> ev.TurnCompleted:
        """Run a turn to its end, and what follows it."""
        self.submit(ops.TurnStart(text=text))
        done = await self.until(ev.TurnCompleted)
        await self.session.wait_idle()
        return done

    async def until(self, kind: type[E], where: Callable[[E], bool] = lambda event: True) -> E:
        """Wait for an event that nobody has waited for yet, and return it; what came before it counts as seen."""
        async with asyncio.timeout(LIMIT_S):
            while True:
                for place in range(self._mark, len(self.seen)):
                    event = self.seen[place].event
                    if isinstance(event, kind) and where(event):
                        self._mark = place + 1
                        return event
                self._mark = len(self.seen)
                await self._subscription.wait()
                self.seen += self._subscription.take_waiting()

    async def answer(self, verdict: Verdict = Verdict.ACCEPTED, **fields: Any) -> ev.ApprovalRequested:
        """Wait for an approval request and answer it."""
        asked = await self.until(ev.ApprovalRequested)
        approval = Approval(verdict=verdict, **fields)
        self.submit(ops.ApprovalAnswer(approval_id=asked.request.approval_id, approval=approval))
        return asked

    async def do(self, op: ops.Op) -> list[ev.Event]:
        """Carry out an op to its end and return the events that came of it."""
        op_id = self.submit(op)
        await self.session.wait_idle()
        return [envelope.event for envelope in self.all_seen() if envelope.cause == op_id]

    def all_seen(self) -> list[Envelope]:
        """Return everything that was told so far."""
        self.seen += self._subscription.take_waiting()
        return self.seen

    @property
    def events(self) -> list[ev.Event]:
        """Every event that was told so far."""
        return [envelope.event for envelope in self.all_seen()]

    @property
    def items(self) -> list[Item]:
        """The completed items, in order."""
        return [event.item for event in self.events if isinstance(event, ev.ItemCompleted)]

    @property
    def runs(self) -> list[ToolRun]:
        """The completed tool runs, in order."""
        return [item for item in self.items if isinstance(item, ToolRun)]

    @property
    def notices(self) -> list[ev.Notice]:
        """The notices, in order."""
        return [event for event in self.events if isinstance(event, ev.Notice)]

    def stored(self) -> list[Envelope]:
        """Return the session's envelopes as they are on disk."""
        return read_log(self.state, self.session.session_id)

    def assert_sound(self) -> None:
        """The invariants hold live and on disk, and view and history are the same live and replayed."""
        stored = self.stored()
        assert check(stored) == []
        seen = self.all_seen()
        earlier = [envelope for envelope in stored if (envelope.seq or 0) < (seen[0].seq or 0)]
        assert check(earlier + seen) == []
        assert fold(stored) == self.session.transcript
        replayed = fold_history("", [envelope.event for envelope in stored])
        assert replayed.messages == self.session._parts.journal.history.messages
        assert replayed.changed == self.session._parts.journal.history.changed


def make_provider(
    steps: Steps, *, limit_tokens: int = 32768, traits: Mapping[str, Any] | None = None, **gates: asyncio.Event
) -> RecordingProvider:
    """Return a model that plays `steps`; `traits` are further fields of its script, such as `can_constrain`."""
    played = tuple(ScriptedStep.model_validate(step) for step in steps)
    return RecordingProvider(Script(limit_tokens=limit_tokens, steps=played, **(traits or {})), gates)


@asynccontextmanager
async def open_driven(
    root: Path,
    steps: Steps,
    *,
    settings: Settings | None = None,
    state: Path | None = None,
    limit_tokens: int = 32768,
    gates: Mapping[str, asyncio.Event] | None = None,
    has_log: bool = True,
    traits: Mapping[str, Any] | None = None,
    **opening: Any,
) -> AsyncIterator[Driven]:
    """Open a session on a folder; when it ends well and `has_log`, its log is held to everything that must hold."""
    provider = make_provider(steps, limit_tokens=limit_tokens, traits=traits, **(gates or {}))
    state = state or root.parent / "state"
    made = Opening(root=root, settings=settings or Settings(), provider=provider, state=state, **opening)
    driven = Driven(await open_session(made), provider, state)
    try:
        yield driven
        await driven.session.wait_idle()
        if has_log and made.is_stored:
            driven.assert_sound()
    finally:
        await driven.session.aclose()


def read_log(state: Path, session_id: SessionId) -> list[Envelope]:
    """Return a session's envelopes as they are on disk."""
    log = Log(state / LOG_NAME)
    try:
        return list(log.read(session_id))
    finally:
        log.close()


def assert_continues(later: Request, earlier: Request) -> None:
    """The later request begins with the whole of the earlier one, and has the same tools."""
    assert later.messages[: len(earlier.messages)] == earlier.messages
    assert later.tools == earlier.tools


def assert_paired(messages: tuple[Message, ...]) -> None:
    """Every call is followed by its results, and every result has its call before it."""
    waiting: list[str] = []
    for message in messages:
        if message.role is Role.TOOL:
            assert message.call_id == waiting.pop(0)
            continue
        assert waiting == []
        waiting = [call.provider_id or call.call_id for call in message.calls]
    assert waiting == []


def unconfined(**settings: Any) -> Settings:
    """Return settings under which commands run in no sandbox, so that each is asked about first."""
    return Settings.model_validate({**settings, "sandbox": {"backend": "ask-first"}})


def edit(path: str, old: str, new: str) -> dict[str, Any]:
    """Return a scripted call that replaces text in a file."""
    return {"name": "edit_file", "arguments": {"path": path, "old_text": old, "new_text": new}}


def write(path: str, content: str) -> dict[str, Any]:
    """Return a scripted call that writes a file."""
    return {"name": "write_file", "arguments": {"path": path, "content": content}}


def bash(command: str) -> dict[str, Any]:
    """Return a scripted call that runs a command."""
    return {"name": "bash", "arguments": {"command": command}}


def read(path: str) -> dict[str, Any]:
    """Return a scripted call that reads a file."""
    return {"name": "read_file", "arguments": {"path": path}}


def reads(count: int, start: int = 0) -> list[dict[str, Any]]:
    """Return steps that read the files `m0.py` and on, one each."""
    return [{"calls": [read(f"m{start + number}.py")]} for number in range(count)]
