"""The port of the sandbox: what a command may do, what came of it, and what every backend offers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from trashclaw.workspace.process import CommandResult


class Backend(StrEnum):
    """What keeps a command from harm, the strongest first."""

    OVERLAY = "overlay"
    """Linux namespaces and the kernel's own overlay file system."""

    BUBBLEWRAP = "bubblewrap"
    """The same by `bwrap`, where only that may make namespaces."""

    SANDLOCK = "sandlock"
    """Landlock and seccomp, copy-on-write by a supervisor; where no namespaces can be made."""

    SANDBOX_EXEC = "sandbox-exec"
    """macOS: `sandbox-exec` on a copy of the workspace."""

    ASK_FIRST = "ask-first"
    """Nothing: every command is asked about before it runs."""


class EntryKind(StrEnum):
    """What lies at a path."""

    FILE = "file"
    FOLDER = "folder"
    LINK = "link"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Entry:
    """One side of a change."""

    kind: EntryKind
    mode: int
    """Permission bits."""

    size: int
    """Bytes of a file or of a link's target."""


@dataclass(frozen=True, slots=True)
class BranchChange:
    """A path at which a command left something else than it found; equal bytes and mode are no change."""

    path: str
    """Relative to the branch's root, with forward slashes; bytes that are no UTF-8 as `os.fsdecode` gives them."""

    before: Entry | None
    after: Entry | None


class Branch(Protocol):
    """What a command did under one folder, held back."""

    @property
    def root(self) -> Path:
        """The real folder."""
        ...

    @property
    def started_at(self) -> float:
        """When the command began, seconds since the epoch: a real file that changed later changed under its hands."""
        ...

    def changes(self) -> tuple[BranchChange, ...]:
        """Return all changes, folders before what is in them, sorted by path. Blocks on the disk."""
        ...

    def read(self, path: str) -> bytes:
        """Return the new bytes of a file (of a link: its target). Blocks on the disk.

        Raises:
            WorkspaceError: they cannot be read.
        """
        ...

    def discard(self) -> None:
        """Let go of everything held back; may be called more than once. Blocks on the disk."""
        ...


class LimitHit(StrEnum):
    """Which limit ended a command."""

    TIME = "time"
    MEMORY = "memory"
    PROCESSES = "processes"
    DISK = "disk"


@dataclass(frozen=True, slots=True)
class CommandLimits:
    """How much one command may use."""

    time_s: float = 120.0
    memory_bytes: int = 8_000_000_000
    processes: int = 512
    disk_bytes: int = 4_000_000_000
    """What it may write, held back and temporary files together."""


@dataclass(frozen=True, slots=True)
class Confinement:
    """What one command may do beyond reading, and writing what is held back."""

    limits: CommandLimits = CommandLimits()
    hosts: tuple[str, ...] = ()
    """Hosts it may reach: `api.example.com`, `api.example.com:443`, `*.example.com`, `*`."""

    writable: tuple[Path, ...] = ()
    """Paths outside that it writes for real."""

    readable: tuple[Path, ...] = ()
    """Hidden paths that it may read all the same."""

    env: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Denial:
    """Something that the sandbox is known to have stopped."""

    kind: str
    """`host` or `path`."""

    what: str


@dataclass(frozen=True, slots=True)
class SandboxRun:
    """How a confined command ended."""

    result: CommandResult
    branches: tuple[Branch, ...] = ()
    """What it did, held back; whoever gets this discards them. The workspace's comes first."""

    denials: tuple[Denial, ...] = ()
    limit: LimitHit | None = None
    reached: Mapping[str, int] = field(default_factory=dict)
    """Hosts that it did reach, with the bytes sent to each."""


class RunningCommand(Protocol):
    """A command at work; its whole process tree dies with it."""

    async def wait(self) -> SandboxRun:
        """Wait for its end or for one of its limits. Cancelling this stops the command and discards what it did."""
        ...

    async def stop(self) -> SandboxRun:
        """End it now, processes that ignore signals too, and return what there is."""
        ...


class Sandbox(Protocol):
    """A backend, bound to one workspace."""

    @property
    def backend(self) -> Backend:
        """Which one it is."""
        ...

    @property
    def is_isolating(self) -> bool:
        """Whether what a command does is held back; if not, it has to be asked about before it runs."""
        ...

    async def gate_port(self) -> int | None:
        """Return the loopback port at which commands find the host gate; `None` where they reach hosts another way.

        Raises:
            WorkspaceError: the sandbox could not be started.
        """
        ...

    async def start(
        self, command: str, confinement: Confinement, on_output: Callable[[str], None] | None = None
    ) -> RunningCommand:
        """Start a shell line in the workspace's root, with nothing on its standard input.

        Raises:
            WorkspaceError: it could not be started; nothing is left behind.
        """
        ...

    async def aclose(self) -> None:
        """End everything that still runs, and leave nothing on the disk."""
        ...
