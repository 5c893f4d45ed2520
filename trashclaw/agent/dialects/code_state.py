"""Where code is in Markdown that comes in piece by piece: fences, and code inside a line."""

from __future__ import annotations

_FENCE_TICKS = 3
_LONGEST_RUN = 64


class CodeState:
    """Follows a text; the caller passes over everything in order, each line end and each run of ticks by `step`."""

    def __init__(self) -> None:
        self.is_line_blank = True
        """Nothing but blanks stands on this line so far."""

        self._fence: tuple[str, int] | None = None
        self._inline = 0
        self._is_closing = False
        """This line is the end of the fence, if nothing more comes on it."""

        self._is_opening = False
        """This line has opened the fence."""

    @property
    def is_inside(self) -> bool:
        """Whether this place is code."""
        return self._fence is not None or self._inline > 0

    def pass_over(self, text: str, start: int, end: int) -> None:
        """Take a stretch of a line without ticks."""
        if (self.is_line_blank or self._is_closing) and end > start and not text[start:end].isspace():
            self.is_line_blank = self._is_closing = False

    def step(self, text: str, place: int, *, is_last: bool) -> int | None:
        """Take a line end, a run of ticks, or one character; return the next place, `None` if the run may go on."""
        letter = text[place]
        if letter == "\n":
            self._end_line()
            return place + 1
        if letter not in "`~":
            self.pass_over(text, place, place + 1)
            return place + 1
        end = place + 1
        while end < len(text) and text[end] == letter and end - place < _LONGEST_RUN:
            end += 1
        if end == len(text) and end - place < _LONGEST_RUN and not is_last:
            return None
        self._take_run(letter, end - place)
        self.is_line_blank = False
        return end

    def _take_run(self, letter: str, count: int) -> None:
        if self._fence is not None:
            if self._is_opening and letter == "`" and self._fence[0] == "`":
                # A line that closes its own ticks is code inside a line.
                self._fence, self._is_opening = None, False
                return
            is_end = self.is_line_blank and letter == self._fence[0] and count >= self._fence[1]
            self._is_closing = is_end
        elif self.is_line_blank and count >= _FENCE_TICKS:
            self._fence, self._is_opening = (letter, count), True
        elif letter == "`" and self._inline in (0, count):
            self._inline = 0 if self._inline else count

    def _end_line(self) -> None:
        if self._is_closing:
            self._fence = None
        self._is_closing = self._is_opening = False
        self._inline = 0
        self.is_line_blank = True
