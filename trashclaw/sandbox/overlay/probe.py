"""Whether the overlay backend works here, tried in earnest; and if not, what stands in its way."""

from __future__ import annotations

import asyncio
import os
import platform
import sys
import tempfile
from pathlib import Path

from trashclaw.protocol.errors import WorkspaceError
from trashclaw.sandbox.overlay.launcher.kernel import machine, release
from trashclaw.sandbox.overlay.sandbox import OverlaySandbox
from trashclaw.sandbox.ports import Confinement

_KERNEL_NEEDED = (5, 12)
_SETTINGS = (
    (
        "kernel/apparmor_restrict_unprivileged_userns",
        "1",
        "AppArmor lets no program make user namespaces without a profile",
    ),
    ("kernel/unprivileged_userns_clone", "0", "the kernel lets only the superuser make user namespaces"),
    ("user/max_user_namespaces", "0", "the kernel makes no user namespaces"),
)


async def probe(state: Path) -> str | None:
    """Return `None` where commands can be confined, else the reason and what would help. Runs one command."""
    reason = _known_reason()
    if reason:
        return reason
    try:
        await asyncio.to_thread(state.mkdir, parents=True, exist_ok=True)
        await _try(state)
    except (WorkspaceError, OSError) as error:
        text = error.text if isinstance(error, WorkspaceError) else str(error)
        return f"{text.rstrip('.')}{_guess()}."
    return None


def _known_reason() -> str:
    if sys.platform != "linux":
        return f"It needs Linux; this is {platform.system()}."
    if release() < _KERNEL_NEEDED:
        return f"It needs Linux 5.12 or later; this is {platform.release()}."
    if machine() is None:
        return f"It knows x86_64 and aarch64; this is {platform.machine()}."
    return ""


async def _try(state: Path) -> None:
    """Run a command that writes, in a workspace of its own.

    Raises:
        WorkspaceError: it could not be confined.
    """
    with tempfile.TemporaryDirectory(prefix="probe-", dir=state) as folder:
        root = Path(folder) / "root"
        root.mkdir()
        (root / "old").write_text("old")
        sandbox = OverlaySandbox(root, Path(folder) / "state")
        try:
            run = await (await sandbox.start("echo new > old && rm old && mkdir old", Confinement())).wait()
            kinds = [change.after.kind.value if change.after else "" for change in run.branches[0].changes()]
            for branch in run.branches:
                branch.discard()
        finally:
            await sandbox.aclose()
        if run.result.exit_code != 0 or kinds != ["folder"] or (root / "old").read_text() != "old":
            raise WorkspaceError(f"A command could not be held back: {run.result.output.strip() or kinds}")


def _guess() -> str:
    """Return what probably is in the way, with what would help."""
    for name, value, reason in _SETTINGS:
        try:
            found = Path("/proc/sys", name).read_text().strip()
        except OSError:
            continue
        if found == value and os.geteuid() != 0:
            help_text = "an administrator can change" if value == "1" else "an administrator can raise"
            return f"; {reason}: {help_text} the setting {name.replace('/', '.')}"
    if Path("/.dockerenv").exists() or Path("/run/.containerenv").exists():
        return "; in a container it needs leave for namespaces and mounts, as with --privileged"
    return ""
