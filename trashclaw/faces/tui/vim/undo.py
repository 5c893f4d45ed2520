"""What vim's `u` and `Ctrl+R` go through: the text as it was before each change."""

from __future__ import annotations

from trashclaw.faces.tui.vim.lines import clamped, first_word, line_start, row_of

STEPS_AT_MOST = 500
CHARS_AT_MOST = 20_000_000
"""Of all texts together; a large draft has fewer steps."""

State = tuple[str, int]
"""A text, and where the cursor stood in it."""


class Undo:
    """Two stacks of states."""

    def __init__(self) -> None:
        self._undone: list[State] = []
        self._done: list[State] = []

    def note(self, before: State) -> None:
        """Take note of a change, by what was there before it."""
        self._done.append(before)
        self._undone.clear()
        size = 0
        for kept, (text, _) in enumerate(reversed(self._done)):
            size += len(text)
            if kept >= STEPS_AT_MOST or size > CHARS_AT_MOST:
                del self._done[: len(self._done) - max(1, kept)]
                break

    def back(self, now: State) -> State | None:
        """Return what was there before the last change."""
        return _step(self._done, self._undone, now)

    def forward(self, now: State) -> State | None:
        """Return what was undone last."""
        return _step(self._undone, self._done, now)


def _step(source: list[State], target: list[State], now: State) -> State | None:
    """Go from one stack to the other; the cursor stands where it stood, if that was in the line that changes."""
    if not source:
        return None
    target.append(now)
    text, at = source.pop()
    changed = _first_difference(text, now[0])
    # Of equal lines it cannot be told which one went.
    rows = {row_of(text, changed), row_of(text, changed + 1)}
    if row_of(text, at) in rows or _differ_by_part_at(text, now[0], line_start(text, at)):
        return text, at
    is_by_lines = text.count("\n") != now[0].count("\n")
    return text, first_word(text, changed) if is_by_lines else clamped(text, changed)


def _differ_by_part_at(one: str, other: str, at: int) -> bool:
    """Tell whether the longer of two texts is the other one with a part put in at a place."""
    longer, shorter = (one, other) if len(one) > len(other) else (other, one)
    more = len(longer) - len(shorter)
    return longer[:at] == shorter[:at] and longer[at + more :] == shorter[at:]


def _first_difference(one: str, other: str) -> int:
    """Return where two texts begin to differ."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[:middle] == other[:middle]:
            low = middle
        else:
            high = middle - 1
    return low
