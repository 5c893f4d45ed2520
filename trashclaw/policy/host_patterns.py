"""Hosts in rules and in needs: which of them lie within which."""

from __future__ import annotations

from dataclasses import dataclass

from trashclaw.protocol.errors import UsageError
from trashclaw.sandbox.host_rules import WEB_PORTS, HostRule, Target, is_public


@dataclass(frozen=True, slots=True)
class HostPattern:
    """A host or a family of hosts, with the ports that are meant."""

    text: str
    host: str
    """In its one spelling; `*`, or `*.` in front for everything below a name; empty if it cannot be read."""

    ports: frozenset[int] | None
    """`None`: every port."""

    @staticmethod
    def read(text: str) -> HostPattern:
        """Read what a person wrote.

        Raises:
            UsageError: it is no rule for hosts.
        """
        rule = HostRule.parse(text)
        ports = WEB_PORTS if rule.port is None else frozenset({rule.port})
        return HostPattern(text, rule.host, None if rule.is_any_port else ports)

    @staticmethod
    def wanted(text: str) -> HostPattern:
        """Read what a command asks for; what cannot be read could be any host, and nothing covers it."""
        try:
            return HostPattern.read(text)
        except UsageError:
            return HostPattern(text, "", None)

    def __str__(self) -> str:
        """Return it as it was written."""
        return self.text

    def covers(self, wanted: HostPattern) -> bool:
        """Tell whether everything that is wanted lies within."""
        if not wanted.host or (self.host == "*" and wanted.is_inner):
            return False
        has_ports = self.ports is None or (wanted.ports is not None and wanted.ports <= self.ports)
        return has_ports and self._has_host(wanted.host)

    def touches(self, wanted: HostPattern) -> bool:
        """Tell whether anything that is wanted lies within."""
        is_apart = self.ports is not None and wanted.ports is not None and not self.ports & wanted.ports
        if is_apart:
            return False
        if not wanted.host or self._has_host(wanted.host) or wanted._has_host(self.host):
            return True
        return self._is_loopback and wanted._is_loopback

    @property
    def is_inner(self) -> bool:
        """Whether it names this machine or a network around it; `*` stands for public hosts only."""
        address = Target(self.host, 0).address
        return self._is_loopback or (address is not None and not is_public(address))

    @property
    def _is_loopback(self) -> bool:
        address = Target(self.host, 0).address
        return self.host == "localhost" or (address is not None and address.is_loopback)

    def _has_host(self, host: str) -> bool:
        if self.host == "*" or self.host == host:
            return True
        return self.host.startswith("*.") and host.removeprefix("*").endswith(self.host[1:])
