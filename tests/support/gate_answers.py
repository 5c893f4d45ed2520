"""What the gate decides of an edit and of a command, wherever a session can begin."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from trashclaw.agent.ports import Proposal
from trashclaw.config.schema import Settings
from trashclaw.policy.gate import PolicyGate
from trashclaw.protocol.approvals import Approval, ApprovalRequest, Outcome
from trashclaw.protocol.modes import Mode
from trashclaw.protocol.patches import Patch
from trashclaw.protocol.tools import ToolKind
from trashclaw.session.build import Opening, _abilities, _withheld
from trashclaw.session.modes import first_mode

BATCH: tuple[tuple[str, dict[str, Any]], ...] = (
    ("batch", {}),
    ("batch `--allow-write`", {"allow_write": True}),
    ("batch `--allow-shell`", {"allow_shell": True}),
    ("batch, both", {"allow_write": True, "allow_shell": True}),
)


def gate_rows() -> Iterator[tuple[str, str, str, str]]:
    """Yield place, mode, and what happens to edits and to commands."""
    for mode in Mode:
        yield ("screen", f"`{mode}`", *answers(Settings(mode=mode), can_ask=True))
    for mode in Mode:
        yield ("screen `--allow-shell`", f"`{mode}`", *answers(Settings(mode=mode, allow_shell=True), can_ask=True))
    for place, flags in BATCH:
        settings = Settings(**flags)
        yield (place, f"`{first_mode(settings, can_ask=False)}`", *answers(settings, can_ask=False))
    for mode in Mode:
        yield (f"batch `--mode {mode}`", f"`{mode}`", *answers(Settings(mode=mode), can_ask=False))


def answers(settings: Settings, *, can_ask: bool) -> tuple[str, str]:
    """Return what happens to an edit and to a command, in a word each."""
    opening = Opening(root=Path(), settings=settings, can_ask=can_ask)
    abilities = _abilities(opening)
    mode = first_mode(settings, can_ask=can_ask)
    gate = PolicyGate(lambda: mode, abilities, _nobody if can_ask else None)
    withheld = _withheld(opening, abilities)
    edit = gate.decide(Proposal("edit", patch=Patch())).outcome
    command = gate.decide(Proposal("run", command="ls")).outcome
    return (
        _word(edit, "land", can_ask=can_ask, is_offered=ToolKind.EDIT not in withheld),
        _word(command, "run", can_ask=can_ask, is_offered=ToolKind.EXECUTE not in withheld),
    )


async def _nobody(request: ApprovalRequest) -> Approval:
    raise AssertionError("only asked what it would decide")


def _word(outcome: Outcome, verb: str, *, can_ask: bool, is_offered: bool) -> str:
    if not is_offered:
        return "not offered"
    if outcome is Outcome.ALLOW:
        return verb
    return "asked" if outcome is Outcome.ASK and can_ask else "refused"
