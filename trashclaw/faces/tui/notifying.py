"""Calls the person back to a terminal that they do not look at: when something waits for them, or a long turn is over.

Only a terminal that has reported that it lost the focus is told; one that reports nothing counts as looked at. What is
told is the folder's name and what kind of thing waits, nothing of the conversation.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING

from trashclaw.faces.tui.multiplexer import Multiplexer, ask_tmux, multiplexer_of, through_tmux
from trashclaw.faces.tui.terminal import write_sequence
from trashclaw.faces.visible import visible_line

if TYPE_CHECKING:
    from trashclaw.faces.tui.app import TrashclawApp
    from trashclaw.session.transcript import Transcript

LONG_TURN_S = 15.0
MOST_CHARS = 100
NAME = "trashclaw"


class Way(StrEnum):
    """How a terminal is told."""

    OSC_9 = "osc9"
    OSC_99 = "osc99"
    OSC_777 = "osc777"
    BELL = "bell"
    NONE = "off"


_PROGRAMS = {
    "iTerm.app": Way.OSC_9,
    "WezTerm": Way.OSC_9,
    "ghostty": Way.OSC_9,
    "WarpTerminal": Way.OSC_9,
    "rio": Way.OSC_9,
    "contour": Way.OSC_777,
}
"""By `TERM_PROGRAM`."""

_TERMINALS = {
    "kitty": Way.OSC_99,
    "iterm2": Way.OSC_9,
    "wezterm": Way.OSC_9,
    "ghostty": Way.OSC_9,
    "foot": Way.OSC_777,
    "rxvt": Way.OSC_777,
    "contour": Way.OSC_777,
}
"""By a part of `TERM`, or of what tmux knows of the terminal around it."""


class Notifying:
    """Tells one terminal, and never twice of the same thing."""

    def __init__(self, app: TrashclawApp, environ: Mapping[str, str] | None = None) -> None:
        self._app = app
        self._environ = os.environ if environ is None else environ
        self._told: set[str] = set()
        self._running: dict[int, Transcript] = {}
        """Those in which a turn ran when they were last seen, by identity."""

    def see(self, transcript: Transcript, place: str) -> None:
        """Look at the state of a session in a folder of the name `place`, and tell what is new and needs the person."""
        reason = self._reason(transcript)
        if reason and not self._app.app_focus and self._app.look.notify != Way.NONE:
            self._app.run_worker(self._tell(said(place, reason)), group="notify")

    def _reason(self, transcript: Transcript) -> str:
        """Return what is new, in a few words; what was seen while somebody looked is not new later."""
        waiting = {*transcript.approvals, *transcript.questions}
        is_new = not waiting <= self._told
        self._told |= waiting
        ended = self._ended(transcript)
        if is_new:
            return "asks for your approval" if transcript.approvals else "has a question for you"
        return ended

    def _ended(self, transcript: Transcript) -> str:
        """Return how a long turn ended that ran when the transcript was last seen."""
        from trashclaw.faces.wording.endings import ending_word
        from trashclaw.protocol.events import TurnCompleted

        if transcript.is_running:
            self._running[id(transcript)] = transcript
            return ""
        if self._running.pop(id(transcript), None) is not transcript:
            return ""
        end = next((entry for entry in reversed(transcript.entries) if isinstance(entry, TurnCompleted)), None)
        return f"is over: {ending_word(end.stop_reason)}" if end and end.duration_s >= LONG_TURN_S else ""

    async def _tell(self, text: str) -> None:
        named = self._app.look.notify
        wanted = Way(named) if named in set(Way) else None
        if multiplexer_of(self._environ) is Multiplexer.TMUX and wanted is not Way.BELL:
            outside = await ask_tmux()
            way = wanted or way_of({"TERM": outside.terminal})
            sequence = through_tmux(sequence_of(way, text)) if outside.passes_through else "\a"
            write_sequence(self._app, "\a" if way is Way.BELL else sequence)
        else:
            write_sequence(self._app, sequence_of(wanted or way_of(self._environ), text))


def way_of(environ: Mapping[str, str]) -> Way:
    """Return how a terminal is told, by what it says of itself; the bell where it says nothing that is known."""
    if multiplexer_of(environ) is not Multiplexer.NONE:
        return Way.BELL
    named = _PROGRAMS.get(environ.get("TERM_PROGRAM", ""))
    if named is not None:
        return named
    terminal = environ.get("TERM", "").lower()
    return next((way for part, way in _TERMINALS.items() if part in terminal), Way.BELL)


def said(place: str, reason: str) -> str:
    """Return one short line without anything that steers a terminal, or that parts one field from another."""
    where = visible_line(place).replace(";", ",")
    room = MOST_CHARS - len(reason) - 1
    return f"{where if len(where) <= room else where[: room - 1] + '…'} {reason}"


def sequence_of(way: Way, text: str) -> str:
    """Return what has to be written for a notification."""
    match way:
        case Way.OSC_9:
            # A text that began with a digit and a semicolon would be a command of another kind to some terminals.
            return f"\x1b]9;{NAME}: {text}\a"
        case Way.OSC_99:
            return f"\x1b]99;i={NAME}:d=0;{NAME}\x1b\\\x1b]99;i={NAME}:p=body;{text}\x1b\\"
        case Way.OSC_777:
            return f"\x1b]777;notify;{NAME};{text}\a"
        case Way.BELL:
            return "\a"
        case Way.NONE:
            return ""
