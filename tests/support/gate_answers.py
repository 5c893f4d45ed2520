"""What the gate decides of an edit, of a command, of what it changed and of a host, wherever a session can begin."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from trashclaw.agent.ports import Proposal
from trashclaw.config.schema import Settings
from trashclaw.policy.gate import PolicyGate
from trashclaw.protocol.approvals import Approval, ApprovalRequest, Needs, Outcome
from trashclaw.protocol.ids import HunkId
from trashclaw.protocol.modes import Mode
from trashclaw.protocol.patches import ChangeKind, FileChange, Hunk, Patch
from trashclaw.protocol.tools import ToolKind
from trashclaw.session.assembly import abilities, withheld
from trashclaw.session.build import Opening
from trashclaw.session.modes import first_mode

BATCH: tuple[tuple[str, dict[str, Any]], ...] = (
    ("batch", {}),
    ("batch `--allow-write`", {"allow_write": True}),
    ("batch `--allow-shell`", {"allow_shell": True}),
    ("batch, both", {"allow_write": True, "allow_shell": True}),
)


def gate_rows() -> Iterator[tuple[str, ...]]:
    """Yield place, mode, and what happens to edits, to commands, to what they changed, and to hosts they ask for."""
    for mode in Mode:
        yield ("screen", f"`{mode}`", *answers(Settings(mode=mode), can_ask=True))
    for mode in Mode:
        settings = Settings.model_validate({"mode": mode, "sandbox": {"backend": "ask-first"}})
        yield ("screen, no sandbox", f"`{mode}`", *answers(settings, can_ask=True))
    for place, flags in BATCH:
        settings = Settings(**flags)
        yield (place, f"`{first_mode(settings, can_ask=False)}`", *answers(settings, can_ask=False))
    for mode in Mode:
        yield (f"batch `--mode {mode}`", f"`{mode}`", *answers(Settings(mode=mode), can_ask=False))


def answers(settings: Settings, *, can_ask: bool) -> tuple[str, ...]:
    """Return what happens to an edit, a command, what it changed, and a host, in a word each."""
    opening = Opening(root=Path(), settings=settings, can_ask=can_ask)
    able = abilities(opening)
    mode = first_mode(settings, can_ask=can_ask)
    gate = PolicyGate(lambda: mode, able, _nobody if can_ask else None)
    kept_back = withheld(opening)
    edit = gate.decide(Proposal("edit", patch=Patch())).outcome
    is_confined = settings.sandbox.backend != "ask-first"
    command = gate.decide(Proposal("run", command="ls", is_confined=is_confined)).outcome
    effects = gate.decide(Proposal("ran", command="ls", patch=Patch(changes=(_CHANGE,)), is_outcome=True)).outcome
    host = gate.decide(
        Proposal("reach", command="ls", is_confined=True, needs=Needs(hosts=("api.example.com",)))
    ).outcome
    can_run = ToolKind.EXECUTE not in kept_back
    landed = _word(effects, "land", can_ask=can_ask, is_offered=can_run)
    free = "-" if command is Outcome.DENY else "with the command"
    return (
        _word(edit, "land", can_ask=can_ask, is_offered=ToolKind.EDIT not in kept_back),
        _word(command, "run", can_ask=can_ask, is_offered=can_run),
        ("discarded" if landed == "refused" else landed) if is_confined else free,
        _word(host, "reached", can_ask=can_ask, is_offered=can_run) if is_confined else free,
    )


_CHANGE = FileChange(
    path="a", kind=ChangeKind.MODIFIED, hunks=(Hunk(hunk_id=HunkId("1"), before=1, after=1, lines=("-a\n", "+b\n")),)
)


async def _nobody(request: ApprovalRequest) -> Approval:
    raise AssertionError("only asked what it would decide")


def _word(outcome: Outcome, verb: str, *, can_ask: bool, is_offered: bool) -> str:
    if not is_offered:
        return "not offered"
    if outcome is Outcome.ALLOW:
        return verb
    return "asked" if outcome is Outcome.ASK and can_ask else "refused"
