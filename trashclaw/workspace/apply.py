"""The one way in which a patch lands: checked against every file first, then written aside, then put in place."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from trashclaw.protocol.errors import StaleFile, WorkspaceError
from trashclaw.protocol.ids import HunkId
from trashclaw.protocol.patches import ChangeKind, FileChange, Patch
from trashclaw.workspace.exact_plan import Contents, plan_exactly
from trashclaw.workspace.files import digest, read_bytes
from trashclaw.workspace.folders import FolderSteps
from trashclaw.workspace.plan import Plan, plan_text
from trashclaw.workspace.root import ExactPaths, Workspace
from trashclaw.workspace.staging import land_steps
from trashclaw.workspace.steps import Step, in_order, look


@dataclass(frozen=True, slots=True)
class LandedChange:
    """What has happened to a file."""

    path: str
    kind: ChangeKind
    hunk_ids: tuple[HunkId, ...]
    added: int
    removed: int
    after_sha256: str | None
    """Digest of the file's bytes now (of a link: its target); `None` when it is gone, a folder, or git's."""

    from_path: str | None = None
    """Where a renamed file was."""

    is_file: bool = True
    """A file, also one that is gone: no link, no folder, not what git keeps."""


def apply_patch(workspace: Workspace, patch: Patch, contents: Contents | None = None) -> tuple[LandedChange, ...]:
    """Land every hunk of a patch; if one file is not as it was, or one write fails, nothing lands.

    `contents` gives real paths and bytes where hunks carry none, as for what a command did in its sandbox; then paths
    are meant exactly, and the last link on them is not followed. Without it they may lead through links inside the
    workspace, and hunks carry everything. Blocks on the disk.

    Raises:
        StaleFile: a file changed since the patch was made.
        OutsideWorkspace: a path may not be written.
        UnsuitableFile: a file cannot be written, or its encoding has no such character.
    """
    paths = ExactPaths(workspace)
    plans = [_plan(workspace, paths, change, contents) for change in patch.changes]
    steps = [step for plan in plans for step in plan.steps]
    targets = [step.target for step in steps if step.after_mode is not None]
    if len(set(targets)) != len(targets) or len({plan.target for plan in plans}) != len(plans):
        raise WorkspaceError("The patch changes the same file twice.")
    if steps:
        folders = FolderSteps(contents.folders if contents is not None else {})
        everything = in_order([*steps, *folders.around(steps)])
        land_steps(everything, _base(workspace, everything))
    return tuple(_landed(plan) for plan in plans)


def check_fresh(workspace: Workspace, change: FileChange) -> bytes | None:
    """Return a file's bytes (`None`: no file) if they are those that the change was made from.

    Raises:
        StaleFile: they are not.
    """
    target = workspace.resolve(change.path, for_write=True)
    if change.before_sha256 is None:
        if target.exists():
            raise StaleFile(f"{change.path} exists by now.", "Read it, then edit it.")
        return None
    if not target.exists():
        raise StaleFile(f"{change.path} is gone since it was read.", "Look again with list_files.")
    before = read_bytes(target, change.path)
    if digest(before) != change.before_sha256:
        raise StaleFile(f"{change.path} changed since it was read.", "Read it again and repeat the edit.")
    return before


def _plan(workspace: Workspace, paths: ExactPaths, change: FileChange, contents: Contents | None) -> Plan:
    if contents is not None:
        return plan_exactly(paths, change, contents)
    before = check_fresh(workspace, change)
    target = workspace.resolve(change.path, for_write=True)
    return plan_text(change, target, look(target), before)


def _base(workspace: Workspace, steps: Sequence[Step]) -> Path:
    """Return the folder in which new files wait for their turn.

    A root, where the next start looks for what a killed landing left; only where files could not be moved from there,
    the folder that holds everything that lands, and stays.
    """
    try:
        common = Path(os.path.commonpath([step.target.parent for step in steps]))
    except ValueError:
        return workspace.root
    going = {step.target for step in steps if step.after_mode is None}
    for folder in (common, *common.parents):
        if folder in going or folder.name == ".git":
            common = folder.parent
    base = next((base for base in (workspace.root, *workspace.extra) if common.is_relative_to(base)), None)
    if base is None:
        return workspace.root
    return base if _is_movable(base, common) else common


def _is_movable(base: Path, folder: Path) -> bool:
    """Tell whether files can be made in one folder and moved into another, which may not be there yet."""
    while not folder.is_dir() and folder != base:
        folder = folder.parent
    try:
        return os.access(base, os.W_OK) and base.stat().st_dev == folder.stat().st_dev
    except OSError:
        return False


def _landed(plan: Plan) -> LandedChange:
    change = plan.change
    hunk_ids = tuple(hunk.hunk_id for hunk in change.hunks)
    return LandedChange(
        path=change.path,
        kind=change.kind,
        hunk_ids=hunk_ids,
        added=change.added,
        removed=change.removed,
        after_sha256=plan.after_sha256,
        from_path=change.from_path,
        is_file=plan.is_file,
    )
