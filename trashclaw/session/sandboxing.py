"""What the commands of a session run in: the sandbox, the way to granted hosts, and those in the background."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from trashclaw.agent.ports import Emit
from trashclaw.config.schema import Settings
from trashclaw.protocol import events as ev
from trashclaw.protocol.modes import Mode
from trashclaw.sandbox.ask_first import AskFirstSandbox
from trashclaw.sandbox.background import BackgroundCommands
from trashclaw.sandbox.choose import Bounds, Choice, choose_sandbox
from trashclaw.sandbox.commands import Commands, Grants
from trashclaw.sandbox.host_gate import HostGate
from trashclaw.sandbox.host_pass import Pass
from trashclaw.sandbox.overlay.hidden import default_hidden
from trashclaw.sandbox.ports import CommandLimits, Sandbox
from trashclaw.tools.registry import Shell
from trashclaw.workspace.leftovers import private_folder

_MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Room:
    """Where commands run, and how they were told to."""

    root: Path
    added: tuple[Path, ...]
    state: Path
    hidden: tuple[Path, ...]
    """Our own folders, which commands do not read."""

    settings: Settings
    mode: Callable[[], Mode]
    tainted_by: Callable[[], str]
    emit: Emit


class SessionShell:
    """Everything about commands that a session opens and closes."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._network = _Network(self._tell_egress)
        self._choice: Choice | None = None
        sandbox = room.settings.sandbox
        limits = CommandLimits(
            sandbox.time_s, sandbox.memory_mb * _MEGABYTE, sandbox.processes, sandbox.disk_mb * _MEGABYTE
        )
        grants = Grants(limits, self._hosts, self._readable, self._withheld)
        self.commands = Commands(self._choose, AskFirstSandbox(room.root), self._network, grants, self._tell_choice)
        self.background = BackgroundCommands(self.commands)

    @property
    def shell(self) -> Shell:
        """What the tools need of it."""
        return Shell(self.commands, self.background, self._room.settings.sandbox.ignored)

    @property
    def backend(self) -> str:
        """The name of the backend in use; empty until that is known."""
        return self._choice.sandbox.backend.value if self._choice is not None else ""

    async def get_ready(self) -> None:
        """Find out which backend works here; where nothing is confined, a notice says why.

        Raises:
            ConfigError: the one that the settings name does not work here.
        """
        await self.commands.sandbox()

    async def aclose(self) -> None:
        """End everything that still runs."""
        await self.background.aclose()
        await self.commands.aclose()
        await self._network.aclose()

    def _tell_choice(self) -> None:
        """Say it where nothing is confined: a weaker sandbox is never chosen in silence."""
        if self._choice is not None and self._choice.notice:
            level = ev.NoticeLevel.WARNING
            self._room.emit(ev.Notice(level=level, code="sandbox", text=self._choice.notice))

    def _choose(self) -> Sandbox:
        room = self._room
        bounds = Bounds(
            root=room.root,
            state=room.state,
            extra=room.added,
            hidden=(*default_hidden(Path.home()), *room.hidden, *self._hidden()),
            gate=self._network.gate,
            gate_socket=self._network.socket_path(),
        )
        self._choice = choose_sandbox(room.settings.sandbox.backend, bounds)
        return self._choice.sandbox

    def _hidden(self) -> Iterator[Path]:
        """Yield what the settings hide further: paths outside, and what the globs find in the workspace now."""
        for named in self._room.settings.sandbox.hidden:
            path = Path(named).expanduser()
            if path.is_absolute():
                yield path
            else:
                yield from self._found(named)

    def _readable(self) -> tuple[Path, ...]:
        """Return the hidden files that the settings leave readable, as they are now."""
        return tuple(path for glob in self._room.settings.sandbox.readable for path in self._found(glob))

    def _found(self, glob: str) -> Iterator[Path]:
        """Yield what a glob matches: without a slash, names at any depth."""
        return self._room.root.glob(glob if "/" in glob else f"**/{glob}")

    def _hosts(self) -> tuple[str, ...]:
        """Return the hosts that need no question now; none while text from outside is in the conversation."""
        return () if self._room.tainted_by() else self._allowed()

    def _allowed(self) -> tuple[str, ...]:
        settings = self._room.settings
        allowed = settings.sandbox.hosts if self._room.mode() is Mode.AUTO else ()
        return (*settings.allow_net, *allowed)

    def _withheld(self) -> str:
        """Say why hosts that are allowed are not reached now; empty where they are."""
        tainted_by = self._room.tainted_by()
        if not tainted_by or not (hosts := self._allowed()):
            return ""
        return f"{', '.join(hosts)} {'is' if len(hosts) == 1 else 'are'} allowed, but not now: {tainted_by}"

    def _tell_egress(self, host: str, sent_bytes: int) -> None:
        self._room.emit(ev.EgressRecorded(host=host, sent_bytes=sent_bytes))


class _Network:
    """The host gate, listening from the first command on: at a socket whose path is short enough for one."""

    def __init__(self, on_egress: Callable[[str, int], None]) -> None:
        self.gate = HostGate(on_egress=on_egress)
        self._folder: Path | None = None
        self._listening: asyncio.Task[asyncio.Server] | None = None

    def socket_path(self) -> Path:
        """Return where the gate listens, or will."""
        if self._folder is None:
            self._folder = private_folder("gate")
        return self._folder / "gate"

    async def admit(self, hosts: Sequence[str]) -> Pass:
        """Return a pass for these hosts."""
        if self._listening is None:
            self._listening = asyncio.create_task(self.gate.listen_at(self.socket_path()), name="host gate")
        await asyncio.shield(self._listening)
        return await self.gate.admit(hosts)

    async def aclose(self) -> None:
        """Let nobody through any more."""
        await self.gate.aclose()
        if self._folder is not None:
            await asyncio.to_thread(shutil.rmtree, self._folder, ignore_errors=True)
