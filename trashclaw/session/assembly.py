"""Assembles a session on its ground: the agent, its manner, and everything around it."""

from __future__ import annotations

from functools import partial

from trashclaw.agent.agent import Agent
from trashclaw.agent.compaction import Marks
from trashclaw.agent.dispatch import Dispatcher
from trashclaw.agent.encoding import load_counter
from trashclaw.agent.failures import Failures
from trashclaw.agent.healing.toolbox import Toolbox
from trashclaw.agent.inbox import Attach, Inbox
from trashclaw.agent.ladder import LadderLimits
from trashclaw.agent.ledger import Ledger
from trashclaw.agent.limits import Limits
from trashclaw.agent.manner import Manner
from trashclaw.agent.messages import ModelProfile
from trashclaw.agent.planning import PlanFirst
from trashclaw.agent.ports import Emit, Provider, Tool
from trashclaw.agent.prompt import render_system
from trashclaw.agent.tokens import TokenMeter
from trashclaw.agent.window import ContextWindow
from trashclaw.config.paths import state_folder
from trashclaw.config.resources import command_folders
from trashclaw.policy.gate import Abilities, PolicyGate
from trashclaw.protocol import events as ev
from trashclaw.protocol.envelope import Envelope
from trashclaw.protocol.ids import ItemId
from trashclaw.protocol.modes import Mode
from trashclaw.protocol.tools import ToolKind
from trashclaw.providers.machine import on_battery
from trashclaw.session.briefing import Briefing
from trashclaw.session.bus import Subscription
from trashclaw.session.checks import make_guard, make_step_checks
from trashclaw.session.journal import Journal
from trashclaw.session.manners import SessionManners
from trashclaw.session.mentions import CHARS_AT_MOST, with_files
from trashclaw.session.model_switch import ModelSwitch
from trashclaw.session.models import ModelSource, notices_about
from trashclaw.session.nested_instructions import NestedInstructions
from trashclaw.session.notes import Surroundings
from trashclaw.session.opening import Ground, Opening
from trashclaw.session.outside import OutsideChanges
from trashclaw.session.policing import make_gate
from trashclaw.session.read_ahead import ReadAhead
from trashclaw.session.reverting import Reverting
from trashclaw.session.seen import fold_seen, landed_contents
from trashclaw.session.session import Parts, Session
from trashclaw.session.shell import UserShell
from trashclaw.session.slash import SlashCommands
from trashclaw.session.turns import Turns
from trashclaw.session.writing import Writing
from trashclaw.tools.recall import page_chars
from trashclaw.tools.registry import make_tools
from trashclaw.tools.room import result_chars
from trashclaw.tools.sightings import Sightings
from trashclaw.workspace.search import Search


def assemble(
    ground: Ground, started: Subscription, models: ModelSource, provider: Provider, profile: ModelProfile
) -> Session:
    """Put the parts of a session together and announce it."""
    opening, store, journal = ground.opening, ground.store, ground.journal
    sightings = _sightings(journal)
    tools = _make_tools(ground, sightings)
    manners = SessionManners(tools, withheld(opening), opening.settings, journal.transcript, state_folder())
    manner, reason = manners.choose(profile)
    _announce(ground, manner, reason)
    surroundings = Surroundings(ground.branch, ground.mode, ground.memory.changes, _outside(ground, sightings))
    gate, attach = _make_gate(ground), _make_attach(ground, sightings)
    agent = _make_agent(ground, provider, Toolbox(tools, withheld(opening)), manners, manner, gate, attach)
    read_ahead = _make_read_ahead(opening, agent)
    parts = Parts(
        root=opening.root,
        journal=journal,
        log=store.log,
        lease=store.lease,
        approvals=ground.approvals,
        turns=Turns(agent, journal, ground.undo, surroundings, attach, read_ahead),
        undo=ground.undo,
        reverting=Reverting(ground.workspace, journal, ground.undo, surroundings),
        surroundings=surroundings,
        sightings=sightings,
        confined=ground.shell,
        gate=gate,
        shell=UserShell(opening.root, journal.emit, ground.clock),
        mode=ground.mode,
        memory=ground.memory,
        writing=Writing(ground.store, ground.workspace),
        models=models,
        model_switch=_make_switch(ground, agent, models, manners),
        read_ahead=read_ahead,
        commands=SlashCommands(command_folders(), project=opening.project.commands if opening.project else ()),
        branch=ground.branch,
        search=Search(ground.workspace),
        started=_told_so_far(journal, started),
    )
    read_ahead.begin()
    return Session(parts)


def _told_so_far(journal: Journal, started: Subscription) -> tuple[Envelope, ...]:
    """Return what was told before anybody could subscribe, and listen no longer."""
    told = tuple(started.take_waiting())
    journal.bus.unsubscribe(started)
    return told


def _announce(ground: Ground, manner: Manner, reason: str) -> None:
    is_resumed = ground.journal.transcript.seq > 0
    root, profile = ground.opening.root, manner.profile
    base = render_system(
        root.name,
        is_repository=ground.git.is_repository,
        tool_set=manner.tool_set,
        edit_format=manner.edit_format,
    )
    told = Briefing("") if is_resumed else ground.memory.brief(base, profile.limit_tokens)
    ground.journal.emit(
        ev.SessionStarted(
            workspace=str(root),
            provider=profile.provider,
            model=profile.model,
            mode=ground.mode(),
            limit_tokens=profile.limit_tokens,
            system=told.system,
            fragments=told.fragments,
            is_resumed=is_resumed,
        )
    )
    ground.journal.emit(manner.told(reason))
    for text in ground.opening.notices:
        ground.journal.emit(ev.Notice(level=ev.NoticeLevel.WARNING, code="folder", text=text))
    for notice in (*notices_about(profile), *told.notices):
        ground.journal.emit(notice)


def _make_gate(ground: Ground) -> PolicyGate:
    opening, person = ground.opening, ground.approvals.ask if ground.opening.can_ask else None
    place = opening.root, opening.project
    return make_gate(*place, ground.mode, abilities(opening), person, ground.journal, ground.store.log, ground.clock)


def _sightings(journal: Journal) -> Sightings:
    """Return what the model has seen of files; a resumed session knows what its log says."""
    history = journal.history
    sightings = Sightings(
        lambda item_id: item_id in history.shown_runs(), lambda item_id: item_id in history.called_runs()
    )
    fold_seen(sightings, journal.transcript)
    return sightings


def _outside(ground: Ground, sightings: Sightings) -> OutsideChanges:
    transcript = ground.journal.transcript
    return OutsideChanges(ground.workspace, sightings.contents, lambda: landed_contents(transcript))


def _make_attach(ground: Ground, sightings: Sightings) -> Attach:
    def attach(text: str, attached: str, item_id: ItemId) -> str:
        room = result_chars(ground.journal.transcript.limit_tokens, CHARS_AT_MOST)
        return with_files(ground.workspace, text, attached, partial(sightings.note, item_id=item_id), room)

    return attach


def _make_tools(ground: Ground, sightings: Sightings) -> tuple[Tool, ...]:
    settings, emit = ground.opening.settings, ground.journal.emit
    place = ground.shell.commands, ground.workspace.root
    on_run = partial(_tell_check, emit)
    guard = make_guard(settings, *place, emit, on_run, is_trusted=ground.opening.is_trusted)

    def room(most_chars: int) -> int:
        return result_chars(ground.journal.transcript.limit_tokens, most_chars, ground.journal.history.open_chars)

    return make_tools(
        ground.workspace,
        ground.git,
        ground.shell.shell,
        allow_questions=ground.opening.can_ask,
        sightings=sightings,
        guard=guard,
        read_lines=settings.limits.read_lines,
        archive=ground.journal.history.archive,
        room=room,
        page=lambda: room(page_chars(ground.journal.transcript.limit_tokens)),
    )


def _tell_check(emit: Emit, line: str) -> None:
    emit(ev.Progress(phase=ev.Phase.WAITING, text=f"checking: {line}" if line else ""))


def _make_agent(
    ground: Ground,
    provider: Provider,
    toolbox: Toolbox,
    manners: SessionManners,
    manner: Manner,
    gate: PolicyGate,
    attach: Attach,
) -> Agent:
    journal, settings, emit = ground.journal, ground.opening.settings, ground.journal.emit
    meter = TokenMeter(lambda text: load_counter()(text))
    meter.recall_from(lambda: journal.counted.requests(manner))
    context, limits = settings.context, settings.limits
    marks = Marks(context.high_water, context.low_water, context.kept_results)
    on_run = partial(_tell_check, emit)
    failures = Failures()
    return Agent(
        provider=provider,
        manner=manner,
        manners=manners,
        toolbox=toolbox,
        dispatcher=_make_dispatcher(ground, gate, failures),
        history=journal.history,
        window=ContextWindow(manner.profile.limit_tokens, meter, emit, marks),
        ledger=Ledger(),
        inbox=Inbox(emit, journal.transcript.queue, attach),
        emit=emit,
        clock=ground.clock,
        limits=Limits(limits.steps, limits.tokens, limits.time_s),
        plan=lambda: journal.transcript.plan,
        temperature=settings.server.temperature,
        think_tokens=settings.server.think_tokens,
        may_switch=settings.manner.switch,
        may_summarise=settings.context.summary == "auto",
        failures=failures,
        checks=make_step_checks(settings, ground.shell.commands, ground.workspace.root, emit, on_run),
        ladder_limits=LadderLimits(limits.repeats, limits.idle_steps),
    )


def _make_switch(ground: Ground, agent: Agent, models: ModelSource, manners: SessionManners) -> ModelSwitch:
    switch = ModelSwitch(agent, models, ground.journal, manners.choose)
    if (other := ground.opening.settings.manner.other_model) is not None:
        agent.go_to_other_model = partial(switch.to, other)
    return switch


def _make_read_ahead(opening: Opening, agent: Agent) -> ReadAhead:
    """Return the work of idle times; without a person to read and type there are none."""
    context = opening.settings.context
    is_on = opening.can_ask and context.read_ahead
    return ReadAhead(agent, is_on=is_on, may_drain=lambda: context.read_ahead_on_battery or not on_battery())


def _naming_nested(ground: Ground) -> Emit:
    """Return what tells of tool runs; in a trusted folder it names the instructions that stand further down."""
    opening, journal = ground.opening, ground.journal
    if not (opening.is_trusted and opening.settings.memory.instructions):
        return journal.emit
    entries = journal.transcript.entries
    return NestedInstructions(
        opening.root, journal.emit, lambda: (entry for entry in entries if isinstance(entry, ev.Notice))
    ).emit


def _make_dispatcher(ground: Ground, gate: PolicyGate, failures: Failures) -> Dispatcher:
    journal, ask = ground.journal, ground.approvals.ask_question
    plan_first = ground.opening.settings.workflow.plan_first
    return Dispatcher(
        gate,
        _naming_nested(ground),
        ground.clock,
        ask,
        ground.undo.before_effect,
        journal.redactor,
        journal.prepare,
        failures,
        PlanFirst(lambda: journal.transcript.plan, is_required=plan_first),
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
