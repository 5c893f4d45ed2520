"""Splits an answer, as it comes in, into words, thoughts, and what may be a call; markup in code is words."""

from __future__ import annotations

from trashclaw.agent.dialects.code_state import CodeState
from trashclaw.agent.dialects.marks import HARMONY_ENDS, HEAD_CHARS, Kind, Mark, Marks, overlap
from trashclaw.agent.dialects.state import State
from trashclaw.agent.dialects.thinking import BEGUN_BY_TEMPLATE, HARMONY, TAGS, ThoughtTag
from trashclaw.agent.messages import TextPart, ThoughtPart

_MESSAGE = "<|message|>"
_AT_ONCE_CHARS = 4096
"""How much is looked at in one go: behind each mark, what is left of it is copied."""

HELD_AT_MOST = 200_000
"""Characters that are held back at most; what is longer is no call, and all of it and behind it is words."""


class _Wait(Exception):
    """The rest of the buffer may be the beginning of a mark."""


class Splitter:
    """Takes text, gives words and thoughts as they become certain, and holds everything from a candidate on."""

    def __init__(self, marks: Marks, *, starts_in_thought: bool = False) -> None:
        self._marks = marks
        self._at = State()
        self._buffer = ""
        self._held: list[str] | None = None
        self._held_chars = 0
        self._candidate: Mark | None = None
        self._parts: list[TextPart | ThoughtPart] = []
        self._blank: list[str] = []
        self._is_blank_dropped = False
        self._thought_blank = ""
        self._has_thought = False
        self._is_rejected = False
        self._is_over = False
        self._is_given_up = False
        self.is_thought_assumed = starts_in_thought
        """The answer is taken for a thought, since its template is known to begin one; no closing tag has come."""

        self.has_lone_closing = False
        """A thought ended that had not begun: the template had begun it."""

        if starts_in_thought:
            self._enter_thought(BEGUN_BY_TEMPLATE, tuple(tag.closing for tag in TAGS))

    @property
    def held(self) -> str | None:
        """What begins with a mark of a call, to the end of what has come."""
        return None if self._held is None else "".join(self._held)

    @property
    def is_holding(self) -> bool:
        """Whether something is held."""
        return self._held is not None

    @property
    def is_in_thought(self) -> bool:
        """Whether a thought has begun and not ended."""
        return self._at.tag is not None

    def feed(self, text: str) -> list[TextPart | ThoughtPart]:
        """Take the next piece and return what is certain by now."""
        self._take_in(text)
        return self.take()

    def take(self) -> list[TextPart | ThoughtPart]:
        """Return what has become certain since the last time."""
        parts, self._parts = self._parts, []
        return parts

    def reject(self) -> None:
        """Take what is held for words, and look further behind its mark."""
        held, self._held = self.held or "", None
        self._is_rejected = True
        self._take_in(held)

    def give_up(self) -> None:
        """Take all that is held for words."""
        held, self._held = self.held or "", None
        self._words(held)

    def go_on_after(self, rest: str) -> None:
        """Look further behind a call."""
        self._held = None
        self._at.code = CodeState()
        self._at.is_first = self._at.has_calls = self._is_blank_dropped = True
        self._blank.clear()
        self._buffer = ""
        self._take_in(rest)

    def flush(self, *, is_cut: bool) -> list[TextPart | ThoughtPart]:
        """Return all that is not held as a call; what can only be the beginning of a mark stays when it was cut."""
        if self._held is None and not (is_cut and self._is_mark_begun()):
            self._run(is_last=True)
        if self._held is None:
            if not self._at.has_calls:
                self._release_blank()
            self._at.is_first = True
        return self.take()

    def _take_in(self, text: str) -> None:
        for start in range(0, len(text), _AT_ONCE_CHARS):
            piece = text[start : start + _AT_ONCE_CHARS]
            if self._is_over:
                return
            if self._held is not None:
                self._hold_on(piece)
            elif self._is_given_up:
                self._words(piece)
            else:
                self._buffer += piece
                self._run(is_last=False)

    def _hold_on(self, text: str) -> None:
        assert self._held is not None
        self._held.append(text)
        before, self._held_chars = self._held_chars, self._held_chars + len(text)
        if before < HEAD_CHARS and not self._may_be_call(self.held or ""):
            self.reject()
        elif self._held_chars > HELD_AT_MOST:
            self._is_given_up = True
            self.give_up()

    def _is_mark_begun(self) -> bool:
        is_long = len(self._buffer) > 3 and self._buffer[0] not in "`~"
        return is_long or (self.is_in_thought and bool(self._buffer))

    def _may_be_call(self, head: str) -> bool:
        check = self._candidate.is_plausible if self._candidate else None
        return check is None or check(head[:HEAD_CHARS])

    def _run(self, *, is_last: bool) -> None:
        while self._buffer and self._held is None and not self._is_over:
            if not (self._run_thought(is_last) if self._at.tag else self._run_words(is_last)):
                return

    def _run_thought(self, is_last: bool) -> bool:
        """Look for the end of a thought; `False` when more has to come."""
        assert self._at.tag is not None
        buffer = self._buffer
        if self.is_thought_assumed and self._at.is_first:
            start = len(buffer) - len(buffer.lstrip())
            openings = [tag for tag in TAGS if buffer.startswith(tag.opening, start)]
            if openings:
                self.is_thought_assumed = False
                self._buffer = buffer[start + len(openings[0].opening) :]
                self._enter_thought(openings[0], (openings[0].closing,))
                return True
            if not is_last and start < HEAD_CHARS and any(tag.opening.startswith(buffer[start:]) for tag in TAGS):
                return False
            self._at.is_first = False
        found = min(((place, end) for end in self._at.closings if (place := buffer.find(end)) >= 0), default=None)
        if found is not None:
            self._think(buffer[: found[0]])
            self._buffer = buffer[found[0] + len(found[1]) :]
            self._leave_thought()
            return True
        kept = 0 if is_last else overlap(buffer, self._at.closings)
        self._think(buffer[: len(buffer) - kept])
        self._buffer = buffer[len(buffer) - kept :]
        return False

    def _run_words(self, is_last: bool) -> bool:
        """Take words up to the next mark; `False` when more has to come."""
        buffer, place = self._buffer, 0
        try:
            while found := self._marks.interesting.search(buffer, place):
                self._at.code.pass_over(buffer, place, found.start())
                if found.start() > place and not buffer[place : found.start()].isspace():
                    self._at.is_first = False
                place = found.start()
                mark = None if self._is_rejected else self._mark_at(buffer, place, is_last)
                if mark is not None and (end := self._enter(mark, buffer, place, is_last)) is not None:
                    self._words(buffer[:place])
                    self._open(mark, buffer, place, end)
                    return True
                place = self._step(buffer, place, is_last)
                self._is_rejected = False
        except _Wait:
            self._words(buffer[:place])
            self._buffer = buffer[place:]
            return False
        self._at.code.pass_over(buffer, place, len(buffer))
        if buffer[place:].strip():
            self._at.is_first = False
        self._words(buffer)
        self._buffer = ""
        return False

    def _step(self, buffer: str, place: int, is_last: bool) -> int:
        """Pass over the character at `place`, which begins no mark; return the next place."""
        end = self._at.code.step(buffer, place, is_last=is_last)
        if end is None:
            raise _Wait
        if not buffer[place].isspace():
            self._at.is_first = False
        return end

    def _mark_at(self, buffer: str, place: int, is_last: bool) -> Mark | None:
        if self._at.code.is_inside:
            return None
        is_within_line = not (self._at.is_first or self._at.code.is_line_blank)
        for mark in self._marks.near(buffer, place, is_within_line=is_within_line):
            if buffer.startswith(mark.text, place) and self._at.counts(mark):
                return mark
            is_begun = not is_last and len(buffer) - place < len(mark.text) and mark.text.startswith(buffer[place:])
            if is_begun and self._at.counts(mark):
                raise _Wait
        return None

    def _enter(self, mark: Mark, buffer: str, place: int, is_last: bool) -> int | None:
        """Return where what follows a mark begins; `None` if it is no mark after all."""
        head = buffer[place : place + HEAD_CHARS]
        if mark.kind is Kind.CALL:
            return place if mark.is_plausible is None or mark.is_plausible(head) else None
        if mark.kind is Kind.HARMONY:
            end = head.find(_MESSAGE)
            if end < 0 and len(head) < HEAD_CHARS and not is_last:
                raise _Wait
            if end < 0:
                return None
            return place if " to=" in head[:end] else place + end + len(_MESSAGE)
        end = place + len(mark.text)
        is_apart = mark.kind is not Kind.LONE_CLOSING or self._at.is_first or self._at.code.is_line_blank
        if not is_apart and end == len(buffer) and not is_last:
            raise _Wait
        # Behind words a tag ends a thought only where it ends the line, too.
        return end if is_apart or buffer[end : end + 1] in {"", "\n", "\r"} else None

    def _open(self, mark: Mark, buffer: str, place: int, end: int) -> None:
        if mark.kind is Kind.CALL or (mark.kind is Kind.HARMONY and end == place):
            self._hold(mark, buffer[place:])
            return
        self._buffer = buffer[end:]
        if mark.kind is Kind.THOUGHT:
            self._enter_thought(mark.tag, (mark.tag.closing,))
        elif mark.kind is Kind.RESULT:
            self._is_over = True
            self._buffer = ""
        elif mark.kind is Kind.HARMONY:
            self._at.has_harmony = True
            if "analysis" in buffer[place:end]:
                self._enter_thought(HARMONY, HARMONY_ENDS)
        else:
            self.has_lone_closing = self.has_lone_closing or mark.kind is Kind.LONE_CLOSING
            self._leave_thought()

    @property
    def is_over(self) -> bool:
        """Whether a result was made up after a call; what follows it is left out."""
        return self._is_over

    def _hold(self, mark: Mark, text: str) -> None:
        self._candidate, self._buffer = mark, ""
        self._held, self._held_chars = [text], len(text)

    def _enter_thought(self, tag: ThoughtTag, closings: tuple[str, ...]) -> None:
        self._at.tag, self._at.closings = tag, closings
        self._thought_blank, self._has_thought = "", False

    def _leave_thought(self) -> None:
        self._at.tag = None
        self._at.is_first = self._is_blank_dropped = True
        self.is_thought_assumed = False
        self._at.code = CodeState()

    def _think(self, text: str) -> None:
        """Give a piece of a thought; one of blanks alone is none."""
        if not self._has_thought:
            self._thought_blank, text = "", self._thought_blank + text
            self._has_thought = bool(text.strip()) or len(text) > HEAD_CHARS
            if not self._has_thought:
                self._thought_blank = text
                return
        if text and self._at.tag is not None:
            self._parts.append(ThoughtPart(text, self._at.tag.opening))

    def _words(self, text: str) -> None:
        """Give words, but for blanks at their end, which go when a call follows."""
        if self._is_blank_dropped:
            text = text.lstrip()
        bare = text.rstrip()
        if bare:
            self._is_blank_dropped = False
            self._release_blank()
            self._parts.append(TextPart(bare))
        self._blank += [text[len(bare) :]] if len(text) > len(bare) else []

    def _release_blank(self) -> None:
        if self._blank:
            self._parts.append(TextPart("".join(self._blank)))
            self._blank.clear()
