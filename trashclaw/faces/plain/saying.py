"""Events as plain lines: who speaks stands in words at the beginning, nothing depends on colour or place."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from trashclaw.faces.visible import visible, visible_line
from trashclaw.faces.wording.compactions import compaction_words
from trashclaw.faces.wording.endings import ending_word
from trashclaw.faces.wording.figures import counted, seconds
from trashclaw.faces.wording.outcomes import outcome, reverted_lines
from trashclaw.protocol import events as ev
from trashclaw.protocol.ids import HunkId
from trashclaw.protocol.items import AgentMessage, Compaction, Thought, ToolRun, UserMessage
from trashclaw.protocol.plan import Plan, PlanStatus
from trashclaw.protocol.tools import ToolKind, ToolStatus
from trashclaw.session.transcript import Entry

TAIL_LINES = 8
"""Lines told of what a failed command said; `/output` has all of it."""

PLAN_TOOL = "update_plan"
"""What it does is told as the plan itself."""

_LEVELS = {ev.NoticeLevel.INFO: "Note", ev.NoticeLevel.WARNING: "Warning", ev.NoticeLevel.ERROR: "Error"}
_STATES = {PlanStatus.PENDING: "to do", PlanStatus.IN_PROGRESS: "now", PlanStatus.COMPLETED: "done"}


def entry_lines(entry: Entry, reverted: Collection[HunkId] = ()) -> Sequence[str]:
    """Return what is said of an entry that is whole; `reverted`: hunks of a run that were taken out again."""
    match entry:
        case UserMessage():
            return _spoken("You", entry.text)
        case AgentMessage():
            return _spoken("Agent", entry.text) if entry.text.strip() else ()
        case Thought():
            return (f"Thought, {counted(len(entry.text.split()), 'word')}.",) if entry.text.strip() else ()
        case ToolRun():
            return () if _is_told_as_plan(entry) else run_lines(entry, reverted)
        case Compaction():
            return (_sentence(compaction_words(entry)),)
        case ev.Notice():
            return notice_lines(entry)
        case ev.DialectChosen():
            return (f"The model is now talked to by {entry.dialect} calls with {entry.tool_set} tools.",)
        case ev.TurnCompleted():
            return ending_lines(entry)


def begin_lines(run: ToolRun) -> Sequence[str]:
    """Return what is said when a tool begins: a command may take long, all else is told when it has ended."""
    return (f"Runs {visible_line(run.title)}",) if run.tool_kind is ToolKind.EXECUTE else ()


def run_lines(run: ToolRun, reverted: Collection[HunkId] = ()) -> Sequence[str]:
    """Return what came of a tool run, with the end of what it said where it failed, and what was taken back of it."""
    facts = [
        outcome(run, is_waiting=False, reverted=reverted),
        seconds(run.duration_s) if run.duration_s is not None else "",
    ]
    told = ", ".join(fact for fact in (visible_line(run.title), *facts) if fact)
    failed = run.status is ToolStatus.FAILED or bool(run.result and run.result.exit_code)
    said = output_lines(run)[-TAIL_LINES:] if failed else ()
    back = [visible_line(line) for line in reverted_lines(run, reverted)]
    return (f"{'Tool failed' if failed else 'Tool'}: {told}.", *(f"  {line}" for line in (*said, *back)))


def output_lines(run: ToolRun) -> Sequence[str]:
    """Return all that a tool run said."""
    return visible(run.result.text).rstrip("\n").split("\n") if run.result is not None else ()


def notice_lines(notice: ev.Notice) -> Sequence[str]:
    """Return a notice; of a note to the model, its first line."""
    if notice.to_model and notice.level is ev.NoticeLevel.INFO:
        return (f"Told the model: {visible_line(notice.text.split(chr(10))[0])}",)
    head, *rest = visible(f"{notice.text} {notice.hint}".strip()).split("\n")
    return (f"{_LEVELS[notice.level]}: {head}", *rest)


def ending_lines(done: ev.TurnCompleted) -> Sequence[str]:
    """Return how a turn ended."""
    word = ending_word(done.stop_reason)
    if done.error is not None:
        return (f"Turn {word}: {visible_line(f'{done.error.text} {done.error.hint}'.strip())}",)
    return (_sentence(f"{word}, {counted(done.steps, 'step')}, {seconds(done.duration_s)}"),)


def plan_lines(plan: Plan) -> Sequence[str]:
    """Return the whole plan."""
    if not plan.entries:
        return ("There is no plan.",)
    head = f"Plan, {plan.completed} of {len(plan.entries)} done:"
    return (head, *(f"  {_STATES[entry.status]}: {visible_line(entry.text)}" for entry in plan.entries))


def plan_news(before: Plan, plan: Plan) -> Sequence[str]:
    """Return what is worth saying of a changed plan: all of a new one, else how far it is and what comes now."""
    if [entry.text for entry in before.entries] != [entry.text for entry in plan.entries]:
        return plan_lines(plan)
    now = next((entry.text for entry in plan.entries if entry.status is PlanStatus.IN_PROGRESS), "")
    words = f"Plan, {plan.completed} of {len(plan.entries)} done"
    return (f"{words}, now: {visible_line(now)}" if now else f"{words}.",)


def _is_told_as_plan(run: ToolRun) -> bool:
    return run.call.name == PLAN_TOOL and run.status is ToolStatus.DONE


def _spoken(who: str, text: str) -> Sequence[str]:
    first, *rest = visible(text).rstrip("\n").split("\n")
    return (f"{who}: {first}", *rest)


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}."
