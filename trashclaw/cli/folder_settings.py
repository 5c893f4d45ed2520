"""The settings of the folder of a run, read anew each time that they are looked at."""

from __future__ import annotations

import argparse
import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trashclaw.config.setting_files import SettingsView


class FolderSettings:
    """Reads the settings that hold in the folder, and finds the files that they can be written to."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._options = options

    async def read(self) -> SettingsView:
        """Return the settings as they are now.

        Raises:
            TrashclawError: a file of them is wrong.
        """
        return await asyncio.to_thread(self._read)

    def _read(self) -> SettingsView:
        from trashclaw.cli.place import find_place
        from trashclaw.config.paths import state_folder
        from trashclaw.config.setting_files import SettingsView, own_settings_file, project_settings_file
        from trashclaw.config.trust import TrustStore

        place = find_place(self._options)
        has_project = place.is_trusted and self._options.config is None
        project = project_settings_file(place.root) if has_project else None
        return SettingsView(place.loaded, own_settings_file(), project, TrustStore(state_folder()))
