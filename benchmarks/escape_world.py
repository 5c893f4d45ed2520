"""The world around a sandbox for `escapes`: secrets, a victim, servers; and what an attempt changed in it."""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import socket
import stat
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

from benchmarks.places import commit_all

ESCAPED = "ESCAPED"
_WATCHED = ("/proc/sys/kernel/core_pattern", "/proc/sys/kernel/pid_max", "/proc/sys/kernel/hostname", "/etc/passwd")
_PLANTED = ("/etc/ld.so.preload", "/etc/cron.d/evil")


@contextlib.contextmanager
def make_world() -> Iterator[World]:
    """Give a world that is not in a temporary folder: commands see another one there, and would just find nothing."""
    parent = Path(__file__).resolve().parents[1] / ".pytest_cache"
    parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="escapes-", dir=parent, ignore_cleanup_errors=True) as folder:
        world = World(Path(folder))
        world.start()
        try:
            yield world
        finally:
            world.close()


class World:
    """Folders with secrets, and servers; all of them can be looked at from outside."""

    def __init__(self, folder: Path) -> None:
        self.mark = f"mark{secrets.token_hex(4)}"
        self.secret = f"mark-{secrets.token_hex(12)}"
        self.root, self.home = folder / "root", folder / "home"
        self.outside, self.state = folder / "outside", folder / "state"
        self.reached: list[str] = []
        """What was reached of our servers."""

        for path in (
            self.root / "src",
            self.root / "deep" / "er",
            self.home / ".ssh",
            self.outside,
            self.state / "sandbox",
        ):
            path.mkdir(parents=True)
        (self.root / "README.md").write_text("# Shop\n")
        (self.root / "src" / "app.py").write_text("print('shop')\n")
        (self.root / "src" / "stay.py").write_text("import time\ntime.sleep(1234)\n")
        commit_all(self.root)
        for path in (self.root / ".env", self.root / "deep" / "er" / ".env.local", self.home / ".ssh" / "id_rsa"):
            path.write_text(f"KEY={self.secret}\n")
        (self.home / ".netrc").write_text(f"password {self.secret}\n")
        (self.home / ".bashrc").write_text("# mine\n")
        (self.state / "log.db").write_text(f"log {self.secret}\n")
        (self.outside / "victim.txt").write_text("victim\n")
        self._servers = list(self._open_servers())
        self.port = 0
        self._threads = [threading.Thread(target=self._listen, args=(one,), daemon=True) for one in self._servers]

    @property
    def hidden(self) -> tuple[Path, ...]:
        """What the sandbox is told to hide."""
        return (self.home / ".ssh", self.home / ".netrc", self.state)

    def start(self) -> None:
        """Begin to listen."""
        self.port = self._servers[0].getsockname()[1]
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        """Stop listening."""
        for server in self._servers:
            with contextlib.suppress(OSError):
                server.shutdown(socket.SHUT_RDWR)
            server.close()
        Path(f"/tmp/{self.mark}.sock").unlink(missing_ok=True)

    def picture(self) -> dict[str, str]:
        """Return what everything looks like from outside, but for what the sandbox keeps for itself."""
        seen: dict[str, str] = {}
        for top in (self.root, self.home, self.outside, self.state / "sandbox"):
            for folder, folders, files in os.walk(top):
                if Path(folder) == self.state / "sandbox":
                    folders.clear()
                    continue
                if Path(folder) == self.state:
                    folders.remove("sandbox")
                for name in [*folders, *files, "."]:
                    path = Path(folder, name)
                    seen[str(path)] = _looks(path)
        seen |= {path: _looks(Path(path)) for path in (*_WATCHED, *_PLANTED)}
        names = (f"{place}/{self.mark}" for place in ("/tmp", "/var/tmp", "/dev/shm"))
        return seen | {path: _looks(Path(path)) for path in names}

    def left_processes(self) -> list[int]:
        """Return processes that an attempt left behind, by the mark in their arguments."""
        wanted = f"stay.py\0{self.mark}".encode()
        found: list[int] = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                with contextlib.suppress(OSError):
                    if wanted in (entry / "cmdline").read_bytes():
                        found.append(int(entry.name))
        return found

    def _open_servers(self) -> Iterator[socket.socket]:
        first = socket.create_server(("127.0.0.1", 0))
        yield first
        port = first.getsockname()[1]
        datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        datagrams.bind(("127.0.0.1", port))
        yield datagrams
        with contextlib.suppress(OSError):
            yield socket.create_server(("::1", port), family=socket.AF_INET6)
        places = [str(self.home / "agent.sock"), str(self.outside / "server.sock"), str(self.root / "server.sock")]
        for place in (*places, f"/tmp/{self.mark}.sock", f"\0{self.mark}"):
            server = socket.socket(socket.AF_UNIX)
            server.bind(place)
            server.listen()
            yield server

    def _listen(self, server: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                if server.type == socket.SOCK_DGRAM:
                    if not server.recv(10):
                        return
                else:
                    server.accept()[0].close()
                self.reached.append(str(server.getsockname()))


def _looks(path: Path) -> str:
    try:
        found = path.lstat()
    except OSError:
        return "nothing"
    text = f"{found.st_mode:o} {found.st_uid} {found.st_gid} {found.st_nlink}"
    if stat.S_ISLNK(found.st_mode):
        return f"{text} {path.readlink()}"
    if stat.S_ISREG(found.st_mode):
        with contextlib.suppress(OSError):
            return f"{text} {found.st_mtime_ns if found.st_size else 0} {hashlib.sha256(path.read_bytes()).hexdigest()}"
    return text
