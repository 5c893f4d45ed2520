"""The agent's plan as lines."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from rich.style import Style
from rich.text import Text

from trashclaw.faces.tui.drawing.lines import plain, prefixed, spread, wrap
from trashclaw.faces.tui.drawing.look import Look
from trashclaw.protocol.plan import Plan, PlanStatus


@dataclass(frozen=True, slots=True)
class DrawnPlan:
    """Lines of a plan, and the first line of what is being done."""

    lines: list[Text]
    current: int | None


def plan_lines(plan: Plan, width: int, look: Look, news: Collection[str] = (), since: str = "") -> DrawnPlan:
    """Return the lines of a plan; what is being done now is the strongest, with the time that it takes already.

    `news` are the texts of entries that the last plan did not have, or that it had in another state.
    """
    lines: list[Text] = []
    current = None
    for entry in plan.entries:
        sign, ink, words = {
            PlanStatus.COMPLETED: (look.signs.done, look.success, look.muted),
            PlanStatus.IN_PROGRESS: (look.signs.running, look.accent, look.strong),
            PlanStatus.PENDING: (look.signs.pending, look.muted, look.text),
        }[entry.status]
        is_current = entry.status is PlanStatus.IN_PROGRESS
        said = {PlanStatus.COMPLETED: "just done", PlanStatus.PENDING: "new"}.get(entry.status, since)
        right = Text(said if is_current or entry.text in news else "", style=look.muted, end="")
        room = max(8, width - 2 - (right.cell_len + 2 if right.plain else 0))
        body = wrap(plain(entry.text.replace("\n", " "), words), room, look)
        made = prefixed(Text(f"{sign} ", style=ink + Style(bold=True)), Text("  "), body)
        if right.plain:
            made[0] = spread(made[0], right, width, look)
        if is_current and current is None:
            current = len(lines)
        lines.extend(made)
    return DrawnPlan(lines, current)


def news_of(before: Plan, after: Plan) -> frozenset[str]:
    """Return the texts of entries that are new, or in another state; nothing where there was no plan before."""
    if not before.entries:
        return frozenset()
    had = {entry.text: entry.status for entry in before.entries}
    return frozenset(entry.text for entry in after.entries if had.get(entry.text) is not entry.status)
