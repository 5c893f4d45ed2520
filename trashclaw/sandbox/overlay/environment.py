"""The environment of a confined command: ours without what leads out of the sandbox or is a secret."""

from __future__ import annotations

import re
from collections.abc import Mapping

from trashclaw.workspace.process import quiet_environment

_WAYS_OUT = {
    "SSH_AUTH_SOCK",
    "SSH_AGENT_PID",
    "GPG_AGENT_INFO",
    "DBUS_SESSION_BUS_ADDRESS",
    "DBUS_SYSTEM_BUS_ADDRESS",
    "DOCKER_HOST",
    "CONTAINER_HOST",
    "PODMAN_SOCK",
    "DISPLAY",
    "WAYLAND_DISPLAY",
    "WAYLAND_SOCKET",
    "XAUTHORITY",
    "XDG_RUNTIME_DIR",
    "SESSION_MANAGER",
    "PULSE_SERVER",
    "TMUX",
    "TMUX_PANE",
    "STY",
    "SSH_TTY",
    "SSH_CONNECTION",
    "SSH_CLIENT",
    "SSH_ASKPASS",
    "GIT_ASKPASS",
    "VSCODE_IPC_HOOK_CLI",
    "VSCODE_GIT_IPC_HANDLE",
    "NOTIFY_SOCKET",
    "JOURNAL_STREAM",
    "KUBECONFIG",
    "INVOCATION_ID",
    "LD_PRELOAD",
}
_SECRET = re.compile(
    r"(^|_)(TOKEN|SECRET|SECRETS|PASSWORD|PASSWD|PASSPHRASE|PWD_FILE|CREDENTIALS?|API_?KEY|ACCESS_KEY|PRIVATE_KEY|AUTH)"
    r"(_|$)|(APIKEY|TOKEN|PASSWORD|SECRET)$|^AWS_|^AZURE_|^GOOGLE_APPLICATION_|^VAULT_|^PGPASS|^DATABASE_URL$",
    re.IGNORECASE,
)


def is_secret_variable(name: str) -> bool:
    """Tell whether a variable is named as if its value were a secret."""
    return bool(_SECRET.search(name))


def confined_environment(extra: Mapping[str, str]) -> dict[str, str]:
    """Return our environment without ways out and secrets, and with a place for temporary files."""
    ours = {name: value for name, value in quiet_environment().items() if name not in _WAYS_OUT}
    kept = {name: value for name, value in ours.items() if not is_secret_variable(name)}
    return {**kept, "TMPDIR": "/tmp", "UV_LINK_MODE": kept.get("UV_LINK_MODE", "copy"), **extra}
