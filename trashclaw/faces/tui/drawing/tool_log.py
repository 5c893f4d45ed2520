"""What stands in the tool log between its runs: the rule above a turn, and what a command says just now."""

from __future__ import annotations

from rich.text import Text

from trashclaw.faces.tui.drawing.lines import cut
from trashclaw.faces.tui.drawing.look import Look


def turn_rule(said: str, width: int, look: Look) -> Text:
    """Return the quiet line above the runs of a turn, with the first words that the person had said."""
    words = cut(" ".join(said.split()), max(0, width - 6), look)
    line = Text(f"{look.signs.rule * 2} ", style=look.faint, end="")
    line.append(f"{words} " if words else "", style=look.muted)
    return line.append(look.signs.rule * max(0, width - line.cell_len), style=look.faint)


def output_line(text: str, width: int, look: Look) -> Text:
    """Return a line of output below the run that it comes from."""
    line = Text(f"  {look.signs.quote} ", style=look.faint, end="")
    return line.append(cut(text, max(1, width - 4), look), style=look.muted)
