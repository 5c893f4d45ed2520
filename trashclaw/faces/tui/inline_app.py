"""The app below the terminal's scrollback: finished blocks become normal lines, the rest is a region at the bottom."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from textual._compositor import InlineUpdate
from textual.geometry import Offset

from trashclaw.faces.tui.app import TrashclawApp
from trashclaw.faces.tui.inline_driver import InlineDriver
from trashclaw.faces.tui.inline_painter import Painter
from trashclaw.faces.tui.inline_screen import InlineScreen

if TYPE_CHECKING:
    from rich.console import RenderableType
    from textual.notifications import SeverityLevel
    from textual.screen import Screen
    from textual.strip import Strip

    from trashclaw.faces.tui.screens.main import MainScreen
    from trashclaw.faces.tui.tab import Farewell


class InlineApp(TrashclawApp):
    """The app, of which a region at the bottom is drawn; overlays and the whole screen come on the alternate screen."""

    INLINE_PADDING = 0

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self._is_expanded = False
        # xterm and the consoles leave lines as they are, others wrap them anew when the width changes.
        stays = "XTERM_VERSION" in os.environ or os.environ.get("TERM", "") in {"linux", "screen"}
        self._painter = Painter(wraps_again=not stays)
        super().__init__(*arguments, **options)
        self.driver_class = InlineDriver

    @property
    def is_whole(self) -> bool:
        """Whether the whole screen is drawn: since the person wants to see it, or for something that lies over it."""
        return self._is_expanded or len(self._screen_stacks.get(self._current_mode, ())) > 1

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Return what Textual's style of an inline screen asks for, which only its own themes have."""
        return {"ansi-background": "ansi_default"}

    def new_main(self) -> MainScreen:
        """Return the main screen of another tab."""
        return InlineScreen(self.grace_s)

    def expand(self) -> None:
        """Show the whole screen, or the region again."""
        self._is_expanded = not self._is_expanded
        self.region.set_expanded(is_expanded=self._is_expanded)
        self.screen._refresh_layout(self.size)
        self.screen.refresh(layout=True)

    @property
    def region(self) -> InlineScreen:
        """The main screen of the tab in front."""
        main = self.main
        assert isinstance(main, InlineScreen)
        return main

    def put_above(self, lines: Sequence[Strip]) -> None:
        """Have finished lines written above the region."""
        self._painter.put_above(lines)
        self.screen.refresh()

    def leave_region(self) -> str:
        """Return what takes the region away."""
        return self._painter.leave(self.console)

    def exit(
        self, result: Sequence[Farewell] | None = None, return_code: int = 0, message: RenderableType | None = None
    ) -> None:
        """Leave, with everything that was said in the scrollback."""
        self._painter.put_above(self.region.rest())
        self._previous_cursor_position = Offset(0, 0)
        super().exit(result, return_code, message)

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = True,
    ) -> None:
        """Show a notice above the prompt, where there is no room for one that lies over the rest."""
        if self.is_whole:
            super().notify(message, title=title, severity=severity, timeout=timeout, markup=markup)
        else:
            self.region.tell(f"{title}: {message}" if title else message, timeout or 5.0, is_error=severity == "error")

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        if not isinstance(renderable, InlineUpdate):
            super()._display(screen, renderable)
        elif self._running and not self._closed and self._driver is not None and not self._batch_count:
            painted = self._painter.paint(
                renderable.strips, self.cursor_position, self.size, self.console, self.region.newest
            )
            if painted or getattr(self._driver, "is_elsewhere", False):
                self._begin_update()
                self._driver.write(painted)
                self._end_update()
                self._driver.flush()
            self._previous_cursor_position = Offset(0, 0)
            self.post_display_hook()
