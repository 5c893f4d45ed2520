"""Puts a session together: constructs everything, decides nothing."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path

from trashclaw.agent.agent import Agent
from trashclaw.agent.compaction import Marks
from trashclaw.agent.dispatch import Dispatcher
from trashclaw.agent.encoding import load_counter
from trashclaw.agent.healing.toolbox import Toolbox
from trashclaw.agent.history import History
from trashclaw.agent.inbox import Inbox
from trashclaw.agent.ledger import Ledger
from trashclaw.agent.limits import Limits
from trashclaw.agent.messages import ModelProfile
from trashclaw.agent.ports import Provider
from trashclaw.agent.prompt import render_system
from trashclaw.agent.tokens import TokenMeter
from trashclaw.agent.window import ContextWindow
from trashclaw.config.paths import PROJECT_FOLDER, config_folder, state_folder, workspace_state
from trashclaw.config.project_files import ProjectFiles
from trashclaw.config.resources import command_folders
from trashclaw.config.schema import Settings
from trashclaw.policy.gate import Abilities, PolicyGate
from trashclaw.policy.secrets import Secrets
from trashclaw.protocol import events as ev
from trashclaw.protocol.modes import Mode
from trashclaw.protocol.tools import ToolKind
from trashclaw.session.approvals import Approvals
from trashclaw.session.bus import Subscription
from trashclaw.session.clock import SystemClock
from trashclaw.session.journal import Journal
from trashclaw.session.manners import SessionManners
from trashclaw.session.mentions import with_files
from trashclaw.session.models import ModelSource, notices_about
from trashclaw.session.modes import CurrentMode, first_mode
from trashclaw.session.notes import Surroundings
from trashclaw.session.policing import make_gate
from trashclaw.session.resume import sweep_root, take_up
from trashclaw.session.sandboxing import Room, SessionShell
from trashclaw.session.session import Parts, Session
from trashclaw.session.shell import UserShell
from trashclaw.session.slash import SlashCommands
from trashclaw.session.storage import LOG_NAME as LOG_NAME
from trashclaw.session.storage import Store, open_store
from trashclaw.session.turns import Turns
from trashclaw.session.undo import Undo
from trashclaw.store.log import Log
from trashclaw.tools.registry import make_tools
from trashclaw.workspace.checkpoint import Checkpoints
from trashclaw.workspace.git import Git
from trashclaw.workspace.root import Workspace
from trashclaw.workspace.search import Search


@dataclass(frozen=True, slots=True)
class Opening:
    """What to open."""

    root: Path
    settings: Settings
    is_trusted: bool = False
    """Whether the folder's own settings, rules and commands count."""

    project: ProjectFiles | None = None
    """What a trusted folder brings, in the bytes that were vouched for."""

    added: tuple[Path, ...] = ()
    """Further folders that count as workspace."""

    notices: tuple[str, ...] = ()
    """What the person has to be told at the beginning."""

    is_read_only: bool = False
    """The mode cannot leave `plan`."""

    can_ask: bool = True
    """Whether a person sits in front of it."""

    resume: str | None = None
    """A session to go on with: its id, a part of it, or `last`."""

    is_stored: bool = True
    model: tuple[str, str] | None = None
    """Provider and model chosen by the person, in place of the settings' ones."""

    is_model_named: bool = False
    """Whether an option names model or server, so that a resumed session does not go on with the one it had."""

    is_mode_named: bool = False
    """Whether an option names the mode, so that a resumed session does not go on in the one it had."""

    provider: Provider | None = None
    """A provider that is there already."""

    state: Path | None = None
    """Where to keep log and checkpoints; `None` is the workspace's own place in the state folder."""


async def open_session(opening: Opening) -> Session:
    """Open a session, new or resumed.

    Raises:
        TrashclawError: no model, no log, or a folder that cannot be used.
    """
    store = open_store(opening.state or workspace_state(opening.root), opening.resume, is_stored=opening.is_stored)
    try:
        models = ModelSource(opening.settings, state_folder())
        ground = _lay_ground(opening, store)
        started = ground.journal.bus.subscribe()
        sweep_root(ground.workspace)
        if store.log is not None and opening.resume:
            _go_on(ground, store.log)
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
            return _assemble(ground, started, models, provider, profile)
        except BaseException:
            await provider.aclose()
            raise
    except BaseException:
        store.close()
        raise


@dataclass(frozen=True, slots=True)
class _Ground:
    """What the parts of a session stand on."""

    opening: Opening
    store: Store
    workspace: Workspace
    git: Git
    journal: Journal
    undo: Undo
    approvals: Approvals
    mode: CurrentMode
    shell: SessionShell
    clock: SystemClock

    def branch(self) -> str:
        """Return the git branch, or an empty string; a damaged repository has none."""
        try:
            return self.git.branch() or ""
        except (OSError, ValueError):
            return ""


def _go_on(ground: _Ground, log: Log) -> None:
    """Take up a stored session; before a person it goes on in the mode that it had."""
    opening = ground.opening
    take_up(log, ground.journal, ground.workspace)
    if opening.can_ask and not opening.is_read_only and not opening.is_mode_named:
        ground.mode.choose(ground.journal.transcript.mode)


def _assemble(
    ground: _Ground, started: Subscription, models: ModelSource, provider: Provider, profile: ModelProfile
) -> Session:
    opening, store, journal = ground.opening, ground.store, ground.journal
    _announce(ground, profile)
    surroundings = Surroundings(ground.branch, ground.mode)
    gate = _make_gate(ground)
    parts = Parts(
        root=opening.root,
        journal=journal,
        log=store.log,
        lease=store.lease,
        approvals=ground.approvals,
        turns=Turns(_make_agent(ground, provider, profile, gate), journal, ground.undo, surroundings, ground.workspace),
        undo=ground.undo,
        surroundings=surroundings,
        confined=ground.shell,
        gate=gate,
        shell=UserShell(opening.root, journal.emit, ground.clock),
        mode=ground.mode,
        models=models,
        commands=SlashCommands(command_folders(), project=opening.project.commands if opening.project else ()),
        branch=ground.branch,
        search=Search(ground.workspace),
        started=tuple(started.take_waiting()),
    )
    journal.bus.unsubscribe(started)
    return Session(parts)


def _lay_ground(opening: Opening, store: Store) -> _Ground:
    clock = SystemClock()
    protected, sandbox = _protected(opening.root, store.folder), opening.settings.sandbox
    workspace = Workspace(opening.root, opening.added, protected, sandbox.readable, sandbox.hidden)
    journal = Journal(store.session_id, store.log, History(), clock, Secrets())
    mode = CurrentMode(first_mode(opening.settings, can_ask=opening.can_ask), is_fixed=opening.is_read_only)
    own = (state_folder(), config_folder())
    room = Room(workspace.root, workspace.extra, store.folder, own, opening.settings, mode, journal.taint, journal.emit)
    return _Ground(
        opening=opening,
        store=store,
        workspace=workspace,
        git=Git(workspace),
        journal=journal,
        undo=Undo(Checkpoints(workspace, store.folder / "checkpoints"), journal.emit, journal.trail),
        approvals=Approvals(journal.emit, can_ask=opening.can_ask),
        mode=mode,
        shell=SessionShell(room),
        clock=clock,
    )


def _protected(root: Path, store: Path) -> tuple[Path, ...]:
    """Return what no tool writes, even where the workspace holds it: what we trust as input, and what we remember."""
    return (store, state_folder(), config_folder(), root / PROJECT_FOLDER)


def _announce(ground: _Ground, profile: ModelProfile) -> None:
    is_resumed = ground.journal.transcript.seq > 0
    root = ground.opening.root
    ground.journal.emit(
        ev.SessionStarted(
            workspace=str(root),
            provider=profile.provider,
            model=profile.model,
            mode=ground.mode(),
            limit_tokens=profile.limit_tokens,
            system="" if is_resumed else render_system(root.name, is_repository=ground.git.is_repository),
            is_resumed=is_resumed,
        )
    )
    for text in ground.opening.notices:
        ground.journal.emit(ev.Notice(level=ev.NoticeLevel.WARNING, code="folder", text=text))
    for notice in notices_about(profile):
        ground.journal.emit(notice)


def _make_gate(ground: _Ground) -> PolicyGate:
    opening, person = ground.opening, ground.approvals.ask if ground.opening.can_ask else None
    place = opening.root, opening.project
    return make_gate(*place, ground.mode, _abilities(opening), person, ground.journal, ground.store.log, ground.clock)


def _make_agent(ground: _Ground, provider: Provider, profile: ModelProfile, gate: PolicyGate) -> Agent:
    opening, journal, settings = ground.opening, ground.journal, ground.opening.settings
    meter = TokenMeter(lambda text: load_counter()(text))
    context = settings.context
    marks = Marks(context.high_water, context.low_water, context.kept_results)
    tools = make_tools(ground.workspace, ground.git, ground.shell.shell, allow_questions=opening.can_ask)
    withheld = _withheld(opening, _abilities(opening))
    manners = SessionManners(tools, withheld)
    ask = ground.approvals.ask_question
    return Agent(
        provider=provider,
        manner=manners.manner(profile, think=settings.server.think),
        manners=manners,
        toolbox=Toolbox(tools, withheld),
        dispatcher=Dispatcher(
            gate, journal.emit, ground.clock, ask, ground.undo.before_effect, journal.redactor, journal.prepare
        ),
        history=journal.history,
        window=ContextWindow(profile.limit_tokens, meter, journal.emit, marks),
        ledger=Ledger(),
        inbox=Inbox(journal.emit, journal.transcript.queue, partial(with_files, ground.workspace)),
        emit=journal.emit,
        clock=ground.clock,
        limits=Limits(settings.limits.steps, settings.limits.tokens, settings.limits.time_s),
        plan=lambda: journal.transcript.plan,
        temperature=settings.server.temperature,
        think_tokens=settings.server.think_tokens,
    )


def _abilities(opening: Opening) -> Abilities:
    settings = opening.settings
    can_write = opening.can_ask or settings.allow_write or settings.mode in (Mode.ACCEPT, Mode.AUTO)
    # A question that can be asked is asked: no setting runs commands on a screen that has a person before it.
    can_run = settings.allow_shell and not opening.can_ask
    return Abilities(can_write, can_run, hosts=settings.allow_net, auto_hosts=settings.sandbox.hosts)


def _withheld(opening: Opening, abilities: Abilities) -> frozenset[ToolKind]:
    """Return what the model is not offered: without a person to ask, whatever was not switched on."""
    can_edit, can_run = opening.can_ask or abilities.can_write, opening.can_ask or abilities.can_run
    return frozenset(kind for kind, can in ((ToolKind.EDIT, can_edit), (ToolKind.EXECUTE, can_run)) if not can)
