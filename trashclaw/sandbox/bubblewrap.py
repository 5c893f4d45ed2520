"""The bubblewrap backend: the same view as the overlay one, made by `bwrap` where only that may make namespaces."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from trashclaw.protocol.errors import WorkspaceError
from trashclaw.sandbox.bubblewrap_line import GATE_PORT, View, command_line
from trashclaw.sandbox.disk_use import DiskUse
from trashclaw.sandbox.host_gate import HostGate
from trashclaw.sandbox.namespace_use import memory_of, processes_of
from trashclaw.sandbox.overlay.branch import UpperBranch
from trashclaw.sandbox.overlay.environment import confined_environment
from trashclaw.sandbox.overlay.hidden import SecretFiles, existing, known_sockets
from trashclaw.sandbox.overlay.launcher.seccomp import build_filter
from trashclaw.sandbox.overlay.run_folder import remove_tree
from trashclaw.sandbox.ports import Backend, Branch, Confinement, LimitHit
from trashclaw.sandbox.supervised import Streams, SupervisedCommand
from trashclaw.sandbox.supervised_sandbox import SupervisedSandbox
from trashclaw.workspace.children import end_child, start_child
from trashclaw.workspace.git_folder import outer_git_folders
from trashclaw.workspace.nested import outermost
from trashclaw.workspace.process import shell_argv
from trashclaw.workspace.waiting import wait_out

FIRST_WITH_OVERLAYS = (0, 11)
_PROBE_LIMIT_S = 5.0
_START_LIMIT_S = 20.0
_HINT = "Say `sandbox.backend: ask-first` to be asked about every command instead."
_EMPTIED = ("/run", "/var/run", "/tmp", "/var/tmp")


def probe(program: str | None = None) -> str | None:
    """Return why it does not work here; `None` if it does. Runs `bwrap` for a moment."""
    found = program or shutil.which("bwrap")
    if found is None:
        return "bwrap is not installed: install the package bubblewrap, version 0.11 or later"
    try:
        told = _run([found, "--version"]).stdout
        version = re.search(r"(\d+)\.(\d+)", told)
        if version is None or (int(version[1]), int(version[2])) < FIRST_WITH_OVERLAYS:
            return f"{told.strip() or 'bwrap'} is too old: overlays came with 0.11, install that or a later one"
        view = ["--unshare-all", "--die-with-parent", "--ro-bind", "/", "/", "--overlay-src", "/usr", "--tmp-overlay"]
        tried = _run([found, *view, "/usr", "/bin/sh", "-c", ":"])
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"bwrap cannot be run: {error}"
    if tried.returncode != 0:
        return f"bwrap can make no sandbox here: {tried.stderr.strip().removeprefix('bwrap: ')[:200]}"
    return None


class BubblewrapSandbox(SupervisedSandbox):
    """Runs commands in namespaces that `bwrap` makes: they read almost everything, and what they write is held back."""

    def __init__(
        self,
        root: Path,
        state: Path,
        *,
        extra: Sequence[Path] = (),
        hidden: Sequence[Path] = (),
        gate: HostGate | None = None,
        program: str = "bwrap",
    ) -> None:
        """Bind a workspace to a state folder; `extra` folders are held back like it, each in a branch of its own."""
        super().__init__(root, state, hidden, gate)
        self._roots = tuple(
            outermost((self._root, *(path.resolve() for path in extra), *outer_git_folders(self._root)))
        )
        self._secrets = [SecretFiles(path) for path in self._roots]
        self._program = program

    @property
    def backend(self) -> Backend:
        """Which one it is."""
        return Backend.BUBBLEWRAP

    async def gate_port(self) -> int | None:
        """Return the port at which the gate listens on the loopback of every command."""
        return None if self._gate is None else GATE_PORT

    async def start(
        self, command: str, confinement: Confinement, on_output: Callable[[str], None] | None = None
    ) -> SupervisedCommand:
        """Start a shell line in the workspace's root, with nothing on its standard input.

        Raises:
            WorkspaceError: it could not be started; nothing is left behind.
        """
        if "\0" in command:
            raise WorkspaceError("The command could not be started: it holds a NUL character.")
        parts = [f"{part}{number}" for number in range(len(self._roots)) for part in ("upper", "work")]
        folder = await self._make_run(("tmp", "vartmp", *parts))
        streams = Streams(on_output)
        held = _Held(self._roots, folder, confinement, self._gate)
        try:
            view = await asyncio.to_thread(self._view, confinement, folder)
            env = confined_environment({"PWD": str(self._root), **confinement.env})
            await held.begin(self._program, view, shell_argv(command), env, streams)
        except BaseException:
            streams.close()
            await wait_out(asyncio.ensure_future(asyncio.to_thread(remove_tree, folder)))
            raise
        return self._watch_over(held, streams, confinement.limits.time_s)

    def _view(self, confinement: Confinement, folder: Path) -> View:
        (folder / "mask").touch()
        (folder / "mask").chmod(0)
        for name in ("tmp", "vartmp"):
            (folder / name).chmod(0o1777)
        for number, root in enumerate(self._roots):
            if not root.is_dir():
                raise WorkspaceError(f"The command could not be started: {root} is no folder.")
            (folder / f"upper{number}").chmod(root.stat().st_mode & 0o7777)
        shown = tuple(existing(confinement.readable))
        hidden = [*existing(self._hidden), str(self._state), *known_sockets(_EMPTIED)]
        for secrets in self._secrets:
            hidden += secrets.find()
        kept = tuple(path for path in dict.fromkeys(hidden) if path not in shown)
        writable = tuple(existing(confinement.writable))
        return View(self._roots, folder, kept, shown, writable)


class _Held:
    """A command below `bwrap`: its first process is that of a pid namespace, with which all others end."""

    def __init__(self, roots: Sequence[Path], folder: Path, confinement: Confinement, gate: HostGate | None) -> None:
        self._roots = tuple(roots)
        self._folder = folder
        self._limits = confinement.limits
        self._gate = gate
        self._disk = DiskUse([folder], self._limits.disk_bytes)
        self._server: asyncio.Server | None = None
        self._process: asyncio.subprocess.Process | None = None
        self._first_pid = 0
        self._started_at = time.time()

    async def begin(self, program: str, view: View, argv: Sequence[str], env: dict[str, str], streams: Streams) -> None:
        """Start it; returns when the command itself is about to run.

        Raises:
            WorkspaceError: it could not be started.
        """
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        info, told = os.pipe()
        rules = os.memfd_create("filter")
        writers: tuple[int, ...] = ()
        try:
            os.write(rules, build_filter())
            os.lseek(rules, 0, os.SEEK_SET)
            writers = await streams.open()
            line = command_line(view, argv, self._limits, theirs.fileno(), told, rules, has_gate=self._gate is not None)
            self._process = await start_child(
                program,
                *line,
                stdin=subprocess.DEVNULL,
                stdout=writers[0],
                stderr=writers[1],
                env=env,
                pass_fds=(theirs.fileno(), told, rules),
                start_new_session=True,
            )
            theirs.close()
            await self._greet(ours, streams)
            os.close(told)
            told = -1
            self._first_pid = json.loads(os.read(info, 4096))["child-pid"]
        except (OSError, ValueError) as error:
            await self._give_up()
            raise WorkspaceError(f"The command could not be started: {error}.", _HINT) from error
        except BaseException:
            await self._give_up()
            raise
        finally:
            ours.close()
            theirs.close()
            for descriptor in (info, told, rules, *writers):
                if descriptor >= 0:
                    os.close(descriptor)

    async def ended(self) -> int:
        """Wait until nothing of it runs any more."""
        assert self._process is not None
        exit_code = await self._process.wait()
        if self._server is not None:
            self._server.close()
        return exit_code

    def kill(self) -> None:
        """End its first process; `bwrap` ends when the kernel has ended all others."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._first_pid, 9)

    def exceeded(self) -> LimitHit | None:
        """Measure memory, processes and disk."""
        pids = processes_of(self._first_pid)
        if len(pids) > self._limits.processes + 1:
            return LimitHit.PROCESSES
        if memory_of(pids, self._limits.memory_bytes) > self._limits.memory_bytes:
            return LimitHit.MEMORY
        return LimitHit.DISK if self._disk.is_over() else None

    def branches(self) -> tuple[Branch, ...]:
        """Return what it did, a branch for each folder."""
        for name in ("tmp", "vartmp", *(f"work{number}" for number in range(len(self._roots)))):
            remove_tree(self._folder / name)
        (self._folder / "mask").unlink(missing_ok=True)
        return tuple(
            UpperBranch(root, self._folder / f"upper{number}", self._started_at, self._forget)
            for number, root in enumerate(self._roots)
        )

    def discard(self) -> None:
        """Let go of everything."""
        remove_tree(self._folder)

    def _forget(self) -> None:
        with contextlib.suppress(OSError):
            self._folder.rmdir()

    async def _greet(self, control: socket.socket, streams: Streams) -> None:
        """Wait for the word that the command comes next, and take the socket at which its gate listens."""
        control.setblocking(False)
        loop = asyncio.get_running_loop()
        is_readable = asyncio.Event()
        loop.add_reader(control, is_readable.set)
        try:
            async with asyncio.timeout(_START_LIMIT_S):
                await is_readable.wait()
        finally:
            loop.remove_reader(control)
        word, descriptors, _, _ = socket.recv_fds(control, 4096, 1)
        listeners = [socket.socket(fileno=descriptor) for descriptor in descriptors]
        if word != b"ready":
            await streams.drain()
            reason = word.decode("utf-8", "replace") or streams.text().strip().removeprefix("bwrap: ")
            raise WorkspaceError(f"The sandbox could not be set up: {reason[:300] or 'bwrap ended at once'}.", _HINT)
        for listener in listeners:
            assert self._gate is not None
            self._server = await self._gate.listen_on(listener)

    async def _give_up(self) -> None:
        if self._process is not None:
            await wait_out(asyncio.ensure_future(end_child(self._process)))


def _run(argv: Sequence[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(argv, capture_output=True, text=True, timeout=_PROBE_LIMIT_S, stdin=subprocess.DEVNULL)
