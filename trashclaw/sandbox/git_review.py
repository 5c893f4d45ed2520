"""Puts together what a command did to git and to the files that git keeps: changes, warnings, and how they land."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from trashclaw.protocol.patches import FileChange
from trashclaw.sandbox.contents import BranchContents
from trashclaw.sandbox.file_changes import FileChanges
from trashclaw.sandbox.git_effects import dangerous_changes, git_effects
from trashclaw.sandbox.git_losses import Losses, dropped_stashes, with_losses
from trashclaw.sandbox.git_objects import GitObjects
from trashclaw.sandbox.git_places import GitGroup, sides
from trashclaw.sandbox.git_words import Ends
from trashclaw.sandbox.held_change import HeldChange
from trashclaw.sandbox.left_out import LeftOut
from trashclaw.workspace.git_folder import find_work_tree


@dataclass(slots=True)
class GitReview:
    """Changes of files with what git says of them, and those of git's own folders."""

    changes: list[FileChange] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)


class GitReviewer:
    """Reviews the work tree around a workspace, and every git folder in it."""

    def __init__(self, root: Path, contents: BranchContents) -> None:
        self._root = root
        self._contents = contents

    def review(
        self, changes: Sequence[FileChange], held: Sequence[HeldChange], groups: Sequence[GitGroup], maker: FileChanges
    ) -> GitReview:
        """Return the changes of files with warnings, and the changes in git folders after them."""
        review = GitReview(list(changes))
        by_path = {one.shown: one for one in held}
        with ExitStack() as stack:
            found = find_work_tree(self._root)
            own = self._own_group(groups, found.git_folder if found else None)
            for group in groups:
                objects = stack.enter_context(_objects_of(group))
                self._add_group(group, objects, review, maker)
                if group is own and found is not None:
                    self._warn(review, by_path, group, objects, found.top)
            if own is None and found is not None and changes:
                group = _untouched(found.git_folder)
                self._warn(review, by_path, group, stack.enter_context(_objects_of(group)), found.top)
        return review

    def _own_group(self, groups: Sequence[GitGroup], git_folder: Path | None) -> GitGroup | None:
        return next((group for group in groups if git_folder in {group.folder, group.own}), None)

    def _add_group(self, group: GitGroup, objects: GitObjects, review: GitReview, maker: FileChanges) -> None:
        effects = git_effects(self._root, group, objects)
        review.left_out += effects.left_out
        if effects.change is not None:
            while self._contents.is_bundle(effects.change.path):
                effects.change = effects.change.model_copy(update={"path": f"{effects.change.path}~"})
            self._contents.add_bundle(effects.change.path, effects.steps)
            review.changes.append(effects.change)
        self._contents.add(effects.dangerous)
        self._contents.allow(one.shown for one in effects.dangerous)
        review.changes += dangerous_changes(effects, maker)

    def _warn(
        self, review: GitReview, held: dict[str, HeldChange], group: GitGroup, objects: GitObjects, top: Path
    ) -> None:
        """Warn of work that is lost: of changes that nobody committed, and of stash entries."""
        inner = group.inner(group.own_prefix)
        ends = Ends(sides(group.folder, group.changes), sides(group.own, inner))
        inside = {path: one for path, one in held.items() if one.target.is_relative_to(top)}
        stashes = dropped_stashes(ends)
        if not inside and not stashes:
            return
        losses = Losses(top, ends, objects)
        review.changes = with_losses(review.changes, inside, losses)
        by_path = {os.fsencode(one.target.relative_to(top)): one for one in inside.values()}
        lost = [subject for oid, subject in stashes.items() if losses.of_stash(oid, by_path)]
        for at, change in enumerate(review.changes):
            if lost and change.path == group.shown:
                words = "what is in the stash is lost: " + ", ".join(f'"{subject}"' for subject in lost)
                warning = "; ".join(filter(None, (change.warning, words)))
                review.changes[at] = change.model_copy(update={"warning": warning})


def _objects_of(group: GitGroup) -> GitObjects:
    changes = {name: one for name, one in group.changes.items() if name.startswith("objects/")}
    return GitObjects(group.folder, changes, sides(group.folder, {})[0].read("config") or b"")


def _untouched(git_folder: Path) -> GitGroup:
    """Return the group of a git folder in which nothing changed."""
    common = git_folder
    parts = git_folder.parts
    if "worktrees" in parts and (git_folder / "commondir").is_file():
        common = git_folder.parent.parent
    return GitGroup(".git", common, git_folder)
