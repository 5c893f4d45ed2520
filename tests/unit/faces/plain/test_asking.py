"""Questions in plain lines, and what a typed line answers."""

from __future__ import annotations

import pytest

from tests.support.review_requests import every_kind, request
from trashclaw.faces.plain.asking import SHOWN_LINES, answer_of, approval_of, patch_lines, question_lines, request_lines
from trashclaw.protocol.approvals import Approval, Needs, Scope, Verdict
from trashclaw.protocol.errors import UsageError
from trashclaw.protocol.events import QuestionRequested
from trashclaw.protocol.ids import ItemId, QuestionId

PATCH = every_kind()
IDS = [hunk.hunk_id for hunk in PATCH.hunks]
REACHING = request(
    command="curl example.com",
    needs=Needs(hosts=("example.com",)),
    scopes=(Scope.ONCE, Scope.SESSION, Scope.PROJECT),
    new_rule="allow {host: example.com}",
)


@pytest.mark.parametrize(
    ("text", "verdict", "hunk_ids", "note"),
    [
        ("y", Verdict.ACCEPTED, None, ""),
        (" YES ", Verdict.ACCEPTED, None, ""),
        ("n", Verdict.REJECTED, None, ""),
        ("2", Verdict.ACCEPTED, (IDS[1],), ""),
        ("3, 1", Verdict.ACCEPTED, (IDS[0], IDS[2]), ""),
        ("2 - 4 1", Verdict.ACCEPTED, tuple(IDS[:4]), ""),
        ("keep the old name", Verdict.REJECTED, None, "keep the old name"),
    ],
)
def test_a_line_answers_a_change(text: str, verdict: Verdict, hunk_ids: object, note: str) -> None:
    assert approval_of(request(PATCH), text) == Approval(verdict=verdict, hunk_ids=hunk_ids, note=note)


@pytest.mark.parametrize("text", ["", "maybe", "0", "1-99", "99999 1", "s", "p", "d2"])
def test_what_is_no_answer_is_not_taken_for_one(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        approval_of(request(PATCH), text)
    assert "y yes, n no" in caught.value.hint


@pytest.mark.parametrize(("text", "scope"), [("y", Scope.ONCE), ("s", Scope.SESSION), ("p", Scope.PROJECT)])
def test_an_answer_reaches_as_far_as_it_says(text: str, scope: Scope) -> None:
    assert approval_of(REACHING, text) == Approval(verdict=Verdict.ACCEPTED, scope=scope)


def test_numbers_answer_nothing_where_there_is_no_patch() -> None:
    with pytest.raises(UsageError):
        approval_of(REACHING, "1")


def test_a_question_tells_what_is_needed_and_what_an_answer_writes() -> None:
    said = "\n".join(request_lines(REACHING))
    for words in ("Allow the network?", "command: curl example.com", "network: example.com", "allow {host: exam"):
        assert words in said


def test_every_hunk_is_told_with_its_number_and_every_warning() -> None:
    said = patch_lines(PATCH)
    for number in range(1, len(IDS) + 1):
        assert any(line.startswith(f"  Hunk {number},") for line in said)
    for change in PATCH.changes:
        assert any(change.path in line for line in said)
        assert not change.warning or any(change.warning in line for line in said)


def test_a_long_patch_is_cut_until_all_of_it_is_asked_for() -> None:
    long = PATCH.model_copy(update={"changes": PATCH.changes * 8})
    told, everything = request_lines(request(long)), request_lines(request(long), is_whole=True)
    assert any("d shows all" in line for line in told)
    assert len(told) == SHOWN_LINES + 3
    assert len(everything) == len(patch_lines(long)) + 2


def test_what_is_asked_is_never_obeyed() -> None:
    hostile = request(PATCH, command="printf '\x1b[2J'\nrm -rf x", warning="\x1b]52;c;AA\x07")
    said = "\n".join(request_lines(hostile))
    assert "\x1b" not in said
    assert "\x07" not in said
    assert "command: rm -rf x" in said


def test_a_number_answers_with_the_option_and_words_with_themselves() -> None:
    question = QuestionRequested(
        question_id=QuestionId("q"), item_id=ItemId("i"), text="Which?", options=("one", "two")
    )
    assert [answer_of(question, text) for text in ("2", " 1 ", "3", "neither of them")] == [
        "two",
        "one",
        "3",
        "neither of them",
    ]
    assert [line.strip() for line in question_lines(question)][1:3] == ["1: one", "2: two"]
