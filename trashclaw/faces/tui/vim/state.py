"""What the state machine knows between two keys."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from trashclaw.faces.tui.vim.undo import State

COUNT_AT_MOST = 9_999


class Mode(Enum):
    """What keys mean."""

    NORMAL = "normal"
    INSERT = "insert"
    VISUAL = "visual"
    LINES = "visual lines"


class Answer(Enum):
    """What became of a key."""

    TAKEN = "it did something, or is part of a command"
    FAILED = "it means nothing here"
    LEFT = "it is not vim's: the editor does with it what it does with all keys"
    SEND = "the text is to be sent"
    ESCAPE = "there is nothing to leave: Esc means what it means elsewhere"
    OLDER = "there is no line above: the prompt before this one"
    NEWER = "there is no line below"


@dataclass(slots=True)
class Pending:
    """A command of which more keys are to come."""

    count: int = 0
    operator: str = ""
    more: int = 0
    """The count behind the operator."""

    prefix: str = ""
    """A key that wants one more: `g`, `r`, `f`, `i` and their like."""

    keys: list[str] = field(default_factory=list)
    """All but the first count, to be done again by `.`"""

    @property
    def total(self) -> int:
        """Both counts; 0 where there is none."""
        both = (self.count or 1) * (self.more or 1) if self.count or self.more else 0
        return min(both, COUNT_AT_MOST)


@dataclass(frozen=True, slots=True)
class Repeat:
    """A change that `.` does again."""

    keys: tuple[str, ...]
    count: int
    inserted: str = ""


@dataclass(slots=True)
class Insertion:
    """What is being written in insert mode."""

    before: State
    """What there was before the command that began it."""

    text: str
    at: int
    count: int = 1
    opens: bool = False
    """Whether each repetition begins a line."""

    keys: tuple[str, ...] = ()
    given: int = 0
