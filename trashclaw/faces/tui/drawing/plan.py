"""The agent's plan as lines."""

from __future__ import annotations

from rich.style import Style
from rich.text import Text

from trashclaw.faces.tui.drawing.lines import plain, prefixed, wrap
from trashclaw.faces.tui.drawing.look import Look
from trashclaw.protocol.plan import Plan, PlanStatus


def plan_lines(plan: Plan, width: int, look: Look) -> list[Text]:
    """Return the lines of a plan; what is being done now is the strongest."""
    lines: list[Text] = []
    for entry in plan.entries:
        sign, ink, words = {
            PlanStatus.COMPLETED: (look.signs.done, look.success, look.muted),
            PlanStatus.IN_PROGRESS: (look.signs.running, look.accent, look.strong),
            PlanStatus.PENDING: (look.signs.pending, look.muted, look.text),
        }[entry.status]
        body = wrap(plain(entry.text.replace("\n", " "), words), max(8, width - 2), look)
        lines.extend(prefixed(Text(f"{sign} ", style=ink + Style(bold=True)), Text("  "), body))
    return lines
