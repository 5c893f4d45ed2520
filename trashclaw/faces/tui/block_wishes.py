"""What becomes of wishes about a block of the conversation: files it names are opened, a turn is tried again."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from trashclaw.faces.tui import messages as msg
from trashclaw.faces.tui.keymap import sentence
from trashclaw.faces.visible import visible, visible_line

if TYPE_CHECKING:
    from trashclaw.faces.tui.app import TrashclawApp
    from trashclaw.faces.tui.source import FilePlace
    from trashclaw.faces.tui.tab import Tab


class BlockWishes:
    """Carries wishes about blocks out for one app."""

    def __init__(self, app: TrashclawApp) -> None:
        self._app = app
        self._sent_again = ""
        """Words that go out again once they are back in the editor."""

    def copy(self, message: msg.TextCopied) -> None:
        """Copy words of a block."""
        if message.text.strip():
            self._app.copying.copy(message.text, message.what)
        else:
            self._app.tell("There is nothing to copy in this block.")

    async def open_place(self, tab: Tab, places: Sequence[FilePlace]) -> None:
        """Open a file of the tab's workspace in the editor, of several the one that is chosen; only within a worker.

        Raises:
            TrashclawError: no session is open, there is no editor, or it failed.
        """
        from trashclaw.faces.tui.editor import open_file

        root = tab.desk.need_session().workspace_root
        found = await asyncio.to_thread(existing, root, places)
        if not found:
            self._app.tell("This block names no file of the workspace.")
            return
        place = found[0] if len(found) == 1 else await self._choose(tab, found)
        if place is not None:
            await open_file(self._app, root / place.path, place.line)

    async def _choose(self, tab: Tab, places: Sequence[FilePlace]) -> FilePlace | None:
        from trashclaw.faces.tui.completion import Candidate
        from trashclaw.faces.tui.screens.choice import ChoiceScreen

        named = {visible_line(str(place)): place for place in places}
        choices = [Candidate(name) for name in named]
        screen = ChoiceScreen("Open in your editor", choices, "Nothing fits.")
        chosen = await self._app.push_screen_wait(screen, mode=tab.mode)
        return named.get(chosen or "")

    def go_back(self, tab: Tab, message: msg.GoBackWanted) -> None:
        """Take the tab's conversation back to before a message, whose words come back into the editor.

        What fails is shown; a draft that stands in the editor is kept below them, and then nothing is sent.
        """
        from trashclaw.protocol.checkpoints import RestorePart
        from trashclaw.protocol.ops import CheckpointRestore

        if tab.desk.is_running:
            self._app.tell(f"A turn is running: stop it first. {sentence('turn.interrupt', 'stops it')}".strip())
            return
        self._sent_again = message.text if message.is_sent else ""
        self._app.submit(CheckpointRestore(item_id=message.item_id, part=RestorePart.CONVERSATION), tab)

    def note_replay(self, message: msg.Replayed) -> None:
        """Send words again that have come back into the editor for that."""
        words, self._sent_again = self._sent_again, ""
        prompt = self._app.main.prompt
        if words and message.prompt == words and prompt.text == visible(words, keep_tabs=True):
            prompt.action_send()


def existing(root: Path, places: Iterable[FilePlace]) -> Sequence[FilePlace]:
    """Return the places that are in files below a folder, with their paths relative to it; symlinks out are none."""
    base = root.resolve()
    from trashclaw.faces.tui.source import FilePlace

    found: dict[FilePlace, None] = {}
    for place in places:
        path = place.path.removeprefix("./")
        try:
            file = (base / path).resolve()
            is_ours = file.is_relative_to(base) and file.is_file()
        except (OSError, ValueError, RuntimeError):
            continue
        if is_ours:
            found.setdefault(FilePlace(file.relative_to(base).as_posix(), place.line))
    lined = {place.path for place in found if place.line}
    return tuple(place for place in found if place.line or place.path not in lined)
