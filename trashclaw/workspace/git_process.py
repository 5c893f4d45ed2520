"""One run of git through GitPython: bounded in time and output, with nothing of the repository's own executed."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from trashclaw.protocol.errors import GitFailed

ERROR_LIMIT_BYTES = 8_192
CONFIG_LIMIT_BYTES = 200_000
_OWN = {
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_NO_LAZY_FETCH": "1",
    "LC_ALL": "C",
}
"""No lock of the user's index, no question, no network (a partial clone would fetch on its own), English errors."""

_PROGRAMS = r"^filter\..*\.(clean|smudge|process|required)$"


class GitProcess:
    """Runs git once, in a thread; `kill` may be called from another one."""

    def __init__(self, root: Path, timeout_s: float, limit_bytes: int, top: Path | None = None) -> None:
        """Run in `root`; with `top`, that is the work tree, whatever the repository's own `core.worktree` says."""
        self.is_truncated = False
        self._bounds = {"GIT_WORK_TREE": str(top), "GIT_CEILING_DIRECTORIES": str(top.parent)} if top else {}
        self._root = root
        self._timeout_s = timeout_s
        self._limit_bytes = limit_bytes
        self._process: subprocess.Popen[bytes] | None = None
        self._guard: object = None
        """GitPython ends the process when its own handle is collected."""

        self._killed = threading.Event()
        self._is_late = False

    def run(self, options: Sequence[str], argv: Sequence[str]) -> bytes:
        """Return what git writes, at most `limit_bytes` of it.

        Raises:
            GitFailed: git is missing, was too slow, was stopped, or said no.
        """
        programs = self._read(
            ["git", *options, "config", "--null", "--show-scope", "--get-regexp", _PROGRAMS], {}, (1,)
        )
        said = self._read(["git", "--no-pager", *options, *argv], _disarmed(programs), ())
        self.is_truncated = len(said) > self._limit_bytes
        return said[: self._limit_bytes]

    def kill(self) -> None:
        """End the run at once."""
        self._killed.set()
        self._end(self._process)

    def _end(self, process: subprocess.Popen[bytes] | None) -> None:
        if process is None or process.poll() is not None:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if sys.platform == "win32":
                process.kill()
            else:
                os.killpg(process.pid, signal.SIGKILL)

    def _read(self, command: Sequence[str], config: Mapping[str, str], fine_codes: Sequence[int]) -> bytes:
        process = self._start(command, config)
        timer = threading.Timer(self._timeout_s, self._give_up)
        timer.daemon = True
        timer.start()
        errors = bytearray()
        drain = threading.Thread(target=_drain, args=(process.stderr, errors), daemon=True)
        drain.start()
        try:
            said = process.stdout.read(self._limit_bytes + 1) if process.stdout else b""
            is_cut = len(said) > self._limit_bytes
            if is_cut:
                self._end(process)
            code = process.wait()
            drain.join()
        finally:
            timer.cancel()
            _close(process)
        if self._is_late:
            raise GitFailed(f"git took longer than {self._timeout_s:g} s and was stopped.", "Ask for less.")
        if self._killed.is_set():
            raise GitFailed("git was stopped before it had answered.", "Ask again.")
        if code != 0 and not is_cut and code not in fine_codes:
            raise GitFailed(errors.decode("utf-8", "replace").strip() or f"git ended with exit code {code}.")
        return said

    def _start(self, command: Sequence[str], config: Mapping[str, str]) -> subprocess.Popen[bytes]:
        git = _git_module()
        if self._killed.is_set():
            raise GitFailed("git was stopped before it began.", "Ask again.")
        try:
            started = git.cmd.Git(self._root).execute(
                list(command), as_process=True, env={**_OWN, **self._bounds, **config}, start_new_session=True
            )
        except (git.exc.GitError, OSError, ValueError) as error:
            raise GitFailed("git could not be started.", "Install git, or work without it.") from error
        self._guard = started
        process: subprocess.Popen[bytes] = started.proc
        self._process = process
        if self._killed.is_set():
            self.kill()
        return process

    def _give_up(self) -> None:
        self._is_late = True
        self.kill()


def _git_module() -> Any:
    """Import GitPython at the first use: it is slow, and fails where there is no git."""
    try:
        import git
    except ImportError as error:
        raise GitFailed("git is not installed.", "Install git, or work without it.") from error
    return git


def _disarmed(listing: bytes) -> dict[str, str]:
    """Return environment that empties the filter programs which the repository itself configures.

    `git status` and `git diff` would run them; those of the user's own configuration stay.
    """
    fields = listing.decode("utf-8", "surrogateescape").split("\0")
    names = [
        setting.split("\n", 1)[0]
        for scope, setting in zip(fields[::2], fields[1::2], strict=False)
        if scope in {"local", "worktree"}
    ]
    config = {"GIT_CONFIG_COUNT": str(len(names))} if names else {}
    for at, name in enumerate(names):
        config[f"GIT_CONFIG_KEY_{at}"] = name
        config[f"GIT_CONFIG_VALUE_{at}"] = "false" if name.endswith(".required") else ""
    return config


def _drain(stream: IO[bytes], kept: bytearray) -> None:
    """Read errors to their end, so that git never waits for us, and keep the first of them."""
    with contextlib.suppress(OSError, ValueError):
        while piece := stream.read1(65_536) if hasattr(stream, "read1") else stream.read(65_536):
            kept += piece[: ERROR_LIMIT_BYTES - len(kept)]


def _close(process: subprocess.Popen[bytes]) -> None:
    for stream in (process.stdout, process.stderr):
        if stream is not None:
            stream.close()
