"""What becomes of what a command did: reviewed, landed as far as it was accepted, and told exactly."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Container, Iterable, Sequence
from typing import ParamSpec, TypeVar

from trashclaw.agent.ports import Interrupted, Narrator, Outcome, Proposal, Reviewed
from trashclaw.protocol.approvals import Verdict
from trashclaw.protocol.errors import WorkspaceError
from trashclaw.protocol.ids import HunkId
from trashclaw.protocol.patches import ChangeKind, FileChange, Patch
from trashclaw.protocol.tools import ToolStatus
from trashclaw.sandbox.effects import Effects, LandedEffects, OfIgnored, gather_effects, land_effects
from trashclaw.sandbox.ports import SandboxRun
from trashclaw.tools.command_report import RunReport
from trashclaw.tools.landing import landed_entry
from trashclaw.tools.truncate import clip
from trashclaw.workspace.root import Workspace
from trashclaw.workspace.waiting import wait_out

P = ParamSpec("P")
R = TypeVar("R")

SHOWN_FILES = 30
_WORDS = {
    ChangeKind.ADDED: "new",
    ChangeKind.MODIFIED: "changed",
    ChangeKind.DELETED: "deleted",
    ChangeKind.RENAMED: "renamed",
}
_LATE = "[the turn was interrupted while this landed, and it is in the files]"


class Settling:
    """Settles what commands did in a workspace."""

    def __init__(self, workspace: Workspace, ignored: OfIgnored = "merge") -> None:
        self._workspace = workspace
        self._ignored: OfIgnored = ignored

    async def settle(self, run: SandboxRun, report: RunReport, ran: Proposal, narrator: Narrator) -> Outcome:
        """Bring what a command did to the gate, land what was accepted, and return the outcome; the rest is let go.

        `ran` is the proposal that ran.

        Raises:
            Interrupted: it was cancelled while the files were written; they are written.
        """
        try:
            return await self._settle(run, report, ran, narrator)
        finally:
            await _discard(run)

    async def _settle(self, run: SandboxRun, report: RunReport, ran: Proposal, narrator: Narrator) -> Outcome:
        if not run.branches:
            return _outcome(report, (), {"is_confined": False})
        try:
            effects = await _uncut(gather_effects, self._workspace, run.branches, ignored=self._ignored)
        except WorkspaceError as error:
            line = f"[what it changed could not be read and was discarded: {error}]"
            return _outcome(report, (line,), {"has_effects": False, "is_confined": True}, ToolStatus.FAILED)
        left_out = [f"[cannot land: {one.path}: {one.reason}]" for one in effects.left_out[:SHOWN_FILES]]
        if not (effects.patch.changes or effects.also):
            return _outcome(report, left_out, {"has_effects": bool(left_out), "is_confined": True})
        reviewed = await narrator.review(_proposal(effects, ran))
        if reviewed.approval.verdict is not Verdict.ACCEPTED:
            counts = _counts(effects.patch, LandedEffects())
            if reviewed.approval.by == "policy":
                counts["effects_refused"] = reviewed.approval.note
            return _outcome(report, [*_refused(effects, reviewed), *left_out], counts)
        return await self._land(effects, reviewed, report, left_out)

    async def _land(self, effects: Effects, reviewed: Reviewed, report: RunReport, left_out: Sequence[str]) -> Outcome:
        work = asyncio.to_thread(land_effects, self._workspace, effects, reviewed.accepted)
        task = asyncio.create_task(work, name="landing")
        try:
            landed = await asyncio.shield(task)
        except asyncio.CancelledError:
            await wait_out(task)
            if task.exception() is not None:
                raise
            lines = [*_told(reviewed, task.result()), *left_out, _LATE]
            raise Interrupted(_outcome(report, lines, _counts(effects.patch, task.result()))) from None
        except WorkspaceError as error:
            lines = [f"[nothing of what it changed landed: {error.text} {error.hint}]", *left_out]
            return _outcome(report, lines, _counts(effects.patch, LandedEffects()), ToolStatus.FAILED)
        return _outcome(report, [*_told(reviewed, landed), *left_out], _counts(effects.patch, landed))


async def _uncut(work: Callable[P, R], *arguments: P.args, **named: P.kwargs) -> R:
    """Do something beside the event loop, and wait for its end even when cancelled: what it reads is let go then."""
    task = asyncio.create_task(asyncio.to_thread(work, *arguments, **named))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await wait_out(task)
        raise


async def _discard(run: SandboxRun) -> None:
    for branch in run.branches:
        await _uncut(branch.discard)


def _proposal(effects: Effects, ran: Proposal) -> Proposal:
    changes = effects.patch.changes
    files = "1 file" if len(changes) == 1 else f"{len(changes)} files"
    return Proposal(
        title=f"{ran.title} changed {files}",
        patch=effects.patch if changes else None,
        command=ran.command,
        is_outcome=True,
        also=effects.also,
    )


def _outcome(
    report: RunReport, lines: Iterable[str], metadata: dict[str, object], status: ToolStatus | None = None
) -> Outcome:
    return Outcome(
        "\n".join([*report.lines, *lines]),
        status or report.status,
        stdout=report.result.stdout,
        stderr=report.result.stderr,
        exit_code=report.result.exit_code,
        metadata={**report.metadata, **metadata},
    )


def _counts(patch: Patch, landed: LandedEffects) -> dict[str, object]:
    paths = {change.path for change in landed.landed}
    rejected = len([change for change in patch.changes if change.path not in paths])
    return {
        "is_confined": True,
        "has_effects": bool(patch.changes),
        "effects": {"proposed": len(patch.changes), "landed": len(paths), "rejected": rejected},
        "changes": [landed_entry(change) for change in landed.landed],
        "landed": [hunk_id for change in landed.landed for hunk_id in change.hunk_ids],
    }


def _refused(effects: Effects, reviewed: Reviewed) -> list[str]:
    """Tell that nothing landed, and why."""
    approval = reviewed.approval
    if not effects.patch.changes:
        return []
    who = "The user interrupted" if approval.verdict is Verdict.CANCELLED else "The user rejected it"
    if approval.by == "policy":
        who = approval.note
    elif approval.note:
        who = f"{who}. Their words: {approval.note}"
    return ["[what it changed was discarded, the files are as before]", who, *_listed(effects.patch.changes)]


def _told(reviewed: Reviewed, landed: LandedEffects) -> list[str]:
    lines = []
    if landed.landed and reviewed.accepted is not None:
        done = {(change.path, hunk_id) for change in landed.landed for hunk_id in change.hunk_ids}
        lines += ["[it changed, and this landed:]", *_listed(_part(reviewed.accepted, done))]
    # What the person edited landed in their version: nothing of it was rejected.
    edited = {change.path for change in reviewed.approval.edits}
    rejected = [change for change in landed.rejected.changes if change.path not in edited]
    if rejected:
        lines += ["[REJECTED, not in the files:]", *_listed(rejected)]
    if landed.ignored_error is not None:
        lines.append(f"[ignored files were left as they were: {landed.ignored_error.text}]")
    return lines


def _part(patch: Patch, hunks: Container[tuple[str, HunkId]]) -> tuple[FileChange, ...]:
    parts = []
    for change in patch.changes:
        kept = tuple(hunk for hunk in change.hunks if (change.path, hunk.hunk_id) in hunks)
        if kept:
            parts.append(change.model_copy(update={"hunks": kept}))
    return tuple(parts)


def _listed(changes: Sequence[FileChange]) -> list[str]:
    lines = [f"- {change.path}: {_WORDS[change.kind]} ({_size(change)})" for change in changes[:SHOWN_FILES]]
    return lines + _rest([change.path for change in changes[SHOWN_FILES:]])


def _size(change: FileChange) -> str:
    """Say how much a change does: lines, and what lines do not say."""
    lines = [f"+{change.added} -{change.removed}"] if change.added or change.removed else []
    source = [f"from {change.from_path}"] if change.from_path else []
    what = [hunk.what.replace("\n", "; ") for hunk in change.hunks if hunk.what]
    return clip(", ".join([*source, *lines, *what]) or "empty", 400)


def _rest(paths: Sequence[str]) -> list[str]:
    """Count what is too much to list, by folder."""
    if not paths:
        return []
    folders = Counter(path.rpartition("/")[0] or "." for path in paths).most_common(5)
    where = ", ".join(f"{count} in {folder}" for folder, count in folders)
    return [f"- and {len(paths)} more: {where}"]
