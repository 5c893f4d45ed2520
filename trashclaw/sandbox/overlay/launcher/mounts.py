"""Builds what a command sees: everything read-only, its layers over it, and nothing where something is hidden."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from functools import partial

from trashclaw.sandbox.overlay.launcher import kernel
from trashclaw.sandbox.overlay.launcher.kernel import NODEV, NOSUID, RDONLY
from trashclaw.sandbox.overlay.launcher.request import Layer, Request, as_bytes
from trashclaw.sandbox.overlay.launcher.system_folders import EMPTY, Devices, make_proc, mask_sys

_Step = tuple[bytes, Callable[[], None]]


class View:
    """The mounts of one command, made in its own mount namespace."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self._run = as_bytes(request.run_folder)
        self._devices = Devices()
        self._sealed: list[bytes] = []
        """Small file systems of our own that become read-only when all is in its place."""

        self._sources: dict[bytes, int] = {}
        for layer in request.layers:
            self._open(layer.root)
        for path in (*request.still, *request.writable, *request.readable):
            self._open(path)

    def build(self) -> None:
        """Make all mounts.

        Raises:
            OSError: the kernel refused one; its text says which.
        """
        kernel.set_mount(-1, b"/", RDONLY | NOSUID | NODEV, is_recursive=True)
        make_proc(self._request.limits.processes)
        self._bind(os.open(self._run, os.O_PATH), self._run, NOSUID | NODEV, RDONLY)
        self._run_fd = os.open(self._run, os.O_PATH | os.O_DIRECTORY)
        self._devices.mount_at(b"/dev")
        mask_sys(self._mask)
        for _, step in sorted(self._steps(), key=lambda item: item[0].count(b"/")):
            step()
        for path in self._sealed:
            kernel.set_mount(-1, path, RDONLY | NOSUID | NODEV)

    @property
    def run_fd(self) -> int:
        """The run's own folder, as it can still be reached."""
        return self._run_fd

    def _steps(self) -> list[_Step]:
        """Return what to mount; folders come before what is in them."""
        request = self._request
        shown = [as_bytes(layer.root) for layer in request.layers]
        shown += [as_bytes(path) for path in (*request.writable, *request.readable)]
        steps: list[_Step] = [(b"/tmp", lambda: self._bind_own(b"tmp", b"/tmp"))]
        if not os.path.islink(b"/var/tmp"):
            steps.append((b"/var/tmp", lambda: self._bind_own(b"vartmp", b"/var/tmp")))
        steps += [(path, partial(self._empty, path, 0o755)) for path in map(as_bytes, request.emptied)]
        steps += [(path, partial(self._still, path)) for path in map(as_bytes, request.still)]
        steps += [(as_bytes(layer.root), partial(self._layer, layer)) for layer in request.layers]
        for path in map(as_bytes, request.hidden):
            is_hole = any(inner.startswith(path + b"/") for inner in shown)
            steps.append((path, partial(self._hide, path, is_hole)))
        steps += [(path, partial(self._show, path, RDONLY, 0)) for path in map(as_bytes, request.readable)]
        steps += [(path, partial(self._show, path, 0, RDONLY)) for path in map(as_bytes, request.writable)]
        return steps

    def _open(self, path: str) -> None:
        self._sources[as_bytes(path)] = os.open(as_bytes(path), os.O_PATH)

    def _bind(self, source: int, target: bytes, added: int, removed: int, *, is_recursive: bool = False) -> None:
        tree = kernel.clone_tree(source, is_recursive=is_recursive)
        kernel.set_mount(tree, b"", added, removed, is_recursive=is_recursive)
        kernel.attach(tree, target)
        os.close(tree)

    def _bind_own(self, name: bytes, target: bytes) -> None:
        self._bind(os.open(name, os.O_PATH, dir_fd=self._run_fd), target, NOSUID | NODEV, RDONLY)

    def _mask(self, path: bytes) -> None:
        """Put something unreadable over a path; nothing, where there is nothing."""
        try:
            is_folder = stat.S_ISDIR(os.stat(path).st_mode)
        except OSError:
            return
        name = b"masks/folder" if is_folder else b"masks/file"
        self._bind(os.open(name, os.O_PATH, dir_fd=self._run_fd), path, RDONLY | NOSUID | NODEV, 0)

    def _hide(self, path: bytes, is_hole: bool) -> None:
        if is_hole and os.path.isdir(path):
            self._empty(path, 0o111)
        else:
            self._mask(path)

    def _empty(self, path: bytes, mode: int) -> None:
        """Put an empty folder over a path; links that were in it stay, some systems find their programs by them."""
        if not os.path.isdir(path) or os.path.islink(path):
            return
        links = _links(path) if mode & 0o400 else {}
        kernel.mount("tmpfs", path, NOSUID | NODEV, f"mode={mode:o},size=4m")
        for name, target in links.items():
            os.symlink(target, path + b"/" + name)
        self._sealed.append(path)

    def _still(self, path: bytes) -> None:
        """Show a folder through an overlay without a place to write."""
        options = f"lowerdir={_link(self._sources[path])}:{os.fsdecode(EMPTY)},userxattr"
        self._make_place(path, is_folder=True)
        try:
            kernel.mount("overlay", path, RDONLY | NOSUID | NODEV, options)
        except OSError:
            return  # Something is mounted below. The sockets that are known are hidden one by one all the same.

    def _layer(self, layer: Layer) -> None:
        root = as_bytes(layer.root)
        self._make_place(root, is_folder=True)
        run = self._run + b"/"
        upper = os.open(as_bytes(layer.upper).removeprefix(run), os.O_PATH, dir_fd=self._run_fd)
        work = os.open(as_bytes(layer.work).removeprefix(run), os.O_PATH, dir_fd=self._run_fd)
        lower = self._sources[root]
        options = f"lowerdir={_link(lower)},upperdir={_link(upper)},workdir={_link(work)},userxattr"
        try:
            kernel.mount("overlay", root, NOSUID | NODEV, options + ",volatile")
        except OSError:
            self._layer_without_haste(root, options)

    @staticmethod
    def _layer_without_haste(root: bytes, options: str) -> None:
        """Mount a layer that the kernel refused, in the older way; say what is in the way if it is known."""
        try:
            kernel.mount("overlay", root, NOSUID | NODEV, options)
        except OSError as error:
            inner = _mounts_below(root)
            if inner:
                text = "something is mounted inside of a folder whose changes are held back"
                raise OSError(error.errno, text, inner[0]) from error
            raise

    def _show(self, path: bytes, added: int, removed: int) -> None:
        source = self._sources[path]
        self._make_place(path, is_folder=stat.S_ISDIR(os.fstat(source).st_mode))
        self._bind(source, path, added | NOSUID | NODEV, removed, is_recursive=True)

    def _make_place(self, path: bytes, *, is_folder: bool) -> None:
        """Make what can be mounted over, inside of a folder that is shown empty."""
        if os.path.lexists(path):
            return
        os.makedirs(path if is_folder else os.path.dirname(path), 0o711, exist_ok=True)
        if not is_folder:
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o400))


def _link(fd: int) -> str:
    """Return a path of a descriptor: no character in it has a meaning in the options of a mount."""
    return f"/proc/self/fd/{fd}"


def _mounts_below(folder: bytes) -> list[bytes]:
    with open("/proc/self/mountinfo", "rb") as file:
        places = [line.split(b" ")[4].replace(b"\\040", b" ") for line in file]
    return [place for place in places if place.startswith(folder + b"/")]


def _links(folder: bytes) -> dict[bytes, bytes]:
    with os.scandir(folder) as entries:
        return {entry.name: os.readlink(entry.path) for entry in entries if entry.is_symlink()}
