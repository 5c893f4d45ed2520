"""What no command may read: places of secrets, files named like secrets, and the sockets of other programs."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from trashclaw.workspace.secret_names import is_secret_name

_OF_HOME = (
    ".ssh",
    ".aws",
    ".azure",
    ".config/gcloud",
    ".gnupg",
    ".netrc",
    "_netrc",
    ".git-credentials",
    ".config/git/credentials",
    ".docker/config.json",
    ".docker/run",
    ".kube",
    ".config/gh",
    ".config/hub",
    ".config/glab-cli",
    ".config/op",
    ".config/rclone",
    ".config/sops",
    ".config/age",
    ".password-store",
    ".local/share/keyrings",
    ".local/share/kwalletd",
    ".pgpass",
    ".my.cnf",
    ".pypirc",
    ".npmrc",
    ".yarnrc.yml",
    ".cargo/credentials",
    ".cargo/credentials.toml",
    ".gem/credentials",
    ".terraform.d/credentials.tfrc.json",
    ".vault-token",
    ".boto",
    ".s3cfg",
    ".huggingface/token",
    ".cache/huggingface/token",
    ".mozilla",
    ".thunderbird",
    ".config/google-chrome",
    ".config/chromium",
    ".config/BraveSoftware",
    ".config/microsoft-edge",
    ".config/vivaldi",
    ".config/opera",
    "snap/firefox",
    "snap/chromium",
    ".var/app/org.mozilla.firefox",
    ".config/Signal",
    ".config/Slack",
    ".config/discord",
    ".bash_history",
    ".zsh_history",
    ".python_history",
    ".psql_history",
    ".mysql_history",
    ".local/share/fish/fish_history",
)

_SKIPPED = frozenset(
    [
        ".git",
        ".hg",
        ".svn",
        "__pycache__",
        ".mypy_cache",
        ".ruff_cache",
        ".pytest_cache",
    ]
)
_SHALLOW = frozenset(["node_modules", ".venv", "venv", ".tox", ".nox"])
"""Of what is installed only the top is looked at: there are too many folders to look at before each command."""

_SAME_TICK_NS = 50_000_000
"""A folder that changed as shortly before it was read may change again without looking newer."""

_SOCKETS = Path("/proc/net/unix")


def default_hidden(home: Path) -> tuple[Path, ...]:
    """Return the places in a home folder where programs keep secrets."""
    return tuple(home / name for name in _OF_HOME)


def known_sockets(outside_of: Sequence[str]) -> list[str]:
    """Return the sockets with a path that anybody listens at now, but for those below the folders given."""
    try:
        lines = _SOCKETS.read_bytes().split(b"\n")[1:]
    except OSError:
        return []
    paths = {os.fsdecode(line.split(b" ", 7)[-1].lstrip()) for line in lines if b" /" in line}
    places = {"/" + path.partition("/")[2] for path in paths if "/" in path}
    covered = tuple(f"{folder}/" for folder in outside_of)
    return sorted(path for path in places if not path.startswith(covered) and os.path.lexists(path))


@dataclass(slots=True)
class _Folder:
    """What is known of one folder."""

    changed_ns: int
    read_ns: int
    secrets: tuple[str, ...]
    folders: tuple[str, ...]


class SecretFiles:
    """Finds files by the names of secrets, at any depth; reads only folders again that changed since."""

    def __init__(self, root: Path) -> None:
        self._root = os.fspath(root)
        self._known: dict[str, _Folder] = {}

    def find(self) -> list[str]:
        """Return their paths, sorted. Blocks on the disk."""
        found: list[str] = []
        known: dict[str, _Folder] = {}
        pending = [self._root]
        while pending:
            path = pending.pop()
            folder = self._look(path)
            if folder is not None:
                known[path] = folder
                found += [f"{path}/{name}" for name in folder.secrets]
                if path.rpartition("/")[2] not in _SHALLOW:
                    pending += [f"{path}/{name}" for name in folder.folders]
        self._known = known
        return sorted(found)

    def _look(self, path: str) -> _Folder | None:
        old = self._known.get(path)
        try:
            changed_ns = os.stat(path).st_mtime_ns
            if old and old.changed_ns == changed_ns and old.read_ns - changed_ns > _SAME_TICK_NS:
                return old
            read_ns = time.time_ns()
            with os.scandir(path) as entries:
                return _Folder(changed_ns, read_ns, *self._sort(entries))
        except OSError:
            return None

    @staticmethod
    def _sort(entries: Iterable[os.DirEntry[str]]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        secrets, folders = list[str](), list[str]()
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                if entry.name not in _SKIPPED:
                    folders.append(entry.name)
            elif is_secret_name(entry.name):
                secrets.append(entry.name)
        return tuple(secrets), tuple(folders)


def existing(paths: Iterable[Path]) -> Iterator[str]:
    """Yield the paths that are there, at the end of their links."""
    for path in paths:
        if os.path.lexists(path):
            yield os.path.realpath(path)
