"""Resume: a stored session is folded again, and closed first where a crash cut it off."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress

from trashclaw.protocol import events as ev
from trashclaw.protocol.errors import WorkspaceError
from trashclaw.protocol.items import ToolRun
from trashclaw.session.journal import Journal, within
from trashclaw.session.repair import OpenEnds
from trashclaw.store.log import Log
from trashclaw.workspace.leftovers import sweep_leftovers
from trashclaw.workspace.root import Workspace

_SLICE_S = 0.005
_ROUNDS = 10
"""A key goes through about so many hands before it stands in the prompt."""


async def take_up(log: Log, journal: Journal, workspace: Workspace) -> None:
    """Fold the stored part of a session into its journal, and close what was left open.

    A long one takes a second or so: in between, others have their turn.
    Of a turn that was cut off nobody noted how it left the files, and `session/trail.py` knows its edits alone.

    Raises:
        StoreError: an entry cannot be read.
    """
    ends, until = OpenEnds(), time.monotonic() + _SLICE_S
    for envelope in log.read_to_fold(journal.session_id):
        journal.replay(envelope)
        ends.take(envelope)
        if time.monotonic() > until:
            await _give_way()
            until = time.monotonic() + _SLICE_S
    turn_id, events = ends.closing()
    with within(turn_id=turn_id):
        for event in events:
            _sweep(event, workspace)
            journal.emit(event)


async def _give_way() -> None:
    """Let others do what is due, and what follows from that."""
    for _ in range(_ROUNDS):
        await asyncio.sleep(0)


def sweep_root(workspace: Workspace) -> None:
    """Remove what a landing that was cut off left in the folder: there it collects new files before they land."""
    for folder in (workspace.root, *workspace.extra):
        sweep_leftovers(folder)


def _sweep(event: ev.Event, workspace: Workspace) -> None:
    """Remove what a write that was cut off left beside the files that it meant."""
    if isinstance(event, ev.ItemCompleted) and isinstance(event.item, ToolRun) and event.item.patch is not None:
        for change in event.item.patch.changes:
            with suppress(WorkspaceError):
                sweep_leftovers(workspace.resolve(change.path, for_write=True).parent)
