"""Effects: what a command did in its sandbox as a patch to review, and the landing of exactly what was accepted."""

from __future__ import annotations

import stat
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from trashclaw.protocol.errors import OutsideWorkspace, WorkspaceError
from trashclaw.protocol.patches import ChangeKind, FileChange, Patch
from trashclaw.sandbox.caches import caches_among
from trashclaw.sandbox.contents import BranchContents
from trashclaw.sandbox.file_changes import LANDED_LIMIT_BYTES, FileChanges, size_words, whole
from trashclaw.sandbox.git_places import split_git
from trashclaw.sandbox.git_programs import GitPrograms
from trashclaw.sandbox.git_review import GitReviewer
from trashclaw.sandbox.held_change import HeldChange, hold_changes
from trashclaw.sandbox.ignored import ignored_among
from trashclaw.sandbox.left_out import LeftOut
from trashclaw.sandbox.loud_changes import why_loud
from trashclaw.sandbox.ports import Branch, EntryKind
from trashclaw.sandbox.quiet_changes import plan_quietly
from trashclaw.sandbox.renames import find_renames
from trashclaw.sandbox.selection import without_impossible
from trashclaw.workspace.apply import LandedChange, apply_patch
from trashclaw.workspace.diff import make_patch
from trashclaw.workspace.held_folder import keep_folders
from trashclaw.workspace.root import ExactPaths, Workspace

QUIET = "(ignored files)/"
"""No file can have this path: it ends with a slash."""

OfIgnored = Literal["merge", "discard"]


@dataclass(frozen=True, slots=True)
class Effects:
    """What a command did."""

    patch: Patch
    """What needs a decision; empty when nothing does."""

    contents: BranchContents
    ignored: tuple[str, ...] = ()
    """Changed paths that git ignores; real ones, for the checkpoint (`Proposal.also`)."""

    is_ignored_merged: bool = False
    """Whether they land, without a question; otherwise they are dropped."""

    left_out: tuple[LeftOut, ...] = ()
    """What cannot land at all."""

    @property
    def also(self) -> tuple[str, ...]:
        """Real paths that may change without being named in the patch, for the checkpoint."""
        sources = tuple(change.from_path for change in self.patch.changes if change.from_path)
        return (*(self.ignored if self.is_ignored_merged else ()), *sources)


@dataclass(frozen=True, slots=True)
class LandedEffects:
    """What became of effects."""

    landed: tuple[LandedChange, ...] = ()
    rejected: Patch = field(default_factory=Patch)
    """What was not accepted, or could not land without something that was not accepted."""

    ignored_error: WorkspaceError | None = None
    """Why the ignored files did not land."""


@keep_folders()
def gather_effects(workspace: Workspace, branches: Sequence[Branch], *, ignored: OfIgnored = "merge") -> Effects:
    """Return what a command did, divided into what is reviewed, what is ignored, and what never lands.

    The files that are there now are what it is compared with, and they are read, not changed. Blocks on the disk.

    Raises:
        WorkspaceError: a changed file cannot be read.
    """
    everything = hold_changes(workspace, branches)
    contents = BranchContents(workspace.root, _folders(everything))
    groups, ordinary = split_git(workspace.root, everything)
    held, left_out = _sort_out(workspace, ordinary)
    ignored_names, warnings = _look_closely(workspace.root, held)
    quiet = [one for one in held if one.shown in ignored_names]
    shown = [one for one in held if one.shown not in ignored_names]
    caches = caches_among(workspace.root, shown)
    loud = _without_folders([one for one in shown if one.shown not in caches], everything)
    contents.add(loud)
    maker = FileChanges(workspace.root)
    changes = [_with_warning(change, warnings) for change in _changes(maker, loud)]
    review = GitReviewer(workspace.root, contents).review(changes, loud, groups, maker)
    left_out += review.left_out
    patch = make_patch(sorted(review.changes, key=lambda change: change.path))
    if ignored == "merge":
        steps, more = plan_quietly(quiet)
        left_out += more
        contents.add_bundle(QUIET, lambda: tuple(steps))
    paths = tuple(one.change.path for one in quiet)
    return Effects(patch, contents, paths, ignored == "merge" and bool(quiet), tuple(left_out))


@keep_folders()
def land_effects(workspace: Workspace, effects: Effects, accepted: Patch | None) -> LandedEffects:
    """Land the ignored files (if they are merged) and the accepted part of the patch, the latter whole or not at all.

    `accepted` is a part of `effects.patch`. Blocks on the disk.

    Raises:
        StaleFile: a file changed since the effects were gathered; nothing of the patch landed.
        WorkspaceError: a file cannot be written; nothing of the patch landed.
    """
    error = None
    if effects.is_ignored_merged:
        hunks = (whole("ignored files"),)
        change = FileChange(path=QUIET, kind=ChangeKind.MODIFIED, hunks=hunks)
        try:
            apply_patch(workspace, Patch(changes=(change,)), effects.contents)
        except WorkspaceError as failed:
            error = failed
    possible = without_impossible(accepted or Patch(), effects.contents)
    landed = apply_patch(workspace, possible, effects.contents) if possible.changes else ()
    return LandedEffects(landed, _rest(effects.patch, possible), error)


def _rest(patch: Patch, landed: Patch) -> Patch:
    """Return what of a patch is not in another one."""
    done = {(change.path, hunk.hunk_id) for change in landed.changes for hunk in change.hunks}
    changes = []
    for change in patch.changes:
        hunks = tuple(hunk for hunk in change.hunks if (change.path, hunk.hunk_id) not in done)
        if hunks:
            changes.append(change.model_copy(update={"hunks": hunks}))
    return Patch(changes=tuple(changes))


def _changes(maker: FileChanges, held: Sequence[HeldChange]) -> list[FileChange]:
    renames, others = find_renames(held)
    made = (maker.make(one) for one in others)
    return [*renames, *(change for change in made if change is not None)]


def _look_closely(root: Path, held: Sequence[HeldChange]) -> tuple[set[str], dict[str, str]]:
    """Return what git ignores and may land unseen, and why some changes need a look of their own."""
    ignored_names, programs = ignored_among(root, held), GitPrograms(root)
    warnings: dict[str, str] = {}
    for one in held:
        why = programs.why(one)
        if not why and one.shown in ignored_names:
            why = why_loud(one, root)
        if why:
            warnings[one.shown] = why
    return ignored_names - warnings.keys(), warnings


def _with_warning(change: FileChange, warnings: Mapping[str, str]) -> FileChange:
    sources = (change.path, change.from_path or "")
    found = [change.warning, *(warnings.get(path, "") for path in sources)]
    return change.model_copy(update={"warning": "; ".join(dict.fromkeys(filter(None, found)))})


def _sort_out(workspace: Workspace, held: Sequence[HeldChange]) -> tuple[list[HeldChange], list[LeftOut]]:
    """Set apart what may not or cannot land."""
    kept: list[HeldChange] = []
    left_out: list[LeftOut] = []
    paths = ExactPaths(workspace)
    for one in held:
        try:
            paths.check(one.target, one.shown)
        except OutsideWorkspace as error:
            left_out.append(LeftOut(one.shown, error.text))
            continue
        types = {stat.S_IFREG, stat.S_IFDIR, stat.S_IFLNK}
        is_special = one.now is not None and stat.S_IFMT(one.now.st_mode) not in types
        if is_special or (one.after is not None and one.after.kind is EntryKind.OTHER):
            left_out.append(LeftOut(one.shown, "a pipe, socket or device never lands"))
        elif one.after is not None and one.after.size > LANDED_LIMIT_BYTES:
            left_out.append(LeftOut(one.shown, f"larger than {size_words(LANDED_LIMIT_BYTES)}"))
        else:
            kept.append(one)
    return kept, left_out


def _folders(held: Collection[HeldChange]) -> dict[Path, int | None]:
    """Return the folders that came (with their permission bits) and those that went (`None`)."""
    folders: dict[Path, int | None] = {}
    for one in held:
        before, after = one.change.before, one.after
        if after is not None and after.kind is EntryKind.FOLDER and (before is None or before.kind != after.kind):
            folders[one.target] = stat.S_IMODE(after.mode)
        elif after is None and before is not None and before.kind is EntryKind.FOLDER:
            folders[one.target] = None
    return folders


def _without_folders(loud: Sequence[HeldChange], held: Sequence[HeldChange]) -> list[HeldChange]:
    """Leave out the folders that come and go with what is in them; a file in the place of a folder that comes, goes."""
    filled = {folder for one in held if one.after is not None for folder in one.above}
    emptied = {folder for one in held if one.now is not None for folder in one.above}
    kept = []
    for one in loud:
        comes = one.after is not None and one.after.kind is EntryKind.FOLDER and not one.has_now(stat.S_IFDIR)
        if comes and str(one.target) in filled:
            if one.now is not None:
                kept.append(one.as_removal())
        elif not (one.after is None and one.has_now(stat.S_IFDIR) and str(one.target) in emptied):
            kept.append(one)
    return kept
