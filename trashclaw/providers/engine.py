"""The embedded engine's process: started, watched, and ended with us."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import secrets
import shutil
import signal
import socket
import sys
import tempfile
from asyncio.subprocess import PIPE, Process
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from trashclaw.protocol.errors import ProviderError, ServerFailed
from trashclaw.providers import engine_process
from trashclaw.providers.patience import still_loading
from trashclaw.workspace.children import kill_child

_LEAVING_LIMIT_S = 2.0
_SOCKET_PATH_BYTES = 100
"""Longest path of a Unix socket that every system takes; the engine hangs on a longer one."""

_CAUSES = (
    (r"invalid magic|not a gguf", "it is no GGUF file", "The embedded engine runs models in the GGUF format."),
    (
        r"unknown model architecture: '?([\w.-]+)",
        "the engine does not know its architecture, {0}",
        "Try: pip install -U xllamacpp",
    ),
    (
        r"bad_alloc|failed to allocate|unable to allocate|out of memory|OutOfDeviceMemory",
        "there is not enough memory for it",
        "Choose a smaller window with --num-ctx, or a smaller model.",
    ),
    (
        r"corrupted or incomplete|file bounds|failed to read|wrong number of tensors",
        "it is damaged or incomplete",
        "Fetch it again.",
    ),
)
"""What the engine writes about a model that it cannot load; what to say, and what to do about it."""


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """What to run, and how."""

    model_path: Path
    n_ctx: int
    """The window, in tokens."""

    threads: int | None = None
    """`None` lets the engine choose."""

    load_s: float | None = None
    """How long loading may take, in seconds; `None` is for ever."""

    is_on_loopback: bool = False
    """Listen on a port of this machine, with a key, even where there are Unix sockets."""


@dataclass(frozen=True, slots=True)
class EngineAddress:
    """Where a running engine listens, on this machine only."""

    base_url: str
    socket_path: str | None = None
    api_key: str | None = None


class Engine:
    """One process that serves one model; it ends when we do, whichever way that is."""

    def __init__(self, settings: EngineSettings) -> None:
        self._settings = settings
        self._folder: Path | None = None
        self._process: Process | None = None
        self._listener: asyncio.Task[None] | None = None
        self._said: deque[str] = deque(maxlen=50)

    @property
    def is_running(self) -> bool:
        """Whether the process is there."""
        return self._process is not None and self._process.returncode is None

    @property
    def pid(self) -> int | None:
        """Process id while the process is there."""
        return self._process.pid if self._process is not None and self.is_running else None

    async def start(self) -> EngineAddress:
        """Start the process, wait until the model is loaded, and return where it listens.

        Raises:
            ProviderError: the model cannot be loaded; the text says why.
        """
        try:
            async with asyncio.timeout(self._settings.load_s):
                return await self._start()
        except TimeoutError as error:
            await self.stop()
            raise still_loading(f"The engine, with {self._name},", self._settings.load_s or 0.0) from error
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """End the process, if there is one, and wait until it is gone."""
        process, self._process = self._process, None
        if process is not None:
            await self._end(process)
        if self._listener is not None:
            await self._listener
            self._listener = None
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    async def ending(self, limit_s: float = 1.0) -> str:
        """Say how the process ended, waiting a moment for that; nothing if it has not."""
        if self._process is None:
            return ""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(limit_s):
                await self._process.wait()
        code = self._process.returncode
        if code is None:
            return ""
        if self._listener is not None:
            await self._listener
        last = f": {self._said[-1]}" if self._said else ""
        return _ending(code) + last

    @property
    def _name(self) -> str:
        return self._settings.model_path.name

    async def _start(self) -> EngineAddress:
        self._folder = Path(tempfile.mkdtemp(prefix="trashclaw-"))
        socket_path = None if self._settings.is_on_loopback else _socket_path(self._folder)
        api_key = None if socket_path else secrets.token_urlsafe(32)
        self._process = await asyncio.create_subprocess_exec(
            # Neither the folder we work in nor the script's own is a place to import from.
            *(sys.executable, "-P", engine_process.__file__),
            stdin=PIPE,
            stdout=PIPE,
            stderr=PIPE,
            cwd=self._folder,
            env=_environment(os.environ),
        )
        assert self._process.stderr is not None
        self._listener = asyncio.create_task(self._listen(self._process.stderr), name="embedded engine's errors")
        settings = {
            "model_path": str(self._settings.model_path.absolute()),
            "n_ctx": self._settings.n_ctx,
            "threads": self._settings.threads or -1,
            "socket_path": socket_path,
            "api_key": api_key,
            "folder": str(self._folder),
        }
        url = await self._await_address(self._process, json.dumps(settings))
        return EngineAddress("http://localhost" if socket_path else url, socket_path, api_key)

    async def _await_address(self, process: Process, settings: str) -> str:
        assert process.stdin is not None and process.stdout is not None
        process.stdin.write(settings.encode() + b"\n")
        with contextlib.suppress(ConnectionError):
            await process.stdin.drain()
        async for line in process.stdout:
            with contextlib.suppress(ValueError):
                if isinstance(told := json.loads(line), dict):
                    return str(told.get("address", ""))
        await process.wait()
        if self._listener is not None:
            await self._listener
        raise self._failure(process.returncode or 0)

    def _failure(self, code: int) -> ProviderError:
        """Return why the model was not loaded, as far as the engine told."""
        said = "\n".join(self._said)
        for pattern, cause, hint in _CAUSES:
            if match := re.search(pattern, said, re.IGNORECASE):
                return ServerFailed(f"{self._name} was not loaded: {cause.format(*match.groups())}.", hint)
        if code == -getattr(signal, "SIGKILL", 9):
            hint = "Perhaps memory ran out: choose a smaller window with --num-ctx, or a smaller model."
            return ServerFailed(f"{self._name} was not loaded: the engine {_ending(code)}.", hint)
        errors = [line for line in self._said if "error" in line.lower()]
        reason = (errors or list(self._said) or [_ending(code)])[-1]
        return ServerFailed(f"{self._name} was not loaded: {reason}")

    async def _listen(self, errors: asyncio.StreamReader) -> None:
        """Keep the last lines of what the engine writes, so that it never waits for a reader."""
        rest = b""
        while chunk := await errors.read(65536):
            *lines, rest = (rest + chunk).split(b"\n")
            self._said.extend(line.decode("utf-8", "replace").strip()[:500] for line in lines)
            rest = rest[-65536:]
        if rest:
            self._said.append(rest.decode("utf-8", "replace").strip()[:500])

    async def _end(self, process: Process) -> None:
        if process.stdin is not None:
            process.stdin.close()
        try:
            async with asyncio.timeout(_LEAVING_LIMIT_S):
                await process.wait()
        except TimeoutError:
            kill_child(process)
            await process.wait()
        except asyncio.CancelledError:
            kill_child(process)
            raise


def _socket_path(folder: Path) -> str | None:
    """Return the path of a socket in a private folder, or nothing where that does not work."""
    path = str(folder / "engine.sock")
    has_sockets = os.name != "nt" and hasattr(socket, "AF_UNIX")
    return path if has_sockets and len(os.fsencode(path)) <= _SOCKET_PATH_BYTES else None


def _environment(ours: Mapping[str, str]) -> dict[str, str]:
    """Return our environment with idle worker threads asleep instead of spinning."""
    return {"OMP_WAIT_POLICY": "passive", **ours}


def _ending(code: int) -> str:
    if code >= 0:
        return f"ended with code {code}"
    try:
        return f"was ended by {signal.Signals(-code).name}"
    except ValueError:
        return f"was ended by signal {-code}"
