"""How fast each model reads, kept from one session to the next in one small file."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_LIMIT_BYTES = 64_000
"""A larger file is none of ours."""

_LIMIT_MODELS = 100
_LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class Pace:
    """What was measured of a model."""

    tokens_per_s: float
    """How fast it reads."""

    tokens_per_character: float


class PaceMemory:
    """The file; one that is not there, damaged or of somebody else's making counts as empty."""

    def __init__(self, path: Path) -> None:
        """Nothing is read yet."""
        self._path = path

    def read(self, name: str) -> Pace | None:
        """Return what is known of the model `name`."""
        return self._all().get(name[:_LONGEST_NAME])

    def write(self, name: str, pace: Pace) -> None:
        """Keep what was measured; a disk that refuses only means that it has to be measured again."""
        paces = self._all()
        paces.pop(name[:_LONGEST_NAME], None)
        paces[name[:_LONGEST_NAME]] = pace
        latest = list(paces.items())[-_LIMIT_MODELS:]
        text = json.dumps({key: [pace.tokens_per_s, pace.tokens_per_character] for key, pace in latest}, indent=1)
        waiting: Path | None = None
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle, temporary = tempfile.mkstemp(prefix=".", suffix=".tmp", dir=self._path.parent)
            waiting = Path(temporary)
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
            waiting.replace(self._path)
        except OSError:
            if waiting is not None:
                waiting.unlink(missing_ok=True)

    def _all(self) -> dict[str, Pace]:
        try:
            with self._path.open("rb") as file:
                data = file.read(_LIMIT_BYTES + 1)
            known = json.loads(data) if len(data) <= _LIMIT_BYTES else {}
        except (OSError, ValueError, RecursionError):
            return {}
        if not isinstance(known, Mapping):
            return {}
        return {str(name): pace for name, value in known.items() if (pace := _pace(value)) is not None}


def _pace(value: object) -> Pace | None:
    """Return two numbers that can be meant, or nothing."""
    if not (isinstance(value, list) and len(value) == 2 and all(isinstance(one, int | float) for one in value)):
        return None
    speed, share = value
    if not (0.01 < speed < 10_000_000 and 0.001 < share < 10):
        return None
    return Pace(float(speed), float(share))
