"""A screen whose first picture is drawn once, when everything is in it, and at once.

It leans on what `Screen` keeps to itself: `_compositor_refresh`, `_on_timer_update`, `_update_timer` and
`_dirty_widgets`. Its test fails when one of them changes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual import events, on
from textual.screen import ScreenResultType

from trashclaw.faces.tui.direct_compositor import DirectScreen

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.geometry import Size


LATEST_S = 2.0
"""By then the first picture comes, whatever became of the keys that it waits for."""


class FirstPictureScreen(DirectScreen[ScreenResultType]):
    """Textual composes a whole picture whenever a screen is laid out, at the start also those that nobody sees.

    Here the first one waits for the keys that were typed meanwhile, and is drawn when the screen has nothing left to do
    for it; the clock that Textual draws by would wait for another frame.
    """

    def __init__(self) -> None:
        super().__init__()
        self._is_due = self._is_drawn = False

    def call_behind_picture(self, callback: Callable[[], Any]) -> None:
        """Let the first picture come, and call something when it is there; now if it is."""
        # By way of the app, which comes to this once it runs and may draw, and of the widget that has the focus: the
        # keys that were typed until then are handed on, and handled, first.
        self.app.call_later(self._call_behind_keys, callback)
        self.set_timer(LATEST_S, lambda: self._insist(callback))

    def _call_behind_keys(self, callback: Callable[[], Any]) -> None:
        (self.focused or self).call_later(self._call_behind_drawing, callback)

    def _call_behind_drawing(self, callback: Callable[[], Any]) -> None:
        if not self._is_due:
            self._is_due = True
            self.call_after_refresh(callback)

    def _insist(self, callback: Callable[[], Any]) -> None:
        """Let the first picture come if it has not: what had the focus may be gone, and with it what it was told."""
        self._call_behind_drawing(callback)
        if not self._is_drawn and self.is_current:
            self._on_timer_update()
            if not self._is_drawn:
                self.set_timer(LATEST_S, lambda: self._insist(callback))

    @on(events.ScreenResume)
    def _know_styles(self, event: events.ScreenResume) -> None:
        # Those of a screen that comes up were found just before.
        event.refresh_styles = event.refresh_styles and self._is_drawn

    def _screen_resized(self, size: Size) -> None:
        if self._is_drawn or size != self._compositor.size:
            super()._screen_resized(size)

    def on_idle(self) -> None:
        """Draw the first picture."""
        if self._is_due and not self._is_drawn and self.is_current:
            self._on_timer_update()

    def _on_timer_update(self) -> None:
        self._is_drawn = self._is_drawn or (self._is_due and not self.app._batch_count)
        if self._is_drawn:
            super()._on_timer_update()
        else:
            self._update_timer.pause()

    def _compositor_refresh(self) -> None:
        if self._is_drawn:
            super()._compositor_refresh()
        else:
            self._dirty_widgets.add(self)
            self.check_idle()
