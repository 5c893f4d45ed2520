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
from trashclaw.config.resources import theme_files
from trashclaw.faces.batch.run import BatchRun, Output
from trashclaw.protocol.errors import UsageError
from trashclaw.session.build import Opening, open_session
from trashclaw.session.session import Session


def run_batch(options: argparse.Namespace) -> int:
    """Run one task without a screen."""
    with ExitStack() as stack:
        demo = stack.enter_context(open_demo(options)) if options.demo else None
        prompt = _batch_prompt(options, demo)
        opening = demo.opening(can_ask=False) if demo else _batch_opening(options)
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
    if not (sys.stdin.isatty() and sys.stdout.isatty() and sys.stderr.isatty()):
        raise UsageError("The full-screen app needs a terminal.", "Use --batch to run a task without one.")
    from trashclaw.faces.tui.run import run_tui

    with ExitStack() as stack:
        place = find_place(options)
        demos: list[Demo] = [stack.enter_context(open_demo(options))] if options.demo else []

        async def opener(
            *, resume: str | None = None, model: tuple[str, str] | None = None, is_demo: bool = False
        ) -> Session:
            if is_demo and not demos:
                demos.append(stack.enter_context(open_demo(options)))
            if demos:
                return await open_session(demos[0].opening(can_ask=True))
            return await open_session(_opening(options, place, can_ask=True, resume=resume, model=model))

        ui = place.loaded.settings.ui
        return run_tui(
            opener,
            theme_files=theme_files(),
            theme=ui.theme,
            initial_prompt=options.prompt or (demos[0].prompt if demos else ""),
            resume=_resume(options),
            is_demo=bool(demos),
        )


def _opening(
    options: argparse.Namespace,
    place: Place,
    *,
    can_ask: bool,
    resume: str | None = None,
    model: tuple[str, str] | None = None,
) -> Opening:
    return Opening(
        root=place.root,
        settings=place.loaded.settings,
        is_trusted=place.is_trusted,
        is_read_only=options.trust == "off",
        can_ask=can_ask,
        resume=resume,
        is_stored=not options.no_session,
        model=model,
    )


def _batch_opening(options: argparse.Namespace) -> Opening:
    return _opening(options, find_place(options), can_ask=False, resume=_resume(options))


def _resume(options: argparse.Namespace) -> str | None:
    wanted: str | None = options.resume or ("last" if options.resume_last else None)
    if wanted and options.no_session:
        raise UsageError("--no-session stores nothing, so nothing can be resumed.", "Leave one of them out.")
    return wanted


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
