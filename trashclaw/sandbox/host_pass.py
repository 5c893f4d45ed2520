"""One command's leave to reach hosts: what it was granted, what it asked for in vain, and what it sent."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from trashclaw.sandbox.host_rules import HostRules, Target

DENIED_KEPT = 100
HOSTS_KEPT = 1_000

_OWN_NAMES = ("npm_config_proxy", "npm_config_https_proxy", "CARGO_HTTP_PROXY", "PIP_PROXY")
"""For programs that do not look at the usual names, or let their own settings win. git, curl and go look at them."""


class Pass:
    """One command's leave to reach hosts; good until it is closed."""

    def __init__(self, rules: HostRules, revoke: Callable[[Pass], None]) -> None:
        self.token = secrets.token_urlsafe(24)
        self.rules = rules
        self._revoke = revoke
        self._denied: dict[str, None] = {}
        self._sent: dict[str, int] = {}

    @property
    def denied(self) -> tuple[str, ...]:
        """Hosts asked for and refused, in order, as rules that would have allowed them."""
        return tuple(self._denied)

    @property
    def sent(self) -> dict[str, int]:
        """Bytes sent, by host."""
        return dict(self._sent)

    def environment(self, port: int) -> dict[str, str]:
        """Return the variables that lead programs to the gate, which listens on this port of the loopback."""
        proxy = f"http://{self.token}:x@127.0.0.1:{port}"
        direct = "" if self.rules.has_loopback else "localhost,127.0.0.1,::1"
        names = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
        env = {spelled: proxy for name in names for spelled in (name, name.lower())}
        env |= {"NO_PROXY": direct, "no_proxy": direct, "NODE_USE_ENV_PROXY": "1", "npm_config_noproxy": direct}
        return env | dict.fromkeys(
            ("npm_config_proxy", "npm_config_https_proxy", "CARGO_HTTP_PROXY", "PIP_PROXY"), proxy
        )

    def close(self) -> None:
        """End what is still open; the token is worth nothing from now on."""
        self._revoke(self)

    def deny(self, target: Target) -> None:
        """Remember what was refused."""
        if len(self._denied) < DENIED_KEPT:
            self._denied.setdefault(str(target))

    def count(self, host: str, sent_bytes: int) -> None:
        """Add bytes sent to a host."""
        if host in self._sent or len(self._sent) < HOSTS_KEPT:
            self._sent[host] = self._sent.get(host, 0) + sent_bytes
