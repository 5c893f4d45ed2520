"""Which hosts a command may reach: rules as a person writes them, and what they match."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass

from trashclaw.protocol.errors import UsageError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

WEB_PORTS = frozenset({80, 443})
"""What a rule without a port means."""

HOST_CHARS = 253
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_PORT = re.compile(r"[0-9]{1,5}")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_AMBIGUOUS = frozenset("ßς\u200c\u200d")
"""Letters that the two standards for such names spell differently: a rule and a program must mean the same host."""

_LOOPBACK = (ipaddress.ip_address("127.0.0.1"), ipaddress.ip_address("::1"))
_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")


@dataclass(frozen=True, slots=True)
class Target:
    """A host, spelled in one way only, and a port."""

    host: str
    """In lower case, without a dot at the end, as ASCII; an address in its shortest form, without brackets."""

    port: int

    @property
    def address(self) -> Address | None:
        """The address, if it is one and no name."""
        return _address(self.host)

    def __str__(self) -> str:
        """Return it as a rule that would allow it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port in WEB_PORTS else f"{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class HostRule:
    """One rule: `api.example.com` (ports 80 and 443), `api.example.com:8443`, `*.example.com`, `*`, `host:*`.

    `*.example.com` is everything below it, not itself. `localhost` is the loopback under any of its names. `*` is every
    public host. Addresses that are not public are matched by their own rule only (see `HostRules.lets_connect`).
    """

    host: str
    port: int | None
    """`None`: those of the web."""

    is_any_port: bool = False

    @staticmethod
    def parse(text: str) -> HostRule:
        """Read a rule.

        Raises:
            UsageError: it is none.
        """
        host, port = _split(text.strip(), text)
        is_any_port = port == "*"
        number = None if port is None or is_any_port else port_number(port)
        if number is None and port is not None and not is_any_port:
            raise _bad(text, "the port is no number from 1 to 65535")
        if host == "*":
            return HostRule("*", number, is_any_port)
        below = host.startswith("*.")
        name = _rule_name(host[2:] if below else host, text)
        if below and _address(name) is not None:
            raise _bad(text, "there is nothing below an address")
        return HostRule(f"*.{name}" if below else name, number, is_any_port)

    def matches(self, target: Target) -> bool:
        """Tell whether it allows a target by its name; where the name leads is judged later."""
        return self._has_port(target.port) and self._has_host(target)

    def names(self, address: Address, port: int) -> bool:
        """Tell whether it is about this very address."""
        if not self._has_port(port):
            return False
        return address in _LOOPBACK if self.host == "localhost" else _address(self.host) == address

    def _has_port(self, port: int) -> bool:
        if self.is_any_port:
            return True
        return port in WEB_PORTS if self.port is None else port == self.port

    def _has_host(self, target: Target) -> bool:
        if self.host == "*":
            return True
        if self.host == "localhost":
            return target.host == "localhost" or target.address in _LOOPBACK
        if self.host.startswith("*."):
            return target.address is None and target.host.endswith(self.host[1:])
        return target.host == self.host


@dataclass(frozen=True, slots=True)
class HostRules:
    """All rules of one command."""

    rules: tuple[HostRule, ...] = ()

    @staticmethod
    def parse(texts: Sequence[str]) -> HostRules:
        """Read rules.

        Raises:
            UsageError: one of them is none.
        """
        return HostRules(tuple(HostRule.parse(text) for text in texts))

    @property
    def has_loopback(self) -> bool:
        """Whether one of them leads to this machine itself."""
        return any(rule.host == "localhost" or _address(rule.host) in _LOOPBACK for rule in self.rules)

    def allow(self, target: Target) -> bool:
        """Tell whether a target may be asked for at all: only then its name is looked up."""
        return any(rule.matches(target) for rule in self.rules)

    def lets_connect(self, address: Address, port: int) -> bool:
        """Tell whether an allowed name may lead to this address: a public one, or one that a rule names."""
        return is_public(address) or any(rule.names(address, port) for rule in self.rules)


def host_name(text: str) -> str | None:
    """Return a host of a request in its one spelling; `None` if it is none.

    A name that ends in a number must be an address in its usual form: resolvers also take `127.1`, `0x7f.0.0.1` and
    `2130706433` for one.
    """
    host = text.lower().removesuffix(".")
    if not host or len(host) > HOST_CHARS or not host.isascii():
        return None
    address = _address(host)
    if address is not None:
        return str(address)
    labels = host.split(".")
    if _NUMBER.fullmatch(labels[-1]) or not all(_LABEL.fullmatch(label) for label in labels):
        return None
    return host


def port_number(text: str) -> int | None:
    """Return a port; `None` if it is none."""
    number = int(text) if _PORT.fullmatch(text) and text.isascii() else 0
    return number if 0 < number < 65_536 else None


def is_public(address: Address) -> bool:
    """Tell whether an address is on the open net, not on this machine, its networks, or a cloud's metadata service.

    Addresses that wrap another one are as that one.
    """
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if address in _TRANSLATED:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
        if inner is not None:
            return is_public(inner)
        if address.teredo is not None or address.is_site_local:
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def _rule_name(host: str, text: str) -> str:
    if _AMBIGUOUS & set(host):
        raise _bad(text, "write this name in its ASCII form (xn--...)")
    try:
        name = host_name(host if host.isascii() else _ascii(host))
    except UnicodeError:
        name = None
    if name is None:
        raise _bad(text, "that is no name of a host and no address")
    return name


def _ascii(host: str) -> str:
    if len(host) > HOST_CHARS:
        raise UnicodeError
    return host.encode("idna").decode("ascii")


def _split(rule: str, text: str) -> tuple[str, str | None]:
    if rule.startswith("["):
        host, closing, rest = rule[1:].partition("]")
        if not closing or ":" not in host or (rest and not rest.startswith(":")):
            raise _bad(text, "an address in brackets is [2001:db8::1] or [2001:db8::1]:443")
        return host, rest[1:] if rest else None
    if rule.count(":") > 1:
        return rule, None
    host, colon, port = rule.partition(":")
    return host, port if colon else None


def _address(host: str) -> Address | None:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return None
    return None if "%" in host else address


def _bad(text: str, reason: str) -> UsageError:
    hint = "Rules are api.example.com, api.example.com:8443, *.example.com, * or an address."
    return UsageError(f"`{text[:HOST_CHARS]}` is no rule for hosts: {reason}.", hint)
