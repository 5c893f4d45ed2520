"""The program as a process, as a person or a script starts it."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trashclaw.protocol.envelope import Envelope

LIMIT_S = 60.0


@dataclass(frozen=True, slots=True)
class Ran:
    """How a process ended and what it printed."""

    code: int
    out: str
    err: str

    def json(self) -> dict[str, Any]:
        """Return the object of `--output json`."""
        told: dict[str, Any] = json.loads(self.out)
        return told

    def envelopes(self) -> list[Envelope]:
        """Return the lines of `--output stream-json`."""
        return [Envelope.model_validate_json(line) for line in self.out.splitlines()]


async def run_program(
    folder: Path, *arguments: str, given: bytes | None = None, environment: Mapping[str, str] | None = None
) -> Ran:
    """Run `trashclaw` to its end in a folder; `given` is its standard input, empty if there is none."""
    async with start_program(folder, *arguments, has_input=given is not None, environment=environment) as process:
        async with asyncio.timeout(LIMIT_S):
            out, err = await process.communicate(given)
    code = process.returncode
    assert code is not None
    told = err.decode()
    assert "Traceback" not in told, told
    assert "Exception ignored" not in told, told
    return Ran(code, out.decode(), told)


@asynccontextmanager
async def start_program(
    folder: Path, *arguments: str, has_input: bool = False, environment: Mapping[str, str] | None = None
) -> AsyncIterator[Process]:
    """Start `trashclaw` in a folder; it is ended when the test leaves it running."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "trashclaw",
        *arguments,
        cwd=folder,
        env={**os.environ, **(environment or {})},
        stdin=PIPE if has_input else DEVNULL,
        stdout=PIPE,
        stderr=PIPE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()


def write_script(folder: Path, steps: Sequence[Mapping[str, Any]], name: str = "script", **fields: Any) -> str:
    """Write a script for the scripted model and return its path."""
    file = folder / f"{name}.yaml"
    file.write_text(json.dumps({**fields, "steps": list(steps)}))
    return str(file)


def scripted(script: str) -> tuple[str, ...]:
    """Return the options of a batch run over a script."""
    return ("--batch", "--provider", "scripted", "--model", script)


async def read_until(process: Process, text: str) -> str:
    """Read lines of standard output until one holds the text, and return it."""
    assert process.stdout is not None
    async with asyncio.timeout(LIMIT_S):
        while line := await process.stdout.readline():
            if text in line.decode():
                return line.decode()
    raise AssertionError(f"the program ended before it said {text!r}")
