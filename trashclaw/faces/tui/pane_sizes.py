"""How the person likes the panes: how wide the side is, how high they are, what is hidden; kept between starts."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path

from trashclaw.config.paths import state_folder
from trashclaw.config.replacing import replace_file
from trashclaw.protocol.errors import ConfigError

FILE_NAME = "panes.json"
SIDE_PANES = ("plan", "tools", "changes")
LEAST_SIDE = 24
LEAST_CONVERSATION = 34
LEAST_ROWS = 3
LEAST_TOOLS = 4
MOST = 1_000
_MOST_BYTES = 10_000


@dataclass(slots=True)
class PaneSizes:
    """Cells, as the person set them; `None` and what is missing: as it is at first. What fits is found when placing."""

    side: int | None = None
    heights: dict[str, int] = field(default_factory=dict)
    """Rows of `plan` and `changes`; the tool log has what is left."""

    hidden: list[str] = field(default_factory=list)
    has_side: bool = True

    def side_width(self, width: int) -> int | None:
        """Return the side's width on a screen of a width; `None` for the usual share."""
        return None if self.side is None else clamp(self.side, LEAST_SIDE, width - LEAST_CONVERSATION)

    def height(self, pane: str, room: int) -> int | None:
        """Return a pane's height in a side of so many rows, so that the tool log keeps some; `None` for the usual."""
        wanted = self.heights.get(pane)
        if wanted is None:
            return None
        other = sum(LEAST_ROWS if self.heights.get(one) is None else 0 for one in ("plan", "changes") if one != pane)
        if pane == "changes" and "plan" in self.heights:
            other += min(self.heights["plan"], max(LEAST_ROWS, room - LEAST_TOOLS - LEAST_ROWS))
        return clamp(wanted, LEAST_ROWS, room - LEAST_TOOLS - other)


def clamp(value: int, least: int, most: int) -> int:
    """Return a value within bounds; where they cross, the least counts."""
    return max(least, min(value, most))


def load_sizes() -> PaneSizes:
    """Return what was kept; of a file that is damaged, what makes sense."""
    try:
        data = (state_folder() / FILE_NAME).read_bytes()[:_MOST_BYTES]
    except (OSError, ConfigError):
        return PaneSizes()
    import json

    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return PaneSizes()
    if not isinstance(value, dict):
        return PaneSizes()
    heights, hidden = value.get("heights"), value.get("hidden")
    side = value.get("side")
    return PaneSizes(
        side=side if _is_size(side) else None,
        heights={pane: size for pane, size in heights.items() if pane in ("plan", "changes") and _is_size(size)}
        if isinstance(heights, dict)
        else {},
        hidden=[pane for pane in SIDE_PANES if pane in hidden] if isinstance(hidden, list) else [],
        has_side=value.get("has_side") is not False,
    )


def keep_sizes(sizes: PaneSizes) -> None:
    """Keep sizes for the next start. Blocks on the disk.

    Raises:
        ConfigError: they cannot be written.
    """
    import json

    folder: Path = state_folder()
    replace_file(folder / FILE_NAME, json.dumps(asdict(sizes)).encode(), mode=0o600)


def _is_size(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value <= MOST
