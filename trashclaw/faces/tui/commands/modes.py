"""What the commands about modes, trust and rules do."""

from __future__ import annotations

from trashclaw.config.trust_question import TrustAnswer
from trashclaw.faces.tui.commands.room import CommandRoom
from trashclaw.faces.tui.completion import Candidate
from trashclaw.faces.tui.keymap import sentence
from trashclaw.faces.tui.opening import ask_trust
from trashclaw.protocol import ops
from trashclaw.protocol.errors import UsageError
from trashclaw.protocol.modes import Mode

_MODES = {
    Mode.PLAN: "look and propose, change nothing",
    Mode.REVIEW: "edits, and what commands changed, wait for you",
    Mode.ACCEPT: "edits land, and what commands changed, with a checkpoint",
    Mode.AUTO: "as accept, and commands reach the hosts of the settings",
}


class Commands(CommandRoom):
    """What the commands about modes, trust and rules do, a method each."""

    async def do_plan(self, arguments: str) -> None:
        """Go to mode plan, and say the prompt if one is given."""
        self._submit(ops.SettingsSet(mode=Mode.PLAN))
        if arguments:
            self._app.say(arguments, tab=self._tab)

    async def do_mode(self, arguments: str) -> None:
        """Go to a mode, or choose one."""
        name = arguments or await self._choose("Mode", [Candidate(mode.value, _MODES[mode]) for mode in Mode])
        if name is None:
            return
        if name not in {mode.value for mode in Mode}:
            raise UsageError(f"There is no mode {name}.", f"Modes: {', '.join(Mode)}.")
        self._submit(ops.SettingsSet(mode=Mode(name)))

    async def do_trust(self, arguments: str) -> None:
        """Ask whether the folder is trusted, and open the session again with what the answer means."""
        session = self._session
        if session.is_running:
            raise UsageError(
                "A turn is running.", f"Wait for its end, or stop it. {sentence('turn.interrupt', 'stops it')}".strip()
            )
        if await ask_trust(self._app, self._tab, is_wanted=True) in (None, TrustAnswer.LATER):
            return
        resume = self._tab.desk.resumable_id
        await self._tab.desk.close()
        self._app.open_session(self._tab, resume=resume)

    async def do_policy(self, arguments: str) -> None:
        """Show what holds commands back, and the rules."""
        from trashclaw.faces.tui.screens.policy import policy_page

        session = self._session
        rules, allowed = session.policy()
        self._show(policy_page(await session.find_sandbox(), rules, allowed))
