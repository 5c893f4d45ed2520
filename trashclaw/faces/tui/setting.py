"""A setting is changed from the screen: written down, applied at once where that is possible, and told."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from trashclaw.config.setting_files import (
    SettingFile,
    SettingsView,
    overruled,
    read_own_settings,
    refuse_loosening,
    reset_setting,
    write_setting,
)
from trashclaw.config.setting_kinds import value_typed
from trashclaw.config.tightening import value_of
from trashclaw.faces.tui.bare_signs import use_ascii

if TYPE_CHECKING:
    from trashclaw.faces.tui.app import TrashclawApp

AT_ONCE = frozenset({"ui.theme", "ui.ascii", "ui.notify", "ui.title"})
"""What holds as soon as it is written; the rest is read when a session, or the program, begins."""

_AT_START = frozenset({"ui.mouse", "ui.vim"})


class Setting:
    """Changes settings of one app."""

    def __init__(self, app: TrashclawApp) -> None:
        self._app = app

    async def view(self) -> SettingsView:
        """Return the settings as they are now.

        Raises:
            TrashclawError: a file of them is wrong.
        """
        source = self._app.settings_source
        return await source.read() if source is not None else await asyncio.to_thread(read_own_settings)

    async def store(self, view: SettingsView, key: str, text: str, *, is_for_project: bool = False) -> str:
        """Write what was typed for a setting, and return what to say of it.

        Raises:
            TrashclawError: it is not usable, may not be said there, or cannot be written; nothing was changed.
        """
        value = value_typed(view.loaded.settings, key, text)
        file = _file(view, is_for_project=is_for_project)
        if file.is_project:
            await asyncio.to_thread(refuse_loosening, key, value)
        written = await asyncio.to_thread(write_setting, file, key, value, trust=view.trust)
        return await self._settled(written, key, f"{key} is written to {file.path}.")

    async def reset(self, view: SettingsView, key: str, *, is_for_project: bool = False) -> str:
        """Take a setting out of a file, and return what to say of it.

        Raises:
            TrashclawError: it cannot be written; nothing was changed.
        """
        file = _file(view, is_for_project=is_for_project)
        written = await asyncio.to_thread(reset_setting, file, key, trust=view.trust)
        if written is file:
            return f"{file.path} does not set {key}."
        return await self._settled(written, key, f"{key} is no longer in {file.path}.")

    async def _settled(self, written: SettingFile, key: str, done: str) -> str:
        """Apply what holds now, and return what there is to say."""
        view = await self.view()
        hindrance = overruled(view.loaded.origins[key], written)
        if hindrance:
            return f"{done} {hindrance}"
        if key in AT_ONCE:
            self._apply(key, view)
            return f"{done} It holds at once."
        when = "from the next start on" if key in _AT_START else "from the next session on"
        return f"{done} It holds {when}."

    def _apply(self, key: str, view: SettingsView) -> None:
        value = value_of(view.loaded.settings, key)
        if key == "ui.theme":
            self._app.look = replace(self._app.look, theme=value)
            self._app.theming.use(value or self._app.themes.default_name)
        elif key == "ui.ascii":
            self._app.look = replace(self._app.look, is_ascii=value)
            use_ascii(self._app, value)
            self._app.refresh_css(animate=False)
        elif key == "ui.title":
            self._app.look = replace(self._app.look, has_title=value)
            self._app.tabs.terminal_title.show()
        else:
            self._app.look = replace(self._app.look, notify=value)


def _file(view: SettingsView, *, is_for_project: bool) -> SettingFile:
    return view.project if is_for_project and view.project is not None else view.own
