"""200 random patches on odd files, proposed by a scripted model in a real session; random hunks of each are rejected.

What must be in the file afterwards is put together from the old bytes and the accepted hunks' own lines, here and apart
from the code that lands them: the bytes of every rejected hunk, and of everything between hunks, are the old ones; when
all hunks are rejected, the whole file is.
"""

from __future__ import annotations

import asyncio
import random
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.measuring import Figure, run, scratch
from benchmarks.odd_files import OddFile, make_call, make_file
from benchmarks.places import commit_all
from trashclaw.config.schema import Settings
from trashclaw.protocol.approvals import Approval, ApprovalRequest, Verdict
from trashclaw.protocol.events import ApprovalRequested, StopReason, TurnCompleted
from trashclaw.protocol.ids import HunkId
from trashclaw.protocol.modes import Mode
from trashclaw.protocol.ops import ApprovalAnswer, TurnStart
from trashclaw.protocol.patches import Hunk
from trashclaw.providers.script import Script, ScriptedCall, ScriptedStep
from trashclaw.providers.scripted import ScriptedProvider
from trashclaw.session.build import Opening, open_session
from trashclaw.session.session import Session

SEED = 20


class Reviewer:
    """Rejects hunks at random, at least one of each patch, and remembers what must come of it."""

    def __init__(self, source: random.Random, files: Sequence[OddFile]) -> None:
        self.expected: dict[str, bytes] = {}
        self.hunks = self.rejected = self.refused = 0
        self._source = source
        self._files = {file.path: file for file in files}

    def answer(self, request: ApprovalRequest) -> Approval:
        """Answer one request."""
        assert request.patch is not None
        (change,) = request.patch.changes
        ids = [hunk.hunk_id for hunk in change.hunks]
        accepted = frozenset(self._source.sample(ids, self._source.randrange(len(ids))))
        self.hunks += len(ids)
        self.rejected += len(ids) - len(accepted)
        self.refused += not accepted
        file = self._files[change.path]
        self.expected[file.path] = after_review(file, change.hunks, accepted) if accepted else file.data
        if not accepted and self._source.random() < 0.5:
            return Approval(verdict=Verdict.REJECTED, note="not like this")
        return Approval(verdict=Verdict.ACCEPTED, hunk_ids=tuple(accepted))


def after_review(file: OddFile, hunks: Sequence[Hunk], accepted: frozenset[HunkId]) -> bytes:
    """Return the bytes that a file must have: old ones everywhere but in accepted hunks."""
    old, result, done = file.byte_lines, [file.mark], 0
    for hunk in hunks:
        size = sum(line[0] != "+" for line in hunk.lines)
        start = hunk.before - 1 if size else hunk.before
        result += old[done:start]
        if hunk.hunk_id in accepted:
            result += [line[1:].encode(file.encoding) for line in hunk.lines if line[0] != "-"]
        else:
            result += old[start : start + size]
        done = start + size
    return b"".join([*result, *old[done:]])


def measure(runs: int) -> list[Figure]:
    """Propose and review as many patches."""
    source = random.Random(SEED)
    files = [make_file(source, number) for number in range(runs)]
    reviewer = Reviewer(source, files)
    with scratch() as folder:
        root = folder / "repository"
        for file in files:
            (root / file.path).parent.mkdir(parents=True, exist_ok=True)
            (root / file.path).write_bytes(file.data)
        commit_all(root)
        asyncio.run(_review_all(root, folder / "state", files, source, reviewer))
        same = [file.path for file in files if (root / file.path).read_bytes() == reviewer.expected.get(file.path)]
    wrong = [file.path for file in files if file.path not in same]
    text = f"{reviewer.rejected} of {reviewer.hunks} hunks rejected; in {reviewer.refused} patches all of them"
    return [
        Figure(
            name=f"rejected hunks: bytes before and after, {runs} random patches",
            target="identical in every one",
            measured=f"{len(same)} of {runs}",
            is_pass=len(same) == runs,
            notes=(text, f"seed {SEED}; differs: {', '.join(wrong) or 'none'}"),
        )
    ]


async def _review_all(
    root: Path, state: Path, files: Sequence[OddFile], source: random.Random, reviewer: Reviewer
) -> None:
    steps = [ScriptedStep(calls=(ScriptedCall(**make_call(source, file)),)) for file in files]
    provider = ScriptedProvider(Script(limit_tokens=10_000_000, steps=(*steps, ScriptedStep(text="Done."))))
    settings = Settings.model_validate({"mode": Mode.REVIEW, "limits": {"steps": len(files) + 1}})
    session = await open_session(Opening(root, settings, provider=provider, state=state))
    try:
        await _review(session, reviewer)
    finally:
        await session.aclose()


async def _review(session: Session, reviewer: Reviewer) -> None:
    subscription = session.subscribe()
    session.submit(TurnStart(text="Change them all."))
    async for envelope in subscription:
        match envelope.event:
            case ApprovalRequested(request=request):
                answer = ApprovalAnswer(approval_id=request.approval_id, approval=reviewer.answer(request))
                session.submit(answer)
            case TurnCompleted(stop_reason=reason, error=error):
                if reason is not StopReason.END_TURN:
                    raise RuntimeError(f"The turn ended by {reason}: {error}")
                return
            case _:
                pass


if __name__ == "__main__":
    sys.exit(run(measure, runs=200, description=__doc__))
