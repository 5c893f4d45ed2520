"""What the first answer needs is loaded before it comes: the Markdown parser, the highlighter and their tables."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trashclaw.faces.tui.drawing.look import Look

WAIT_S = 0.2
"""From the session's first picture on, which comes before this."""

_SAMPLE = "# a\n\n- `b` **c** [d](e)\n\n| f |\n|---|\n| g |\n\n```python\nx: int = 1\n```\n"
_WIDTH = 40


async def warm_up(look: Look) -> None:
    """Load it beside the event loop: keys go before, as they do while a session is opened."""
    await asyncio.sleep(WAIT_S)
    await asyncio.to_thread(draw_sample, look)


def draw_sample(look: Look) -> int:
    """Draw a little of everything that answers are made of, and return how many lines that takes."""
    from trashclaw.faces.tui.drawing.markdown import markdown_lines

    return len(markdown_lines(_SAMPLE, _WIDTH, look))
