"""The sandbox-exec backend: on macOS, a command in a copy of the workspace. Not tried on macOS yet."""

from __future__ import annotations

import asyncio
import contextlib
import os
import platform
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from trashclaw.protocol.errors import WorkspaceError
from trashclaw.sandbox.copy_branch import CopyBranch, Marks, make_copy
from trashclaw.sandbox.disk_use import DiskUse
from trashclaw.sandbox.host_gate import HostGate
from trashclaw.sandbox.overlay.environment import confined_environment
from trashclaw.sandbox.overlay.hidden import SecretFiles, existing
from trashclaw.sandbox.overlay.run_folder import remove_tree
from trashclaw.sandbox.ports import Backend, Branch, Confinement, LimitHit
from trashclaw.sandbox.seatbelt_profile import profile
from trashclaw.sandbox.supervised import Streams, SupervisedCommand
from trashclaw.sandbox.supervised_sandbox import SupervisedSandbox
from trashclaw.workspace.process import shell_argv
from trashclaw.workspace.waiting import wait_out

_ENTRY = 'ulimit -c 0; ulimit -f "$0"; exec "$@"'
_BLOCK_BYTES = 512


def probe() -> str | None:
    """Return why it does not work here; `None` if it does."""
    if platform.system() != "Darwin":
        return "sandbox-exec is a part of macOS"
    return None if shutil.which("sandbox-exec") else "sandbox-exec was not found"


class SandboxExecSandbox(SupervisedSandbox):
    """Runs commands in a copy of the workspace: its absolute paths lead to the real one, which cannot be written."""

    def __init__(
        self,
        root: Path,
        state: Path,
        *,
        hidden: Sequence[Path] = (),
        gate: HostGate | None = None,
        program: str = "sandbox-exec",
    ) -> None:
        """Bind a workspace to a state folder."""
        super().__init__(root, state, hidden, gate)
        self._secrets = SecretFiles(self._root)
        self._program = program

    @property
    def backend(self) -> Backend:
        """Which one it is."""
        return Backend.SANDBOX_EXEC

    async def start(
        self, command: str, confinement: Confinement, on_output: Callable[[str], None] | None = None
    ) -> SupervisedCommand:
        """Start a shell line in a copy of the workspace, with nothing on its standard input.

        Raises:
            WorkspaceError: it could not be started; nothing is left behind.
        """
        if "\0" in command:
            raise WorkspaceError("The command could not be started: it holds a NUL character.")
        port = await self.gate_port()
        folder = await self._make_run(("tmp",))
        streams = Streams(on_output)
        try:
            marks = await asyncio.to_thread(self._prepare, confinement, folder, port)
            held = _Held(self._root, folder, marks, confinement)
            await held.begin(self._program, command, confinement, streams)
        except BaseException:
            streams.close()
            await wait_out(asyncio.ensure_future(asyncio.to_thread(remove_tree, folder)))
            raise
        return self._watch_over(held, streams, confinement.limits.time_s)

    def _prepare(self, confinement: Confinement, folder: Path, port: int | None) -> Marks:
        """Copy the workspace and write the profile; secrets are hidden here and in the copy."""
        marks = make_copy(self._root, folder / "copy")
        shown = tuple(existing(confinement.readable))
        secrets = [path for path in self._secrets.find() if path not in shown]
        inner = [folder / "copy" / Path(path).relative_to(self._root) for path in secrets]
        own = (folder / "copy", folder / "tmp")
        text = profile(
            writable=[*own, *map(Path, existing(confinement.writable))],
            hidden=[self._state, *map(Path, existing(self._hidden))],
            secrets=[*map(Path, secrets), *inner],
            readable=[*map(Path, shown)],
            gate_port=port,
        )
        (folder / "profile").write_text(text, encoding="utf-8")
        return marks


class _Held:
    """A command below `sandbox-exec`, in a process group of its own."""

    def __init__(self, root: Path, folder: Path, marks: Marks, confinement: Confinement) -> None:
        self._root = root
        self._folder = folder
        self._marks = marks
        self._disk = DiskUse([folder], confinement.limits.disk_bytes)
        self._process: asyncio.subprocess.Process | None = None
        self._started_at = time.time()

    async def begin(self, program: str, command: str, confinement: Confinement, streams: Streams) -> None:
        """Start it.

        Raises:
            WorkspaceError: it could not be started.
        """
        copy, tmp = self._folder / "copy", self._folder / "tmp"
        env = confined_environment({"TMPDIR": str(tmp), "PWD": str(copy), **confinement.env})
        blocks = str(max(1, confinement.limits.disk_bytes // _BLOCK_BYTES))
        line = [program, "-f", str(self._folder / "profile"), "/bin/sh", "-c", _ENTRY, blocks, *shell_argv(command)]
        writers = await streams.open()
        try:
            self._process = await asyncio.create_subprocess_exec(
                *line,
                stdin=subprocess.DEVNULL,
                stdout=writers[0],
                stderr=writers[1],
                cwd=copy,
                env=env,
                start_new_session=True,
            )
        except OSError as error:
            raise WorkspaceError(f"The command could not be started: {error.strerror}.") from error
        finally:
            for writer in writers:
                os.close(writer)

    async def ended(self) -> int:
        """Wait for its end, and end what is left of its group."""
        assert self._process is not None
        exit_code = await self._process.wait()
        self.kill()
        return exit_code

    def kill(self) -> None:
        """End its group; what has left the group keeps its sandbox, and is not known here."""
        assert self._process is not None
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)

    def exceeded(self) -> LimitHit | None:
        """Measure the disk."""
        return LimitHit.DISK if self._disk.is_over() else None

    def branches(self) -> tuple[Branch, ...]:
        """Return what it did."""
        remove_tree(self._folder / "tmp")
        return (CopyBranch(self._root, self._folder / "copy", self._marks, self._started_at, self.discard),)

    def discard(self) -> None:
        """Let go of everything."""
        remove_tree(self._folder)
