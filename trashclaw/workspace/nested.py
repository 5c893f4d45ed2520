"""Folders that lie in one another."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path


def outermost(paths: Iterable[Path]) -> list[Path]:
    """Return the paths in their order, without those that lie in another one."""
    found = list(dict.fromkeys(paths))
    return [path for path in found if not any(path != other and path.is_relative_to(other) for other in found)]
