"""A terminal of which only the bottom is drawn on; the alternate screen is for what lies over it."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from textual.messages import TerminalSupportsSynchronizedOutput

from trashclaw.faces.tui.quiet_driver import QuietDriver

if TYPE_CHECKING:
    from textual.message import Message

    from trashclaw.faces.tui.inline_app import InlineApp

ENTER, LEAVE = "\x1b[?1049h", "\x1b[?1049l"


class InlineDriver(QuietDriver):
    """Textual's own driver, whose screen is the normal one until something has to be shown on all of it."""

    _is_alternate = False

    @property
    def is_inline(self) -> bool:
        """Whether the region is drawn now, and not the whole screen."""
        return not cast("InlineApp", self._app).is_whole

    @property
    def is_elsewhere(self) -> bool:
        """Whether another screen is shown than what is drawn now belongs on."""
        return self._is_alternate is self.is_inline

    def write(self, data: str) -> None:
        """Write, on the screen that is for what is shown now; Textual would always be on the alternate one."""
        if data in {ENTER, LEAVE}:
            return
        if self.is_elsewhere:
            self._is_alternate = not self._is_alternate
            super().write(ENTER if self._is_alternate else LEAVE)
        super().write(data)

    def stop_application_mode(self) -> None:
        """Take the region away and leave the cursor in its place, as for a shell's prompt."""
        if self._is_alternate:
            self._is_alternate = False
            super().write(LEAVE)
        super().write(cast("InlineApp", self._app).leave_region())
        super().stop_application_mode()

    def process_message(self, message: Message) -> None:
        """Draw whole frames where the terminal can; Textual does so on the alternate screen only."""
        if isinstance(message, TerminalSupportsSynchronizedOutput):
            self._app._sync_available = True
        super().process_message(message)
