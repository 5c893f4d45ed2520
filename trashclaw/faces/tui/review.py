"""The review: what waits for an answer, what is switched on, what the person edited, and the answer they add up to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trashclaw.faces.tui.widgets.hunks import HunkSwitches

if TYPE_CHECKING:
    from trashclaw.protocol.approvals import Approval, ApprovalRequest, Scope
    from trashclaw.protocol.ids import HunkId
    from trashclaw.protocol.patches import FileChange, Patch


class Review:
    """One request, or a patch that is only looked at; pane and screen share it."""

    def __init__(
        self,
        request: ApprovalRequest | None = None,
        patch: Patch | None = None,
        reverted: frozenset[HunkId] | None = None,
    ) -> None:
        """`reverted`: the patch landed, and these of its hunks were reverted; the keys go through it."""
        self.request = request
        self.patch = request.patch if request is not None else patch
        self.has_hunks = self.patch is not None and (request is not None or reverted is not None)
        self.switches = HunkSwitches(self.patch if self.has_hunks else None, reverted if request is None else None)
        self.edits: dict[str, FileChange] = {}
        """The files that the person edited, by path, as they would land now."""

        self.is_split = False
        self._scope = 0

    @property
    def is_effect(self) -> bool:
        """Whether the patch is what a command did."""
        return self.request is not None and self.request.command is not None and self.patch is not None

    @property
    def scope(self) -> Scope | None:
        """How far accepting reaches; `None` where nothing is asked."""
        return self.request.scopes[self._scope] if self.request is not None else None

    @property
    def has_scopes(self) -> bool:
        """Whether there is a choice."""
        return self.request is not None and len(self.request.scopes) > 1

    def next_scope(self) -> None:
        """Let accepting reach as far as the next scope."""
        if self.request is not None:
            self._scope = (self._scope + 1) % len(self.request.scopes)

    def use_scope(self, scope: Scope) -> bool:
        """Let accepting reach this far; tell whether that can be."""
        if self.request is None or scope not in self.request.scopes:
            return False
        self._scope = self.request.scopes.index(scope)
        return True

    def change(self) -> FileChange | None:
        """Return the file of the current hunk."""
        if self.patch is None or not self.patch.changes:
            return None
        return self.patch.changes[self.switches.file]

    def put_edit(self, change: FileChange) -> None:
        """Replace the proposal for a file by what the person made of it."""
        if self.patch is None:
            return
        changes = tuple(change if one.path == change.path else one for one in self.patch.changes)
        self.patch = self.patch.model_copy(update={"changes": changes})
        self.edits[change.path] = change
        before, self.switches = self.switches, HunkSwitches(self.patch)
        self.switches.keep(before)

    def accepted(self, *, is_everything: bool = False) -> Approval:
        """Return the answer that accepts what is on, or everything but what warns."""
        from trashclaw.protocol.approvals import Approval, Scope, Verdict

        switches = self.switches
        chosen = switches.everything() if is_everything else None if switches.is_all else switches.chosen
        return Approval(
            verdict=Verdict.ACCEPTED,
            scope=Scope.ONCE if is_everything else self.scope or Scope.ONCE,
            hunk_ids=chosen,
            edits=tuple(self.edits.values()),
        )

    def rejected(self, note: str = "") -> Approval:
        """Return the answer that rejects all of it."""
        from trashclaw.protocol.approvals import Approval, Verdict

        return Approval(verdict=Verdict.REJECTED, note=note)
