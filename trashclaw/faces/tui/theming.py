"""The theme of a running app: chosen with a preview, kept for later, and read again when its file was edited."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.app import App

from trashclaw.config.resources import theme_files
from trashclaw.faces.tui.themes import twin_of
from trashclaw.protocol.errors import TrashclawError

if TYPE_CHECKING:
    from pathlib import Path

    from trashclaw.faces.tui.app import TrashclawApp
    from trashclaw.protocol.errors import ConfigError

KEEP, NOT_KEEP = "from now on", "only now"
_FAULTS_TOLD = 3


class Theming:
    """Changes the theme; files are looked at when the terminal gets the focus back, never by time."""

    def __init__(self, app: TrashclawApp) -> None:
        self._app = app
        self._stamp: tuple[str, int, int] | None = None

    def begin_with(self, name: str) -> ConfigError | None:
        """Draw with a theme from the first picture on, or with another and what is to be told then.

        Set as a later one is, Textual would read all styles anew, twice, before there is anything to draw.

        Raises:
            ConfigError: no theme can be read.
        """
        app = self._app
        theme, problem = app.themes.load_or_another(name)
        app.register_theme(theme)
        app.set_reactive(App.theme, theme.name)
        classes = {f"-theme-{theme.name}": True, "-dark-mode": theme.dark, "-light-mode": not theme.dark}
        app.update_classes(classes, update=False)
        app._refresh_truecolor_filter(app.ansi_theme)
        app.stylesheet.set_variables(app.get_css_variables())
        return problem

    def begin(self) -> None:
        """Note the state of the theme's file, and look at it again whenever the terminal gets the focus back."""
        self._stamp = self._stamp_now()
        self._app.watch(self._app, "app_focus", self.reload_if_changed, init=False)

    def fit_ground(self, *, is_light: bool) -> None:
        """Take the theme for the terminal's background in place of its twin for the other one."""
        name = twin_of(self._app.theme, is_light=is_light)
        if name != self._app.theme:
            self.use(name)

    def use(self, name: str) -> bool:
        """Change the theme, or show what is wrong with its file; tell whether it was changed.

        From then on the terminal's background changes it no more.
        """
        try:
            self._app.register_theme(self._app.themes.load(name))
        except TrashclawError as error:
            self._app.complain(error)
            return False
        is_same = self._app.theme == name
        self._app.theme, self._app.asks_ground = name, False
        if is_same:
            # Textual takes a theme of the same name for the same one.
            self._app._watch_theme(name)
        self._stamp = self._stamp_now()
        return True

    def reload_if_changed(self) -> None:
        """Show the theme anew if its file was edited."""
        if self._stamp_now() != self._stamp:
            self.reload()

    def reload(self) -> bool:
        """Find the theme files again, and show the theme as its file has it now; tell whether that can be read."""
        self._app.themes.find(theme_files())
        self._stamp = self._stamp_now()
        return self.use(self._app.theme)

    async def choose(self, title: str = "Theme", mode: str | None = None) -> str | None:
        """Let a theme be chosen from a list in which each is shown at once; the old one comes back without a choice."""
        from trashclaw.faces.tui.completion import Candidate
        from trashclaw.faces.tui.screens.choice import ChoiceScreen

        before = self._app.theme
        self._app.themes.find(theme_files())
        names = [Candidate(name, self._about(name)) for name in self._app.themes.names]
        chosen = await self._app.push_screen_wait(
            ChoiceScreen(title, names, "There is no such theme.", start=before, on_point=self._preview), mode=mode
        )
        if self._app.theme != (chosen or before):
            self.use(chosen or before)
        return chosen

    def tell_faults(self, name: str) -> None:
        """Say what of a theme is hard to read, with figures."""
        faults = self._app.themes.faults(name)
        if faults:
            more = f", and {len(faults) - _FAULTS_TOLD} more" if len(faults) > _FAULTS_TOLD else ""
            self._app.tell(f"{name} is hard to read in places: {'; '.join(faults[:_FAULTS_TOLD])}{more}.")

    async def offer_to_keep(self, name: str, mode: str | None = None) -> None:
        """Ask whether a theme shall be that of later sessions too, and write it down then."""
        from trashclaw.faces.tui.completion import Candidate
        from trashclaw.faces.tui.screens.choice import ChoiceScreen
        from trashclaw.faces.tui.setting import Setting

        setting = Setting(self._app)
        view = await setting.view()
        if view.loaded.settings.ui.theme == name:
            return
        choices = [
            Candidate(KEEP, f"written to {view.own.path}"),
            Candidate(NOT_KEEP, "until you leave; nothing is written"),
        ]
        answer = await self._app.push_screen_wait(ChoiceScreen(f"{name}: for how long?", choices, ""), mode=mode)
        if answer == KEEP:
            self._app.tell(await setting.store(view, "ui.theme", name))

    def _preview(self, name: str) -> None:
        if name != self._app.theme:
            self.use(name)

    def _about(self, name: str) -> str:
        try:
            theme = self._app.themes.load(name)
        except TrashclawError:
            return "its file is wrong"
        words = "dark" if theme.dark else "light"
        return f"{words}, the terminal's own colours" if theme.ansi else words

    def _stamp_now(self) -> tuple[str, int, int] | None:
        name = self._app.theme
        file: Path | None = self._app.themes.file_of(name)
        try:
            found = file.stat() if file is not None else None
        except OSError:
            return None
        return (name, found.st_mtime_ns, found.st_size) if found is not None else None
