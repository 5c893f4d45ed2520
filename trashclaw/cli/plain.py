"""Runs the face of plain lines."""

from __future__ import annotations

import argparse
import asyncio
import sys
from contextlib import ExitStack

from trashclaw.cli import garbage
from trashclaw.cli.demo import PROMPT
from trashclaw.cli.folder_trust import FolderTrust
from trashclaw.cli.opener import Opener
from trashclaw.cli.options import wanted_session
from trashclaw.cli.streams import flush_or_let_go
from trashclaw.faces.plain.keyboard import Keyboard
from trashclaw.faces.plain.run import PlainRun
from trashclaw.faces.plain.voice import Voice


def run_plain(options: argparse.Namespace) -> int:
    """Converse in plain lines until the person leaves."""
    trust = FolderTrust(options)
    first = options.prompt or (PROMPT if options.demo else "")
    with ExitStack() as stack:
        run = PlainRun(Opener(options, stack, trust), trust, Keyboard(sys.stdin), Voice(sys.stdout))
        try:
            asyncio.run(run.run(first=first, resume=wanted_session(options), is_demo=options.demo))
        finally:
            garbage.collect()
            flush_or_let_go(sys.stdout)
    return 0
