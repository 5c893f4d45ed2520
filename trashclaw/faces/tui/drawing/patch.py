"""A patch as lines, all of them at once; for pages that show one without virtual rows."""

from __future__ import annotations

from dataclasses import dataclass

from rich.text import Text

from trashclaw.faces.tui.drawing.hunk import Switches
from trashclaw.faces.tui.drawing.look import Look
from trashclaw.faces.tui.drawing.sheet import Sheet
from trashclaw.protocol.ids import HunkId
from trashclaw.protocol.patches import Patch


@dataclass(frozen=True, slots=True)
class DrawnPatch:
    """Lines of a patch, and the line at which each hunk begins."""

    lines: list[Text]
    starts: dict[HunkId, int]


def patch_lines(patch: Patch, width: int, look: Look, switches: Switches | None) -> DrawnPatch:
    """Return a patch drawn at a width in cells."""
    sheet = Sheet(patch, width, look, is_switched=switches is not None)
    lines = [line for place in range(sheet.piece_count) for line in sheet.rows(place, switches)]
    return DrawnPatch(lines, sheet.starts)
