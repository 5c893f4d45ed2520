"""The parts of a session."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from trashclaw.policy.gate import PolicyGate
from trashclaw.protocol.envelope import Envelope
from trashclaw.session.approvals import Approvals
from trashclaw.session.journal import Journal
from trashclaw.session.memory import Memory
from trashclaw.session.model_switch import ModelSwitch
from trashclaw.session.models import ModelSource
from trashclaw.session.modes import CurrentMode
from trashclaw.session.notes import Surroundings
from trashclaw.session.read_ahead import ReadAhead
from trashclaw.session.reverting import Reverting
from trashclaw.session.sandboxing import SessionShell
from trashclaw.session.shell import UserShell
from trashclaw.session.slash import SlashCommands
from trashclaw.session.turns import Turns
from trashclaw.session.undo import Undo
from trashclaw.session.writing import Writing
from trashclaw.store.lease import Lease
from trashclaw.store.log import Log
from trashclaw.tools.sightings import Sightings
from trashclaw.workspace.search import Search


@dataclass(slots=True)
class Parts:
    """What a session is made of; put together by `session/build.py`."""

    root: Path
    journal: Journal
    log: Log | None
    lease: Lease | None
    approvals: Approvals
    turns: Turns
    undo: Undo
    reverting: Reverting
    surroundings: Surroundings
    sightings: Sightings
    confined: SessionShell
    shell: UserShell
    gate: PolicyGate
    mode: CurrentMode
    memory: Memory
    writing: Writing
    models: ModelSource
    model_switch: ModelSwitch
    read_ahead: ReadAhead
    commands: SlashCommands
    branch: Callable[[], str]
    search: Search
    started: tuple[Envelope, ...]
    """What was told before anybody could subscribe."""
