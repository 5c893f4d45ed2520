"""The state machine of vim's keys: a text, a cursor and a mode, changed by one key after the other."""

from __future__ import annotations

from trashclaw.faces.tui.vim import normal, visual
from trashclaw.faces.tui.vim.lines import clamped, line_start
from trashclaw.faces.tui.vim.register import Register
from trashclaw.faces.tui.vim.state import COUNT_AT_MOST, Answer, Insertion, Mode, Pending, Repeat
from trashclaw.faces.tui.vim.undo import State, Undo


class Vim:
    """Feed it with keys by `press`; between them, say by `take_over` what the editor has become otherwise."""

    def __init__(self, register: Register | None = None) -> None:
        self.text = ""
        self.at = 0
        self.anchor = 0
        """Where the selection of a visual mode began."""

        self.mode = Mode.INSERT
        self.register = register or Register()
        self.undo = Undo()
        self.pending = Pending()
        self.found: tuple[str, str] = ("", "")
        """The last f, F, t or T, and what was looked for."""

        self.wish: int | None = None
        """The column that j and k try to keep."""

        self.last: Repeat | None = None
        self.insertion: Insertion | None = Insertion(("", 0), "", 0)
        self.is_repeating = False

    @property
    def is_pending(self) -> bool:
        """Whether a command has begun."""
        return self.pending != Pending()

    def take_over(self, text: str, at: int) -> None:
        """Take over what the editor holds, which others than `press` may have changed."""
        if self.mode is not Mode.INSERT and text != self.text:
            self.undo.note((self.text, self.at))
            self.mode = Mode.NORMAL
            self.pending = Pending()
        if at != self.at:
            self.wish = None
        self.text = text
        self.at = at if self.mode is Mode.INSERT else clamped(text, at)

    def press(self, key: str) -> Answer:
        """Do what a key means: a character, or `escape`, `enter`, `ctrl+r`, `left` and their like."""
        if self.mode is Mode.INSERT:
            if key != "escape":
                return Answer.LEFT
            self.leave_insert()
            return Answer.TAKEN
        if key == "escape":
            return self._escape()
        answer = self._command(key)
        if answer is not Answer.TAKEN or not self.is_pending:
            self.pending = Pending()
        return answer

    def change(self, text: str, at: int, before: State | None = None) -> None:
        """Put a text in the place of the one that is there, as one step."""
        if text != self.text:
            self.undo.note(before or (self.text, self.at))
        self.text, self.at = text, at

    def finish(self) -> None:
        """Take note of a change that `.` does again."""
        if not self.is_repeating:
            self.last = Repeat(tuple(self.pending.keys), self.pending.total)

    def insert(self, text: str, at: int, *, opens: bool = False) -> None:
        """Go to insert mode at a place of a text, which may be another one by then; all of it is one step."""
        before = (self.text, self.at)
        count = 1 if self.pending.operator else max(1, self.pending.total)
        keys, given = tuple(self.pending.keys), self.pending.total
        self.text, self.at = text, at
        self.mode = Mode.INSERT
        self.insertion = Insertion(before, text, at, count, opens, keys, given)

    def leave_insert(self, inserted: str | None = None) -> None:
        """Go to normal mode: what was written is one step, and stands as often as the count said."""
        insertion, self.insertion = self.insertion, None
        self.mode = Mode.NORMAL
        if insertion is not None:
            if inserted is None:
                inserted = _inserted(insertion, self.text)
            more = (("\n" if insertion.opens else "") + inserted) * (insertion.count - 1)
            if more:
                self.text = self.text[: self.at] + more + self.text[self.at :]
                self.at += len(more)
            if self.text != insertion.before[0]:
                self.undo.note(insertion.before)
            if insertion.keys and not self.is_repeating:
                self.last = Repeat(insertion.keys, insertion.given, inserted)
        self.at = clamped(self.text, max(line_start(self.text, self.at), self.at - 1))
        self.wish = None
        self.pending = Pending()

    def repeat(self, count: int) -> bool:
        """Do the last change again; tell whether there was one."""
        last = self.last
        if last is None:
            return False
        self.is_repeating = True
        self.pending = Pending(count=count or last.count)
        if count:
            self.last = Repeat(last.keys, count, last.inserted)
        try:
            for key in last.keys:
                self._command(key)
                if not self.is_pending:
                    break
            if self.mode is Mode.INSERT:
                self.text = self.text[: self.at] + last.inserted + self.text[self.at :]
                self.at += len(last.inserted)
                self.leave_insert(last.inserted)
        finally:
            self.is_repeating = False
        self.pending = Pending()
        return True

    def _command(self, key: str) -> Answer:
        pending = self.pending
        if key.isdigit() and len(key) == 1 and not pending.prefix and (key != "0" or self._has_count()):
            self._count(int(key))
            return Answer.TAKEN
        pending.keys.append(key)
        if self.mode is Mode.NORMAL:
            return normal.do(self, key)
        return visual.do(self, key)

    def _escape(self) -> Answer:
        if self.mode is not Mode.NORMAL:
            self.mode = Mode.NORMAL
        elif not self.is_pending:
            return Answer.ESCAPE
        self.pending = Pending()
        return Answer.TAKEN

    def _has_count(self) -> bool:
        return bool(self.pending.more if self.pending.operator else self.pending.count)

    def _count(self, digit: int) -> None:
        pending = self.pending
        if pending.operator:
            pending.more = min(COUNT_AT_MOST, pending.more * 10 + digit)
            pending.keys.append(str(digit))
        else:
            pending.count = min(COUNT_AT_MOST, pending.count * 10 + digit)


def _inserted(insertion: Insertion, text: str) -> str:
    """Return what was written at the place of an insertion; nothing where something else was changed too."""
    before, after = insertion.text[: insertion.at], insertion.text[insertion.at :]
    if len(text) < len(insertion.text) or not text.startswith(before) or not text.endswith(after):
        return ""
    return text[len(before) : len(text) - len(after)]
