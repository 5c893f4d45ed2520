"""Runs the full-screen app; what a session is made of is imported behind the first picture."""

from __future__ import annotations

import argparse
import os
import sys
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING

from trashclaw.cli import garbage
from trashclaw.cli.folder_settings import FolderSettings
from trashclaw.cli.folder_trust import FolderTrust
from trashclaw.cli.opener import Opener
from trashclaw.cli.options import wanted_session
from trashclaw.cli.place import find_folder
from trashclaw.cli.unsent import UnsentDrafts
from trashclaw.config.first_look import find_first_look
from trashclaw.config.paths import state_folder
from trashclaw.config.resources import theme_files
from trashclaw.config.trust import TrustStore
from trashclaw.protocol.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trashclaw.protocol.envelope import Envelope


def replay_on_screen(options: argparse.Namespace, envelopes: Sequence[Envelope]) -> int:
    """Play a session on the whole screen; no session is opened."""
    from trashclaw.faces.tui.replay_app import play_on_screen

    settings = TrustStore(state_folder()).vouched_settings(find_folder(options))
    look = find_first_look(project_settings=settings, config_file=options.config)
    return play_on_screen(
        envelopes,
        title=options.rest[0],
        speed=1.0 if options.speed is None else options.speed,
        theme_files=theme_files(),
        look=replace(look, theme=options.theme or look.theme),
    )


def run_screen(options: argparse.Namespace) -> int:
    """Run the full-screen app."""
    if not (sys.stdin.isatty() and sys.stdout.isatty() and sys.stderr.isatty()):
        raise UsageError("The full-screen app needs a terminal.", "Use --batch to run a task without one.")
    if os.environ.get("TERM") == "dumb":
        raise UsageError("This terminal (TERM=dumb) cannot draw a screen.", "Use --plain to talk in lines, or --batch.")
    if options.inline and sys.platform == "win32":
        raise UsageError("--inline does not work on Windows yet.", "Leave it out for the whole screen.")
    garbage.put_off()
    from trashclaw.faces.tui.run import run_tui

    settings = TrustStore(state_folder()).vouched_settings(find_folder(options))
    resume = wanted_session(options)
    look = find_first_look(project_settings=settings, config_file=options.config)
    trust = FolderTrust(options)
    with ExitStack() as stack:
        opener = Opener(options, stack, trust)
        return run_tui(
            opener,
            scout=opener,
            trust=trust,
            settings=FolderSettings(options),
            unsent=UnsentDrafts(options),
            theme_files=theme_files(),
            look=replace(look, theme=options.theme or look.theme),
            initial_prompt=options.prompt or (_demo_prompt() if options.demo else ""),
            resume=resume,
            is_demo=options.demo,
            is_inline=options.inline,
        )


def _demo_prompt() -> str:
    from trashclaw.cli.demo import PROMPT

    return PROMPT
