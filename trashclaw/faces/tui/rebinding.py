"""The person's own keys in a running app: read at the start, and again when wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trashclaw.config.keymap_file import keymap_file
from trashclaw.protocol.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trashclaw.faces.tui.app import TrashclawApp


class Rebinding:
    """Keeps the app's keys those of the file; it is looked at when the terminal gets the focus back, never by time."""

    def __init__(self, app: TrashclawApp) -> None:
        self._app = app
        self._stamp: tuple[int, int] | None = None
        self.problems: Sequence[str] = ()
        """What is wrong with the file."""

    def begin(self) -> None:
        """Take the file over, and again whenever it was edited while the terminal had no focus."""
        self.load_if_changed()
        self._app.watch(self._app, "app_focus", self.load_if_changed, init=False)

    def load_if_changed(self) -> None:
        """Take the file over if it is another one than before."""
        stamp = _stamp()
        if stamp != self._stamp:
            self._stamp = stamp
            self._load()

    def reload(self) -> None:
        """Take the file over, and say what came of it."""
        self._stamp = _stamp()
        self._load()
        if not self.problems:
            count = len(self._app.key_table.rebound)
            self._app.tell(f"{count} of the actions {'has' if count == 1 else 'have'} keys of your own.")

    def _load(self) -> None:
        from trashclaw.faces.tui.keys.rebinding import notice_of, read_keys

        file = keymap_file()
        table, self.problems = read_keys(file)
        self._app.key_table = table
        self._app.set_keymap(table.textual_keymap())
        if self.problems:
            self._app.complain(ConfigError(f"{notice_of(file, self.problems)}\nThe other lines hold."))


def _stamp() -> tuple[int, int] | None:
    """Return what tells one state of the file from another, or `None` where there is none."""
    try:
        found = keymap_file().stat()
    except (OSError, ConfigError):
        return None
    return found.st_mtime_ns, found.st_size
