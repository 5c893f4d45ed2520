"""Plans a way back over several legs: what each file must become, and where somebody else's work stands in the way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from trashclaw.workspace.legs import Leg, RestorePlan
from trashclaw.workspace.snapshot_store import SnapshotStore
from trashclaw.workspace.tree_change import Entry, Side, TreeChange


class _Way:
    """The files on their way back: as they are now, and as the legs so far would leave them."""

    def __init__(self) -> None:
        self.now: dict[str, Entry] = {}
        self.then: dict[str, Entry] = {}
        self.doubtful: set[str] = set()
        """Files that a leg found otherwise than the agent left them."""

        self.left_alone: dict[str, None] = {}

    def meet(self, path: str, present: Entry) -> Entry:
        """Return how a file is at this point of the way."""
        self.now.setdefault(path, present)
        return self.then.setdefault(path, present)

    def plan(self) -> RestorePlan:
        """Sum up. A file that is already as it must become is no conflict, whoever made it so."""
        pairs = ((path, self.now[path], self.then[path]) for path in sorted(self.then))
        changes = tuple(TreeChange(path, now, then) for path, now, then in pairs if not now.is_same(then))
        conflicts = tuple(change.path for change in changes if change.path in self.doubtful)
        return RestorePlan(changes, conflicts, tuple(path for path in self.left_alone if path not in self.then))


async def plan_way_back(
    store: SnapshotStore,
    legs: Sequence[Leg],
    befores: Sequence[Side],
    mine: Sequence[Sequence[TreeChange] | None],
    now: Side,
) -> RestorePlan:
    """Plan the way from `now` over the legs, the newest first.

    `befores` are their older ends; `mine` is what differs between the newer and the older end, `None` where nobody
    noted the newer one.

    Raises:
        GitFailed: the store cannot be read.
    """
    way = _Way()
    for leg, before, changes in zip(legs, befores, mine, strict=True):
        differing = {change.path: change for change in await store.compare(now, before)}
        if changes is None:
            await _go_over_own(store, way, leg, differing)
        else:
            _go_over(way, changes, differing)
    return way.plan()


def _go_over(way: _Way, changes: Sequence[TreeChange], differing: Mapping[str, TreeChange]) -> None:
    for change in changes:
        other = differing.get(change.path)
        present = way.meet(change.path, change.new if other is None else other.old)
        if not present.is_same(change.old) and not present.is_same(change.new):
            way.doubtful.add(change.path)
        way.then[change.path] = change.new


async def _go_over_own(store: SnapshotStore, way: _Way, leg: Leg, differing: Mapping[str, TreeChange]) -> None:
    """Go over the agent's own files alone; where a later leg was there before, its bytes count as what is there."""
    touched = [change for path, change in differing.items() if path in leg.paths]
    presents = [way.meet(change.path, change.old) for change in touched]
    for change, present, data in zip(touched, presents, await store.contents(presents), strict=True):
        leaves_mode = TreeChange(change.path, present, change.new).keeps_mode
        if not present.is_same(change.new) and not (leaves_mode and leg.is_own(change.path, data)):
            way.doubtful.add(change.path)
        way.then[change.path] = change.new
    way.left_alone |= dict.fromkeys(path for path in differing if path not in leg.paths)
