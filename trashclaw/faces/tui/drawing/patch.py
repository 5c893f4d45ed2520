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
    drawn = DrawnPatch([], {})
    for place in range(len(patch.changes)):
        file = sheet.file(place)
        drawn.starts.update({hunk_id: len(drawn.lines) + start for hunk_id, start in file.starts.items()})
        for piece in range(len(file.pieces)):
            drawn.lines.extend(file.rows(piece, switches))
    return drawn
