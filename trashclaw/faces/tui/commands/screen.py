"""What the commands about the screen itself do."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from trashclaw.directives.strict_yaml import read_source
from trashclaw.faces.tui.commands.room import CommandRoom
from trashclaw.protocol.errors import ConfigError, UsageError

RELOAD, EDIT = "reload", "edit"


class Commands(CommandRoom):
    """What the commands about the screen itself do, a method each."""

    async def do_help(self, arguments: str) -> None:
        """Show the help."""
        self._app.action_help()

    async def do_transcript(self, arguments: str) -> None:
        """Show the conversation on the whole screen."""
        self._app.action_pager()

    async def do_theme(self, arguments: str) -> None:
        """Change the theme, with a preview of each, or read its file again."""
        theming, mode = self._app.theming, self._tab.mode
        if arguments == RELOAD:
            if theming.reload():
                self._app.tell(f"{self._app.theme} is shown as its file has it now.")
                theming.tell_faults(self._app.theme)
            return
        if arguments:
            name = arguments if theming.use(arguments) else None
        else:
            name = await theming.choose(mode=mode)
        if name:
            theming.tell_faults(name)
            if not arguments:
                await theming.offer_to_keep(name, mode=mode)

    async def do_settings(self, arguments: str) -> None:
        """Show the settings; words say which."""
        from trashclaw.faces.tui.screens.settings import SettingsScreen
        from trashclaw.faces.tui.setting import Setting

        setting = Setting(self._app)
        self._show(SettingsScreen(setting, await setting.view(), arguments))

    async def do_keys(self, arguments: str) -> None:
        """Open the file of keys in the editor, or take it over."""
        if arguments == RELOAD:
            self._app.rebinding.reload()
        elif arguments in ("", EDIT):
            await self._edit_keys()
        else:
            raise UsageError(f"/keys does not know {arguments}.", f"It takes {EDIT} or {RELOAD}.")

    async def _edit_keys(self) -> None:
        """Open the file in the editor, with every action as a remark where there is no file yet."""
        from trashclaw.config.keymap_file import keymap_file
        from trashclaw.config.paths import private_folder
        from trashclaw.config.replacing import replace_file
        from trashclaw.faces.tui.editor import edit_text
        from trashclaw.faces.tui.keys.rebinding import keymap_template

        file = keymap_file()
        was = await asyncio.to_thread(_text, file)
        before = keymap_template(file) if was is None else was
        after = await edit_text(self._app, before, file.name)
        if after == was or (was is None and after == before):
            return
        if await asyncio.to_thread(_text, file) != was:
            raise ConfigError(f"{file} was changed meanwhile; nothing was written.", "/keys edits it as it is now.")
        private_folder(file.parent)
        await asyncio.to_thread(replace_file, file, after.encode(), mode=0o600)
        self._app.rebinding.reload()


def _text(file: Path) -> str | None:
    return read_source(file) if os.path.lexists(file) else None
