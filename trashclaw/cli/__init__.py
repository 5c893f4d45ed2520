"""The composition root: arguments choose a face, errors become exit codes."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from collections.abc import Callable, Sequence
from contextlib import suppress
from importlib import import_module
from io import TextIOWrapper

from trashclaw.protocol.errors import TrashclawError

OTHER_REPOSITORY = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY")
"""Set inside git's hooks and aliases; they would turn git away from the folder that we work in."""

_ANSWERS = {
    "sessions": ("sessions", "answer_sessions"),
    "replay": ("replay", "run_replay"),
    "models": ("models", "answer_models"),
    "doctor": ("doctor", "print_findings"),
    "config": ("settings", "print_settings"),
    "policy": ("policy", "answer_policy"),
    "memory": ("memory", "answer_memory"),
}
"""The commands that answer and are done: the module of this package and its function."""


def main(arguments: Sequence[str]) -> int:
    """Run the command line; return the exit code."""
    from trashclaw.cli.options import parse
    from trashclaw.cli.place import settle_trust
    from trashclaw.cli.signals import exit_on_signals
    from trashclaw.cli.streams import let_go
    from trashclaw.faces.batch.exit_codes import ExitCode, code_of_error

    _write_anything()
    for name in OTHER_REPOSITORY:
        os.environ.pop(name, None)
    try:
        options = parse(arguments)
        with exit_on_signals():
            settle_trust(options)
            if options.fork:
                from trashclaw.cli.forking import settle_fork

                settle_fork(options)
            return _runner(options)(options)
    except TrashclawError as error:
        _complain(error)
        return code_of_error(error)
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    except BrokenPipeError:
        let_go(sys.stdout, sys.stderr)
        return ExitCode.FAILED
    except OSError as error:
        let_go(sys.stdout)
        with suppress(OSError):
            _complain(error)
        return ExitCode.FAILED


def _complain(error: Exception) -> None:
    """Say what went wrong; a server's words, or a path, may be in it."""
    from trashclaw.faces.visible import visible

    sys.stderr.write(visible(f"trashclaw: {error}") + "\n")


def _write_anything() -> None:
    """Let the standard streams replace what their encoding does not have, instead of failing on it."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")


def _runner(options: Namespace) -> Callable[[Namespace], int]:
    """Return what carries out a command; only that is imported."""
    if options.command in _ANSWERS:
        module, function = _ANSWERS[options.command]
        answer: Callable[[Namespace], int] = getattr(import_module(f"trashclaw.cli.{module}"), function)
        return answer
    if options.batch:
        from trashclaw.cli import garbage

        garbage.put_off()
        from trashclaw.cli.batch import run_batch

        return run_batch
    if options.plain:
        from trashclaw.cli.plain import run_plain

        return run_plain
    from trashclaw.cli.screen import run_screen

    return run_screen
