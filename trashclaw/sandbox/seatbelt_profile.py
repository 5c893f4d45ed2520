"""The profile of `sandbox-exec`: what a command may do on macOS. Written by its documentation, not tried on macOS."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from trashclaw.protocol.errors import WorkspaceError

_DEVICES = ("/dev/null", "/dev/zero", "/dev/tty", "/dev/stdout", "/dev/stderr", "/dev/dtracehelper")
_SERVICES = (
    "com.apple.SecurityServer",
    "com.apple.securityd.xpc",
    "com.apple.secd",
    "com.apple.pasteboard.1",
    "com.apple.coreservices.launchservicesd",
    "com.apple.coreservices.appleevents",
    "com.apple.lsd.open",
    "com.apple.tccd",
    "com.apple.windowserver.active",
)
"""Would open a program outside of the sandbox, or hand out what the person keeps secret."""


def profile(
    *,
    hidden: Sequence[Path],
    writable: Sequence[Path],
    secrets: Sequence[Path],
    readable: Sequence[Path],
    gate_port: int | None,
) -> str:
    """Return the text; later rules win, so what is writable may lie in what is hidden, and secrets in what is writable.

    All paths must be at the end of their links.

    Raises:
        WorkspaceError: a path cannot be written in it.
    """
    lines = ["(version 1)", "(allow default)", "(deny file-write* file-link)"]
    lines += [f"(allow file-write* (literal {quoted(device)}))" for device in _DEVICES]
    lines += [f"(deny file-read* (subpath {quoted(path)}))" for path in hidden]
    lines += [f"(allow file-read* file-write* file-link (subpath {quoted(path)}))" for path in writable]
    lines += [f"(deny file-read* file-write* file-link (subpath {quoted(path)}))" for path in secrets]
    lines += [f"(allow file-read* (subpath {quoted(path)}))" for path in readable]
    lines += ["(deny network*)", "(deny system-socket)"]
    if gate_port is not None:
        lines.append(f'(allow system-socket network-outbound (remote tcp "localhost:{gate_port}"))')
    lines += ["(deny appleevent-send)", "(deny lsopen)", "(deny job-creation)", "(deny mach-priv*)"]
    lines += [f"(deny mach-lookup (global-name {quoted(name)}))" for name in _SERVICES]
    lines += ["(deny signal)", "(allow signal (target same-sandbox))"]
    lines += ["(deny process-info*)", "(allow process-info* (target same-sandbox))"]
    return "\n".join(lines) + "\n"


def quoted(text: str | Path) -> str:
    """Return a text as a string of the profile's language.

    Raises:
        WorkspaceError: it holds what cannot be written there; without its rule nothing must run.
    """
    plain = str(text)
    if any(ord(character) < 0x20 or ord(character) == 0x7F or "\ud800" <= character <= "\udfff" for character in plain):
        raise WorkspaceError(
            f"The path {plain!r} cannot be written in a profile of sandbox-exec.",
            "Rename it, or say `sandbox.backend: ask-first`.",
        )
    escaped = plain.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
