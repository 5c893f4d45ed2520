"""Looking back at a step: checks that hold it to the goal, circles, and a manner that does not work."""

from __future__ import annotations

from trashclaw.agent.agent import Agent, Spent
from trashclaw.agent.ladder import Remedy, RemedyRung
from trashclaw.agent.ports import StepFinding, StepReport
from trashclaw.agent.step import Answer
from trashclaw.agent.switching import fall_back, to_edit_format, to_thinking, to_tool_set
from trashclaw.protocol import events as ev
from trashclaw.protocol.errors import TrashclawError
from trashclaw.protocol.items import ToolRun
from trashclaw.protocol.manners import EditFormat, ToolSetName

_OTHER_FORMAT = {
    EditFormat.REPLACE: EditFormat.WHOLE,
    EditFormat.PATCH: EditFormat.REPLACE,
    EditFormat.WHOLE: EditFormat.REPLACE,
}
_SMALLER = {ToolSetName.FULL: ToolSetName.LEAN, ToolSetName.LEAN: ToolSetName.NANO}
_HOW = {
    EditFormat.REPLACE: "Edit with edit_file from now on: copy old_text exactly from the file.",
    EditFormat.PATCH: "Edit with apply_patch from now on.",
    EditFormat.WHOLE: "Edit with write_file from now on: read the file, then write all of it, nothing left out.",
}


async def look_back(agent: Agent, spent: Spent, answer: Answer, runs: tuple[ToolRun, ...]) -> bool:
    """Check a step that has ended and do something about what is wrong; `False` when the turn has to stop."""
    report = StepReport(spent.steps, answer.text, answer.thought, runs, agent.plan(), spent.task)
    findings = await _check(agent, report)
    for run in runs:
        agent.measurements.take_run(run, agent.manner.edit_format)
    has_changed = _change_what_fails(agent)
    remedy = spent.ladder.observe(report, findings)
    if remedy is None or (has_changed and remedy.rung not in (RemedyRung.NUDGE, RemedyRung.STOP)):
        return True
    return await _apply(agent, remedy)


def possible_rungs(agent: Agent) -> frozenset[RemedyRung]:
    """Return what could be done about a turn that goes in circles."""
    can = {RemedyRung.NUDGE, RemedyRung.STOP}
    if agent.may_switch:
        if agent.manner.tool_set in _SMALLER:
            can.add(RemedyRung.SMALLER_TOOLS)
        if _OTHER_FORMAT[agent.manner.edit_format] in _formats(agent):
            can.add(RemedyRung.EDIT_FORMAT)
        if agent.manner.profile.has_thinking and not isinstance(agent.manner.think, str):
            can.add(RemedyRung.THINKING)
    if agent.go_to_other_model is not None:
        can.add(RemedyRung.OTHER_MODEL)
    return frozenset(can)


async def _check(agent: Agent, report: StepReport) -> list[StepFinding]:
    findings = []
    for check in agent.checks if report.runs else ():
        finding = await check.check(report)
        findings.append(finding)
        if finding.text:
            agent.emit(ev.Notice(code="check", text=finding.text, to_model=True))
    return findings


def _change_what_fails(agent: Agent) -> bool:
    """Change dialect or edit format where the session's own counts say so; return whether the model was told."""
    if not agent.may_switch:
        return False
    if agent.measurements.calls_fail:
        fall_back(agent, "most of the last calls could not be read")
        agent.measurements.forget_calls()
    return agent.measurements.edits_fail and _change_format(agent, "most of the last edits found no place")


def _change_format(agent: Agent, reason: str) -> bool:
    wanted = _OTHER_FORMAT[agent.manner.edit_format]
    agent.measurements.forget_edits()
    if wanted not in _formats(agent):
        return False
    to_edit_format(agent, wanted, reason)
    agent.emit(ev.Notice(code="edit_format", text=_HOW[wanted], to_model=True))
    return True


def _formats(agent: Agent) -> frozenset[EditFormat]:
    names = {"edit_file": EditFormat.REPLACE, "apply_patch": EditFormat.PATCH, "write_file": EditFormat.WHOLE}
    return frozenset(form for name, form in names.items() if any(spec.name == name for spec in agent.manner.tools))


async def _apply(agent: Agent, remedy: Remedy) -> bool:
    match remedy.rung:
        case RemedyRung.STOP:
            agent.emit(ev.Notice(level=ev.NoticeLevel.WARNING, code="stalled", text=remedy.text))
            return False
        case RemedyRung.SMALLER_TOOLS:
            to_tool_set(agent, _SMALLER[agent.manner.tool_set], "it goes in circles")
        case RemedyRung.EDIT_FORMAT:
            _change_format(agent, "edits fail, or take each other back")
        case RemedyRung.THINKING:
            to_thinking(agent, agent.manner.think is False, "it goes in circles")
        case RemedyRung.OTHER_MODEL:
            await _other_model(agent)
        case RemedyRung.NUDGE:
            pass
    agent.emit(ev.Notice(code="loop", text=remedy.text, to_model=True))
    return True


async def _other_model(agent: Agent) -> None:
    """Go on with the other model, once; if it cannot be had, this one goes on."""
    go, agent.go_to_other_model = agent.go_to_other_model, None
    try:
        if go is not None:
            await go()
    except TrashclawError as error:
        agent.emit(ev.Notice(level=ev.NoticeLevel.WARNING, code=error.code, text=error.text, hint=error.hint))
