"""Permission bits of a snapshot: git keeps one of them, here are the others, where they are not the usual ones."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

EXECUTE_BITS = 0o100
USUAL = (0o644, 0o755)


@dataclass(slots=True)
class Permissions:
    """The bits of every file of a snapshot; links have none."""

    plain: int
    """The bits of a file that nobody may execute, unless it is listed."""

    executable: int
    others: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, found: Mapping[str, int | None]) -> Permissions:
        """Begin with these files; their usual bits are those that most of them have."""
        usual = []
        for is_executable, default in zip((False, True), USUAL, strict=True):
            kind = (bits for bits in found.values() if bits is not None and is_executable == bool(bits & EXECUTE_BITS))
            usual.append(max(Counter(kind).items(), key=lambda item: item[1], default=(default, 0))[0])
        made = cls(usual[0], usual[1])
        made.note(found, ())
        return made

    def note(self, found: Mapping[str, int | None], gone: Iterable[str]) -> None:
        """Take in files as they are now, `None` for a link, and let go of others."""
        for path in gone:
            self.others.pop(path, None)
        for path, bits in found.items():
            if bits is None or bits == (self.executable if bits & EXECUTE_BITS else self.plain):
                self.others.pop(path, None)
            else:
                self.others[path] = bits

    def of_path(self, path: str, *, is_executable: bool) -> int:
        """Return the bits of one file."""
        return self.others.get(path, self.executable if is_executable else self.plain)

    def encode(self) -> bytes:
        """Return them as bytes, the same for the same bits."""
        return json.dumps([self.plain, self.executable, self.others], sort_keys=True).encode("ascii")

    @classmethod
    def decode(cls, data: bytes) -> Permissions | None:
        """Return what `encode` wrote, `None` if it is damaged."""
        try:
            plain, executable, others = json.loads(data)
            return cls(int(plain), int(executable), {str(path): int(bits) for path, bits in others.items()})
        except (ValueError, TypeError, AttributeError):
            return None
