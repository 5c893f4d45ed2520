"""The context report: what fills the window, item by item, and what reading it has cost."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ContextGroup(StrEnum):
    """What a row is about, in the order in which the groups are shown; the value is for a person."""

    SYSTEM_PROMPT = "system prompt"
    TOOLS = "tools"
    INSTRUCTIONS = "instructions"
    """Parts of the system prompt that came from files and memory."""

    YOUR_WORDS = "your words"
    ATTACHMENTS = "attachments"
    ANSWERS = "answers"
    REASONING = "reasoning"
    CALLS = "calls"
    RESULTS_WHOLE = "results (whole)"
    RESULTS_STUBS = "results (stubs)"
    SUMMARIES = "summaries"
    NOTES = "notes"


@dataclass(frozen=True, slots=True)
class ContextRow:
    """One item that is sent."""

    group: ContextGroup
    title: str
    """One line for a person: a tool run's title, the first line of a message, the source of instructions."""

    tokens: int
    number: int | None = None
    """The number by which `recall` and a person name it (`#12`), where it has one."""

    is_stub: bool = False
    """Most of it was left out; `recall` brings it back."""

    is_pinned: bool = False
    """It is never left out."""


@dataclass(frozen=True, slots=True)
class ContextReport:
    """What fills the window."""

    model: str
    limit_tokens: int
    limit_reason: str
    """Why the window is this large; may be empty."""

    used_tokens: int
    """The next request without a new message. The tokens of all rows add up to it."""

    is_estimate: bool
    """The server has not counted yet."""

    answer_tokens: int
    """Room kept for an answer."""

    high_water_tokens: int
    """A request that is larger is compacted first."""

    rows: tuple[ContextRow, ...]
    """The newest last."""

    reused_tokens: int | None
    """What the server did not read again of the last request; `None` where it does not say or nothing was sent."""

    reread_tokens: int
    """What it has read again in this session."""

    reread_s: float
    """The seconds that cost."""

    read_tokens_per_s: float | None
    """How fast it reads; `None` until that is known."""

    breaks: tuple[str, ...]
    """Why requests did not continue the one before, or the cache was lost: the last few causes, the newest last."""

    compactions: int

    ahead_tokens: int = 0
    """What the server has read while nobody waited."""

    ahead_s: float = 0.0
    """The seconds that took, which were not waited for."""

    def in_groups(self) -> dict[ContextGroup, int]:
        """Return the tokens of each group that has any, in the order of the groups."""
        sums = dict.fromkeys(ContextGroup, 0)
        for row in self.rows:
            sums[row.group] += row.tokens
        return {group: tokens for group, tokens in sums.items() if tokens}
