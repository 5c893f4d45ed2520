"""The gate: the whole table of what each mode allows, asks about and refuses."""

from __future__ import annotations

import pytest

from trashclaw.agent.ports import Proposal
from trashclaw.policy.gate import Abilities, PolicyGate
from trashclaw.protocol.approvals import Approval, ApprovalRequest, Outcome, Scope, Verdict
from trashclaw.protocol.ids import CallId, ItemId
from trashclaw.protocol.modes import Mode
from trashclaw.protocol.patches import Patch
from trashclaw.protocol.tools import ToolCall

READ = Proposal("read")
EDIT = Proposal("edit", patch=Patch())
RUN = Proposal("run", command="make")
CALL = ToolCall(call_id=CallId("c"), name="x")
ALLOW, ASK, DENY = Outcome.ALLOW, Outcome.ASK, Outcome.DENY


class Person:
    """Answers every question the same way."""

    def __init__(self, verdict: Verdict = Verdict.ACCEPTED, scope: Scope = Scope.ONCE) -> None:
        self.approval = Approval(verdict=verdict, scope=scope)
        self.asked: list[ApprovalRequest] = []

    async def __call__(self, request: ApprovalRequest) -> Approval:
        self.asked.append(request)
        return self.approval


@pytest.mark.parametrize(
    ("mode", "edit", "run"),
    [(Mode.PLAN, DENY, DENY), (Mode.REVIEW, ASK, ASK), (Mode.ACCEPT, ALLOW, ASK), (Mode.AUTO, ALLOW, ASK)],
)
def test_each_mode_decides_as_the_ladder_says(mode: Mode, edit: Outcome, run: Outcome) -> None:
    gate = PolicyGate(lambda: mode, Abilities(), Person())
    assert gate.decide(READ).outcome is ALLOW
    assert gate.decide(EDIT).outcome is edit
    assert gate.decide(RUN).outcome is run
    able = PolicyGate(lambda: mode, Abilities(can_run=True), Person())
    assert able.decide(RUN).outcome is run


@pytest.mark.parametrize("mode", list(Mode))
async def test_where_nobody_can_be_asked_the_refusal_names_what_would_have_allowed_it(mode: Mode) -> None:
    gate = PolicyGate(lambda: mode, Abilities(can_write=False), None)
    for proposal, flag in ((EDIT, "--allow-write"), (RUN, "--allow-shell")):
        approval = await gate.review(ItemId("i"), CALL, proposal)
        assert (approval.verdict, approval.by) == (Verdict.REJECTED, "policy")
        assert flag in approval.note
    assert (await gate.review(ItemId("i"), CALL, READ)).verdict is Verdict.ACCEPTED


async def test_a_flag_that_was_given_is_not_named_again() -> None:
    gate = PolicyGate(lambda: Mode.PLAN, Abilities(can_write=True, can_run=True), None)
    for proposal in (EDIT, RUN):
        note = (await gate.review(ItemId("i"), CALL, proposal)).note
        assert "--allow" not in note
        assert "--mode" in note


async def test_on_a_screen_no_flag_is_named() -> None:
    gate = PolicyGate(lambda: Mode.PLAN, Abilities(), Person())
    assert "--" not in (await gate.review(ItemId("i"), CALL, EDIT)).note


async def test_the_question_says_what_and_why() -> None:
    person = Person()
    gate = PolicyGate(lambda: Mode.REVIEW, Abilities(), person)
    await gate.review(ItemId("i"), CALL, RUN)
    (request,) = person.asked
    assert (request.item_id, request.call_id, request.command, request.title) == ("i", "c", "make", "run")
    assert "sandbox" in request.rule


@pytest.mark.parametrize(
    ("verdict", "scope", "questions"),
    [
        (Verdict.ACCEPTED, Scope.ONCE, 2),
        (Verdict.ACCEPTED, Scope.SESSION, 1),
        (Verdict.ACCEPTED, Scope.PROJECT, 2),
        (Verdict.REJECTED, Scope.SESSION, 2),
    ],
)
async def test_an_answer_reaches_as_far_as_its_scope(verdict: Verdict, scope: Scope, questions: int) -> None:
    person = Person(verdict, scope)
    mode = [Mode.REVIEW]
    gate = PolicyGate(lambda: mode[0], Abilities(), person)
    for _ in range(2):
        await gate.review(ItemId("i"), CALL, RUN)
    assert len(person.asked) == questions
    await gate.review(ItemId("i"), CALL, Proposal("run", command="make install"))
    assert len(person.asked) == questions + 1
    mode[0] = Mode.PLAN
    assert gate.decide(RUN).outcome is DENY


async def test_an_edit_allowed_for_the_session_is_asked_about_again() -> None:
    person = Person(scope=Scope.SESSION)
    gate = PolicyGate(lambda: Mode.REVIEW, Abilities(), person)
    for _ in range(2):
        await gate.review(ItemId("i"), CALL, EDIT)
    assert len(person.asked) == 2
