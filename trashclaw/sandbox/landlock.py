"""The sandlock backend: Landlock and seccomp, copy-on-write by a supervisor, where no namespaces can be made."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trashclaw.protocol.errors import WorkspaceError
from trashclaw.sandbox.disk_use import DiskUse
from trashclaw.sandbox.host_gate import HostGate
from trashclaw.sandbox.landlock_branch import LandlockBranch
from trashclaw.sandbox.overlay.environment import confined_environment
from trashclaw.sandbox.overlay.hidden import SecretFiles, existing, known_sockets
from trashclaw.sandbox.overlay.run_folder import remove_tree
from trashclaw.sandbox.ports import Backend, Branch, Confinement, LimitHit
from trashclaw.sandbox.supervised import Streams, SupervisedCommand
from trashclaw.sandbox.supervised_sandbox import SupervisedSandbox
from trashclaw.workspace.process import shell_argv
from trashclaw.workspace.waiting import wait_out

if TYPE_CHECKING:
    from sandlock import Change

_DEVICES = ("null", "zero", "full", "random", "urandom", "tty", "ptmx", "pts", "shm")
_BLOCK_BYTES = 512
_ENTRY = 'ulimit -c 0; ulimit -f "$0"; exec "$@"'
_SIGNAL_OF_FILE_SIZE = -25


def probe() -> str | None:
    """Return why it does not work here; `None` if it does."""
    try:
        import sandlock
    except ImportError:
        return "the package sandlock is not installed; it is there for Linux on x86_64 and aarch64"
    except OSError as error:
        return f"the library of sandlock cannot be loaded: {error}"
    has, needs = sandlock.landlock_abi_version(), sandlock.min_landlock_abi()
    if has < 0:
        return "the kernel has no Landlock, or it is not switched on (lsm=landlock,... on the kernel's command line)"
    if has < needs:
        return f"the kernel's Landlock is of version {has}, and sandlock needs {needs} (Linux 6.12)"
    if not Path("/proc/sys/kernel/seccomp").is_dir():
        return "the kernel has no seccomp filters"
    return None


class SandlockSandbox(SupervisedSandbox):
    """Runs commands confined by sandlock. Everyday commands may behave oddly in it, see decision 15."""

    def __init__(
        self,
        root: Path,
        state: Path,
        *,
        hidden: Sequence[Path] = (),
        gate: HostGate | None = None,
    ) -> None:
        """Bind a workspace to a state folder; only the workspace is held back, nothing else is written."""
        super().__init__(root, state, hidden, gate)
        self._secrets = SecretFiles(self._root)

    @property
    def backend(self) -> Backend:
        """Which one it is."""
        return Backend.SANDLOCK

    async def start(
        self, command: str, confinement: Confinement, on_output: Callable[[str], None] | None = None
    ) -> SupervisedCommand:
        """Start a shell line in the workspace's root, with nothing on its standard input.

        Raises:
            WorkspaceError: it could not be started; nothing is left behind.
        """
        port = await self.gate_port()
        folder = await self._make_run(("tmp", "store"))
        streams = Streams(on_output)
        launch = asyncio.to_thread(self._launch, command, confinement, folder, port)
        launching = asyncio.create_task(launch, name="sandlock launch")
        try:
            held = await asyncio.shield(launching)
            for number, descriptor in enumerate(held.take_streams(), 1):
                await streams.read(number, descriptor)
        except BaseException:
            await self._give_up(launching, folder)
            raise
        return self._watch_over(held, streams, confinement.limits.time_s)

    async def _give_up(self, launching: asyncio.Task[_Held], folder: Path) -> None:
        """End a command that was launched, or is about to be, and let go of its folder."""
        await wait_out(launching)
        if not launching.cancelled() and launching.exception() is None:
            held = launching.result()
            held.close_streams()
            held.kill()
            await held.ended()
            await asyncio.to_thread(held.discard)
        await asyncio.to_thread(remove_tree, folder)

    def _launch(self, command: str, confinement: Confinement, folder: Path, port: int | None) -> _Held:
        from sandlock import BranchAction, Sandbox, SandlockError
        from sandlock.sandbox import StdioMode

        limits = confinement.limits
        tmp = folder / "tmp"
        extra = {"TMPDIR": str(tmp), "PWD": str(self._root), **confinement.env}
        box = Sandbox(
            fs_readable=["/"],
            fs_writable=[str(tmp), *_devices(), *map(str, confinement.writable)],
            fs_denied=self._denied(confinement.readable, tmp),
            workdir=str(self._root),
            cwd=str(self._root),
            fs_storage=str(folder / "store"),
            on_exit=BranchAction.DEFER,
            on_error=BranchAction.DEFER,
            net_allow=[] if port is None else [f"tcp://127.0.0.1:{port}"],
            max_memory=limits.memory_bytes,
            max_processes=limits.processes,
            clean_env=True,
            env=confined_environment(extra),
        )
        argv = ["/bin/sh", "-c", _ENTRY, str(max(1, limits.disk_bytes // _BLOCK_BYTES)), *shell_argv(command)]
        started_at = time.time()
        try:
            process = box.popen(argv, stdin=StdioMode.NULL, stdout=StdioMode.PIPED, stderr=StdioMode.PIPED)
        except (SandlockError, RuntimeError, ValueError) as error:
            hint = "Say `sandbox.backend: ask-first` to be asked about every command instead."
            raise WorkspaceError(f"The command could not be started: {error}.", hint) from error
        return _Held(self._root, folder, box, process, DiskUse([folder], limits.disk_bytes), started_at)

    def _denied(self, readable: Sequence[Path], tmp: Path) -> list[str]:
        shown = set(existing(readable))
        paths = [*existing(self._hidden), *self._secrets.find(), *known_sockets(()), *all_but(self._state, tmp)]
        return [path for path in dict.fromkeys(paths) if path not in shown]


class _Held:
    """A command in sandlock's hands; a thread waits for its end, since that blocks."""

    def __init__(self, root: Path, folder: Path, box: Any, process: Any, disk: DiskUse, started_at: float) -> None:
        self._root = root
        self._folder = folder
        self._box = box
        self._process = process
        self._disk = disk
        self._started_at = started_at
        self._changes: Sequence[Change] = ()
        self._branch: LandlockBranch | None = None

    def take_streams(self) -> tuple[int, int]:
        """Return the descriptors of both streams; they are the caller's from now on."""
        found = (os.dup(self._process.stdout.fileno()), os.dup(self._process.stderr.fileno()))
        self.close_streams()
        return found

    def close_streams(self) -> None:
        """Read nothing of what it writes."""
        self._process.stdout.close()
        self._process.stderr.close()

    async def ended(self) -> int:
        """Wait until nothing of it runs any more."""
        loop = asyncio.get_running_loop()
        result: asyncio.Future[Any] = loop.create_future()

        def work() -> None:
            try:
                found = self._process.wait()
            except RuntimeError as error:
                loop.call_soon_threadsafe(result.set_exception, error)
            else:
                loop.call_soon_threadsafe(result.set_result, found)

        threading.Thread(target=work, name="sandlock", daemon=True).start()
        found = await result
        self._changes = found.changes
        signal = int(found.signal)
        return -signal if signal > 0 else int(found.exit_code)

    def kill(self) -> None:
        """End its first process, with which sandlock ends all others."""
        self._process.kill()

    def exceeded(self) -> LimitHit | None:
        """Measure the disk; memory and processes are held by sandlock itself."""
        return LimitHit.DISK if self._disk.is_over() else None

    def branches(self) -> tuple[Branch, ...]:
        """Return what it did."""
        remove_tree(self._folder / "tmp")
        upper = self._box.upper_dir
        if upper is None:
            return ()
        self._branch = LandlockBranch(self._root, Path(upper), self._changes, self._started_at, self.discard)
        return (self._branch,)

    def discard(self) -> None:
        """Let go of everything."""
        if self._box.pending:
            self._box.abort()
        remove_tree(self._folder)


def all_but(folder: Path, shown: Path) -> Iterator[str]:
    """Yield what is in a folder, but not the way down to one path in it."""
    if not shown.is_relative_to(folder):
        yield str(folder)
        return
    place = folder
    while place != shown:
        for entry in sorted(place.iterdir()):
            if entry != shown and not shown.is_relative_to(entry):
                yield str(entry)
        place = place / shown.relative_to(place).parts[0]


def _devices() -> list[str]:
    return [f"/dev/{name}" for name in _DEVICES if Path(f"/dev/{name}").exists()]
