"""Chooses the strongest sandbox that works here, and says why it is none of the stronger ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from trashclaw.protocol.errors import ConfigError
from trashclaw.sandbox.ports import Backend, Sandbox

if TYPE_CHECKING:
    from trashclaw.sandbox.host_gate import HostGate

AUTO = "auto"
Probe = Callable[[], str | None]
"""Returns why a backend does not work here; `None` if it does. Blocks for a moment."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a sandbox is bound to, whichever it is."""

    root: Path
    state: Path
    extra: tuple[Path, ...] = ()
    """Further folders whose changes are held back; `sandlock` and `sandbox-exec` let nothing write there."""

    hidden: tuple[Path, ...] = ()
    gate: HostGate | None = None
    gate_socket: Path | None = None
    """Where the same gate listens."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A sandbox, and what was tried before it."""

    sandbox: Sandbox
    tried: tuple[tuple[Backend, str], ...] = ()
    """Stronger ones that do not work here, each with the reason."""

    @property
    def notice(self) -> str:
        """What a person has to know: why commands are asked about before they run. Empty where they need not be."""
        if self.sandbox.is_isolating or not self.tried:
            return ""
        reasons = "; ".join(f"{backend}: {reason}" for backend, reason in self.tried)
        return f"No sandbox works here, so every command is asked about before it runs. {reasons}."


def choose_sandbox(setting: str, bounds: Bounds, probes: Mapping[Backend, Probe] | None = None) -> Choice:
    """Return the backend that a setting names, or with `auto` the strongest that works.

    Blocks for some 60 ms, 100 ms where only weak ones work: call it in a thread that runs no event loop.

    Raises:
        ConfigError: the one that is named does not work here; it is never exchanged for another.
    """
    looked = probes if probes is not None else known_probes(bounds.state)
    if setting != AUTO:
        backend = _named(setting)
        reason = looked[backend]()
        if reason is not None:
            text = f"The sandbox `{backend}` does not work here: {reason}."
            raise ConfigError(text, "Say `sandbox.backend: auto` for the strongest that works.")
        return Choice(make_sandbox(backend, bounds))
    tried: list[tuple[Backend, str]] = []
    for backend in Backend:
        reason = looked[backend]()
        if reason is None:
            return Choice(make_sandbox(backend, bounds), tuple(tried))
        tried.append((backend, reason))
    return Choice(make_sandbox(Backend.ASK_FIRST, bounds), tuple(tried))


def known_probes(state: Path) -> Mapping[Backend, Probe]:
    """Return a probe for each backend; nothing of one is loaded before it is called."""

    def overlay() -> str | None:
        import asyncio

        from trashclaw.sandbox.overlay.probe import probe

        reason = asyncio.run(probe(state))
        return reason and reason.rstrip(".")

    def bubblewrap() -> str | None:
        from trashclaw.sandbox.bubblewrap import probe

        return probe()

    def sandlock() -> str | None:
        from trashclaw.sandbox.landlock import probe

        return probe()

    def sandbox_exec() -> str | None:
        from trashclaw.sandbox.seatbelt import probe

        return probe()

    return {
        Backend.OVERLAY: overlay,
        Backend.BUBBLEWRAP: bubblewrap,
        Backend.SANDLOCK: sandlock,
        Backend.SANDBOX_EXEC: sandbox_exec,
        Backend.ASK_FIRST: lambda: None,
    }


def make_sandbox(backend: Backend, bounds: Bounds) -> Sandbox:
    """Make one without looking whether it works; nothing is started."""
    root, state = bounds.root, bounds.state
    hidden = bounds.hidden
    match backend:
        case Backend.OVERLAY:
            from trashclaw.sandbox.overlay.sandbox import OverlaySandbox

            return OverlaySandbox(root, state, extra=bounds.extra, hidden=hidden, gate_socket=bounds.gate_socket)
        case Backend.BUBBLEWRAP:
            from trashclaw.sandbox.bubblewrap import BubblewrapSandbox

            return BubblewrapSandbox(root, state, extra=bounds.extra, hidden=hidden, gate=bounds.gate)
        case Backend.SANDLOCK:
            from trashclaw.sandbox.landlock import SandlockSandbox

            return SandlockSandbox(root, state, hidden=hidden, gate=bounds.gate)
        case Backend.SANDBOX_EXEC:
            from trashclaw.sandbox.seatbelt import SandboxExecSandbox

            return SandboxExecSandbox(root, state, hidden=hidden, gate=bounds.gate)
        case Backend.ASK_FIRST:
            from trashclaw.sandbox.ask_first import AskFirstSandbox

            return AskFirstSandbox(root)


def _named(setting: str) -> Backend:
    try:
        return Backend(setting)
    except ValueError as error:
        names = ", ".join((AUTO, *Backend))
        raise ConfigError(f"There is no sandbox `{setting}`.", f"`sandbox.backend` is one of {names}.") from error
