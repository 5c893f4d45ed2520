"""The settings: all of them by section, found by typing, with their layer, and changed where they stand."""

from __future__ import annotations

from collections.abc import Coroutine, Sequence
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import on
from textual.widgets import Input

from trashclaw.config.setting_files import SettingRow, SettingsView, setting_rows
from trashclaw.config.setting_kinds import Kind, kind_of, text_of, value_typed
from trashclaw.faces.tui.drawing.lines import plain, wrap
from trashclaw.faces.tui.drawing.look import Look
from trashclaw.faces.tui.drawing.settings import detail_lines, found_settings, setting_lines
from trashclaw.faces.tui.keymap import Group, bindings, hint, sentence
from trashclaw.faces.tui.screens.arrangement import SHORT
from trashclaw.faces.tui.screens.overlay import OverlayFrame, OverlayLines, OverlayScreen
from trashclaw.faces.tui.widgets.line_input import LineInput
from trashclaw.protocol.errors import TrashclawError

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from trashclaw.faces.tui.app import TrashclawApp
    from trashclaw.faces.tui.setting import Setting

THEME = "ui.theme"


class SettingsScreen(OverlayScreen[None]):
    """Every setting; Enter changes the current one."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(Group.SETTINGS)
    app: TrashclawApp
    DEFAULT_CSS = """
    SettingsScreen > OverlayFrame {
        width: 94%;
        max-width: 120;
        height: 94%;
    }
    SettingsScreen #typed {
        display: none;
        margin: 0;
        padding: 0 1;
        background: $panel;
    }
    SettingsScreen.-editing #typed {
        display: block;
    }
    SettingsScreen #list {
        height: 1fr;
    }
    SettingsScreen #detail, SettingsScreen #said {
        height: auto;
        max-height: 12;
    }
    SettingsScreen.-short #detail {
        max-height: 5;
    }
    """

    def __init__(self, setting: Setting, view: SettingsView, sought: str = "") -> None:
        """`sought` is what the list is narrowed down to at first."""
        super().__init__()
        self.VERTICAL_BREAKPOINTS = [(0, "-short"), (SHORT, "-tall")]
        self._setting = setting
        self._view = view
        self._rows = setting_rows(view.loaded)
        self._sought = sought
        self._found = found_settings(self._rows, sought)
        self._at = next((place for place, row in enumerate(self._found) if row.key == sought), 0)
        self._is_for_project = False
        self._said = ""
        self._is_wrong = False

    def compose(self) -> ComposeResult:
        """Place the search, the list, what is known of the current setting, and the line to type a value in."""
        with OverlayFrame("Settings"):
            search = LineInput("type to search")
            search.value = self._sought
            yield search
            for draw, name in ((self._list_lines, "list"), (self._detail_lines, "detail"), (self._said_lines, "said")):
                lines = OverlayLines(draw)
                lines.id = name
                lines.can_focus = False
                yield lines
                if name == "detail":
                    typed = LineInput("")
                    typed.id = "typed"
                    yield typed

    def on_mount(self) -> None:
        """Say which keys do what."""
        self.call_after_refresh(self._show)

    @property
    def current(self) -> SettingRow | None:
        """The setting that is pointed at."""
        return self._found[self._at] if self._found else None

    @property
    def _typed(self) -> LineInput:
        return self.query_one("#typed", LineInput)

    @on(LineInput.Stepped)
    def move(self, event: LineInput.Stepped) -> None:
        """Go to another setting, unless a value is being typed."""
        if self._found and not self.has_class("-editing"):
            self._at = max(0, min(len(self._found) - 1, self._at + event.step))
            self._say("")

    def action_step_section(self, step: int) -> None:
        """Go to the first setting of another section."""
        if self.current is None or self.has_class("-editing"):
            return
        sections = list(dict.fromkeys(row.section for row in self._found))
        wanted = sections[(sections.index(self.current.section) + step) % len(sections)]
        self._at = next(place for place, row in enumerate(self._found) if row.section == wanted)
        self._say("")

    @on(Input.Changed)
    def take_typed(self, event: Input.Changed) -> None:
        """Narrow the list down, or check the value as it stands."""
        row = self.current
        if event.input is not self._typed:
            self._found = found_settings(self._rows, event.value)
            self._at = 0
            self._say("")
        elif row is not None and self.has_class("-editing"):
            try:
                value_typed(self._view.loaded.settings, row.key, event.value)
            except TrashclawError as error:
                self._say(str(error), is_wrong=True)
            else:
                self._say(sentence("line.accept", "writes it down"))

    @on(Input.Submitted)
    async def take_entered(self, event: Input.Submitted) -> None:
        """Begin to change the current setting, or write down what was typed."""
        row = self.current
        if row is None:
            return
        if event.input is self._typed:
            if await self._store(row.key, event.value):
                self._end_editing()
        elif kind_of(row.key).kind is Kind.SWITCH:
            await self._store(row.key, "off" if row.value else "on")
        elif row.key == THEME or kind_of(row.key).kind is Kind.CHOICE:
            self.run_worker(self._choose(row), group="choice", exclusive=True)
        else:
            self.add_class("-editing")
            self._typed.value = "" if row.value is None else text_of(row.value)
            self._typed.cursor_position = len(self._typed.value)
            self._typed.focus()
            self._say("")

    async def action_reset(self) -> None:
        """Take the current setting out of the file."""
        if self.current is not None:
            await self._change(self._setting.reset(self._view, self.current.key, is_for_project=self._is_for_project))

    def action_switch_file(self) -> None:
        """Write to the other file from now on."""
        if self._view.project is None:
            self._say("There is no project's file to write to: the folder is not trusted, or another file was named.")
            return
        self._is_for_project = not self._is_for_project
        self._say("")

    def action_leave(self) -> None:
        """Leave the line that is typed in, or close the settings."""
        if self.has_class("-editing"):
            self._end_editing()
            self._say("Nothing was written.")
        else:
            self.dismiss()

    async def _choose(self, row: SettingRow) -> None:
        """Let one of the words be chosen that the setting takes."""
        from trashclaw.faces.tui.completion import Candidate
        from trashclaw.faces.tui.screens.choice import ChoiceScreen

        if row.key == THEME:
            chosen = await self.app.theming.choose("Theme, from now on")
        else:
            choices = [Candidate(word, "default" if word == text_of(row.default) else "") for word in self._words(row)]
            screen = ChoiceScreen(row.key, choices, "There is no such word.", start=text_of(row.value))
            chosen = await self.app.push_screen_wait(screen)
        if chosen is not None:
            await self._store(row.key, chosen)

    def _words(self, row: SettingRow) -> Sequence[str]:
        return kind_of(row.key).choices

    async def _store(self, key: str, text: str) -> bool:
        return await self._change(self._setting.store(self._view, key, text, is_for_project=self._is_for_project))

    async def _change(self, work: Coroutine[None, None, str]) -> bool:
        """Change something, show what came of it, and tell whether it was done."""
        key = self.current.key if self.current is not None else ""
        try:
            said = await work
            self._view = await self._setting.view()
        except TrashclawError as error:
            self._say(str(error), is_wrong=True)
            return False
        self._rows = setting_rows(self._view.loaded)
        self._found = [row for row in self._rows if row.key in {known.key for known in self._found}]
        self._at = next((place for place, row in enumerate(self._found) if row.key == key), 0)
        self._say(said)
        return True

    def _end_editing(self) -> None:
        self.remove_class("-editing")
        self.query(LineInput).first().focus()

    def _say(self, text: str, *, is_wrong: bool = False) -> None:
        self._said, self._is_wrong = text, is_wrong
        self._show()

    def _show(self) -> None:
        for pane in self.query(OverlayLines):
            pane.reload()
        pane = self.query_one("#list", OverlayLines)
        pane.reveal(setting_lines(self._found, self._at, max(20, pane.line_width), pane.look)[1])
        if self.has_class("-editing"):
            keys = [hint("line.accept", "writes it down"), hint("settings.close", "leaves it")]
        else:
            more = (hint("settings.reset", "default"), hint("settings.file", "other file"))
            keys = [hint("line.accept", "changes"), *more, hint("settings.close", "closes")]
        self.query_one(OverlayFrame).say(*keys)

    def on_resize(self) -> None:
        """Keep the current setting in view."""
        self.call_after_refresh(self._show)

    def _list_lines(self, width: int, look: Look) -> Sequence[Text]:
        return setting_lines(self._found, self._at, width, look)[0]

    def _detail_lines(self, width: int, look: Look) -> Sequence[Text]:
        file = self._view.project if self._is_for_project and self._view.project is not None else self._view.own
        return list(detail_lines(self.current, file.path, width, look)) if self.current is not None else ()

    def _said_lines(self, width: int, look: Look) -> Sequence[Text]:
        return wrap(plain(self._said, look.error if self._is_wrong else look.success), width, look)
