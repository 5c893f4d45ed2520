"""The full-screen app: opens sessions, passes wishes on as ops, and shows what went wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import App
from textual.binding import BindingType

from trashclaw.config.first_look import FirstLook
from trashclaw.faces.tui import messages as msg
from trashclaw.faces.tui.commanding import Commanding
from trashclaw.faces.tui.copying import Copying
from trashclaw.faces.tui.desk import Desk
from trashclaw.faces.tui.keymap import Group, bindings
from trashclaw.faces.tui.opening import ask_trust, show_failure, tell_sandbox
from trashclaw.faces.tui.rewinding import Rewinding
from trashclaw.faces.tui.screens.main import MainScreen
from trashclaw.faces.tui.widgets.grace import GRACE_S
from trashclaw.faces.visible import visible
from trashclaw.protocol.errors import TrashclawError

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from textual.message import Message
    from textual.screen import Screen

    from trashclaw.faces.tui.bridge import SessionOpener
    from trashclaw.faces.tui.opening import TrustSource
    from trashclaw.faces.tui.themes import ThemeShelf
    from trashclaw.protocol.ops import Op


class TrashclawApp(App[str]):
    """The app. Returns the id of the session that was open last, if anything was said in it."""

    TITLE = "trashclaw"
    CSS_PATH = "layout.tcss"
    BINDINGS: ClassVar[list[BindingType]] = bindings(Group.ANYWHERE)
    ENABLE_COMMAND_PALETTE = False

    def __init__(
        self,
        opener: SessionOpener,
        themes: ThemeShelf,
        *,
        trust: TrustSource | None = None,
        look: FirstLook | None = None,
        initial_prompt: str = "",
        resume: str | None = None,
        is_demo: bool = False,
        grace_s: float = GRACE_S,
    ) -> None:
        super().__init__()
        self.themes = themes
        self.trust = trust
        self.grace_s = grace_s
        self.main = MainScreen(grace_s)
        self.desk = Desk(opener, self.main.post_message)
        self._early = [initial_prompt] if initial_prompt else []
        self._resume = resume
        self._is_demo = is_demo
        self.commanding = Commanding(self)
        self.copying = Copying(self)
        self.rewinding = Rewinding(self)
        self.look = look or FirstLook()
        self.set_class(self.look.is_ascii, "-ascii")
        theme = self.look.theme or themes.default_name
        self.register_theme(themes.load(theme))
        self.theme = theme
        self.animation_level = "none"

    def get_default_screen(self) -> Screen[None]:
        """Return the main screen, which takes keys before a session is open."""
        return self.main

    def on_mount(self) -> None:
        """Open the first session in the background."""
        self.app_resume_signal.subscribe(self, lambda _: self.refresh(layout=True))
        # After the first picture: the imports behind a session would take the interpreter from it.
        self.call_after_refresh(self.open_session, resume=self._resume, is_demo=self._is_demo)

    def open_session(
        self,
        *,
        resume: str | None = None,
        model: tuple[str, str] | None = None,
        is_demo: bool = False,
        prompt: str = "",
    ) -> None:
        """Open another session in the background; a prompt is sent when it is there."""
        if prompt:
            self._early.append(prompt)
        work = self._open(resume=resume, model=model, is_demo=is_demo)
        self.run_worker(work, group="open", exclusive=True)

    def submit(self, op: Op) -> None:
        """Ask the session for something, and show it if that cannot be done."""
        try:
            self.desk.submit(op)
        except TrashclawError as error:
            self.complain(error)

    def say(self, text: str, attached: str = "") -> None:
        """Send words of the person's to the model, now or when a session is open."""
        if self.desk.session is None:
            self._early.append(text)
            self.tell("Sent as soon as the session is open.")
        else:
            from trashclaw.protocol.ops import TurnStart, TurnSteer

            self.submit((TurnSteer if self.desk.is_running else TurnStart)(text=text, attached=attached))

    def tell(self, text: str) -> None:
        """Show a short notice."""
        self.notify(visible(text), markup=False, timeout=4)

    def complain(self, error: TrashclawError) -> None:
        """Show what could not be done, and the next thing to do."""
        self.notify(visible(str(error)), title="That did not work", severity="error", markup=False, timeout=8)

    def use_theme(self, name: str) -> None:
        """Change the theme."""
        try:
            self.register_theme(self.themes.load(name))
        except TrashclawError as error:
            self.complain(error)
        else:
            self.theme = name

    @on(msg.PromptSent)
    def take_prompt(self, message: msg.PromptSent) -> None:
        """Run a typed command, or send the words."""
        self.commanding.take(message)

    @on(msg.InterruptAsked)
    @on(msg.EntryRecalled)
    @on(msg.ApprovalGiven)
    @on(msg.QuestionAnswered)
    def pass_on(self, message: Message) -> None:
        """Submit the op that a wish stands for."""
        from trashclaw.faces.tui.bridge import op_for

        if isinstance(message, msg.InterruptAsked) and self.rewinding.note_escape(
            is_prompt_empty=len(self.screen_stack) == 1 and not self.main.prompt.text
        ):
            self.run_worker(self.shown(self.rewinding.run()), group="command")
            return
        op = op_for(message, is_running=self.desk.is_running)
        if op is not None and self.desk.session is not None:
            self.submit(op)

    @on(msg.EditWanted)
    def _edit_proposal(self, message: msg.EditWanted) -> None:
        """Open a proposed file in the editor."""
        from trashclaw.faces.tui.reviewing import edit_proposal

        self.run_worker(edit_proposal(self, message.pane), group="edit", exclusive=True)

    @on(msg.PathsWanted)
    def _find_paths(self) -> None:
        """Look for the files that can be named."""
        self.run_worker(self.shown(self._list_paths()), group="paths", exclusive=True)

    def action_help(self) -> None:
        """Show the help."""
        from trashclaw.faces.tui.screens.help import help_screen

        commands = [(f"/{name} {hint}".rstrip(), words) for name, hint, words in self.commanding.listed()]
        self.push_screen(help_screen(commands))

    def action_palette(self) -> None:
        """Show the command palette."""
        from trashclaw.faces.tui.palette import open_palette

        if len(self.screen_stack) == 1:
            self.run_worker(self.shown(open_palette(self)), group="command")

    def action_next_mode(self) -> None:
        """Go to the next mode."""
        from trashclaw.protocol.modes import Mode
        from trashclaw.protocol.ops import SettingsSet

        if self.desk.session is not None:
            modes = list(Mode)
            following = modes[(modes.index(self.desk.session.transcript.mode) + 1) % len(modes)]
            self.submit(SettingsSet(mode=following))

    def action_interrupt(self) -> None:
        """Stop the running turn."""
        self.post_message(msg.InterruptAsked())

    def action_copy_answer(self) -> None:
        """Copy the selection, or the last answer."""
        self.copying.copy_answer()

    async def action_copy_or_quit(self) -> None:
        """Copy what is selected; without a selection, quit at the second time."""
        if not self.copying.copy_selection() and self.copying.is_second_time():
            await self.action_leave()

    async def action_leave(self) -> None:
        """Close the session and quit."""
        session_id = self.desk.resumable_id
        await self.shown(self.desk.close())
        self.exit(session_id)

    async def _open(self, *, resume: str | None, model: tuple[str, str] | None, is_demo: bool) -> None:
        try:
            if not is_demo:
                await ask_trust(self)
            bridge = await self.desk.open(resume=resume, model=model, is_demo=is_demo)
        except TrashclawError as error:
            await show_failure(self, error)
            return
        session = bridge.session
        self.main.set_facts(session.workspace_root.name, session.branch(), is_trusted=session.is_trusted)
        self.main.composer.set_candidates(
            commands=self.commanding.candidates(), paths=(), arguments=self.commanding.argument_candidates()
        )
        bridge.replay()
        self.run_worker(bridge.run(), group="bridge", exclusive=True)
        self.run_worker(tell_sandbox(self, self.main), group="sandbox", exclusive=True)
        early, self._early = self._early, []
        for text in early:
            self.take_prompt(msg.PromptSent(text, text))

    async def shown(self, work: Coroutine[None, None, None]) -> None:
        """Run something that may fail, and show it if it does."""
        try:
            await work
        except TrashclawError as error:
            self.complain(error)

    async def _list_paths(self) -> None:
        from trashclaw.faces.tui.completion import Candidate

        paths = await self.desk.need_session().list_paths()
        self.main.composer.set_candidates(paths=[Candidate(path) for path in paths])
