"""The overlay backend: commands in Linux namespaces, what they write held back by the kernel's overlay file system."""

from __future__ import annotations

import asyncio
import contextlib
import os
import stat
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from trashclaw.protocol.errors import WorkspaceError
from trashclaw.sandbox.overlay.environment import confined_environment
from trashclaw.sandbox.overlay.hidden import SecretFiles, existing, known_sockets
from trashclaw.sandbox.overlay.launcher.request import Layer, Limits, Request, as_text
from trashclaw.sandbox.overlay.launcher_client import Launcher
from trashclaw.sandbox.overlay.run_folder import OwnerFolder, remove_tree
from trashclaw.sandbox.overlay.running import OverlayCommand
from trashclaw.sandbox.ports import Backend, CommandLimits, Confinement
from trashclaw.workspace.git_folder import outer_git_folders
from trashclaw.workspace.nested import outermost
from trashclaw.workspace.process import shell_argv

_FOLDERS = ("tmp", "vartmp", "masks")
_CACHES = (".cache", ".npm", ".gradle")
"""Others (Cargo's, Go's, Maven's) serve read-only too; every layer costs up to a millisecond."""
_TEMPORARY = ("/tmp", "/var/tmp")
_EMPTIED = ("/run", "/var/run")


class OverlaySandbox:
    """Runs commands so that they read almost everything, write what is held back, and reach nothing else."""

    def __init__(
        self,
        workspace_root: Path,
        state: Path,
        *,
        extra: Sequence[Path] = (),
        hidden: Sequence[Path] = (),
        home: Path | None = None,
        gate_socket: Path | None = None,
    ) -> None:
        """Bind a workspace to a state folder; `extra` folders are held back like it, each in a branch of its own.

        `home` is where caches may be written and are thrown away. `gate_socket` is the unix socket that judges hosts.
        """
        root = Path(os.path.realpath(workspace_root))
        self._roots = outermost([root, *map(_real, extra), *outer_git_folders(root)])
        self._root = root
        self._state = _real(state)
        self._hidden = tuple(hidden)
        self._secrets = [SecretFiles(path) for path in self._roots]
        self._home = _real(home if home is not None else Path.home())
        self._launcher = Launcher(gate_socket)
        self._owner: OwnerFolder | None = None
        self._starting = asyncio.Lock()
        self._running: set[OverlayCommand] = set()

    @property
    def backend(self) -> Backend:
        """Which one it is."""
        return Backend.OVERLAY

    @property
    def is_isolating(self) -> bool:
        """Whether what a command does is held back."""
        return True

    @property
    def is_ready(self) -> bool:
        """Whether the launcher runs; it is started for the first command, and again should it die."""
        return self._launcher.is_alive

    async def gate_port(self) -> int | None:
        """Return the port on 127.0.0.1 at which commands find the gate for hosts; `None` when there is no gate.

        Raises:
            WorkspaceError: no namespaces can be made here.
        """
        await self._prepare()
        return self._launcher.gate_port

    async def start(
        self, command: str, confinement: Confinement, on_output: Callable[[str], None] | None = None
    ) -> OverlayCommand:
        """Start a shell line in the workspace's root, with nothing on its standard input.

        Raises:
            WorkspaceError: it could not be started; nothing is left behind.
        """
        if "\0" in command:
            raise WorkspaceError("The command could not be started: it holds a NUL character.")
        owner = await self._prepare()
        folder, request = await asyncio.to_thread(self._plan, owner, command, confinement)
        layers = [(root, folder / f"upper{number}") for number, root in enumerate(self._roots)]
        running = OverlayCommand(self._launcher, folder, layers, confinement.limits.time_s, on_output)
        await running.launch(request)
        self._running = {running, *(command for command in self._running if not command.is_over)}
        return running

    async def aclose(self) -> None:
        """End everything that still runs, and leave nothing on the disk."""
        running, self._running = self._running, set()
        for command in running:
            await command.aclose()
        await self._launcher.aclose()
        if self._owner is not None:
            owner, self._owner = self._owner, None
            await asyncio.to_thread(owner.close)

    async def _prepare(self) -> OwnerFolder:
        async with self._starting:
            if self._owner is None:
                self._owner = await asyncio.to_thread(OwnerFolder, self._held_back_in())
            if not self._launcher.is_alive:
                await self._launcher.start()
            return self._owner

    def _held_back_in(self) -> Path:
        """Return where what commands write is kept: the upper folder of an overlay cannot lie in its lower one."""
        if not any(self._state.is_relative_to(root) for root in self._roots):
            return self._state / "sandbox"
        place = Path(f"/var/tmp/trashclaw-{os.geteuid()}")
        with contextlib.suppress(FileExistsError):
            place.mkdir(mode=0o700)
        found = place.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o077:
            raise WorkspaceError(
                f"{place} is not ours alone.", f"Remove it, or keep {self._state} out of the workspace."
            )
        return place

    def _plan(self, owner: OwnerFolder, command: str, confinement: Confinement) -> tuple[Path, Request]:
        """Return the run's folder and what the launcher is asked to do."""
        folder: Path | None = None
        try:
            covered = [*self._roots, *(path for path in self._caches() if path not in self._roots)]
            folder = self._make_folder(owner, len(covered))
            return folder, self._request(command, confinement, folder, covered)
        except (OSError, WorkspaceError) as error:
            if folder is not None:
                remove_tree(folder)
            if isinstance(error, WorkspaceError):
                raise
            where = f" ({error.filename})" if error.filename else ""
            raise WorkspaceError(f"The command could not be started: {error.strerror}{where}.") from error

    def _make_folder(self, owner: OwnerFolder, layers: int) -> Path:
        numbered = [f"{part}{number}" for number in range(layers) for part in ("upper", "work")]
        folder = owner.make_run([*_FOLDERS, *numbered])
        (folder / "tmp").chmod(0o1777)
        (folder / "vartmp").chmod(0o1777)
        (folder / "masks" / "folder").mkdir()
        (folder / "masks" / "folder").chmod(0)
        (folder / "masks" / "file").touch()
        (folder / "masks" / "file").chmod(0)
        return folder

    def _request(self, command: str, confinement: Confinement, folder: Path, covered: Sequence[Path]) -> Request:
        layers = [
            Layer(as_text(root), as_text(folder / f"upper{number}"), as_text(folder / f"work{number}"))
            for number, root in enumerate(covered)
        ]
        for layer in layers:
            _copy_mode(layer)
        env = confined_environment({"PWD": as_text(self._root), **confinement.env})
        return Request(
            argv=shell_argv(command),
            env={as_text(name): as_text(value) for name, value in env.items()},
            cwd=as_text(self._root),
            run_folder=as_text(folder),
            layers=layers,
            limits=_limits(confinement.limits),
            still=[as_text(path) for path in self._still(env)],
            emptied=list(_EMPTIED),
            hidden=self._all_hidden(confinement.readable),
            writable=[_must_exist(path) for path in confinement.writable],
            readable=[as_text(path) for path in existing(confinement.readable)],
            is_owner_kept=os.geteuid() == 0 and self._root.stat().st_uid != 0,
        )

    def _still(self, env: Mapping[str, str]) -> list[Path]:
        """Return the folders that are seen through an overlay, so that no socket in them answers.

        The home folder; and of the temporary folders, which a command has to itself, those with programs of its `PATH`
        or our own in them: somebody works in a checkout below `/tmp`.
        """
        programs = [*map(Path, env.get("PATH", "").split(os.pathsep)), Path(sys.prefix)]
        found = {self._home: None} | {folder: None for path in programs if (folder := _temporary_top(_real(path)))}
        return [path for path in found if path not in self._roots and path.is_dir()]

    def _all_hidden(self, readable: Sequence[Path]) -> list[str]:
        """Return what to hide, without what lies in another hidden folder."""
        shown = set(existing(readable))
        paths = [*existing(self._hidden), os.fspath(self._state)]
        for secrets in self._secrets:
            paths += secrets.find()
        covered = [*_EMPTIED, "/tmp", "/var/tmp"]
        paths += known_sockets(covered)
        return [as_text(path) for path in dict.fromkeys(paths) if path not in shown]

    def _caches(self) -> list[Path]:
        named = os.environ.get("XDG_CACHE_HOME")
        places = [self._home / name for name in _CACHES[1:]]
        places.append(Path(named) if named else self._home / _CACHES[0])
        return [_real(path) for path in places if path.is_dir()]


def _temporary_top(path: Path) -> Path | None:
    """Return the folder right below a temporary folder in which a path lies; `None` where it lies elsewhere."""
    for folder in map(Path, _TEMPORARY):
        if path.is_relative_to(folder) and path != folder:
            return folder / path.relative_to(folder).parts[0]
    return None


def _real(path: Path) -> Path:
    return Path(os.path.realpath(path))


def _limits(limits: CommandLimits) -> Limits:
    return Limits(limits.memory_bytes, limits.processes, limits.disk_bytes)


def _copy_mode(layer: Layer) -> None:
    """Make the top of an overlay look like what it covers."""
    with contextlib.suppress(OSError):
        found = os.stat(layer.root)
        os.chmod(layer.upper, found.st_mode & 0o7777)
        os.chown(layer.upper, found.st_uid, found.st_gid)


def _must_exist(path: Path) -> str:
    if not path.exists():
        raise WorkspaceError(f"{path} is not there.", "Name the folder in which it is to be made.")
    return as_text(os.path.realpath(path))
