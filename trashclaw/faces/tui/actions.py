"""What the built-in slash commands do, a method each, named as in the table of `slash.py`."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

from trashclaw.config.trust_question import TrustAnswer
from trashclaw.faces.tui.completion import Candidate
from trashclaw.faces.tui.memory_actions import MemoryActions
from trashclaw.faces.tui.opening import ask_trust
from trashclaw.faces.tui.slash import PREVIEW, UNDO
from trashclaw.protocol import ops
from trashclaw.protocol.errors import UsageError, WorkspaceError
from trashclaw.protocol.modes import Mode

if TYPE_CHECKING:
    from pathlib import Path


class Actions(MemoryActions):
    """The slash commands of one app. Each takes the arguments as typed.

    Every method may raise `TrashclawError`, which the app shows.
    """

    async def run(self, name: str, arguments: str) -> None:
        """Run a built-in command by its name."""
        await getattr(self, f"do_{name}")(arguments)

    async def do_help(self, arguments: str) -> None:
        """Show the help."""
        self._app.action_help()

    async def do_model(self, arguments: str) -> None:
        """Switch to another model."""
        name = arguments or await self._choose_model()
        if name:
            self._app.submit(ops.SettingsSet(model=name))

    async def do_manner(self, arguments: str) -> None:
        """Show how the model is talked to."""
        from trashclaw.faces.tui.screens.manner import manner_page

        self._app.push_screen(manner_page(self._session.transcript))

    async def do_clear(self, arguments: str) -> None:
        """Start over."""
        self._app.open_session()

    async def do_new(self, arguments: str) -> None:
        """Start a new session, with a first prompt if one is given."""
        self._app.open_session(prompt=arguments)

    async def do_resume(self, arguments: str) -> None:
        """Go on with an earlier session."""
        from trashclaw.faces.tui.screens.sessions import sessions_screen

        wanted: str | None = arguments
        if not wanted:
            chosen = await self._app.push_screen_wait(sessions_screen(self._session.sessions()))
            wanted = chosen.split()[0] if chosen else None
        if wanted:
            self._app.open_session(resume=wanted)

    async def do_diff(self, arguments: str) -> None:
        """Show everything this session changed."""
        from trashclaw.faces.tui.screens.pages import diff_page

        self._app.push_screen(diff_page(self._session.transcript))

    async def do_undo(self, arguments: str) -> None:
        """Bring files back."""
        self._app.submit(ops.CheckpointRestore())

    async def do_redo(self, arguments: str) -> None:
        """Bring back what was undone last."""
        self._app.submit(ops.CheckpointRestore(is_redo=True))

    async def do_rewind(self, arguments: str) -> None:
        """Show the points to go back to."""
        await self._app.rewinding.run()

    async def do_plan(self, arguments: str) -> None:
        """Go to mode plan, and say the prompt if one is given."""
        self._app.submit(ops.SettingsSet(mode=Mode.PLAN))
        if arguments:
            self._app.say(arguments)

    async def do_mode(self, arguments: str) -> None:
        """Go to a mode, or choose one."""
        name = arguments or await self._choose("Mode", [Candidate(mode.value, _MODES[mode]) for mode in Mode])
        if name is None:
            return
        if name not in {mode.value for mode in Mode}:
            raise UsageError(f"There is no mode {name}.", f"Modes: {', '.join(Mode)}.")
        self._app.submit(ops.SettingsSet(mode=Mode(name)))

    async def do_trust(self, arguments: str) -> None:
        """Ask whether the folder is trusted, and open the session again with what the answer means."""
        session = self._session
        if session.is_running:
            raise UsageError("A turn is running.", "Interrupt it with Esc, or wait for its end.")
        if self._app.trust is None or await ask_trust(self._app, is_wanted=True) in (None, TrustAnswer.LATER):
            return
        resume = self._app.desk.resumable_id
        await self._app.desk.close()
        self._app.open_session(resume=resume)

    async def do_policy(self, arguments: str) -> None:
        """Show what holds commands back, and the rules."""
        from trashclaw.faces.tui.screens.policy import policy_page

        session = self._session
        rules, allowed = session.policy()
        self._app.push_screen(policy_page(await session.find_sandbox(), rules, allowed))

    async def do_context(self, arguments: str) -> None:
        """Show what fills the model's window, and on from there what a compaction would leave of it."""
        from trashclaw.faces.tui.screens.context import ContextScreen

        while await self._app.push_screen_wait(ContextScreen(self._session.context(), self._session.transcript.usage)):
            if await self._preview_compaction():
                return

    async def do_compact(self, arguments: str) -> None:
        """Make room in the window, show what that would do, or take it back."""
        if arguments == PREVIEW:
            await self._preview_compaction()
        elif arguments in ("", UNDO):
            self._app.submit(ops.ContextCompact(is_undo=arguments == UNDO))
        else:
            raise UsageError(f"/compact does not know {arguments}.", f"It takes {PREVIEW} or {UNDO}, or nothing.")

    async def _preview_compaction(self) -> bool:
        """Show what a compaction would do; tell whether it is being done."""
        from trashclaw.faces.tui.screens.context import PreviewScreen

        session = self._session
        screen = PreviewScreen(session.preview_compaction(), session.context())
        is_wanted = await self._app.push_screen_wait(screen)
        if is_wanted:
            self._app.submit(ops.ContextCompact())
        return is_wanted

    async def do_theme(self, arguments: str) -> None:
        """Change the theme."""
        name = arguments or await self._choose("Theme", [Candidate(name) for name in self._app.themes.names])
        if name:
            self._app.use_theme(name)

    async def do_export(self, arguments: str) -> None:
        """Write the conversation to a file that is not there yet."""
        from trashclaw.faces.tui.export import markdown_document

        session = self._session
        file = session.workspace_root / (arguments or f"trashclaw-{session.session_id}.md")
        document = markdown_document(session.transcript, f"Session {session.session_id}")
        await asyncio.to_thread(_write_new, file, document)
        self._app.tell(f"The conversation is in {file}.")

    async def do_quit(self, arguments: str) -> None:
        """Leave."""
        await self._app.action_leave()

    async def _choose_model(self) -> str | None:
        from trashclaw.faces.tui.screens.models import models_screen

        return await self._app.push_screen_wait(models_screen(await self._session.models()))

    async def _choose(self, title: str, choices: Sequence[Candidate]) -> str | None:
        from trashclaw.faces.tui.screens.choice import ChoiceScreen

        return await self._app.push_screen_wait(ChoiceScreen(title, choices, "There is nothing to choose from."))


_MODES = {
    Mode.PLAN: "look and propose, change nothing",
    Mode.REVIEW: "edits, and what commands changed, wait for you",
    Mode.ACCEPT: "edits land, and what commands changed, with a checkpoint",
    Mode.AUTO: "as accept, and commands reach the hosts of the settings",
}


def _write_new(file: Path, document: str) -> None:
    try:
        with file.open("x", encoding="utf-8") as stream:
            stream.write(document)
    except FileExistsError as error:
        raise WorkspaceError(f"{file} is there already.", "Name another file: /export notes.md") from error
    except OSError as error:
        raise WorkspaceError(f"{file} cannot be written: {error.strerror}.") from error
