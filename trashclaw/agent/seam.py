"""The seam between an answer that was cut off and its continuation: what is said twice is left out once."""

from __future__ import annotations

_LOOKED_AT_CHARS = 400
_SHORTEST_CHARS = 12
_LEAST_SOLID_CHARS = 6


class Seam:
    """Holds back the beginning of a continuation until it is certain whether it repeats the end of what was there."""

    def __init__(self, before: str) -> None:
        self._tail = before[-_LOOKED_AT_CHARS:]
        self._held = ""
        self._is_open = bool(self._tail.strip())

    def feed(self, text: str) -> str:
        """Take the next piece, and return what may be shown."""
        if not self._is_open:
            return text
        self._held += text
        if len(self._held) < len(self._tail):
            return ""
        return self.finish()

    def finish(self) -> str:
        """Return what is held back, without its repetition."""
        if not self._is_open:
            return ""
        self._is_open = False
        held, self._held = self._held, ""
        return held[_repeated(self._tail, held) :]


def _repeated(tail: str, text: str) -> int:
    """Return how many characters at the beginning of `text` are the end of `tail`, in full and not by chance."""
    for size in range(min(len(tail), len(text)), _SHORTEST_CHARS - 1, -1):
        if tail.endswith(text[:size]):
            # Blanks alone, or nearly, are no repetition: they may be the indentation that comes next.
            return size if len("".join(text[:size].split())) >= _LEAST_SOLID_CHARS else 0
    return 0
