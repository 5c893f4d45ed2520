"""Runs small programs of the desktop, such as `wl-copy`, beside the event loop and never for long."""

from __future__ import annotations

import asyncio
import shutil
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Sequence
from contextlib import suppress

LIMIT_S = 3.0


async def run_program(
    command: Sequence[str], given: bytes = b"", *, is_heard: bool = True, limit_s: float = LIMIT_S
) -> bytes | None:
    """Run a program of the search path with something on its standard input.

    Returns what it wrote, or `None` if it is not there, failed, or took too long, for which it is ended. A program that
    stays behind, as `xclip` does to offer what it took, must not be heard (`is_heard`): its output would never end.
    """
    program = shutil.which(command[0])
    if program is None:
        return None
    try:
        process = await asyncio.create_subprocess_exec(
            program,
            *command[1:],
            stdin=PIPE,
            stdout=PIPE if is_heard else DEVNULL,
            stderr=DEVNULL,
            start_new_session=True,
        )
    except OSError:
        return None
    try:
        async with asyncio.timeout(limit_s):
            told, _ = await process.communicate(given)
    except (TimeoutError, OSError):
        return None
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    return (told or b"") if process.returncode == 0 else None
