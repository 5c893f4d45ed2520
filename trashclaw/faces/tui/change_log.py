"""The changes that landed, to be looked through: the last one, those of a turn, or those of the whole session."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from trashclaw.faces.tui.review import Review

if TYPE_CHECKING:
    from trashclaw.protocol.ids import HunkId, ItemId
    from trashclaw.protocol.patches import ChangeKind, FileChange, Patch
    from trashclaw.session.transcript import Entry


class Span(StrEnum):
    """Which changes are shown."""

    LAST = "the last one"
    TURN = "turn"
    SESSION = "this session"
    NET = "net of this session"
    """What files are now against the beginning of the session, whatever landed in between."""


@dataclass(frozen=True, slots=True)
class Landed:
    """What one tool run changed."""

    item_id: ItemId
    patch: Patch
    turn: int


class ChangeLog:
    """Keeps what landed, and makes of a span of it something to review; its hunks are numbered through."""

    def __init__(self) -> None:
        self.span = Span.LAST
        self._landed: dict[ItemId, Landed] = {}
        self._turn = 0
        self._said: list[str] = [""]
        self._said_id: ItemId | None = None
        self._shown_turn: int | None = None
        """The turn that was chosen; `None`: the last one that changed anything."""

        self._sources: dict[HunkId, tuple[ItemId, HunkId]] = {}
        self._reverted: Callable[[ItemId], frozenset[HunkId]] = lambda _: frozenset()
        self._review: Review | None = None
        self._net: Patch | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing landed."""
        return not self._landed

    @property
    def turns(self) -> Sequence[int]:
        """The numbers of the turns that changed something, in order."""
        return list(dict.fromkeys(one.turn for one in self._landed.values()))

    def clear(self) -> None:
        """Forget everything, for another session; what is shown of it stays chosen."""
        self._landed, self._turn, self._said, self._said_id = {}, 0, [""], None
        self._shown_turn, self._review, self._sources, self._net = None, None, {}, None

    def put(self, entry: Entry) -> bool:
        """Take in an entry; tell whether a change landed with it."""
        from trashclaw.protocol.items import Origin, ToolRun, UserMessage
        from trashclaw.session.landed import landed_patch

        # A prompt comes twice: when it begins, and when it is whole.
        if isinstance(entry, UserMessage) and entry.origin is Origin.PROMPT and entry.item_id != self._said_id:
            self._said_id = entry.item_id
            self._turn += 1
            self._said.append(entry.text)
        patch = landed_patch(entry)
        if not isinstance(entry, ToolRun) or patch is None or not patch.changes:
            return False
        turn = self._landed[entry.item_id].turn if entry.item_id in self._landed else self._turn
        self._landed[entry.item_id] = Landed(entry.item_id, patch, turn)
        self._review = None
        return True

    def show_reverted(self, reverted: Callable[[ItemId], frozenset[HunkId]]) -> None:
        """Take another answer to which hunks of a run were reverted."""
        self._reverted = reverted
        at = self._review.switches.current if self._review is not None else None
        self._review = None
        if at is not None:
            self.review().switches.select(at)

    def choose(self, span: Span) -> None:
        """Show other changes."""
        self.span, self._review = span, None

    def step_span(self) -> None:
        """Show more of them, and after the whole session the last one again."""
        following = {Span.LAST: Span.TURN, Span.TURN: Span.SESSION}
        self._shown_turn = None
        self.choose(following.get(self.span, Span.LAST))

    def switch_net(self) -> None:
        """Show what the session has come to, or again change by change how it came to that."""
        self._net = None
        self.choose(Span.SESSION if self.span is Span.NET else Span.NET)

    def put_net(self, net: Patch) -> None:
        """Take what the session has come to; the file that was looked at stays."""
        path = self.review().switches.path if self.span is Span.NET else ""
        self._net = net
        if self.span is Span.NET:
            self._review = None
            switches = self.review().switches
            place = next((place for place, change in enumerate(net.changes) if change.path == path), None)
            if place is not None:
                switches.select_file(place)

    def step_turn(self, step: int) -> None:
        """Show the next turn that changed something, or the one before."""
        turns = self.turns
        if not turns:
            return
        here = turns.index(self._shown_turn) if self._shown_turn in turns else len(turns) - 1
        is_step = self.span is Span.TURN
        self._shown_turn = turns[max(0, min(len(turns) - 1, here + (step if is_step else 0)))]
        self.choose(Span.TURN)

    def words(self) -> str:
        """Return what is shown: `the last one`, `turn 3: fix the tests`, `this session`."""
        if self.is_empty:
            return ""
        if self.span is Span.NET:
            is_known, is_nothing = self._net is not None, self._net is not None and not self._net.changes
            return f"{self.span.value}{': nothing' if is_nothing else '' if is_known else ', reading'}"
        if self.span is not Span.TURN:
            return self.span.value
        turn = self._at()
        said = " ".join(self._said[turn].split()) if turn < len(self._said) else ""
        return f"turn {turn}: {said}" if said else f"turn {turn}"

    def review(self) -> Review:
        """Return the changes of the span, file by file, each file's in the order in which they landed."""
        if self._review is None:
            self._review = self._made()
        return self._review

    def source(self, hunk_ids: Sequence[HunkId]) -> tuple[ItemId, tuple[HunkId, ...]] | None:
        """Return the run with which the first of some hunks landed, and the names of those of them in its patch."""
        found = [self._sources[hunk_id] for hunk_id in hunk_ids if hunk_id in self._sources]
        if not found:
            return None
        return found[0][0], tuple(hunk_id for item_id, hunk_id in found if item_id == found[0][0])

    def _at(self) -> int:
        turns = self.turns
        return self._shown_turn if self._shown_turn in turns and self._shown_turn is not None else turns[-1]

    def _chosen(self) -> list[Landed]:
        landed = list(self._landed.values())
        if self.span is Span.LAST:
            return landed[-1:]
        return landed if self.span is Span.SESSION else [one for one in landed if one.turn == self._at()]

    def _made(self) -> Review:
        from trashclaw.protocol.ids import HunkId
        from trashclaw.protocol.patches import Patch

        if self.is_empty:
            return Review()
        if self.span is Span.NET:
            self._sources = {}
            return Review(patch=self._net or Patch(), reverted=frozenset())
        by_path: dict[str, list[tuple[ItemId, FileChange]]] = {}
        for one in self._chosen():
            for change in one.patch.changes:
                by_path.setdefault(change.path, []).append((one.item_id, change))
        changes: list[FileChange] = []
        self._sources = {}
        reverted: set[HunkId] = set()
        for pairs in by_path.values():
            hunks = []
            for item_id, change in pairs:
                out = self._reverted(item_id)
                for hunk in change.hunks:
                    hunk_id = HunkId(str(len(self._sources) + 1))
                    self._sources[hunk_id] = item_id, hunk.hunk_id
                    hunks.append(hunk.model_copy(update={"hunk_id": hunk_id}))
                    if hunk.hunk_id in out:
                        reverted.add(hunk_id)
            whole = joined_change([change for _, change in pairs])
            changes.append(whole.model_copy(update={"hunks": tuple(hunks)}))
        return Review(patch=Patch(changes=tuple(changes)), reverted=frozenset(reverted))


def joined_change(changes: Sequence[FileChange]) -> FileChange:
    """Return what changes of one file, in the order in which they landed, are together; at least one."""
    first, last = changes[0], changes[-1]
    if first is last:
        return first
    return first.model_copy(
        update={
            "kind": _joined_kind([change.kind for change in changes]),
            "hunks": tuple(hunk for change in changes for hunk in change.hunks),
            "from_path": next((change.from_path for change in changes if change.from_path is not None), None),
            "before_mode": next((change.before_mode for change in changes if change.before_mode is not None), None),
            "after_mode": next((change.after_mode for change in changes[::-1] if change.after_mode is not None), None),
            "after_sha256": last.after_sha256,
            "warning": next((change.warning for change in changes if change.warning), ""),
        }
    )


def _joined_kind(kinds: Sequence[ChangeKind]) -> ChangeKind:
    from trashclaw.protocol.patches import ChangeKind

    if kinds[-1] is ChangeKind.DELETED:
        return ChangeKind.DELETED
    if kinds[0] is ChangeKind.DELETED:
        return ChangeKind.MODIFIED
    return next((kind for kind in kinds if kind is not ChangeKind.MODIFIED), ChangeKind.MODIFIED)
