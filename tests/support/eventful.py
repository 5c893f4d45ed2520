"""A session in which a bit of everything happens: questions, refusals, a plan, a queue, failures, an undo."""

from __future__ import annotations

import asyncio

from tests.support.sessions import Driven, bash, edit, read, write
from trashclaw.protocol import events as ev
from trashclaw.protocol import ops
from trashclaw.protocol.approvals import Verdict
from trashclaw.protocol.modes import Mode

PLAN = {"name": "update_plan", "arguments": {"entries": [{"text": "look", "status": "in_progress"}]}}
QUESTION = {"name": "ask_user", "arguments": {"question": "Tabs?"}}
EVENTFUL = [
    {"thought": "Hm.", "text": "I look.", "calls": [read("README.md"), PLAN]},
    {"calls": [edit("README.md", "small", "large"), write("new.txt", "new\n"), QUESTION]},
    {"calls": [bash("echo hi"), {"name": "teleport", "arguments": "{"}]},
    {"text": "Wait", "hold": "go"},
    {"text": "Followed up."},
    {"text": "Half", "calls": [read("README.md")], "error": {"kind": "dropped"}},
    {"calls": [write("new.txt", "newer\n")]},
    {"text": "Done."},
]


async def play(driven: Driven, gate: asyncio.Event) -> None:
    """Do a bit of everything."""
    driven.submit(ops.TurnStart(text="go"))
    await driven.answer()
    await driven.answer(Verdict.REJECTED, note="no")
    asked = await driven.until(ev.QuestionRequested)
    driven.submit(ops.QuestionAnswer(question_id=asked.question_id, text="spaces"))
    await driven.answer()
    await driven.until(ev.ItemDelta, lambda event: event.text.startswith("Wait"))
    driven.submit(ops.ShellRun(command="echo shared"))
    await driven.until(
        ev.ItemCompleted, lambda event: event.item.kind == "tool_run" and event.item.call.name == "shell"
    )
    driven.submit(ops.TurnFollowUp(text="and then"))
    gate.set()
    await driven.until(ev.TurnCompleted)
    await driven.turn("again")
    driven.submit(ops.SettingsSet(mode=Mode.ACCEPT))
    await driven.turn("more")
    await driven.do(ops.CheckpointRestore())
