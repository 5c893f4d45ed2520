"""Runs the full-screen app and says, when it ends, how to come back."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from trashclaw.faces.tui import terminal
from trashclaw.faces.tui.app import TrashclawApp
from trashclaw.faces.tui.colours import settle_colours
from trashclaw.faces.tui.keymap import learn_legacy_keys
from trashclaw.faces.tui.terminal_ground import can_be_asked
from trashclaw.faces.tui.themes import ThemeShelf, has_light_background
from trashclaw.faces.visible import visible_line

if TYPE_CHECKING:
    from trashclaw.config.first_look import FirstLook
    from trashclaw.faces.ports import ModelScout, SessionOpener, SettingsSource, TrustSource, UnsentKeeper
    from trashclaw.faces.tui.tab import Farewell
    from trashclaw.session.fork_point import ForkPoint

TITLE_CHARS = 72
_SWITCH_S = 0.0005
"""So long a thread may hold the interpreter when the screen wants it; Python's own 5 ms are seen in each key."""


def run_tui(
    open_session: SessionOpener,
    *,
    theme_files: Sequence[Path],
    trust: TrustSource | None = None,
    settings: SettingsSource | None = None,
    unsent: UnsentKeeper | None = None,
    scout: ModelScout | None = None,
    look: FirstLook,
    initial_prompt: str = "",
    resume: str | ForkPoint | None = None,
    is_demo: bool = False,
    is_inline: bool = False,
) -> int:
    """Run the app until the person leaves, and return the exit code; `is_inline`: below the terminal's scrollback.

    Raises:
        ConfigError: no theme can be read.
    """
    _prepare()
    look = replace(look, is_ascii=look.is_ascii or needs_ascii(os.environ))
    asks_ground = not look.theme and can_be_asked(os.environ)
    kind: type[TrashclawApp] = TrashclawApp
    if is_inline:
        from trashclaw.faces.tui.inline_app import InlineApp

        kind, look = InlineApp, look_below(look, is_light=has_light_background(os.environ))
    app = kind(
        open_session,
        ThemeShelf(theme_files, is_light=has_light_background(os.environ)),
        trust=trust,
        settings=settings,
        unsent=unsent,
        scout=scout,
        look=look,
        initial_prompt=initial_prompt,
        resume=resume,
        is_demo=is_demo,
    )
    app.asks_ground = asks_ground
    if not is_inline:
        _use_quiet_driver(app)
    settle_colours(app, os.environ)
    _print_last(farewell_lines(asyncio.run(_run(app))))
    return app.return_code or 0


def _prepare() -> None:
    sys.setswitchinterval(_SWITCH_S)
    terminal.prepare()
    learn_legacy_keys()


def _use_quiet_driver(app: TrashclawApp) -> None:
    if sys.platform != "win32":
        from trashclaw.faces.tui.quiet_driver import QuietDriver

        app.driver_class = QuietDriver


def look_below(look: FirstLook, *, is_light: bool) -> FirstLook:
    """Return the look of a region below a scrollback: in the terminal's own colours, and its mouse left to it."""
    return replace(look, theme=look.theme or ("ansi-light" if is_light else "ansi-dark"), has_mouse=False)


def needs_ascii(environment: Mapping[str, str]) -> bool:
    """Tell whether the terminal can only be trusted with ASCII: the locale is not UTF-8, or it is a bare console."""
    locale = environment.get("LC_ALL") or environment.get("LC_CTYPE") or environment.get("LANG") or "UTF-8"
    is_utf8 = "utf-8" in locale.lower() or "utf8" in locale.lower()
    return not is_utf8 or environment.get("TERM") in {"linux", "dumb"}


def farewell_lines(farewells: Sequence[Farewell]) -> str:
    """Return how to come back: a line for one session; for several, each with what it was about."""
    lines = [f"trashclaw --resume {farewell.session_id}\n" for farewell in farewells]
    if len(lines) > 1:
        titles = [visible_line(farewell.title)[:TITLE_CHARS] for farewell in farewells]
        lines = [f"{title}:\n  {line}" for title, line in zip(titles, lines, strict=True)]
    return "".join(lines)


def _print_last(lines: str) -> None:
    """Print lines, unless the terminal has gone away."""
    try:
        sys.stdout.write(lines)
        sys.stdout.flush()
    except OSError:
        return


async def _run(app: TrashclawApp) -> Sequence[Farewell]:
    try:
        with terminal.ended_by_signals(app, app.tabs.farewells):
            return await app.run_async(mouse=app.look.has_mouse) or ()
    finally:
        await app.tabs.close()
