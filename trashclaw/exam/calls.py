"""Parts of the exam: tool calls, one at a time and two in one answer, with the real tools."""

from __future__ import annotations

from dataclasses import dataclass

from trashclaw.exam.asking import Answer, Examiner
from trashclaw.exam.offered import ToolClass, arguments_for, is_right, spec_of
from trashclaw.exam.result import CallMarks, ParallelMarks
from trashclaw.tools.grep import Grep
from trashclaw.tools.list_files import ListFiles
from trashclaw.tools.read_file import ReadFile

_CALL_TOKENS = 200


@dataclass(frozen=True, slots=True)
class Task:
    """Something that needs one tool."""

    text: str
    offered: tuple[ToolClass, ...]
    tool: ToolClass
    arguments: dict[str, str]


TASKS = (
    Task("Show me what is in the file src/cart.py. Use the tool.", (ReadFile,), ReadFile, {"path": "src/cart.py"}),
    Task(
        "In which files does the text checkout_total occur? Use a tool to find out.",
        (ReadFile, Grep),
        Grep,
        {"pattern": "checkout_total"},
    ),
    Task(
        "Which files are in the folder docs/guides? Use a tool to find out.",
        (ReadFile, Grep, ListFiles),
        ListFiles,
        {"path": "docs/guides"},
    ),
)
PARALLEL = "Read the files src/first.py and src/second.py. Call the tool twice in one answer, once for each file."
_PATHS = ("src/first.py", "src/second.py")


async def examine_calls(examiner: Examiner) -> CallMarks:
    """Set one task after the other, each with one tool more to choose from."""
    tried = native = in_text = 0
    notes: list[str] = []
    for task in TASKS:
        answer = await examiner.ask(task.text, max_tokens=_CALL_TOKENS, tools=tuple(map(spec_of, task.offered)))
        if answer.error:
            return CallMarks(tried=tried, native=native, in_text=in_text, error=answer.error)
        tried += 1
        if not answer.refusal and any(is_right(call, task.tool, task.arguments) for call in answer.calls):
            native += 1
        elif any(is_right(call, task.tool, task.arguments) for call in answer.calls_in_text):
            in_text += 1
        else:
            notes.append(_fault(answer, task))
    return CallMarks(tried=tried, native=native, in_text=in_text, note=" ".join(dict.fromkeys(notes))[:400])


async def examine_parallel(examiner: Examiner) -> ParallelMarks:
    """Ask for two files at once."""
    answer = await examiner.ask(PARALLEL, max_tokens=2 * _CALL_TOKENS, tools=(spec_of(ReadFile),))
    calls = answer.calls or answer.calls_in_text
    right = sum(any(is_right(call, ReadFile, {"path": path}) for call in calls) for path in _PATHS)
    return ParallelMarks(right=0 if answer.error or answer.refusal else right, error=answer.error, note=answer.refusal)


def _fault(answer: Answer, task: Task) -> str:
    """Say what came in place of the call."""
    wrong = answer.calls or answer.calls_in_text
    if answer.refusal:
        return answer.refusal
    if answer.is_cut:
        return "An answer was longer than a call needs."
    if not wrong:
        return "It answered with words in place of a call."
    if arguments_for(wrong[0], task.tool) is None:
        return f"It called {wrong[0].name[:40]!r} where {task.tool.name} was meant, or what it wrote could not be read."
    return f"It called {task.tool.name} with other arguments than asked for."
