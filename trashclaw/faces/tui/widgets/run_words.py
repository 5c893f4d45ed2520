"""The words in the frame of the tool log: of which sort the runs are that it lists. They can be clicked."""

from __future__ import annotations

from textual.content import Content
from textual.style import Style

from trashclaw.faces.tui.run_rows import Sort


def sort_words(current: Sort, room: int) -> Content:
    """Return the sorts as words in so many cells, or fewer of them; the current one is always there."""
    sorts = list(Sort)
    while len(sorts) > 1 and sum(len(sort) + 1 for sort in sorts) > room:
        sorts.remove(next(sort for sort in reversed(sorts) if sort is not current))
    words = []
    for sort in sorts:
        is_current = sort is current
        click = Style.from_meta({"@click": f"filter('{sort.value}')"})
        words.append(Content.styled(sort.value, click + Style(bold=is_current, underline=is_current)))
    return Content(" ").join(words)
