"""What this machine has to spare: memory, and power."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

_CGROUPS = Path("/sys/fs/cgroup")
_OWN_GROUPS = Path("/proc/self/cgroup")
_DIGITS = 20
_V2 = ("memory.max", "memory.current", "inactive_file")
_V1 = ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")


def on_battery() -> bool | None:
    """Whether the machine runs on its battery; `None` where it has none, or does not say."""
    import psutil

    # Absent where psutil knows no way to ask; and some machines have a battery that cannot be read.
    sensors = getattr(psutil, "sensors_battery", None)
    try:
        battery = sensors() if sensors is not None else None
    except (OSError, ValueError, RuntimeError, psutil.Error):
        return None
    plugged = getattr(battery, "power_plugged", None)
    return None if plugged is None else not plugged


def free_memory_bytes(groups: Path = _CGROUPS, own: Path = _OWN_GROUPS) -> int | None:
    """Return how much memory programs may still take without swapping; `None` if the machine does not say.

    In a container it is what the container may still take, if that is less. Graphics memory of its own is not counted.
    Blocks for a moment: it reads small files of the system. `groups` and `own` are where Linux tells of containers.
    """
    import psutil

    try:
        free = int(psutil.virtual_memory().available)
    except (OSError, ValueError, RuntimeError, psutil.Error):
        return None
    return max(0, min([free, *_left_in_groups(groups, own)]))


def _left_in_groups(groups: Path, own: Path) -> list[int]:
    """Return what is left in each control group that we are in, innermost first; nothing where there are none."""
    try:
        lines = own.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
    left = []
    for line in lines:
        _, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        if not controllers:
            left += _left_above(groups, path, _V2)
        elif "memory" in controllers.split(","):
            left += _left_above(groups / "memory", path, _V1)
    return left


def _left_above(root: Path, path: str, names: tuple[str, str, str]) -> list[int]:
    """Return what is left in a group and in all above it: each of them may be the narrowest."""
    inside = PurePosixPath(path.lstrip("/"))
    # Within a container the path may be that of the host, which is not there: then the root is the container's own.
    folders = [root / step for step in (inside, *inside.parents) if ".." not in step.parts]
    found = (_left_in(folder, names) for folder in dict.fromkeys([*folders, root]))
    return [left for left in found if left is not None]


def _left_in(folder: Path, names: tuple[str, str, str]) -> int | None:
    limit, used = (_number(folder / name) for name in names[:2])
    if limit is None or used is None:
        return None
    return limit - used + _reclaimable(folder / "memory.stat", names[2])


def _reclaimable(path: Path, name: str) -> int:
    """Return how much of what is used are files that were read, which give way."""
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return 0
    words = (line.split() for line in lines)
    return next((int(pair[1]) for pair in words if len(pair) == 2 and pair[0] == name and _is_size(pair[1])), 0)


def _number(path: Path) -> int | None:
    """Return the number in a file; `max` is none."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return None
    return int(text) if _is_size(text) else None


def _is_size(text: str) -> bool:
    return text.isdecimal() and len(text) <= _DIGITS
