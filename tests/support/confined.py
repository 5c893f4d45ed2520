"""Running commands in the overlay backend, and what came of them."""

from __future__ import annotations

import os
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from trashclaw.sandbox.overlay.sandbox import OverlaySandbox
from trashclaw.sandbox.ports import Confinement, SandboxRun


@contextmanager
def folder_outside() -> Iterator[Path]:
    """Give a folder that is not in /tmp: commands see another /tmp than we do."""
    import pwd

    for parent in (Path(__file__).resolve().parents[2] / ".pytest_cache", Path(pwd.getpwuid(os.geteuid()).pw_dir)):
        if not parent.is_relative_to("/tmp") and not parent.is_relative_to("/var/tmp"):
            with suppress(OSError):
                parent.mkdir(exist_ok=True)
            if os.access(parent, os.W_OK):
                break
    else:
        pytest.skip("no folder can be written outside of the temporary ones, of which commands see others")
    with tempfile.TemporaryDirectory(prefix="outside-", dir=parent, ignore_cleanup_errors=True) as folder:
        yield Path(folder)


_PLAIN = Confinement()


class Confined:
    """A sandbox, and the shortest way to run something in it."""

    def __init__(self, sandbox: OverlaySandbox, state: Path) -> None:
        self.sandbox = sandbox
        self.state = state
        self.last: SandboxRun | None = None

    async def run(self, command: str, confinement: Confinement = _PLAIN) -> str:
        """Run to the end; return the output."""
        running = await self.sandbox.start(command, confinement)
        self.discard()
        self.last = await running.wait()
        return self.last.result.output

    def changes(self, branch: int = 0) -> dict[str, str]:
        """Return what the last command changed: `+` new, `-` gone, `~` different."""
        assert self.last is not None
        signs = {True: {True: "~", False: "-"}, False: {True: "+", False: ""}}
        found = self.last.branches[branch].changes()
        return {change.path: signs[change.before is not None][change.after is not None] for change in found}

    def read(self, path: str) -> bytes:
        """Return what the last command left at a path."""
        assert self.last is not None
        return self.last.branches[0].read(path)

    @property
    def exit_code(self) -> int | None:
        """How the last command ended."""
        assert self.last is not None
        return self.last.result.exit_code

    def discard(self) -> None:
        """Let go of what the last command did."""
        for branch in self.last.branches if self.last else ():
            branch.discard()


@asynccontextmanager
async def confined(root: Path, state: Path, **options: Any) -> AsyncIterator[Confined]:
    """Open a sandbox on a folder, and see to it that it leaves nothing."""
    one = Confined(OverlaySandbox(root, state, **options), state)
    try:
        yield one
    finally:
        one.discard()
        await one.sandbox.aclose()
    assert not list((state / "sandbox").glob("*/*")), "something is left on the disk"


def picture(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Return all that is in a folder, with modes and bytes."""
    found: dict[str, tuple[int, bytes]] = {}
    for path in sorted(folder.rglob("*")):
        data = b""
        if path.is_symlink():
            data = str(path.readlink()).encode()
        elif path.is_file():
            data = path.read_bytes()
        found[str(path.relative_to(folder))] = (path.lstat().st_mode, data)
    return found
