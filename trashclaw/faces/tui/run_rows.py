"""The rows of the tool log: which runs are listed, in which turn, and how many lines of what runs now stand below."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence, Set
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trashclaw.protocol.events import FailureRouted
    from trashclaw.protocol.ids import HunkId, ItemId
    from trashclaw.protocol.items import ToolRun
    from trashclaw.session.transcript import Entry

LIVE_LINES = 3
"""Lines of a running command's output that stand below it."""

_KEPT_CHARS = 4_000


class Sort(StrEnum):
    """Which runs are listed."""

    ALL = "all"
    EDITS = "edits"
    COMMANDS = "commands"
    READS = "reads"
    FAILED = "failed"
    WAITING = "waiting"


class Row(StrEnum):
    """What a row stands for."""

    RULE = "rule"
    RUN = "run"
    OUTPUT = "output"


class RunRows:
    """The runs of a session in the order in which they came. What happens to one costs the same however many there are.

    Only another choice of what is listed goes through all of them.
    """

    def __init__(self) -> None:
        self.runs: list[ToolRun] = []
        self.failures: dict[ItemId, FailureRouted] = {}
        self.waiting: Set[ItemId] = frozenset()
        self.reverted: Mapping[ItemId, frozenset[HunkId]] = {}
        self.sort = Sort.ALL
        self.sought = ""
        self._places: dict[ItemId, int] = {}
        self._turn_of: list[int] = []
        self._said_id: ItemId | None = None
        self._said: list[str] = [""]
        """What the person said before each turn; the first has not said anything yet."""

        self._rows: list[int] = []
        """Places of runs; `-1 - place` is the rule above the first run of a turn."""

        self._row_of: dict[int, int] = {}
        self._live: int | None = None
        self._output = ""

    @property
    def height(self) -> int:
        """The number of rows."""
        return len(self._rows) + len(self._live_lines())

    @property
    def is_narrowed(self) -> bool:
        """Whether runs may be left out."""
        return self.sort is not Sort.ALL or bool(self.sought)

    @property
    def listed(self) -> int:
        """How many runs are listed."""
        return len(self._row_of)

    def load(self, entries: Sequence[Entry], failures: Mapping[ItemId, FailureRouted]) -> None:
        """Begin anew with the runs among the entries of another session; what is listed stays chosen."""
        self.runs, self.failures, self.waiting = [], dict(failures), frozenset()
        self._places, self._turn_of, self._said, self._said_id = {}, [], [""], None
        self._rows, self._row_of = [], {}
        self._live, self._output = None, ""
        for entry in entries:
            self.put(entry)

    def put(self, entry: Entry) -> int | None:
        """Take in an entry, new or in a newer state; return the place of the run that it is, else `None`."""
        from trashclaw.protocol.items import Origin, ToolRun, UserMessage

        if isinstance(entry, UserMessage) and entry.origin is Origin.PROMPT:
            # It comes twice: when it begins, and when it is whole.
            self._said += [entry.text] if entry.item_id != self._said_id else []
            self._said_id = entry.item_id
        if not isinstance(entry, ToolRun):
            return None
        place = self._places.get(entry.item_id)
        if place is None:
            place = self._places[entry.item_id] = len(self.runs)
            self.runs.append(entry)
            self._turn_of.append(len(self._said) - 1)
            self._output, self._live = "", None
        else:
            self.runs[place] = entry
        self._list_again(place)
        return place

    def tell_failure(self, failure: FailureRouted) -> int | None:
        """Keep what was told of a run that failed; return its place."""
        self.failures[failure.item_id] = failure
        return self._places.get(failure.item_id)

    def show_waiting(self, item_ids: Set[ItemId]) -> list[int]:
        """Keep which runs wait for the person; return the places of those for which that is new."""
        changed, self.waiting = self.waiting ^ item_ids, frozenset(item_ids)
        places = [self._places[item_id] for item_id in changed if item_id in self._places]
        for place in places:
            self._list_again(place)
        return places

    def show_reverted(self, reverted: Mapping[ItemId, frozenset[HunkId]]) -> list[int]:
        """Keep which hunks of runs were taken out again; return the places of the runs for which that may be new."""
        before, self.reverted = self.reverted, reverted
        changed = before.keys() | reverted.keys() if before != reverted else ()
        return [self._places[item_id] for item_id in changed if item_id in self._places]

    def grow(self, item_id: ItemId, text: str) -> bool:
        """Take in output of a run that is still open; tell whether it is shown."""
        place = self._places.get(item_id)
        if place is None or self.runs[place].result is not None:
            return False
        if place != self._live:
            self._live, self._output = place, ""
        self._output = (self._output + text)[-_KEPT_CHARS:]
        return place in self._row_of

    def choose(self, sort: Sort | None = None, sought: str | None = None) -> None:
        """List other runs: of a sort, or with a part of their title; `None` leaves that as it is."""
        self.sort = self.sort if sort is None else sort
        self.sought = self.sought if sought is None else sought
        self._rows, self._row_of = [], {}
        for place in range(len(self.runs)):
            if self._is_listed(place):
                self._append(place)

    def row(self, row: int) -> tuple[Row, int]:
        """Return what stands in a row, and its place: of the run, of the rule's first run, or of the line of output."""
        at, live = self._live_row(), len(self._live_lines())
        if live and at < row <= at + live:
            return Row.OUTPUT, row - at - 1
        found = self._rows[row - live if live and row > at else row]
        return (Row.RUN, found) if found >= 0 else (Row.RULE, -1 - found)

    def row_of(self, place: int) -> int | None:
        """Return the row of a run; `None` while it is not listed."""
        row = self._row_of.get(place)
        if row is None:
            return None
        return row + len(self._live_lines()) if row > self._live_row() else row

    def step(self, place: int | None, step: int) -> int | None:
        """Return the listed run so many behind another one (before it, if negative); the last one to begin with."""
        listed = [found for found in self._around(place, step) if found >= 0]
        if listed:
            return listed[min(abs(step), len(listed)) - 1]
        if place is not None and place in self._row_of:
            return place
        return next((found for found in reversed(self._rows) if found >= 0), None)

    def output_line(self, number: int) -> str:
        """Return a line of the output that stands below the run."""
        return self._live_lines()[number]

    def words_of(self, place: int) -> str:
        """Return what the person had said before the turn that a run is of."""
        return self._said[self._turn_of[place]]

    def counts(self) -> dict[Sort, int]:
        """Return how many runs there are of each sort; goes through all of them."""
        return {sort: sum(self._is_of(place, sort) for place in range(len(self.runs))) for sort in Sort}

    def _around(self, place: int | None, step: int) -> Iterator[int]:
        if place is None or place not in self._row_of:
            return
        row = self._row_of[place]
        ahead = range(row + 1, len(self._rows)) if step > 0 else range(row - 1, -1, -1)
        wanted = 2 * abs(step) + 2
        for _, at in zip(range(wanted), ahead, strict=False):
            yield self._rows[at]

    def _list_again(self, place: int) -> None:
        is_listed = self._is_listed(place)
        if is_listed == (place in self._row_of):
            return
        if is_listed and max(self._rows[-1:], default=-1) < place:
            self._append(place)
        else:
            self.choose()

    def _append(self, place: int) -> None:
        if self._rows and self._turn_of[place] != self._turn_of[self._rows[-1]]:
            self._rows.append(-1 - place)
        self._row_of[place] = len(self._rows)
        self._rows.append(place)

    def _is_listed(self, place: int) -> bool:
        run = self.runs[place]
        is_of = self.sort is Sort.ALL or self._is_of(place, self.sort)
        return is_of and (not self.sought or self.sought.casefold() in run.title.casefold())

    def _is_of(self, place: int, sort: Sort) -> bool:
        from trashclaw.protocol.tools import ToolKind, ToolStatus

        run = self.runs[place]
        match sort:
            case Sort.ALL:
                return True
            case Sort.EDITS:
                return run.tool_kind in (ToolKind.EDIT, ToolKind.DELETE, ToolKind.MOVE)
            case Sort.COMMANDS:
                return run.tool_kind is ToolKind.EXECUTE
            case Sort.READS:
                return run.tool_kind in (ToolKind.READ, ToolKind.SEARCH, ToolKind.FETCH)
            case Sort.FAILED:
                has_code = run.result is not None and bool(run.result.exit_code)
                return has_code or run.status in (ToolStatus.FAILED, ToolStatus.REJECTED)
            case Sort.WAITING:
                return run.item_id in self.waiting

    def _live_row(self) -> int:
        return self._row_of.get(self._live, -1) if self._live is not None else -1

    def _live_lines(self) -> Sequence[str]:
        if self._live is None or self._live not in self._row_of or not self._output:
            return ()
        return tuple(deque((line for line in self._output.splitlines() if line.strip()), LIVE_LINES))
