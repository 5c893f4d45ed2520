"""Heights of many blocks: where each begins and which one a line is in, without adding them all up."""

from __future__ import annotations

from collections.abc import Iterable


class Heights:
    """Heights in lines, by place, as a Fenwick tree: a change or a question costs the logarithm of their number."""

    def __init__(self, heights: Iterable[int] = ()) -> None:
        self._heights = list(heights)
        self._sums = [0, *self._heights]
        self.total = sum(self._heights)
        """Lines of all blocks."""

        for at in range(1, len(self._sums)):
            if (above := at + (at & -at)) < len(self._sums):
                self._sums[above] += self._sums[at]

    def __len__(self) -> int:
        """Return the number of blocks."""
        return len(self._heights)

    def __getitem__(self, place: int) -> int:
        """Return the height of a block."""
        return self._heights[place]

    def append(self, height: int) -> None:
        """Add a block at the end."""
        self._heights.append(height)
        self.total += height
        at = len(self._heights)
        below, end, whole = at - 1, at - (at & -at), height
        while below > end:
            whole += self._sums[below]
            below -= below & -below
        self._sums.append(whole)

    def put(self, place: int, height: int) -> int:
        """Set the height of a block, and return by how much it grew."""
        grown = height - self._heights[place]
        if grown:
            self._heights[place] = height
            self.total += grown
            at = place + 1
            while at < len(self._sums):
                self._sums[at] += grown
                at += at & -at
        return grown

    def top(self, place: int) -> int:
        """Return the line at which a block begins."""
        line, at = 0, place
        while at:
            line += self._sums[at]
            at -= at & -at
        return line

    def find(self, line: int) -> tuple[int, int]:
        """Return the block that a line is in, and which of its lines that is; the last one's for a line behind all."""
        if not self._heights:
            return 0, 0
        if line >= self.total:
            last = next((at for at in range(len(self) - 1, 0, -1) if self._heights[at]), 0)
            return last, max(0, self._heights[last] - 1)
        at, rest = 0, max(0, line)
        step = 1 << len(self._heights).bit_length()
        while step:
            if (behind := at + step) < len(self._sums) and self._sums[behind] <= rest:
                at, rest = behind, rest - self._sums[behind]
            step >>= 1
        return at, rest
