"""The screens over the main one, and what opens each."""

from __future__ import annotations

from trashclaw.faces.tui.app import TrashclawApp

COMMANDS = (
    "compact --preview",
    "context",
    "manner",
    "memory",
    "mode",
    "model",
    "policy",
    "replay",
    "rewind",
    "sessions",
    "settings",
    "theme",
    "tree",
)
ACTIONS = ("app.palette", "app.help", "history")
OPENINGS = (*COMMANDS, *ACTIONS)
"""Commands of the screen, actions of the app, and the search of earlier prompts."""


async def open_overlay(app: TrashclawApp, opening: str) -> None:
    """Open one of them by its name in `OPENINGS`, whatever keys there are for it."""
    if opening in COMMANDS:
        app.commanding.run(*opening.partition(" ")[::2])
    elif opening == "history":
        app.main.composer.search_history()
    else:
        await app.run_action(opening)
