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
from trashclaw.faces.tui.keymap import learn_legacy_keys
from trashclaw.faces.tui.themes import ThemeShelf

if TYPE_CHECKING:
    from trashclaw.config.first_look import FirstLook
    from trashclaw.faces.tui.bridge import SessionOpener
    from trashclaw.faces.tui.opening import TrustSource


def run_tui(
    open_session: SessionOpener,
    *,
    theme_files: Sequence[Path],
    trust: TrustSource | None = None,
    look: FirstLook,
    initial_prompt: str = "",
    resume: str | None = None,
    is_demo: bool = False,
) -> int:
    """Run the app until the person leaves, and return the exit code.

    Raises:
        ConfigError: the theme is unknown or its file is wrong.
    """
    terminal.prepare()
    learn_legacy_keys()
    app = TrashclawApp(
        open_session,
        ThemeShelf(theme_files),
        trust=trust,
        look=replace(look, is_ascii=look.is_ascii or needs_ascii(os.environ)),
        initial_prompt=initial_prompt,
        resume=resume,
        is_demo=is_demo,
    )
    session_id = asyncio.run(_run(app))
    if session_id:
        _print_last(f"trashclaw --resume {session_id}\n")
    return app.return_code or 0


def needs_ascii(environment: Mapping[str, str]) -> bool:
    """Tell whether the terminal can only be trusted with ASCII: the locale is not UTF-8, or it is a bare console."""
    locale = environment.get("LC_ALL") or environment.get("LC_CTYPE") or environment.get("LANG") or "UTF-8"
    is_utf8 = "utf-8" in locale.lower() or "utf8" in locale.lower()
    return not is_utf8 or environment.get("TERM") in {"linux", "dumb"}


def _print_last(line: str) -> None:
    """Print a line, unless the terminal has gone away."""
    try:
        sys.stdout.write(line)
        sys.stdout.flush()
    except OSError:
        return


async def _run(app: TrashclawApp) -> str | None:
    try:
        with terminal.ended_by_signals(app):
            return await app.run_async()
    finally:
        await app.desk.close()
