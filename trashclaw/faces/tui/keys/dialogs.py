"""Keys of questions and of the screens over the main one."""

from __future__ import annotations

from trashclaw.faces.tui.keys.action import Action, Group

ACTIONS: tuple[Action, ...] = (
    Action("question.answer", "enter", "answer with what is typed or chosen", Group.QUESTION, "answer"),
    Action("question.up", "up", "previous choice", Group.QUESTION, "move(-1)"),
    Action("question.down", "down", "next choice", Group.QUESTION, "move(1)"),
)
