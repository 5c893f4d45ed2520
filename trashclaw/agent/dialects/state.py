"""What a mark means depends on what has come before it."""

from __future__ import annotations

from dataclasses import dataclass, field

from trashclaw.agent.dialects.code_state import CodeState
from trashclaw.agent.dialects.marks import Kind, Mark, Place
from trashclaw.agent.dialects.thinking import ThoughtTag


@dataclass(slots=True)
class State:
    """What may be at the place of an answer that is looked at."""

    code: CodeState = field(default_factory=CodeState)
    is_first: bool = True
    """Nothing but blanks has come since the beginning, a thought or a call."""

    has_harmony: bool = False
    has_calls: bool = False
    tag: ThoughtTag | None = None
    closings: tuple[str, ...] = ()

    def counts(self, mark: Mark) -> bool:
        """Whether a mark that stands here, outside code, is one."""
        if mark.kind is Kind.RESULT and not self.has_calls:
            return False
        if mark.kind is Kind.HARMONY_END:
            return self.has_harmony
        if mark.place is Place.START:
            return self.is_first
        return mark.place is Place.ANYWHERE or self.is_first or self.code.is_line_blank
