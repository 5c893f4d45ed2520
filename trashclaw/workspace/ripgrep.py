"""Finds and runs the `rg` program, bounded in time and output."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import sys
import sysconfig
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from trashclaw.protocol.errors import WorkspaceError
from trashclaw.workspace.children import kill_child, start_child

ERROR_LIMIT_BYTES = 4_096
_CHUNK_BYTES = 65_536


@dataclass(frozen=True, slots=True)
class Said:
    """What `rg` wrote."""

    output: bytes
    errors: str
    exit_code: int | None
    """0: something found, 1: nothing, 2: an error; `None`: it was stopped at a limit."""

    is_cut: bool
    """There was more than the limit of bytes."""

    is_late: bool
    """It was stopped by the time limit; the output is a part."""


def find_ripgrep() -> str | None:
    """Return the path of `rg`: the one installed with us first, then one on the PATH."""
    name = "rg.exe" if sys.platform == "win32" else "rg"
    folders = [sysconfig.get_path("scripts"), str(Path(sys.executable).parent)]
    with contextlib.suppress(KeyError):
        folders.append(sysconfig.get_path("scripts", sysconfig.get_preferred_scheme("user")))
    for folder in folders:
        candidate = Path(folder) / name
        if candidate.is_file() and os.access(candidate, os.X_OK):
            return str(candidate)
    return shutil.which("rg")


async def run_ripgrep(
    program: str, argv: Sequence[str], *, cwd: Path, timeout_s: float, limit_bytes: int, limit_lines: int | None = None
) -> Said:
    """Run `rg` with nothing on its input; it is stopped at a limit, and what came until then is returned.

    Raises:
        WorkspaceError: it could not be started.
    """
    try:
        process = await start_child(
            program,
            "--no-config",
            *argv,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            cwd=cwd,
        )
    except (OSError, ValueError) as error:
        raise WorkspaceError("The search could not be started.", "Use plain characters in the pattern.") from error
    output = bytearray()
    errors = asyncio.create_task(_read_errors(process), name="ripgrep errors")
    is_late = False
    try:
        async with asyncio.timeout(timeout_s):
            is_cut = await _fill(output, process, limit_bytes, limit_lines)
            if not is_cut:
                await process.wait()
    except TimeoutError:
        is_cut, is_late = False, True
    finally:
        kill_child(process)
        said = await errors
        await process.wait()
    exit_code = None if is_cut or is_late else process.returncode
    return Said(bytes(output[:limit_bytes]), said, exit_code, is_cut, is_late)


async def _fill(
    output: bytearray, process: asyncio.subprocess.Process, limit_bytes: int, limit_lines: int | None
) -> bool:
    """Collect output to its end, or to a limit; tell whether there was more."""
    lines = 0
    while process.stdout is not None and (piece := await process.stdout.read(_CHUNK_BYTES)):
        output += piece
        lines += piece.count(b"\n")
        if len(output) > limit_bytes or (limit_lines is not None and lines > limit_lines):
            return True
    return False


async def _read_errors(process: asyncio.subprocess.Process) -> str:
    kept = bytearray()
    while process.stderr is not None and (piece := await process.stderr.read(_CHUNK_BYTES)):
        kept += piece[: ERROR_LIMIT_BYTES - len(kept)]
    return kept.decode("utf-8", "replace")
