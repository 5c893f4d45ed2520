"""The briefing: what stands behind the system prompt of a new session, so that it begins with what is known already."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from trashclaw.agent.fragments import (
    INSTRUCTIONS,
    MEMORY,
    TASKS,
    Source,
    crowded_out,
    in_order,
    tokens_of,
    with_fragments,
)
from trashclaw.agent.ports import Redactor
from trashclaw.agent.tokens import count_roughly
from trashclaw.config.paths import config_folder
from trashclaw.config.project_files import ProjectFiles
from trashclaw.directives.instructions import InstructionFile, instruction_text, read_own
from trashclaw.directives.unseen import NAME_CHARS, is_plain_name, without_unseen
from trashclaw.protocol import events as ev
from trashclaw.protocol.errors import UnsuitableFile
from trashclaw.store.tasks import Task

TOKENS_AT_MOST = 4_000
WINDOW_SHARE = 10
"""Instructions and memory get one part in so many of the window."""

WANTED_SHARE = 3
"""The same where a setting wants more."""

TASK_TOKENS_AT_MOST = 300
TASK_SHARE = 25
TASKS_AT_MOST = 5
_WORDS_CHARS = 80
_PATHS = 5
_ENDS = {
    "end_turn": "done",
    "cancelled": "stopped by the user",
    "limit": "stopped at a limit",
    "stalled": "stopped at a limit",
    "refused": "failed",
    "error": "failed",
    "": "not finished",
}

Masked = Callable[[str], str]
"""Returns a text without secrets."""


@dataclass(frozen=True, slots=True)
class Briefing:
    """A whole system prompt, where its fragments stand, and what the person has to know of them."""

    system: str
    fragments: tuple[ev.PromptFragment, ...] = ()
    notices: tuple[ev.Notice, ...] = ()


@dataclass(frozen=True, slots=True)
class Known:
    """What there is to tell."""

    project: ProjectFiles | None = None
    """`None` where the folder is not trusted: then nothing that it brings is told."""

    own: InstructionFile | None = None
    memories: tuple[tuple[str, str], ...] = ()
    """Whose memory it is, and its entries as a list."""

    tasks: Sequence[Task] = ()
    redactor: Redactor | None = None


def budget(limit_tokens: int, wanted: int | None) -> int:
    """Return the tokens for instructions and memory together; however many are `wanted`, the work keeps most."""
    if wanted is not None:
        return min(wanted, limit_tokens // WANTED_SHARE)
    return min(TOKENS_AT_MOST, limit_tokens // WINDOW_SHARE)


def brief(base: str, known: Known, limit_tokens: int, wanted: int | None = None) -> Briefing:
    """Return the system prompt for a window, with as much of what is known as there is room for."""
    sources, warnings = _instructions(known)
    sources += [Source(MEMORY, whose, _foreign(known, text), is_list=True) for whose, text in known.memories]
    room = budget(limit_tokens, wanted)
    sources = in_order(sources)
    system, fragments = with_fragments(base, sources, room)
    told = [f"{fragment.source} ({tokens_of(system, fragment):,} tokens)" for fragment in fragments]
    if told:
        warnings.insert(0, _notice(f"The model is told {', '.join(told)}.", ev.NoticeLevel.INFO))
    if crowded := crowded_out(sources, room):
        paths = ", ".join(source.source for source in crowded)
        text = f"{paths}: left out, since instructions and memory get {room:,} tokens together."
        warnings.append(_notice(text, hint="Shorten and join them, or set memory.instruction_tokens."))
    warnings += [_cut(fragment, room) for fragment in fragments if fragment.left_out_chars]
    text = task_lines(known.tasks, min(TASK_TOKENS_AT_MOST, limit_tokens // TASK_SHARE), known.redactor)
    system, of_tasks = with_fragments(system, [Source(TASKS, "the log", text)], 2 * TASK_TOKENS_AT_MOST)
    return Briefing(system, (*fragments, *of_tasks), tuple(warnings))


def task_lines(tasks: Sequence[Task], tokens: int, redactor: Redactor | None = None) -> str:
    """Return a line for each of the tasks that there is room for, the latest last."""
    lines: list[str] = []
    for task in reversed(tasks):
        line = _task_line(task, redactor)
        if count_roughly("\n".join([line, *lines])) > tokens:
            break
        lines.insert(0, line)
    return "\n".join(lines)


def own_instructions() -> InstructionFile | None:
    """Return the person's own instructions, with their path as a person would write it. Blocks on the disk."""
    file = read_own(config_folder())
    return None if file is None else replace(file, path=short_path(Path(file.path)))


def short_path(path: Path) -> str:
    """Return a path with `~` for the home folder: whose machine it is, is nothing for a model."""
    try:
        home = Path.home()
    except RuntimeError:
        return path.as_posix()
    return f"~/{path.relative_to(home).as_posix()}" if path.is_relative_to(home) else path.as_posix()


def _instructions(known: Known) -> tuple[list[Source], list[ev.Notice]]:
    brought = known.project.instructions if known.project is not None else ()
    files = [InstructionFile(file.path, file.data, file.problem) for file in brought]
    sources, warnings = [], []
    for file in [known.own, *files] if known.own is not None else files:
        if file.data is None:
            warnings.append(_notice(f"{file.path} is not loaded: {file.problem}."))
            continue
        try:
            found = instruction_text(file.path, file.data)
        except UnsuitableFile as error:
            warnings.append(_notice(f"{file.path} is not loaded: {error.text}"))
            continue
        if found.unseen:
            words = f"{file.path} holds {found.unseen:,} characters that nobody sees; they were taken out of what"
            warnings.append(_notice(f"{words} the model reads.", hint="Somebody may hide orders to the model in it."))
        source = Source(
            name=INSTRUCTIONS,
            source=file.path,
            text=_foreign(known, found.text),
            digest=hashlib.sha256(file.data).hexdigest(),
            readable_as=file.path if file in files and not file.path.startswith("../") else "",
            first_line=found.first_line,
        )
        sources.append(source)
    return sources, warnings


def _foreign(known: Known, text: str) -> str:
    """Return a text without secrets; a placeholder that stands in it already was written by somebody else."""
    if known.redactor is None:
        return text
    known.redactor.reserve(text)
    return known.redactor.redact(text).text


def _cut(fragment: ev.PromptFragment, room: int) -> ev.Notice:
    return _notice(
        f"{fragment.source} is too long: {fragment.left_out_chars:,} of its characters are left out, "
        f"since instructions and memory get {room:,} tokens together.",
        hint="Shorten it, or set memory.instruction_tokens.",
    )


def _notice(text: str, level: ev.NoticeLevel = ev.NoticeLevel.WARNING, hint: str = "") -> ev.Notice:
    return ev.Notice(level=level, code="instructions", text=text, hint=hint)


def _task_line(task: Task, redactor: Redactor | None) -> str:
    day = time.strftime("%Y-%m-%d", time.localtime(task.began_at))
    line = f'- {day} "{_short(task.text, _WORDS_CHARS, redactor)}": {_ENDS.get(task.stop_reason, "failed")}'
    if task.changed:
        line += f"; changed: {_named(task.changed, redactor)}"
    return f"{line}; of its plan {task.left} still open" if task.left else line


def _named(paths: Sequence[str], redactor: Redactor | None) -> str:
    """Return the first paths that are no more than names; a name can be a sentence, so the others are counted."""
    named = [_short(path, NAME_CHARS, redactor) for path in paths if is_plain_name(path)][:_PATHS]
    more = len(paths) - len(named)
    if not named:
        return f"{more} file{'s' * (more > 1)}"
    return f"{', '.join(named)}{f' and {more} more' if more else ''}"


def _short(text: str, chars: int, redactor: Redactor | None) -> str:
    """Return the first words of a foreign text in one line, without secrets; the whole is masked before it is cut."""
    line = " ".join(without_unseen(text[: 20 * chars])[0].split()).replace('"', "'")
    masked = redactor.redact(line).text if redactor is not None else line
    return masked if len(masked) <= chars else f"{masked[: chars - 3].rstrip()}..."
