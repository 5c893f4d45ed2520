"""What a project's file may say of its own reins: it may tighten what the person set, never loosen it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from trashclaw.config.schema import Settings
from trashclaw.protocol.modes import Mode

Judge = Callable[[Any, Any], bool]
"""Takes the person's value and the project's; tells whether the second allows no more than the first."""


def _never(own: object, new: object) -> bool:
    return False


def _always(own: object, new: object) -> bool:
    return True


def _is_stricter_mode(own: Mode | None, new: Mode | None) -> bool:
    modes = list(Mode)
    return new is None or modes.index(new) <= modes.index(own or Mode.REVIEW)


def _is_off(own: bool, new: bool) -> bool:
    return not new


def _is_no_more(own: float, new: float) -> bool:
    return new <= own


def _discards(own: str, new: str) -> bool:
    return new == "discard"


_JUDGES: Mapping[str, Judge] = {
    "mode": _is_stricter_mode,
    "allow_write": _is_off,
    "allow_shell": _is_off,
    "allow_net": _never,
    "add_dirs": _never,
    "sandbox.backend": _never,
    "sandbox.ignored": _discards,
    "sandbox.readable": _never,
    "sandbox.hidden": _always,
    "sandbox.hosts": _never,
    "sandbox.time_s": _is_no_more,
    "sandbox.memory_mb": _is_no_more,
    "sandbox.processes": _is_no_more,
    "sandbox.disk_mb": _is_no_more,
}


def is_guarded(key: str) -> bool:
    """Tell whether a project's file may only tighten a setting; of the sandbox that is every one."""
    return key in _JUDGES or key.startswith(("sandbox.", "allow_"))


def loosened_keys(own: Settings, project: Settings, keys: Mapping[str, object]) -> Iterator[str]:
    """Yield those of the project's keys that would allow more than the person's own settings do."""
    for key in keys:
        if is_guarded(key):
            before, after = value_of(own, key), value_of(project, key)
            if before != after and not _JUDGES.get(key, _never)(before, after):
                yield key


def value_of(settings: Settings, key: str) -> Any:
    """Return the value of a dotted key."""
    value: Any = settings
    for name in key.split("."):
        value = getattr(value, name)
    return value
