"""Runs one task without a screen."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
from contextlib import ExitStack
from io import TextIOWrapper
from pathlib import Path
from typing import TextIO

from trashclaw.cli import garbage
from trashclaw.cli.demo import Demo, open_demo
from trashclaw.cli.opening import make_opening
from trashclaw.cli.options import wanted_session
from trashclaw.cli.place import find_place
from trashclaw.faces.batch.exit_codes import code_of_error
from trashclaw.faces.batch.report import failure_report
from trashclaw.faces.batch.run import BatchRun, Output
from trashclaw.protocol.errors import TrashclawError, UsageError
from trashclaw.session.build import Opening, open_session
from trashclaw.session.fork_point import ForkPoint


def run_batch(options: argparse.Namespace) -> int:
    """Run one task without a screen; with `--output json` one object is printed also for what cannot begin."""
    try:
        return _run(options)
    except TrashclawError as error:
        if options.output == Output.JSON:
            told = failure_report(error, code_of_error(error))
            sys.stdout.write(json.dumps(told, ensure_ascii=False, indent=2) + "\n")
        raise
    finally:
        garbage.collect()


def _run(options: argparse.Namespace) -> int:
    with ExitStack() as stack:
        demo = stack.enter_context(open_demo(options)) if options.demo else None
        prompt = _batch_prompt(options, demo)
        opening = demo.opening(can_ask=False) if demo else _batch_opening(options)
        events = None
        if options.events is not None:
            events = stack.enter_context(_open_events(options.events))
        if demo:
            sys.stderr.write(demo.greeting)
        if options.output != Output.TEXT and isinstance(sys.stdout, TextIOWrapper):
            sys.stdout.reconfigure(encoding="utf-8")

        async def run() -> int:
            session = await open_session(opening)
            if isinstance(opening.resume, ForkPoint):
                sys.stderr.write(f"Forked as {session.session_id}.\n")
            garbage.collect()
            try:
                if opening.settings.sandbox.backend != "auto":
                    # One that is named and does not work is no run with every command failed, but a mistake.
                    await session.find_sandbox()
                face = BatchRun(session, Output(options.output), sys.stdout, sys.stderr, events)
                return await face.run(prompt)
            finally:
                await session.aclose()

        return asyncio.run(run())


def _batch_opening(options: argparse.Namespace) -> Opening:
    return make_opening(options, find_place(options), can_ask=False, resume=wanted_session(options))


def _batch_prompt(options: argparse.Namespace, demo: Demo | None) -> str:
    given: str | None = options.prompt
    if given is not None and given != "-":
        return given
    if demo:
        return demo.prompt
    if sys.stdin.isatty():
        raise UsageError("There is no prompt.", 'Write it behind the options, as in: trashclaw --batch "fix the test"')
    text = sys.stdin.buffer.read().decode("utf-8", "replace").strip()
    if not text:
        raise UsageError("The prompt on standard input is empty.", "Pipe it in, or write it behind the options.")
    return text


def _open_events(path: Path) -> TextIO:
    try:
        # What the session reads and writes is in it, so it is nobody else's to read.
        return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}.", "Check the path after --events.") from error
