"""What the launcher is asked to run, as it comes over the wire."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field


@dataclass(frozen=True, slots=True)
class Layer:
    """A folder that a command may change; the changes go into another one."""

    root: str
    upper: str
    work: str


@dataclass(frozen=True, slots=True)
class Limits:
    """Upper bounds, in bytes and processes; time is kept by the other side."""

    memory_bytes: int
    processes: int
    disk_bytes: int


@dataclass(frozen=True, slots=True)
class Request:
    """One command. All paths are absolute and free of links but for their last part."""

    argv: list[str]
    env: dict[str, str]
    cwd: str
    run_folder: str
    """Its own folder on the disk: `tmp`, `vartmp`, `masks/file`, `masks/folder`, and those of its layers."""

    layers: list[Layer]
    limits: Limits
    still: list[str] = field(default_factory=list)
    """Folders that are shown through a read-only overlay, so that nobody answers at their sockets."""

    emptied: list[str] = field(default_factory=list)
    """Folders that are shown empty, read-only."""

    hidden: list[str] = field(default_factory=list)
    writable: list[str] = field(default_factory=list)
    readable: list[str] = field(default_factory=list)
    """Paths inside of hidden or emptied folders that are shown all the same."""

    is_owner_kept: bool = False
    """Whether the superuser keeps the rights over other people's files."""


def pack(request: Request) -> bytes:
    """Return a request as it goes over the wire."""
    return json.dumps(asdict(request)).encode()


def unpack(data: bytes) -> Request:
    """Return the request that came over the wire."""
    given = json.loads(data)
    given["layers"] = [Layer(**layer) for layer in given["layers"]]
    given["limits"] = Limits(**given["limits"])
    return Request(**given)


def as_bytes(path: str) -> bytes:
    """Return a path as the kernel takes it, whatever the locale says."""
    return path.encode("utf-8", "surrogateescape")


def as_text(path: str | os.PathLike[str]) -> str:
    """Return a path as it goes over the wire."""
    return os.fsencode(path).decode("utf-8", "surrogateescape")
