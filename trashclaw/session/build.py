"""Puts a session together: constructs everything, decides nothing."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from trashclaw.agent.history import History
from trashclaw.config.paths import PROJECT_FOLDER, config_folder, state_folder, workspace_state
from trashclaw.policy.secrets import Secrets
from trashclaw.protocol.errors import StoreError
from trashclaw.session.approvals import Approvals
from trashclaw.session.assembly import assemble
from trashclaw.session.clock import SystemClock
from trashclaw.session.fork_point import ForkPoint
from trashclaw.session.journal import Journal
from trashclaw.session.memory import Memory
from trashclaw.session.models import ModelSource
from trashclaw.session.modes import CurrentMode, first_mode
from trashclaw.session.opened_fork import fork_to_open
from trashclaw.session.opening import Ground
from trashclaw.session.opening import Opening as Opening
from trashclaw.session.resume import sweep_root, take_up
from trashclaw.session.sandboxing import Room, SessionShell
from trashclaw.session.session import Session
from trashclaw.session.storage import CHECKPOINTS, Store, open_store
from trashclaw.session.storage import LOG_NAME as LOG_NAME
from trashclaw.session.tail import fold_tail
from trashclaw.session.undo import Undo
from trashclaw.store.log import Log
from trashclaw.workspace.checkpoint import Checkpoints
from trashclaw.workspace.git import Git
from trashclaw.workspace.root import Workspace


async def open_session(opening: Opening) -> Session:
    """Open a session, new or resumed, or a fork.

    Raises:
        TrashclawError: no model, no log, or a folder that cannot be used; of a fork nothing is there then.
    """
    folder = opening.state or workspace_state(opening.root)
    if not isinstance(opening.resume, ForkPoint):
        return await _open(opening, folder, opening.resume)
    async with fork_to_open(folder, opening.root, opening.resume) as fork_id:
        return await _open(opening, folder, fork_id)


async def _open(opening: Opening, folder: Path, resume: str | None) -> Session:
    store = open_store(folder, resume, is_stored=opening.is_stored)
    try:
        models = ModelSource(opening.settings, state_folder())
        ground = _lay_ground(opening, store)
        started = ground.journal.bus.subscribe()
        sweep_root(ground.workspace)
        if store.log is not None and resume:
            await _go_on(ground, store.log)
        before = ground.journal.transcript
        if opening.provider is not None:
            provider, profile = opening.provider, await opening.provider.profile()
        elif opening.model is not None:
            provider, profile = await models.switch("/".join(opening.model))
        elif before.model and not opening.is_model_named:
            provider, profile = await models.open_again(before.provider, before.model)
        else:
            provider, profile = await models.open()
        try:
            return assemble(ground, started, models, provider, profile)
        except BaseException:
            await provider.aclose()
            raise
    except BaseException:
        store.close()
        raise


async def _go_on(ground: Ground, log: Log) -> None:
    """Take up a stored session; before a person it goes on in the mode that it had."""
    opening = ground.opening
    if opening.show_tail is not None:
        # An entry that cannot be read is told of when the whole is read.
        with suppress(StoreError):
            tail = fold_tail(log, ground.journal.session_id)
            if tail is not None:
                opening.show_tail(tail)
    await take_up(log, ground.journal, ground.workspace)
    if opening.can_ask and not opening.is_read_only and not opening.is_mode_named:
        ground.mode.choose(ground.journal.transcript.mode)


def _lay_ground(opening: Opening, store: Store) -> Ground:
    clock = SystemClock()
    protected, sandbox = _protected(opening.root, store.folder), opening.settings.sandbox
    workspace = Workspace(opening.root, opening.added, protected, sandbox.readable, sandbox.hidden)
    journal = Journal(store.session_id, store.log, History(), clock, Secrets())
    mode = CurrentMode(first_mode(opening.settings, can_ask=opening.can_ask), is_fixed=opening.is_read_only)
    own = (state_folder(), config_folder())
    room = Room(workspace.root, workspace.extra, store.folder, own, opening.settings, mode, journal.taint, journal.emit)
    project = opening.project if opening.is_trusted else None
    return Ground(
        opening=opening,
        store=store,
        workspace=workspace,
        git=Git(workspace),
        journal=journal,
        undo=Undo(Checkpoints(workspace, store.folder / CHECKPOINTS), journal.emit, journal.trail),
        approvals=Approvals(journal.emit, can_ask=opening.can_ask),
        mode=mode,
        memory=Memory(opening.root, opening.settings.memory, project, store, journal),
        shell=SessionShell(room),
        clock=clock,
    )


def _protected(root: Path, store: Path) -> tuple[Path, ...]:
    """Return what no tool writes, even where the workspace holds it: what we trust as input, and what we remember."""
    return (store, state_folder(), config_folder(), root / PROJECT_FOLDER)
