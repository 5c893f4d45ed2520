"""What is copied, and how it gets out of the terminal; Ctrl+C that copies, or quits at the second time."""

from __future__ import annotations

import os
import sys
from base64 import b64encode
from collections.abc import Mapping, Sequence
from time import monotonic
from typing import TYPE_CHECKING

from trashclaw.faces.tui.keymap import sentence
from trashclaw.faces.tui.multiplexer import Multiplexer, ask_tmux, multiplexer_of, through_screen, through_tmux
from trashclaw.faces.tui.programs import run_program
from trashclaw.faces.tui.terminal import write_sequence

if TYPE_CHECKING:
    from trashclaw.faces.tui.app import TrashclawApp

TWICE_S = 1.5
MOST_BYTES = 74_000
"""What fits into OSC 52: many terminals take no sequence beyond 100,000 characters, and base64 makes four of three."""

SEQUENCE = "OSC 52"
_TMUX = ("tmux", "load-buffer", "-w", "-")


class Copying:
    """Copies for one app."""

    def __init__(self, app: TrashclawApp, environ: Mapping[str, str] | None = None) -> None:
        self._app = app
        self._environ = os.environ if environ is None else environ
        self._quit_asked_at = 0.0

    def copy(self, text: str, what: str) -> None:
        """Copy a text and say which way it went; `what` names it: `the selection`."""
        self._app._clipboard = text
        self._app.run_worker(self._copy(text, what), group="copy")

    def copy_answer(self) -> None:
        """Copy the selection, or the last answer."""
        answer = self._app.desk.last_answer()
        if self.copy_selection():
            return
        if answer:
            self.copy(answer, "the last answer")
        else:
            self._app.tell("There is nothing to copy yet.")

    def copy_selection(self) -> bool:
        """Copy what is selected; tell whether anything was."""
        selected = self._app.screen.get_selected_text() or self._app.main.prompt.selected_text
        if selected:
            self.copy(selected, "the selection")
        return bool(selected)

    def copy_or_clear(self) -> bool:
        """Copy what is selected, else put away the draft that is being written; tell whether there was either."""
        prompt = self._app.main.prompt
        if self.copy_selection():
            return True
        is_cleared = prompt.has_focus and prompt.clear_draft()
        if is_cleared:
            said = sentence("quit.twice", "twice quits")
            self._app.tell(" ".join(filter(None, ["Put away.", sentence("prompt.undo", "brings it back"), said])))
        return is_cleared

    def is_second_time(self) -> bool:
        """Take note of a wish to quit; tell whether it is the second one, else say how to."""
        if monotonic() - self._quit_asked_at < TWICE_S:
            return True
        self._quit_asked_at = monotonic()
        self._app.tell(sentence("quit.twice", "again quits") or "Once more quits.")
        return False

    async def _copy(self, text: str, what: str) -> None:
        ways = await self.send(text)
        if ways:
            self._app.tell(f"Copied {what} ({', '.join(ways)}).")
        else:
            size = len(text.encode("utf-8", "replace")) // 1000
            self._app.tell(
                f"Not copied: {size} KB are more than terminals take ({MOST_BYTES // 1000} KB). Select a part of it, "
                "or write it to a file with /export."
            )

    async def send(self, text: str) -> Sequence[str]:
        """Put a text on the clipboard every way that may work, and return the ways; none if it is too large for all.

        A terminal does not tell whether it took OSC 52, so a program of this machine is tried as well, unless the
        person sits at another one.
        """
        ways: list[str] = []
        data = text.encode("utf-8", "replace")
        between = multiplexer_of(self._environ)
        if between is Multiplexer.TMUX and await run_program(_TMUX, data) is not None:
            ways.append("tmux")
        elif len(data) <= MOST_BYTES and await self._send_sequence(data, between):
            ways.append(SEQUENCE)
        for command in local_programs(self._environ, sys.platform):
            given = data.decode().encode("utf-16-le") if command[0] == "clip.exe" else data
            if await run_program(command, given, is_heard=False) is not None:
                ways.append(command[0])
                break
        return ways

    async def _send_sequence(self, data: bytes, between: Multiplexer) -> bool:
        sequence = f"\x1b]52;c;{b64encode(data).decode()}\a"
        if between is Multiplexer.TMUX:
            sequence = through_tmux(sequence) if (await ask_tmux()).passes_through else sequence
        elif between is Multiplexer.SCREEN:
            sequence = through_screen(sequence)
        write_sequence(self._app, sequence)
        return True


def local_programs(environ: Mapping[str, str], platform: str) -> Sequence[Sequence[str]]:
    """Return the command lines that set the clipboard of this machine, the best first; none over ssh."""
    if environ.get("SSH_TTY") or environ.get("SSH_CONNECTION"):
        return ()
    found: list[Sequence[str]] = []
    if platform == "darwin":
        found.append(("pbcopy",))
    if environ.get("WAYLAND_DISPLAY"):
        found.append(("wl-copy",))
    if environ.get("DISPLAY"):
        found += [("xclip", "-selection", "clipboard"), ("xsel", "--clipboard", "--input")]
    if environ.get("WSL_DISTRO_NAME"):
        found.append(("clip.exe",))
    return found
