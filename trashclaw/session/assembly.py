"""Assembles a session on its ground: the agent, its manner, and everything around it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from trashclaw.agent.agent import Agent
from trashclaw.agent.compaction import Marks
from trashclaw.agent.dispatch import Dispatcher
from trashclaw.agent.encoding import load_counter
from trashclaw.agent.healing.toolbox import Toolbox
from trashclaw.agent.inbox import Inbox
from trashclaw.agent.ledger import Ledger
from trashclaw.agent.limits import Limits
from trashclaw.agent.manner import Manner
from trashclaw.agent.messages import ModelProfile
from trashclaw.agent.ports import Provider, Tool
from trashclaw.agent.prompt import render_system
from trashclaw.agent.tokens import TokenMeter
from trashclaw.agent.window import ContextWindow
from trashclaw.config.resources import command_folders
from trashclaw.policy.gate import Abilities, PolicyGate
from trashclaw.protocol import events as ev
from trashclaw.protocol.modes import Mode
from trashclaw.protocol.tools import ToolKind
from trashclaw.session.bus import Subscription
from trashclaw.session.manners import SessionManners
from trashclaw.session.mentions import with_files
from trashclaw.session.model_switch import ModelSwitch
from trashclaw.session.models import ModelSource, notices_about
from trashclaw.session.notes import Surroundings
from trashclaw.session.opening import Ground, Opening
from trashclaw.session.policing import make_gate
from trashclaw.session.session import Parts, Session
from trashclaw.session.shell import UserShell
from trashclaw.session.slash import SlashCommands
from trashclaw.session.turns import Turns
from trashclaw.tools.registry import make_tools
from trashclaw.workspace.search import Search


def assemble(
    ground: Ground, started: Subscription, models: ModelSource, provider: Provider, profile: ModelProfile
) -> Session:
    """Put the parts of a session together and announce it."""
    opening, store, journal = ground.opening, ground.store, ground.journal
    tools = make_tools(ground.workspace, ground.git, ground.shell.shell, allow_questions=opening.can_ask)
    manners = SessionManners(tools, withheld(opening), opening.settings, before=journal.transcript)
    manner, reason = manners.choose(profile)
    _announce(ground, manner, reason)
    surroundings = Surroundings(ground.branch, ground.mode)
    gate = _make_gate(ground)
    agent = _make_agent(ground, provider, tools, manners, manner, gate)
    parts = Parts(
        root=opening.root,
        journal=journal,
        log=store.log,
        lease=store.lease,
        approvals=ground.approvals,
        turns=Turns(agent, journal, ground.undo, surroundings, ground.workspace),
        undo=ground.undo,
        surroundings=surroundings,
        confined=ground.shell,
        gate=gate,
        shell=UserShell(opening.root, journal.emit, ground.clock),
        mode=ground.mode,
        models=models,
        model_switch=ModelSwitch(agent, models, journal, manners.choose),
        commands=SlashCommands(command_folders(), project=opening.project.commands if opening.project else ()),
        branch=ground.branch,
        search=Search(ground.workspace),
        started=tuple(started.take_waiting()),
    )
    journal.bus.unsubscribe(started)
    return Session(parts)


def _announce(ground: Ground, manner: Manner, reason: str) -> None:
    is_resumed = ground.journal.transcript.seq > 0
    root, profile = ground.opening.root, manner.profile
    system = render_system(
        root.name,
        is_repository=ground.git.is_repository,
        tool_set=manner.tool_set,
        edit_format=manner.edit_format,
    )
    ground.journal.emit(
        ev.SessionStarted(
            workspace=str(root),
            provider=profile.provider,
            model=profile.model,
            mode=ground.mode(),
            limit_tokens=profile.limit_tokens,
            system="" if is_resumed else system,
            is_resumed=is_resumed,
        )
    )
    ground.journal.emit(manner.told(reason))
    for text in ground.opening.notices:
        ground.journal.emit(ev.Notice(level=ev.NoticeLevel.WARNING, code="folder", text=text))
    for notice in notices_about(profile):
        ground.journal.emit(notice)


def _make_gate(ground: Ground) -> PolicyGate:
    opening, person = ground.opening, ground.approvals.ask if ground.opening.can_ask else None
    place = opening.root, opening.project
    return make_gate(*place, ground.mode, abilities(opening), person, ground.journal, ground.store.log, ground.clock)


def _make_agent(
    ground: Ground, provider: Provider, tools: Sequence[Tool], manners: SessionManners, manner: Manner, gate: PolicyGate
) -> Agent:
    opening, journal, settings = ground.opening, ground.journal, ground.opening.settings
    meter = TokenMeter(lambda text: load_counter()(text))
    context = settings.context
    marks = Marks(context.high_water, context.low_water, context.kept_results)
    ask = ground.approvals.ask_question
    return Agent(
        provider=provider,
        manner=manner,
        manners=manners,
        toolbox=Toolbox(tools, withheld(opening)),
        dispatcher=Dispatcher(
            gate, journal.emit, ground.clock, ask, ground.undo.before_effect, journal.redactor, journal.prepare
        ),
        history=journal.history,
        window=ContextWindow(manner.profile.limit_tokens, meter, journal.emit, marks),
        ledger=Ledger(),
        inbox=Inbox(journal.emit, journal.transcript.queue, partial(with_files, ground.workspace)),
        emit=journal.emit,
        clock=ground.clock,
        limits=Limits(settings.limits.steps, settings.limits.tokens, settings.limits.time_s),
        plan=lambda: journal.transcript.plan,
        temperature=settings.server.temperature,
        think_tokens=settings.server.think_tokens,
        may_switch=settings.manner.switch,
    )


def abilities(opening: Opening) -> Abilities:
    """Return what the person has switched on."""
    settings = opening.settings
    can_write = opening.can_ask or settings.allow_write or settings.mode in (Mode.ACCEPT, Mode.AUTO)
    # A question that can be asked is asked: no setting runs commands on a screen that has a person before it.
    can_run = settings.allow_shell and not opening.can_ask
    return Abilities(can_write, can_run, hosts=settings.allow_net, auto_hosts=settings.sandbox.hosts)


def withheld(opening: Opening) -> frozenset[ToolKind]:
    """Return what the model is not offered: without a person to ask, whatever was not switched on."""
    able = abilities(opening)
    can_edit, can_run = opening.can_ask or able.can_write, opening.can_ask or able.can_run
    return frozenset(kind for kind, can in ((ToolKind.EDIT, can_edit), (ToolKind.EXECUTE, can_run)) if not can)
