"""A group of tool runs that only look around and follow each other: one line in the conversation, which opens."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from rich.text import Text
from textual.strip import Strip

from trashclaw.faces.tui.drawing.copied import NOT_SAID
from trashclaw.faces.tui.drawing.entries import GUTTER
from trashclaw.faces.tui.drawing.lines import prefixed
from trashclaw.faces.tui.drawing.look import Look
from trashclaw.faces.tui.drawing.manner import is_marked
from trashclaw.faces.tui.drawing.run_groups import group_line, is_look
from trashclaw.faces.tui.widgets.block import Block
from trashclaw.protocol.items import AgentMessage, ToolRun
from trashclaw.protocol.tools import ToolStatus

LEAST = 3
"""So many runs are one line; fewer stand for themselves."""

MOST = 100
"""Runs of one group, so that another run costs the same however many there were."""


@dataclass
class RunGroup(Block):
    """Stands before its members, and has no row of its own until there are enough of them.

    Of a group that may go on the newest run stands for itself, so that the conversation never gets shorter while runs
    come; so does every one that failed, waits, or was opened. Its entry is that of its newest run.
    """

    place: int = 0
    """Its own place among the blocks; its members follow it."""

    members: list[Block] = field(default_factory=list)
    is_folded: bool = False
    """All its members are hidden, and laid out so."""

    is_over: bool = False
    """Something else came behind it."""

    def hides(self, block: Block) -> bool:
        """Tell whether a member is only told of in the group's own line."""
        if len(self.members) < LEAST or self.is_open or block.is_unfolded:
            return False
        return _is_quiet(block) and (self.is_over or block is not self.members[-1])

    @property
    def is_shown(self) -> bool:
        """Whether it has a row."""
        return len(self.members) >= LEAST and (self.is_open or any(map(self.hides, self.members)))

    @property
    def is_open(self) -> bool:
        """Whether its members stand below it, each for itself."""
        return bool(self.is_unfolded)

    def strips(self, width: int, look: Look) -> Sequence[Strip]:
        """Return its row, if it has one."""
        return super().strips(width, look) if self.is_shown else ()

    def settle(self) -> bool:
        """Have the empty line before the group, or before its first member where the group has no row.

        Returns whether the first member is drawn otherwise by that.
        """
        first, has_gap = self.members[0], self.has_gap and not self.is_shown
        is_other = first.has_gap != has_gap
        if is_other:
            first.has_gap = has_gap
            first.forget()
        self.is_folded = len(self.members) >= LEAST and all(map(self.hides, self.members))
        return is_other

    def told(self) -> Iterator[Block]:
        """Yield the members that its row tells of: those that it hides, or all when it is open."""
        return (block for block in self.members if self.is_open or self.hides(block))

    def _draw(self, width: int, look: Look) -> None:
        if self._lines is None:
            runs = [block.entry for block in self.told() if isinstance(block.entry, ToolRun)]
            line = group_line(runs, max(8, width - GUTTER), look, is_open=self.is_open)
            is_done = all(run.result is not None for run in runs)
            sign, ink = (look.signs.done, look.success) if is_done else (look.signs.running, look.accent)
            self._update(
                0, prefixed(Text(f"{sign} ", style=ink + NOT_SAID), Text(" " * GUTTER, style=NOT_SAID), [line])
            )


def grouped(block: Block, before: Sequence[Block]) -> RunGroup | None:
    """Put a new block into the group that it goes on with, or end that; return a new one that comes before it."""
    last = before[-1].group if before else None
    if not isinstance(block.entry, ToolRun) or not is_look(block.entry):
        if last is not None and not _is_empty(block):
            last.is_over = True
        return None
    if last is not None and not last.is_over and len(last.members) < MOST:
        last.members.append(block)
        last.entry, block.group = block.entry, last
        return None
    if last is not None:
        last.is_over = True
    block.group = RunGroup(block.entry, True, members=[block], place=len(before))
    return block.group


def _is_quiet(block: Block) -> bool:
    """Tell whether a run says nothing that has to be seen: it goes on, or it went well."""
    run = block.entry
    if not isinstance(run, ToolRun) or block.is_waiting or block.failure is not None or is_marked(run.mended):
        return False
    is_well = run.status in {ToolStatus.PENDING, ToolStatus.IN_PROGRESS, ToolStatus.DONE}
    return is_well and not (run.result is not None and run.result.exit_code)


def _is_empty(block: Block) -> bool:
    return isinstance(block.entry, AgentMessage) and block.is_done and not block.entry.text.strip()
