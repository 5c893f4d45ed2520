"""What a folder would bring if it were trusted, read once: what is shown, vouched for and loaded are the same bytes."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from trashclaw.config.paths import FILE_NAME, PROJECT_FOLDER
from trashclaw.directives.strict_yaml import MAX_BYTES, decode_source
from trashclaw.protocol.errors import ConfigError

SETTINGS_PATH = f"{PROJECT_FOLDER}/{FILE_NAME}"
RULES_PATH = f"{PROJECT_FOLDER}/policy.yaml"
MAX_FILES = 1_000
MAX_TOTAL_BYTES = 16 * 1024 * 1024

_OPEN = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


class Kind(StrEnum):
    """What a file is for."""

    SETTINGS = "settings"
    RULES = "rules"
    COMMAND = "command"
    AGENT = "agent"
    HOOK = "hook"
    SERVERS = "MCP servers"
    INSTRUCTIONS = "instructions"

    @property
    def is_loaded(self) -> bool:
        """Whether this version does anything with it."""
        return self in (Kind.SETTINGS, Kind.RULES, Kind.COMMAND, Kind.INSTRUCTIONS)


_FILES = {
    FILE_NAME: Kind.SETTINGS,
    "policy.yaml": Kind.RULES,
    "mcp.json": Kind.SERVERS,
    "mcp.yaml": Kind.SERVERS,
    "mcp.yml": Kind.SERVERS,
}
_FOLDERS = {"commands": Kind.COMMAND, "agents": Kind.AGENT, "hooks": Kind.HOOK}


@dataclass(frozen=True, slots=True)
class ProjectFile:
    """One file, as it was when it was read."""

    path: str
    """Relative to the folder, with forward slashes."""

    kind: Kind
    digest: str
    """SHA-256 of its bytes; of a file that is not loaded, the reason."""

    data: bytes | None = field(default=None, repr=False)
    """`None` if it is not loaded."""

    problem: str = ""
    """Why it is not loaded."""


@dataclass(frozen=True, slots=True)
class ProjectFiles:
    """Everything that a folder would bring; nothing, unless it was read."""

    root: Path
    files: tuple[ProjectFile, ...] = ()
    is_too_much: bool = False
    """There is more than anybody could look through; such a folder cannot be trusted."""

    @property
    def digests(self) -> Mapping[str, str]:
        """The digest of each file by its path."""
        return {file.path: file.digest for file in self.files}

    @property
    def commands(self) -> tuple[tuple[Path, bytes], ...]:
        """The slash commands: where each stands, and its bytes."""
        found = (file for file in self.files if file.kind is Kind.COMMAND)
        return tuple((self.root / file.path, file.data) for file in found if file.data is not None)

    @property
    def instructions(self) -> tuple[ProjectFile, ...]:
        """What is written down for assistants, the most general first; also what of it is not loaded."""
        return tuple(file for file in self.files if file.kind is Kind.INSTRUCTIONS)

    def text(self, path: str) -> str | None:
        """Return the text of a file, `None` if there is none.

        Raises:
            ConfigError: it is there and not loaded, or no UTF-8.
        """
        file = next((file for file in self.files if file.path == path), None)
        if file is None:
            return None
        if file.data is None:
            raise ConfigError(f"{self.root / path}: {file.problem}.")
        return decode_source(file.data, str(self.root / path))


def read_project(root: Path) -> ProjectFiles:
    """Read what a folder would bring: plain files, and nothing at the end of a link. Blocks on the disk.

    Instructions stand outside of our own folder, and links between them are followed (`directives/instructions.py`).
    """
    top = root / PROJECT_FOLDER
    problem = _why_no_folder(top)
    files = _instructions(root)
    if problem is not None:
        unusable = ProjectFile(PROJECT_FOLDER, Kind.SETTINGS, f"!{problem}", None, problem)
        return ProjectFiles(root, (unusable, *files) if problem else tuple(files))
    total_bytes = 0
    for path, kind in _found(root, top):
        file = _read(root, path, kind)
        files.append(file)
        total_bytes += len(file.data or b"")
        if len(files) > MAX_FILES or total_bytes > MAX_TOTAL_BYTES:
            return ProjectFiles(root, tuple(files[:MAX_FILES]), is_too_much=True)
    return ProjectFiles(root, tuple(files))


def read_settings_file(root: Path) -> ProjectFile | None:
    """Read the settings alone, as fast as can be; `None` if there are none."""
    if _why_no_folder(root / PROJECT_FOLDER) is not None or not os.path.lexists(root / SETTINGS_PATH):
        return None
    return _read(root, SETTINGS_PATH, Kind.SETTINGS)


def digest_of(data: bytes) -> str:
    """Return the digest by which a file is known."""
    import hashlib

    return hashlib.sha256(data).hexdigest()


def _instructions(root: Path) -> list[ProjectFile]:
    # Late: whoever only wants the look of the first picture does not wait for this.
    from trashclaw.directives.instructions import read_instructions

    return [
        ProjectFile(
            path=file.path,
            kind=Kind.INSTRUCTIONS,
            digest=f"!{file.problem}" if file.data is None else digest_of(file.data),
            data=file.data,
            problem=file.problem,
        )
        for file in read_instructions(root)
    ]


def _why_no_folder(folder: Path) -> str | None:
    """Return why a folder cannot be entered, nothing if it is not there, `None` if it can."""
    try:
        mode = folder.lstat().st_mode
    except FileNotFoundError:
        return ""
    except OSError as error:
        return f"cannot be read: {error.strerror or error}"
    if stat.S_ISLNK(mode):
        return "a link, which is not followed"
    return None if stat.S_ISDIR(mode) else "no folder"


def _found(root: Path, top: Path) -> Iterator[tuple[str, Kind]]:
    """Yield the path and kind of what is there, sorted by name as far as it is not too much."""
    for name, kind in _FILES.items():
        if os.path.lexists(top / name):
            yield f"{PROJECT_FOLDER}/{name}", kind
    for name, kind in _FOLDERS.items():
        problem = _why_no_folder(top / name)
        if problem is None:
            yield from _listed(top / name, f"{PROJECT_FOLDER}/{name}", kind)
        elif problem:
            yield f"{PROJECT_FOLDER}/{name}", kind


def _listed(folder: Path, path: str, kind: Kind) -> Iterator[tuple[str, Kind]]:
    names: list[tuple[str, bool]] = []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                names.append((entry.name, entry.is_dir(follow_symlinks=False)))
                if len(names) > MAX_FILES:
                    break
    except OSError:
        yield path, kind
        return
    for name, is_folder in sorted(names):
        if kind is not Kind.COMMAND and is_folder:
            yield from _listed(folder / name, f"{path}/{name}", kind)
        elif kind is not Kind.COMMAND or name.endswith(".md"):
            yield f"{path}/{name}", kind


def _read(root: Path, path: str, kind: Kind) -> ProjectFile:
    try:
        data = _plain_bytes(root / path)
    except ConfigError as error:
        return ProjectFile(path, kind, f"!{error.text}", None, error.text)
    return ProjectFile(path, kind, digest_of(data), data)


def _plain_bytes(file: Path) -> bytes:
    """Return the bytes of a plain file.

    Raises:
        ConfigError: it is none, or too large; the text is the reason only.
    """
    try:
        mode = file.lstat().st_mode
        if stat.S_ISLNK(mode):
            raise ConfigError("a link, which is not followed")
        if not stat.S_ISREG(mode):
            raise ConfigError("not a plain file")
        with os.fdopen(os.open(file, _OPEN), "rb") as stream:
            if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
                raise ConfigError("not a plain file")
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror or error}") from error
    if len(data) > MAX_BYTES:
        raise ConfigError(f"larger than {MAX_BYTES // 1024} KiB, which no such file needs")
    return data
