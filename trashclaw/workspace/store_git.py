"""Git on the checkpoints' own store: with settings of ours alone, and nothing of the user's configuration."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from trashclaw.protocol.errors import GitFailed
from trashclaw.workspace.children import end_child, start_child

TIMEOUT_S = 120.0

_SETTINGS = (
    "core.autocrlf=false",
    "core.compression=1",
    "core.fileMode=true",
    "core.fsmonitor=false",
    f"core.hooksPath={os.devnull}",
    "core.logAllRefUpdates=false",
    "core.precomposeUnicode=false",
    "core.protectHFS=false",
    "core.protectNTFS=false",
    "core.safecrlf=false",
    "core.splitIndex=false",
    "core.untrackedCache=false",
    "gc.auto=0",
)
_USERS_VIEW = {"GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0"}


class StoreGit:
    """Runs git in a work tree, on a store of ours or on the user's repository."""

    def __init__(self, root: Path, folder: Path) -> None:
        self.folder = folder
        self._root = root
        self._inherited = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}

    async def run(
        self,
        *argv: str,
        stdin: bytes = b"",
        env: dict[str, str] | None = None,
        settings: tuple[str, ...] = (),
        of_user: bool = False,
    ) -> bytes:
        """Run git and return what it writes; `settings` (`name=value`) come on top of ours.

        Raises:
            GitFailed: git is missing, was too slow, or said no.
        """
        options = [part for setting in (*_SETTINGS, *settings) for part in ("-c", setting)]
        try:
            process = await start_child(
                "git",
                *options,
                *argv,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                cwd=self._root,
                env=_USERS_VIEW | self._inherited if of_user else self._environment(env or {}),
            )
        except FileNotFoundError as error:
            raise GitFailed("git is not installed, so there are no checkpoints.", "Install git.") from error
        except OSError as error:
            raise GitFailed(f"git could not be started: {error.strerror}.") from error
        return await _finish(process, argv[0], stdin)

    def _environment(self, extra: dict[str, str]) -> dict[str, str]:
        own = {
            "GIT_DIR": str(self.folder),
            "GIT_WORK_TREE": str(self._root),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_TERMINAL_PROMPT": "0",
            "LC_ALL": "C",
        }
        return {**self._inherited, **own, **extra}


async def _finish(process: asyncio.subprocess.Process, name: str, stdin: bytes) -> bytes:
    try:
        async with asyncio.timeout(TIMEOUT_S):
            said, errors = await process.communicate(stdin)
    except TimeoutError as error:
        raise GitFailed(f"git {name} took longer than {TIMEOUT_S:g} s.", "The folder may be too large.") from error
    finally:
        if process.returncode is None:
            await end_child(process)
    if process.returncode != 0:
        raise GitFailed(f"git {name} failed: {errors.decode('utf-8', 'replace').strip()[:500]}")
    return said
