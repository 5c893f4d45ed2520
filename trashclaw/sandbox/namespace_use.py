"""What the processes of one pid namespace use, seen from outside of it."""

from __future__ import annotations

import os
from pathlib import Path

_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096


def processes_of(first_pid: int) -> list[int]:
    """Return all processes in the pid namespace of this one; none when it is gone."""
    try:
        own = Path(f"/proc/{first_pid}/ns/pid").stat().st_ino
    except OSError:
        return []
    found = []
    for name in [entry.name for entry in Path("/proc").iterdir()]:
        if name.isdigit():
            try:
                if Path(f"/proc/{name}/ns/pid").stat().st_ino == own:
                    found.append(int(name))
            except OSError:
                continue
    return found


def memory_of(pids: list[int], limit_bytes: int) -> int:
    """Return bytes of memory in use; exact only where the limit may be exceeded."""
    rough = sum(map(_resident, pids))
    return rough if rough <= limit_bytes else sum(map(_proportional, pids))


def _resident(pid: int) -> int:
    try:
        fields = Path(f"/proc/{pid}/statm").read_bytes().split()
        return (int(fields[1]) - int(fields[2])) * _PAGE_BYTES
    except (OSError, IndexError, ValueError):
        return 0


def _proportional(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_bytes().splitlines()
    except OSError:
        return _resident(pid)
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith(b"Pss_Anon:"))
