"""Rewinding the conversation: what is sent, what is shown, and what is left to go back to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.support.sessions import Driven, assert_continues, assert_paired, open_driven, read, write
from trashclaw.agent.messages import Role
from trashclaw.config.schema import Settings
from trashclaw.protocol import events as ev
from trashclaw.protocol import ops
from trashclaw.protocol.checkpoints import RestorePart
from trashclaw.protocol.ids import ItemId
from trashclaw.protocol.items import Compaction, UserMessage
from trashclaw.protocol.modes import Mode
from trashclaw.session.rewind import PointChange

SETTINGS = Settings(mode=Mode.AUTO)
STEPS: list[dict[str, Any]] = [
    {"text": "First."},
    {"calls": [write("a.txt", "one\ntwo\n")]},
    {"calls": [write("a.txt", "one\n"), write("b.txt", "b\n")]},
    {"text": "Second."},
    {"text": "Again."},
    {"text": "And on."},
]
PLANNED = {"name": "update_plan", "arguments": {"entries": [{"text": "look", "status": "pending"}]}}


def rewind(item_id: ItemId, part: RestorePart = RestorePart.CONVERSATION) -> ops.CheckpointRestore:
    return ops.CheckpointRestore(item_id=item_id, part=part)


def sent(driven: Driven) -> list[str]:
    """What the model read last, without the system prompt."""
    return [message.text.split("\n\n<note>")[0] for message in driven.provider.requests[-1].messages[1:]]


def result_of(driven: Driven) -> str:
    """What the last call brought."""
    result = driven.runs[-1].result
    assert result is not None
    return result.text


def point(driven: Driven, prompt: str, step: int = 0) -> ItemId:
    (found,) = [p for p in driven.session.rewind.points() if p.title == prompt and p.step == step]
    return found.item_id


async def test_the_points_are_told_newest_first_with_what_changed(repository: Path) -> None:
    async with open_driven(repository, STEPS, settings=SETTINGS) as driven:
        await driven.turn("hello\nthere")
        await driven.turn("write")
        points = driven.session.rewind.points()
        assert [(p.title, p.step, p.can_restore_files) for p in points] == [
            ("write", 2, True),
            ("write", 1, True),
            ("write", 0, True),
            ("hello", 0, True),
        ]
        assert points[0].changes == (PointChange("a.txt", 0, 1), PointChange("b.txt", 1, 0))
        assert points[2].changes == (PointChange("a.txt", 2, 1), PointChange("b.txt", 1, 0))
        assert points[3].changes == ()
        assert [p.prompt for p in points] == ["", "", "write", "hello\nthere"]
        assert all(p.can_restore_conversation for p in points)


async def test_what_was_rewound_is_not_sent_and_what_is_kept_is_sent_as_it_was(repository: Path) -> None:
    async with open_driven(repository, STEPS, settings=SETTINGS) as driven:
        await driven.turn("hello")
        before = driven.provider.requests[0]
        await driven.turn("write")
        events = await driven.do(rewind(point(driven, "write")))
        (rewound,) = [event for event in events if isinstance(event, ev.ConversationRewound)]
        assert rewound.prompt == "write"
        await driven.turn("other")
        assert sent(driven) == ["hello", "First.", "other"]
        assert_continues(driven.provider.requests[-1], before)
        assert [n.code for n in driven.notices if n.code == "ledger_break"] == []
        assert (repository / "a.txt").read_text() == "one\n"
        transcript = driven.session.transcript
        shown = [
            entry.text
            for place, entry in enumerate(transcript.entries)
            if isinstance(entry, UserMessage) and not transcript.is_rewound(place)
        ]
        assert shown == ["hello", "other"]


@pytest.mark.parametrize("dialect", ["native", "typed", "text"])
async def test_going_back_breaks_nothing_in_any_dialect(repository: Path, dialect: str) -> None:
    settings = Settings.model_validate({"mode": Mode.AUTO, "manner": {"dialect": dialect}})
    steps = [{"text": '{"say": "First.", "tool": "done"}'}, {"text": "<think>hm</think>Second."}, {"text": "Third."}]
    async with open_driven(repository, steps, settings=settings, traits={"can_constrain": True}) as driven:
        for prompt in ("one", "two"):
            await driven.turn(prompt)
        await driven.do(rewind(point(driven, "two")))
        await driven.turn("three")
        assert [notice.code for notice in driven.notices] == ["rewound"]
        sent = driven.provider.requests[-1].messages
        assert sent[:3] == driven.provider.requests[1].messages[:3]


async def test_the_conversation_goes_back_into_the_middle_of_a_turn(repository: Path) -> None:
    async with open_driven(repository, STEPS, settings=SETTINGS) as driven:
        await driven.turn("hello")
        await driven.turn("write")
        events = await driven.do(rewind(point(driven, "write", 2), RestorePart.BOTH))
        assert [event.prompt for event in events if isinstance(event, ev.ConversationRewound)] == [""]
        assert (repository / "a.txt").read_text() == "one\ntwo\n"
        assert not (repository / "b.txt").exists()
        await driven.turn("other")
        messages = driven.provider.requests[-1].messages
        assert [m.role for m in messages[1:]] == [
            Role.USER,
            Role.ASSISTANT,
            Role.USER,
            Role.ASSISTANT,
            Role.TOOL,
            Role.USER,
        ]
        assert_paired(messages)
        assert "undid" not in messages[-1].text


async def test_files_alone_go_back_and_the_model_is_told(repository: Path) -> None:
    async with open_driven(repository, STEPS, settings=SETTINGS) as driven:
        await driven.turn("hello")
        await driven.turn("write")
        await driven.do(rewind(point(driven, "hello"), RestorePart.FILES))
        assert not (repository / "a.txt").exists()
        await driven.turn("other")
        assert "undid your changes to: a.txt, b.txt" in driven.provider.requests[-1].messages[-1].text
        assert sent(driven)[:3] == ["hello", "First.", "write"]


async def test_a_rewind_holds_after_a_resume_and_cannot_be_made_twice(repository: Path) -> None:
    async with open_driven(repository, STEPS, settings=SETTINGS) as driven:
        await driven.turn("hello")
        await driven.turn("write")
        gone, kept = point(driven, "write"), point(driven, "hello")
        await driven.do(rewind(gone))
    async with open_driven(repository, STEPS[-1:], settings=SETTINGS, resume="last") as driven:
        (notice,) = await driven.do(rewind(gone))
        assert isinstance(notice, ev.Notice)
        assert notice.level is ev.NoticeLevel.ERROR
        await driven.turn("more")
        assert sent(driven) == ["hello", "First.", "more"]
        await driven.do(rewind(kept))
        points = {(p.title, p.step): p for p in driven.session.rewind.points()}
        assert not any(p.can_restore_conversation for p in points.values())
        assert points["write", 0].can_restore_files


async def test_nothing_is_rewound_where_the_files_cannot_be(repository: Path) -> None:
    async with open_driven(repository, STEPS, settings=SETTINGS) as driven:
        await driven.turn("hello")
        await driven.turn("write")
        (repository / "b.txt").write_text("mine\n")
        (notice,) = await driven.do(rewind(point(driven, "write"), RestorePart.BOTH))
        assert isinstance(notice, ev.Notice)
        assert notice.code == "conflict"
        assert driven.session.transcript.rewound == []
        assert (repository / "b.txt").read_text() == "mine\n"


async def test_a_compaction_after_the_point_is_taken_back_with_it(repository: Path) -> None:
    for number in range(8):
        (repository / f"long-{number}.txt").write_text("some words here\n" * 200)
    looks = [{"calls": [read(f"long-{number}.txt")]} for number in range(8)]
    steps = [*looks, {"text": "Read."}, {"text": "More."}, {"text": "Other."}]
    async with open_driven(repository, steps, settings=SETTINGS, limit_tokens=30_000) as driven:
        await driven.turn("look")
        before = driven.provider.requests[-1]
        await driven.turn("next")
        await driven.do(ops.ContextCompact())
        assert any(isinstance(item, Compaction) for item in driven.items)
        await driven.do(rewind(point(driven, "next")))
        await driven.turn("other")
        assert_continues(driven.provider.requests[-1], before)
        assert [n.code for n in driven.notices if n.code == "ledger_break"] == []


async def test_the_plan_is_the_one_of_then(repository: Path) -> None:
    steps = [{"text": "Hi."}, {"calls": [PLANNED]}, {"text": "Planned."}]
    async with open_driven(repository, steps, settings=SETTINGS) as driven:
        await driven.turn("hello")
        await driven.turn("plan it")
        assert driven.session.transcript.plan.entries
        await driven.do(rewind(point(driven, "plan it")))
        assert not driven.session.transcript.plan.entries


async def test_what_was_rewound_was_never_read(repository: Path) -> None:
    (repository / "read.txt").write_text("one\ntwo\n")
    steps: list[dict[str, Any]] = [
        {"calls": [read("read.txt")]},
        {"text": "I know it."},
        {"calls": [write("read.txt", "mine\n")]},
        {},
        {},
    ]
    async with open_driven(repository, steps, settings=SETTINGS) as driven:
        await driven.turn("look")
        await driven.do(rewind(point(driven, "look")))
        await driven.turn("write")
        assert "you have not read it" in result_of(driven)
        assert (repository / "read.txt").read_text() == "one\ntwo\n"
    # Neither does the model of a session that is taken up again.
    steps = [{"calls": [write("read.txt", "mine\n")]}, {"text": "No."}]
    async with open_driven(repository, steps, settings=SETTINGS, resume="last") as driven:
        await driven.turn("write again")
        assert "you have not read it" in result_of(driven)
