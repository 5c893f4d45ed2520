"""Commands of a session: each in the sandbox, with the hosts and paths that were granted to it alone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from trashclaw.protocol.approvals import NOTHING, Needs
from trashclaw.protocol.errors import TrashclawError
from trashclaw.sandbox.ports import CommandLimits, Confinement, Denial, RunningCommand, Sandbox, SandboxRun

OnOutput = Callable[[str], None]


class HostPass(Protocol):
    """One command's leave to reach hosts."""

    @property
    def denied(self) -> tuple[str, ...]:
        """Hosts that it asked for and did not get."""
        ...

    @property
    def sent(self) -> dict[str, int]:
        """Bytes sent, by host."""
        ...

    def environment(self, port: int) -> dict[str, str]:
        """Return the variables that lead programs to the gate, which listens on this port of the loopback."""
        ...

    def close(self) -> None:
        """End what is still open."""
        ...


class Network(Protocol):
    """The one way from a confined command to other hosts."""

    async def admit(self, hosts: tuple[str, ...]) -> HostPass:
        """Return a pass for these hosts; with none, what is asked for is still known by name."""
        ...


@dataclass(frozen=True, slots=True)
class Grants:
    """What holds for every command of a session."""

    limits: CommandLimits = field(default_factory=CommandLimits)
    hosts: Callable[[], tuple[str, ...]] = tuple
    """Hosts that need no question now."""

    readable: Callable[[], tuple[Path, ...]] = tuple
    """Hidden files that commands may read all the same."""

    withheld: Callable[[], str] = str
    """Why hosts that are allowed are not reached now; empty where they are."""


class Commands:
    """Starts commands where they can do no harm, or outside where a person said so."""

    def __init__(
        self,
        choose: Callable[[], Sandbox],
        unconfined: Sandbox,
        network: Network | None,
        grants: Grants,
        on_chosen: Callable[[], None] = lambda: None,
    ) -> None:
        """`choose` blocks for a moment and is called once, in a thread; then `on_chosen`, on the event loop."""
        self._choose = choose
        self._on_chosen = on_chosen
        self._chosen: asyncio.Task[Sandbox] | None = None
        self._unconfined = unconfined
        self._network = network
        self._grants = grants

    async def sandbox(self) -> Sandbox:
        """Return the backend in use; to find out what works here takes a moment, once.

        Raises:
            TrashclawError: the one that the settings name does not work here.
        """
        if self._chosen is None:
            self._chosen = asyncio.create_task(self._find(), name="choice of the sandbox")
        return await asyncio.shield(self._chosen)

    async def _find(self) -> Sandbox:
        sandbox = await asyncio.to_thread(self._choose)
        self._on_chosen()
        return sandbox

    def withheld(self) -> str:
        """Return why hosts that are allowed are not reached now; empty where they are."""
        return self._grants.withheld()

    async def start(
        self,
        command: str,
        *,
        needs: Needs = NOTHING,
        time_s: float | None = None,
        on_output: OnOutput | None = None,
        inputs: tuple[Path, ...] = (),
        is_offline: bool = False,
    ) -> RunningCommand:
        """Start a shell line with what it was granted beyond its sandbox; `inputs` are paths of ours that it may read.

        `is_offline` keeps it from every host, also from those that are granted to all commands.

        Raises:
            WorkspaceError: it could not be started.
        """
        sandbox = await self.sandbox()
        limits = self._grants.limits if time_s is None else replace(self._grants.limits, time_s=time_s)
        if needs.is_unsandboxed:
            return await self._unconfined.start(command, Confinement(limits), on_output)
        hosts = () if is_offline else tuple(dict.fromkeys((*self._grants.hosts(), *needs.hosts)))
        paths = tuple(map(Path, needs.paths))
        readable = await asyncio.to_thread(self._grants.readable)
        confinement = Confinement(limits, hosts, writable=paths, readable=(*paths, *readable, *inputs))
        if self._network is None or not sandbox.is_isolating:
            return await sandbox.start(command, confinement, on_output)
        granted = await self._network.admit(hosts)
        try:
            port = await sandbox.gate_port()
            env = granted.environment(port) if port is not None else {}
            running = await sandbox.start(command, replace(confinement, env=env), on_output)
        except BaseException:
            granted.close()
            raise
        return Granted(running, granted)

    async def aclose(self) -> None:
        """End everything that still runs."""
        with suppress(TrashclawError):
            if self._chosen is not None:
                await (await self._chosen).aclose()
        await self._unconfined.aclose()


class Granted:
    """A command with a pass, which ends with it."""

    def __init__(self, running: RunningCommand, granted: HostPass) -> None:
        self._running = running
        self._granted = granted

    @property
    def reached(self) -> tuple[str, ...]:
        """Hosts that it has reached so far."""
        return tuple(self._granted.sent)

    async def wait(self) -> SandboxRun:
        """Wait for its end; the pass ends with it."""
        try:
            return self._told(await self._running.wait())
        finally:
            self._granted.close()

    async def stop(self) -> SandboxRun:
        """End it, and its pass."""
        try:
            return self._told(await self._running.stop())
        finally:
            self._granted.close()

    def _told(self, run: SandboxRun) -> SandboxRun:
        hosts = tuple(Denial("host", host) for host in self._granted.denied)
        return replace(run, denials=(*run.denials, *hosts), reached={**run.reached, **self._granted.sent})
