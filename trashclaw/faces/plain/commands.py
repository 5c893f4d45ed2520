"""The slash commands of the plain face: a table, and what each of them says or asks of the session."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trashclaw.faces.plain.saying import output_lines, plan_lines
from trashclaw.faces.visible import visible_line
from trashclaw.faces.wording.figures import counted, tokens
from trashclaw.faces.wording.progress import context_words
from trashclaw.protocol import ops
from trashclaw.protocol.errors import UsageError
from trashclaw.protocol.items import ToolRun
from trashclaw.protocol.modes import Mode
from trashclaw.session.landed import landed_patch

if TYPE_CHECKING:
    from trashclaw.session.session import Session


@dataclass(frozen=True, slots=True)
class Reply:
    """What comes of a command."""

    lines: Sequence[str] = ()
    is_end: bool = False
    """The program is to end."""

    reopen: str | None = None
    """Another session is to be opened: its id, or an empty text for a new one."""


@dataclass(frozen=True, slots=True)
class PlainCommand:
    """A slash command of this face."""

    name: str
    argument_hint: str
    description: str
    run: Callable[[Session, str], Reply]


def help_lines(session: Session) -> Sequence[str]:
    """Return every command, and what else can be typed."""
    own = [(one.name, one.argument_hint, one.description) for one in COMMANDS]
    files = [(one.name, one.argument_hint, one.description) for one in session.commands.list()]
    return [
        "Type what you want done. While the agent works, what you type steers it.",
        "A line that ends with a backslash goes on in the next one.",
        "!command runs a shell command whose output the agent reads, !!command one whose output it does not.",
        "@path names a file. Ctrl+C stops the agent; Ctrl+D, or Ctrl+C twice, leaves.",
        *(f"/{name} {hint}".rstrip() + f": {visible_line(words)}" for name, hint, words in own + files),
    ]


def _mode(session: Session, arguments: str) -> Reply:
    if not arguments:
        return Reply([f"Mode {session.transcript.mode.value}. Modes: {', '.join(Mode)}."])
    if arguments not in set(Mode):
        raise UsageError(f"There is no mode {visible_line(arguments)}.", f"Modes: {', '.join(Mode)}.")
    session.submit(ops.SettingsSet(mode=Mode(arguments)))
    return Reply([f"Mode {arguments}."])


def _model(session: Session, arguments: str) -> Reply:
    if not arguments:
        return Reply([f"Model {visible_line(session.transcript.model)}, {visible_line(session.transcript.provider)}."])
    session.submit(ops.SettingsSet(model=arguments))
    return Reply()


def _status(session: Session, arguments: str) -> Reply:
    state = session.transcript
    lines = [
        f"Session {session.session_id} in {visible_line(str(session.workspace_root))}.",
        f"Model {visible_line(state.model)}, {visible_line(state.provider)}. Mode {state.mode.value}.",
        f"Step {state.step} of a running turn." if state.is_running else "Nothing runs.",
    ]
    words = context_words(state.live.context)[0]
    lines += [f"{words[:1].upper()}{words[1:]}."] if words else []
    lines += [f"Waits: {visible_line(entry.text)}" for entry in state.queue]
    return Reply(lines)


def _plan(session: Session, arguments: str) -> Reply:
    return Reply(plan_lines(session.transcript.plan))


def _output(session: Session, arguments: str) -> Reply:
    runs = [entry for entry in session.transcript.entries if isinstance(entry, ToolRun) and entry.result is not None]
    if not runs:
        return Reply(["No tool has run yet."])
    return Reply([f"Output of {visible_line(runs[-1].title)}:", *output_lines(runs[-1])])


def _diff(session: Session, arguments: str) -> Reply:
    from trashclaw.faces.plain.asking import patch_lines

    patches = [patch for entry in session.transcript.entries if (patch := landed_patch(entry)) is not None]
    lines = [line for patch in patches for line in patch_lines(patch)]
    return Reply(lines or ["This session has changed no file."])


def _context(session: Session, arguments: str) -> Reply:
    report = session.context()
    groups: dict[str, list[int]] = {}
    for row in report.rows:
        groups.setdefault(row.group.value, []).append(row.tokens)
    mark = "about " if report.is_estimate else ""
    head = f"The window holds {mark}{tokens(report.used_tokens)} of {tokens(report.limit_tokens)} tokens."
    rows = (f"  {name}: {tokens(sum(each))} in {counted(len(each), 'item')}" for name, each in groups.items())
    return Reply([head, *rows])


def _later(session: Session, arguments: str) -> Reply:
    if not arguments:
        raise UsageError("/later needs words.", "Such as: /later then run the tests")
    session.submit(ops.TurnFollowUp(text=arguments))
    return Reply(["Waits for the end of the turn."] if session.is_running else [])


def _sessions(session: Session, arguments: str) -> Reply:
    stored = session.sessions()
    lines = [f"{one.session_id}: {visible_line(one.title)}, {counted(one.turns, 'turn')}" for one in stored]
    return Reply(lines or ["Nothing was said in this workspace yet."])


def _resume(session: Session, arguments: str) -> Reply:
    if not arguments:
        raise UsageError("/resume needs the id of a session.", "/sessions lists them.")
    return Reply(reopen=arguments)


def _remember(session: Session, arguments: str) -> Reply:
    session.submit(ops.MemoryAdd(text=arguments))
    return Reply()


def _submitting(op: ops.Op) -> Callable[[Session, str], Reply]:
    def run(session: Session, arguments: str) -> Reply:
        session.submit(op)
        return Reply()

    return run


COMMANDS: tuple[PlainCommand, ...] = (
    PlainCommand("help", "", "what can be typed", lambda session, _: Reply(help_lines(session))),
    PlainCommand("status", "", "the model, the mode, what runs and what waits", _status),
    PlainCommand("mode", "[plan|review|accept|auto]", "how much happens without a question", _mode),
    PlainCommand("model", "[name]", "the model, or another one", _model),
    PlainCommand("plan", "", "the agent's list of steps", _plan),
    PlainCommand("diff", "", "what this session changed", _diff),
    PlainCommand("output", "", "all that the last tool said", _output),
    PlainCommand("later", "text", "say it when the turn ends", _later),
    PlainCommand("undo", "", "bring files back to before the last turn", _submitting(ops.CheckpointRestore())),
    PlainCommand("redo", "", "bring back what was undone last", _submitting(ops.CheckpointRestore(is_redo=True))),
    PlainCommand("remember", "text", "tell the model now and in later sessions here", _remember),
    PlainCommand("context", "", "what fills the model's window", _context),
    PlainCommand("compact", "", "make room in the model's window", _submitting(ops.ContextCompact())),
    PlainCommand("sessions", "", "what can be gone on with", _sessions),
    PlainCommand("resume", "id", "go on with an earlier session", _resume),
    PlainCommand("new", "", "start a new session", lambda session, _: Reply(reopen="")),
    PlainCommand("quit", "", "leave; the session can be resumed", lambda session, _: Reply(is_end=True)),
)


def run_command(session: Session, name: str, arguments: str) -> Reply | None:
    """Run a command of this face; `None` where there is none of that name.

    Raises:
        TrashclawError: it cannot be done.
    """
    command = next((one for one in COMMANDS if one.name == name), None)
    return command.run(session, arguments) if command is not None else None
