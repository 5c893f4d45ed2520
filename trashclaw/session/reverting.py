"""Reverting: hunks that landed are taken out of the files again, wherever they stand by now, and brought back."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterator, Sequence

from trashclaw.agent.ports import Redactor
from trashclaw.protocol import ops
from trashclaw.protocol.errors import StaleFile, UsageError
from trashclaw.protocol.events import HunksReverted, Notice
from trashclaw.protocol.ids import HunkId
from trashclaw.protocol.items import ToolRun
from trashclaw.protocol.patches import ChangeKind, FileChange, Hunk, HunkPart, Patch
from trashclaw.session.journal import Journal
from trashclaw.session.landed import digests_after, landed_patch
from trashclaw.session.notes import Surroundings
from trashclaw.session.transcript import Transcript
from trashclaw.session.undo import Undo
from trashclaw.workspace.apply import LandedChange, apply_patch
from trashclaw.workspace.diff import make_change, make_patch, select
from trashclaw.workspace.files import decode, digest, read_bytes
from trashclaw.workspace.placing import first_line, follow, put_hunk, turned
from trashclaw.workspace.root import Workspace
from trashclaw.workspace.waiting import wait_out

_WHOLE_TURN = "/undo takes back the whole turn."


class Reverting:
    """Carries `hunks.revert` out; nothing of it happens unless all of it can."""

    def __init__(self, workspace: Workspace, journal: Journal, undo: Undo, surroundings: Surroundings) -> None:
        self._workspace = workspace
        self._journal = journal
        self._undo = undo
        self._surroundings = surroundings

    async def carry_out(self, op: ops.HunksRevert) -> None:
        """Take the hunks out that are in, or bring them back when all of them were taken out.

        A checkpoint comes first: `/undo` takes the revert back like a turn.

        Raises:
            UsageError: these hunks did not land, or cannot be reverted by themselves.
            WorkspaceError: the lines were changed since, stand in several places, or cannot be written.
            ToolError: they held a secret, whose value is not known any more.
        """
        transcript = self._journal.transcript
        run, patch = _landed(transcript, op)
        out = transcript.reverted(op.item_id)
        hunk_ids = [hunk_id for hunk_id in op.hunk_ids if hunk_id not in out] or list(op.hunk_ids)
        is_back = hunk_ids[0] in out
        work = _Work(self._workspace, transcript, run, self._journal.redactor)
        changes = await asyncio.to_thread(work.changes, patch, hunk_ids, is_back=is_back)
        event = HunksReverted(item_id=op.item_id, hunk_ids=tuple(hunk_ids), is_back=is_back)
        names = ", ".join(dict.fromkeys(change.path for change in select(patch, hunk_ids).changes))
        if changes:
            await self._land(event, changes)
        else:
            self._journal.emit(event)
        verb = "Brought back" if is_back else "Reverted"
        what = "a change" if len(hunk_ids) == 1 else f"{len(hunk_ids)} changes"
        text = f"{verb} {what} in {names}." if changes else f"{names}: the file is that way already."
        self._journal.emit(Notice(code="hunks_reverted", text=text, hint="/undo takes this back." if changes else ""))
        if changes:
            self._surroundings.add(_note(changes, is_back=is_back))

    async def _land(self, event: HunksReverted, changes: Sequence[FileChange]) -> None:
        patch = make_patch(changes)
        self._undo.begin_turn("before a revert")
        try:
            await self._undo.before_effect([change.path for change in patch.changes])
            # A thread cannot be stopped: whoever is cancelled waits for its end, and tells what it did.
            task = asyncio.create_task(asyncio.to_thread(apply_patch, self._workspace, patch), name="revert")
            try:
                landed = await asyncio.shield(task)
            except asyncio.CancelledError:
                await wait_out(task)
                if task.exception() is None:
                    self._tell(event, patch, task.result())
                raise
            self._tell(event, patch, landed)
        finally:
            await self._undo.end_turn()

    def _tell(self, event: HunksReverted, patch: Patch, landed: Sequence[LandedChange]) -> None:
        after = tuple(change.after_sha256 for change in landed)
        self._journal.emit(event.model_copy(update={"patch": patch, "after_sha256": after}))


class _Work:
    """Finds out what a revert has to do to the files as they are. Blocks on the disk."""

    def __init__(self, workspace: Workspace, transcript: Transcript, run: ToolRun, redactor: Redactor | None) -> None:
        self._workspace = workspace
        self._transcript = transcript
        self._run = run
        self._redactor = redactor

    def changes(self, patch: Patch, hunk_ids: Collection[HunkId], *, is_back: bool) -> list[FileChange]:
        """Return the changes to land; none where the files are that way already."""
        found = []
        for whole in patch.changes:
            hunks = [self._with_secrets(hunk) for hunk in whole.hunks if hunk.hunk_id in hunk_ids]
            if not hunks:
                continue
            if whole.kind is ChangeKind.RENAMED or any(hunk.part is HunkPart.WHOLE for hunk in hunks):
                raise UsageError(f"{whole.path}: this change cannot be reverted by itself.", _WHOLE_TURN)
            make = self._lines if whole.kind is ChangeKind.MODIFIED else self._file
            change = make(whole, hunks, is_back=is_back)
            if change is not None:
                found.append(change)
        return found

    def _with_secrets(self, hunk: Hunk) -> Hunk:
        """Return a hunk as it landed: the log has placeholders where secrets were."""
        if self._redactor is None:
            return hunk
        lines = self._redactor.restore({"lines": list(hunk.lines)}, is_edit=True)["lines"]
        return hunk.model_copy(update={"lines": tuple(lines)})

    def _read(self, path: str) -> bytes | None:
        real = self._workspace.resolve(path, for_write=True)
        return read_bytes(real, path) if real.exists() else None

    def _file(self, whole: FileChange, hunks: Sequence[Hunk], *, is_back: bool) -> FileChange | None:
        """Return the change that makes or removes a whole file, which is only done to the very file that landed."""
        path, data = whole.path, self._read(whole.path)
        text = "".join(line[1:] for hunk in hunks for line in hunk.lines)
        is_made = (whole.kind is ChangeKind.ADDED) == is_back
        if is_made:
            was = digests_after(self._run).get(path) if is_back else whole.before_sha256
            if data is not None and digest(data) == was:
                return None
            if data is not None:
                raise StaleFile(f"{path} is there again, and is another file.", "Move it away first.")
            if digest(text.encode()) != was:
                raise UsageError(f"{path}: not all of its bytes are known here.", _WHOLE_TURN)
            mode = whole.after_mode if is_back else whole.before_mode
            return make_change(path, None, text, None).model_copy(update={"after_mode": mode})
        if data is None:
            return None
        if decode(data, path).text != text:
            raise StaleFile(f"{path} was changed since, and would be lost.", "Delete it by hand.")
        return make_change(path, text, None, digest(data))

    def _lines(self, whole: FileChange, hunks: Sequence[Hunk], *, is_back: bool) -> FileChange | None:
        """Return the change of lines and of the mode; every hunk is placed where its lines are now."""
        path, data = whole.path, self._read(whole.path)
        if data is None:
            raise StaleFile(f"{path} is gone.", _WHOLE_TURN)
        if any(hunk.part is HunkPart.MODE for hunk in hunks):
            raise UsageError(f"{path}: its mode cannot be reverted by itself.", _WHOLE_TURN)
        file = decode(data, path)
        text = file.text
        # From the end of the file on, so that what is done does not move what is still to do.
        for hunk in sorted(hunks, key=lambda hunk: hunk.after, reverse=True):
            places = self._places(whole, hunk, digest(data), is_back=is_back)
            try:
                text = put_hunk(text, hunk if is_back else turned(hunk), places)
            except StaleFile as error:
                if not _is_done(text, turned(hunk) if is_back else hunk):
                    raise StaleFile(f"{path}, hunk {hunk.hunk_id}: {error.text}", error.hint) from error
        return make_change(path, file.text, text, digest(data)) if text != file.text else None

    def _places(self, whole: FileChange, hunk: Hunk, now: str, *, is_back: bool) -> list[int | None] | None:
        """Return where each line that a hunk has to find is; `None` when others than the session changed the file."""
        landed = turned(hunk)
        marks = [line[0] for line in landed.lines if not line.startswith("+")]
        start = first_line(landed)
        places: list[int | None] = [start + at for at in range(len(marks))]
        sha256 = digests_after(self._run).get(whole.path)
        for change, after in self._later(whole.path):
            if change.before_sha256 != sha256 or change.kind is not ChangeKind.MODIFIED:
                return None
            if any(hunk.part is HunkPart.WHOLE for hunk in change.hunks):
                return None
            places, sha256 = follow(places, [one for one in change.hunks if one.part is HunkPart.LINES]), after
        if sha256 != now:
            return None
        return _places_of_old(hunk, places) if is_back else places

    def _later(self, path: str) -> Iterator[tuple[FileChange, str | None]]:
        """Yield what the session did to a file after the run, each with the digest that it left, in order."""
        entries = self._transcript.entries
        start = next(at for at, entry in enumerate(entries) if entry is self._run)
        reverts = [revert for revert in self._transcript.standing_reverts() if revert.at > start]
        for at in range(start + 1, len(entries) + 1):
            while reverts and reverts[0].at <= at:
                event = reverts.pop(0).event
                for change, after in zip(event.patch.changes, event.after_sha256, strict=False):
                    if change.path == path:
                        yield change, after
            run = entries[at] if at < len(entries) else None
            patch = landed_patch(run) if isinstance(run, ToolRun) else None
            if isinstance(run, ToolRun) and patch is not None:
                for change in select(patch, patch.hunk_ids).changes:
                    if change.path == path:
                        yield change, digests_after(run).get(path)


def _places_of_old(hunk: Hunk, places: Sequence[int | None]) -> list[int | None] | None:
    """Return where the lines of a hunk's old side are, from where those around them are that it never touched."""
    kept = [line for line in hunk.lines if not line.startswith("-")]
    lead = next((at for at, line in enumerate(hunk.lines) if not line.startswith(" ")), 0)
    trail = next((at for at, line in enumerate(reversed(hunk.lines)) if not line.startswith(" ")), 0)
    count = sum(not line.startswith("+") for line in hunk.lines) - lead - trail
    if lead:
        above = places[lead - 1]
        start = None if above is None else above + 1
    else:
        below = places[len(kept) - trail] if trail else count
        start = None if below is None else below - count
    if start is None:
        return None
    return [*places[:lead], *range(start, start + count), *places[len(kept) - trail :]]


def _landed(transcript: Transcript, op: ops.HunksRevert) -> tuple[ToolRun, Patch]:
    """Return a run, and what of its patch landed, with line numbers to suit."""
    run = transcript.item(op.item_id)
    patch = landed_patch(run) if isinstance(run, ToolRun) else None
    if not isinstance(run, ToolRun) or patch is None or not op.hunk_ids or not patch.hunk_ids.issuperset(op.hunk_ids):
        raise UsageError("These changes did not land, so they cannot be reverted.", "/diff shows what landed.")
    return run, select(patch, patch.hunk_ids)


def _is_done(text: str, opposite: Hunk) -> bool:
    """Tell whether somebody has done already what a hunk would do."""
    try:
        put_hunk(text, opposite)
    except StaleFile:
        return False
    return True


def _note(changes: Sequence[FileChange], *, is_back: bool) -> str:
    """Return what the model is told: which lines are how again."""
    parts = []
    for change in changes:
        lines = ", ".join(str(max(1, hunk.after)) for hunk in change.hunks)
        parts.append(f"{change.path} (around line {lines})")
    what = "brought back what they had reverted of your changes" if is_back else "reverted a part of your changes"
    return f"The user {what}: {', '.join(parts)}. Read it again before you edit there"
