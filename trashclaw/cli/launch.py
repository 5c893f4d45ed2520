"""Opens a session and hands it to a face."""

from __future__ import annotations

import argparse
import asyncio
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TextIO

from trashclaw.cli.demo import Demo, open_demo
from trashclaw.cli.place import Place, find_place
from trashclaw.faces.batch.run import BatchRun, Output
from trashclaw.protocol.errors import UsageError
from trashclaw.protocol.ids import SessionId
from trashclaw.session.build import Opening, open_session
from trashclaw.session.selection import Choice
from trashclaw.session.session import Session


def run_batch(options: argparse.Namespace) -> int:
    """Run one task without a screen."""
    with ExitStack() as stack:
        demo = stack.enter_context(open_demo(options)) if options.demo else None
        prompt = _batch_prompt(options, demo)
        opening = demo.opening(can_ask=False) if demo else _opening(options, find_place(options), can_ask=False)
        events = None
        if options.events is not None:
            events = stack.enter_context(_open_events(options.events))
        if demo:
            sys.stderr.write(demo.greeting)

        async def run() -> int:
            session = await open_session(opening)
            try:
                face = BatchRun(session, Output(options.output), sys.stdout, sys.stderr, events)
                return await face.run(prompt)
            finally:
                await session.aclose()

        return asyncio.run(run())


def run_screen(options: argparse.Namespace) -> int:
    """Run the full-screen app."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError("The full-screen app needs a terminal.", "Use --batch to run a task without one.")
    from trashclaw.faces.tui.run import run_tui

    with ExitStack() as stack:
        place = find_place(options)
        demos: list[Demo] = [stack.enter_context(open_demo(options))] if options.demo else []

        async def opener(
            *, resume: SessionId | None = None, is_demo: bool = False, choice: Choice | None = None
        ) -> Session:
            if is_demo and not demos:
                demos.append(stack.enter_context(open_demo(options)))
            if demos:
                return await open_session(demos[0].opening(can_ask=True))
            opening = _opening(options, place, can_ask=True, resume=resume, choice=choice)
            options.resume = options.resume_last = None
            return await open_session(opening)

        prompt = options.prompt or (demos[0].prompt if demos else None)
        code: int = run_tui(opener, initial_prompt=prompt, theme=place.loaded.settings.ui.theme)
        return code


def _opening(
    options: argparse.Namespace,
    place: Place,
    *,
    can_ask: bool,
    resume: SessionId | None = None,
    choice: Choice | None = None,
) -> Opening:
    wanted = resume or options.resume or ("last" if options.resume_last else None)
    if wanted and options.no_session:
        raise UsageError("--no-session stores nothing, so nothing can be resumed.", "Leave one of them out.")
    return Opening(
        root=place.root,
        settings=place.loaded.settings,
        is_trusted=place.is_trusted,
        is_read_only=options.trust == "off",
        can_ask=can_ask,
        resume=wanted,
        is_stored=not options.no_session,
        choice=choice,
    )


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
        return path.open("w", encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}.", "Check the path after --events.") from error
