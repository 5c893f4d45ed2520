"""Hints of keys in as many lines as they need, none of them broken."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from trashclaw.faces.tui.drawing.look import Look

_GAP = "   "


def hint_lines(hints: Iterable[str], width: int, look: Look) -> Sequence[Text]:
    """Return hints such as `Esc closes` at a width in cells; empty ones are left out."""
    lines: list[str] = []
    for hint in filter(None, hints):
        longer = f"{lines[-1]}{_GAP}{hint}" if lines else hint
        if lines and cell_len(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(hint)
    return [Text(line, style=look.muted) for line in lines]
