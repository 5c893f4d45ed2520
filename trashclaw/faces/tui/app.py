"""The full-screen app: opens sessions, passes wishes on as ops, and shows what went wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.binding import BindingType

from trashclaw.config.first_look import FirstLook
from trashclaw.faces.tui import messages as msg
from trashclaw.faces.tui.bare_signs import use_ascii
from trashclaw.faces.tui.block_wishes import BlockWishes
from trashclaw.faces.tui.commanding import Commanding
from trashclaw.faces.tui.copying import Copying
from trashclaw.faces.tui.keymap import USUAL, Group, bindings
from trashclaw.faces.tui.opening import Wanted, open_in
from trashclaw.faces.tui.reading import ReadingApp
from trashclaw.faces.tui.rebinding import Rebinding
from trashclaw.faces.tui.rewinding import Rewinding
from trashclaw.faces.tui.tabs import FIRST, Tabs
from trashclaw.faces.tui.terminal_ground import GroundTold
from trashclaw.faces.tui.theming import Theming
from trashclaw.faces.tui.widgets.grace import GRACE_S
from trashclaw.faces.visible import visible
from trashclaw.protocol.errors import TrashclawError

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from textual.message import Message

    from trashclaw.faces.ports import ModelScout, SessionOpener, SettingsSource, TrustSource, UnsentKeeper
    from trashclaw.faces.tui.screens.main import MainScreen
    from trashclaw.faces.tui.tab import Tab
    from trashclaw.faces.tui.themes import ThemeShelf
    from trashclaw.protocol.ops import Op
    from trashclaw.session.fork_point import ForkPoint


class TrashclawApp(ReadingApp):
    """The app. Returns how to come back to each session that was open and in which something was said."""

    TITLE = "trashclaw"
    CSS_PATH: ClassVar = ["layout.tcss", "bare_signs.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = bindings(Group.ANYWHERE)
    DEFAULT_MODE = FIRST
    ENABLE_COMMAND_PALETTE = False

    def __init__(
        self,
        opener: SessionOpener,
        themes: ThemeShelf,
        *,
        trust: TrustSource | None = None,
        settings: SettingsSource | None = None,
        unsent: UnsentKeeper | None = None,
        scout: ModelScout | None = None,
        look: FirstLook | None = None,
        initial_prompt: str = "",
        resume: str | ForkPoint | None = None,
        is_demo: bool = False,
        grace_s: float = GRACE_S,
    ) -> None:
        super().__init__()
        self.themes = themes
        self.trust, self.scout, self.grace_s = trust, scout, grace_s
        self._unsent, self._given = unsent, initial_prompt
        self.tabs = Tabs(self, opener)
        self.tabs.current.early += [initial_prompt] if initial_prompt else []
        self._first = Wanted(resume=resume, is_demo=is_demo)
        self.commanding = Commanding(self)
        self.copying = Copying(self)
        self.block_wishes = BlockWishes(self)
        self.rewinding = Rewinding(self)
        self.rebinding = Rebinding(self)
        self.theming = Theming(self)
        self.settings_source = settings
        self.asks_ground = False
        """Whether the terminal is asked for its background, since nobody chose a theme."""

        self.recent: list[str] = []
        self.key_table = USUAL
        self.look = look or FirstLook()
        use_ascii(self, self.look.is_ascii)
        self._early_problem = self.theming.begin_with(self.look.theme or themes.default_name)
        self.animation_level = "none"

    def new_main(self) -> MainScreen:
        """Return the main screen of another tab."""
        from trashclaw.faces.tui.screens.main import MainScreen

        screen = MainScreen(self.grace_s)
        # Its styles are made from those that are read now; Textual would read them all once more for it.
        screen._css_update_count = self._css_update_count
        return screen

    def on_mount(self) -> None:
        """Open the first session in the background."""
        self.app_resume_signal.subscribe(self, lambda _: self._draw_again())
        self.rebinding.begin()
        self.theming.begin()
        if self._early_problem is not None:
            self.complain(self._early_problem)
        # After the first picture: the imports behind a session would take the interpreter from it.
        self.call_after_refresh(self.open_in, self.tabs.current, self._first)

    @on(GroundTold)
    def _fit_ground(self, message: GroundTold) -> None:
        if self.asks_ground:
            self.theming.fit_ground(is_light=message.is_light)
        self.asks_ground = False

    def _draw_again(self) -> None:
        """Take the terminal up again that was another program's."""
        self.refresh(layout=True)
        self.tabs.terminal_title.show_again()

    def open_session(
        self,
        tab: Tab | None = None,
        *,
        resume: str | None = None,
        model: tuple[str, str] | None = None,
        is_demo: bool = False,
        prompt: str = "",
    ) -> None:
        """Open another session in a tab, else in the one in front; a prompt is sent when it is there."""
        tab = tab or self.tabs.current
        tab.early += [prompt] if prompt else []
        self.open_in(tab, Wanted(resume, model, is_demo))

    def open_in(self, tab: Tab, wanted: Wanted) -> None:
        """Open a session in a tab, in the background; the one that is open there is closed then."""
        self.run_worker(open_in(self, tab, wanted), group=f"open-{tab.mode}", exclusive=True)

    def submit(self, op: Op, tab: Tab | None = None) -> bool:
        """Ask the session of a tab, else of the one in front, and show what is refused; tell whether it was taken."""
        try:
            (tab or self.tabs.current).desk.submit(op)
        except TrashclawError as error:
            self.complain(error)
            return False
        return True

    def say(self, text: str, attached: str = "", tab: Tab | None = None) -> None:
        """Send words of the person's to the model in a tab, else in the one in front, now or when a session is open."""
        tab = tab or self.tabs.current
        if tab.desk.session is None:
            tab.early.append(text)
            self.tell("Sent as soon as the session is open.")
        else:
            from trashclaw.protocol.ops import TurnStart, TurnSteer

            self.submit((TurnSteer if tab.desk.is_running else TurnStart)(text=text, attached=attached), tab)

    def tell(self, text: str) -> None:
        """Show a short notice."""
        self.notify(visible(text), markup=False, timeout=4)

    def complain(self, error: TrashclawError) -> None:
        """Show what could not be done, and the next thing to do."""
        self.notify(visible(str(error)), title="That did not work", severity="error", markup=False, timeout=8)

    @on(msg.PromptSent)
    def take_prompt(self, message: msg.PromptSent) -> None:
        """Run a typed command, or send the words."""
        self.commanding.take(message, self.tabs.asked_in(message))

    @on(msg.InterruptAsked)
    @on(msg.EntryRecalled)
    @on(msg.EntryMoved)
    @on(msg.ApprovalGiven)
    @on(msg.RevertWanted)
    @on(msg.QuestionAnswered)
    def pass_on(self, message: Message, tab: Tab | None = None) -> None:
        """Submit the op that a wish stands for, in the tab in which it was uttered."""
        from trashclaw.faces.tui.bridge import op_for

        tab = tab or self.tabs.asked_in(message)
        if isinstance(message, msg.InterruptAsked) and self.rewinding.note_escape(
            tab, is_prompt_empty=len(self.screen_stack) == 1 and not tab.main.prompt.text
        ):
            self.run_worker(self.shown(self.rewinding.run(tab)), group=tab.command_group)
            return
        op = op_for(message, is_running=tab.desk.is_running)
        is_refused = op is not None and tab.desk.session is not None and not self.submit(op, tab)
        if is_refused and isinstance(message, msg.PromptSent):
            tab.main.composer.give_back(message)

    @on(msg.EditWanted)
    def _edit_proposal(self, message: msg.EditWanted) -> None:
        """Open a proposed file in the editor."""
        from trashclaw.faces.tui.reviewing import edit_proposal

        tab = self.tabs.asked_in(message)
        self.run_worker(edit_proposal(self, tab, message.pane), group=tab.edit_group, exclusive=True)

    def action_help(self) -> None:
        """Show the help, or close it."""
        from trashclaw.faces.tui.screens.help import HelpScreen
        from trashclaw.faces.tui.standing import groups_here

        if isinstance(self.screen, HelpScreen):
            self.screen.dismiss()
            return
        commands = [(f"/{name} {hint}".rstrip(), words) for name, hint, words in self.commanding.listed()]
        self.push_screen(HelpScreen(commands, groups_here(self.screen)))

    def action_settings(self) -> None:
        """Show the settings."""
        self.commanding.run("settings", "")

    def action_palette(self) -> None:
        """Show the command palette, or close it."""
        from trashclaw.faces.tui.palette import open_palette
        from trashclaw.faces.tui.screens.palette import PaletteScreen

        if isinstance(self.screen, PaletteScreen):
            self.screen.dismiss(None)
        else:
            tab = self.tabs.current
            self.run_worker(self.shown(open_palette(self, tab)), group=tab.command_group)

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

    def copy_to_clipboard(self, text: str) -> None:
        """Copy what was copied or cut in a field, every way that there is."""
        self.copying.copy(text, "the selection")

    def action_copy_answer(self) -> None:
        """Copy the selection, or the last answer."""
        self.copying.copy_answer()

    async def action_copy_or_quit(self) -> None:
        """Copy what is selected; without a selection, quit at the second time."""
        if not self.copying.copy_or_clear() and self.copying.is_second_time():
            await self.action_leave()

    async def action_leave(self) -> None:
        """Close all sessions and quit."""
        farewells = self.tabs.farewells()
        await self.shown(self.tabs.close())
        self.exit(farewells)

    async def shown(self, work: Coroutine[Any, Any, object]) -> None:
        """Run something that may fail, and show it if it does."""
        try:
            await work
        except TrashclawError as error:
            self.complain(error)
