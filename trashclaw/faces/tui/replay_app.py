"""A replay on its own, without a session behind it: for `trashclaw replay`."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from typing import TYPE_CHECKING

from textual.app import App

from trashclaw.config.first_look import FirstLook
from trashclaw.faces.tui import terminal
from trashclaw.faces.tui.bare_signs import use_ascii
from trashclaw.faces.tui.colours import settle_colours
from trashclaw.faces.tui.drawing.replay_line import AT_ONCE
from trashclaw.faces.tui.run import needs_ascii
from trashclaw.faces.tui.screens.replay import ReplayScreen
from trashclaw.faces.tui.themes import ThemeShelf, has_light_background
from trashclaw.faces.visible import visible

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from trashclaw.protocol.envelope import Envelope


class ReplayApp(App[None]):
    """Plays envelopes until the person leaves. It needs no model, opens no session and writes nothing."""

    TITLE = "trashclaw"
    CSS_PATH = "bare_signs.tcss"
    ENABLE_COMMAND_PALETTE = False

    def __init__(
        self, envelopes: Sequence[Envelope], themes: ThemeShelf, *, title: str, speed: float, look: FirstLook
    ) -> None:
        """`speed`: how much faster than it was; 0: at once."""
        super().__init__()
        self._replay = ReplayScreen(envelopes, title=title, speed=speed or AT_ONCE, can_fork=False)
        use_ascii(self, look.is_ascii)
        theme, self._early_problem = themes.load_or_another(look.theme or themes.default_name)
        self.register_theme(theme)
        self.theme = theme.name
        self.animation_level = "none"

    def on_mount(self) -> None:
        """Begin to play."""
        self.push_screen(self._replay, lambda _: self.exit())
        if self._early_problem is not None:
            self.notify(visible(str(self._early_problem)), severity="error", markup=False, timeout=8)


def play_on_screen(
    envelopes: Sequence[Envelope], *, title: str, speed: float, theme_files: Sequence[Path], look: FirstLook
) -> int:
    """Play a session on the whole screen until the person leaves, and return the exit code.

    Raises:
        ConfigError: no theme can be read.
    """
    terminal.prepare()
    look = replace(look, is_ascii=look.is_ascii or needs_ascii(os.environ))
    app = ReplayApp(
        envelopes,
        ThemeShelf(theme_files, is_light=has_light_background(os.environ)),
        title=title,
        speed=speed,
        look=look,
    )
    settle_colours(app, os.environ)
    asyncio.run(_run(app))
    return app.return_code or 0


async def _run(app: ReplayApp) -> None:
    with terminal.ended_by_signals(app):
        await app.run_async()
