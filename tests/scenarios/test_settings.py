"""Settings that change in the middle of a session."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
import yaml

from tests.support.fake_openai import FakeOpenAI
from tests.support.sessions import Driven, make_provider, open_driven, write
from trashclaw.config.paths import state_folder
from trashclaw.config.schema import Settings
from trashclaw.exam.result import ExamResult, WindowMarks, WindowVerdict
from trashclaw.exam.stored import save_exam
from trashclaw.protocol import events as ev
from trashclaw.protocol import ops
from trashclaw.protocol.errors import UsageError
from trashclaw.protocol.modes import Mode
from trashclaw.providers.factory import make_provider as open_provider
from trashclaw.session.build import Opening, open_session
from trashclaw.session.models import ModelSource


async def test_the_mode_changes_at_once_and_the_model_hears_of_it(repository: Path) -> None:
    steps = [{"text": "Hi."}, {"calls": [write("a.txt", "a\n")]}, {"text": "Done."}]
    async with open_driven(repository, steps) as driven:
        await driven.turn()
        (changed,) = await driven.do(ops.SettingsSet(mode=Mode.ACCEPT))
        assert isinstance(changed, ev.SettingsChanged)
        assert (driven.session.transcript.mode, changed.model) == (Mode.ACCEPT, "scripted")
        await driven.turn("write")
        assert (repository / "a.txt").exists()
        first, second = (request.messages[-1].text for request in driven.provider.requests[:2])
        assert "Mode: review" in first
        assert "Mode: accept" in second


async def test_the_mode_changes_while_a_turn_runs(repository: Path) -> None:
    steps = [{"calls": [write("a.txt", "a\n"), write("b.txt", "b\n")]}, {"text": "Done."}]
    async with open_driven(repository, steps) as driven:
        driven.submit(ops.TurnStart(text="go"))
        asked = await driven.until(ev.ApprovalRequested)
        driven.submit(ops.SettingsSet(mode=Mode.PLAN))
        approval = ops.Approval(verdict="accepted")
        driven.submit(ops.ApprovalAnswer(approval_id=asked.request.approval_id, approval=approval))
        await driven.until(ev.TurnCompleted)
        assert (repository / "a.txt").exists()
        assert not (repository / "b.txt").exists()


async def test_settings_without_a_value_change_nothing(repository: Path) -> None:
    async with open_driven(repository, []) as driven:
        assert await driven.do(ops.SettingsSet()) == []


async def test_no_model_is_switched_while_a_turn_runs_and_then_the_mode_stays_too(repository: Path) -> None:
    async with open_driven(repository, [{"text": "Wait", "hold": True}]) as driven:
        driven.submit(ops.TurnStart(text="go"))
        await driven.until(ev.ItemDelta)
        with pytest.raises(UsageError, match="still running"):
            driven.submit(ops.SettingsSet(mode=Mode.PLAN, model="other"))
        assert driven.session.transcript.mode is Mode.REVIEW
        driven.submit(ops.TurnInterrupt())


def script(folder: Path, name: str, limit_tokens: int, *texts: str) -> str:
    file = folder / f"{name}.yaml"
    steps = [{"text": text} for text in texts]
    file.write_text(yaml.safe_dump({"model": name, "limit_tokens": limit_tokens, "steps": steps}))
    return str(file)


async def open_on_script(repository: Path, model: str) -> Driven:
    settings = Settings(provider="scripted", model=model)
    state = repository.parent / "state"
    session = await open_session(Opening(root=repository, settings=settings, state=state))
    return Driven(session, make_provider([]), state)


async def test_another_model_takes_over_the_conversation(repository: Path, tmp_path: Path) -> None:
    one = script(tmp_path, "one", 9000, "I am one.")
    two = script(tmp_path, "two", 5000, "I am two.")
    driven = await open_on_script(repository, one)
    await driven.turn()
    await driven.do(ops.SettingsSet(model=two))
    transcript = driven.session.transcript
    assert (transcript.model, transcript.limit_tokens) == ("two", 5000)
    assert (await driven.turn("and you?")).stop_reason is ev.StopReason.END_TURN
    assert not [notice for notice in driven.notices if notice.code == "ledger_break"]
    driven.assert_sound()
    await driven.session.aclose()


async def test_what_an_exam_found_of_the_window_holds_after_a_switch(repository: Path, tmp_path: Path) -> None:
    two = script(tmp_path, "two", 5000, "I am two.")
    profile = await open_provider("scripted", two, "").profile()
    found = WindowMarks(at=1.0, claimed_tokens=5000, proven_tokens=2000, failed_tokens=4000, verdict=WindowVerdict.CUT)
    result = ExamResult(provider=profile.provider, model=profile.model, digest=profile.digest, window=found)
    save_exam(state_folder(), profile, result)
    driven = await open_on_script(repository, script(tmp_path, "one", 9000, "I am one."))
    await driven.do(ops.SettingsSet(model=two))
    assert driven.session.transcript.limit_tokens == 2000
    await driven.turn("and you?")
    measured = [event for event in driven.events if isinstance(event, ev.ContextMeasured)]
    assert {event.limit_tokens for event in measured} == {2000}
    await driven.session.aclose()


async def test_a_model_that_is_not_there_leaves_the_old_one_in_place(repository: Path, tmp_path: Path) -> None:
    driven = await open_on_script(repository, script(tmp_path, "one", 9000, "Still here."))
    (notice,) = await driven.do(ops.SettingsSet(model=str(tmp_path / "none.yaml")))
    assert isinstance(notice, ev.Notice)
    assert notice.level is ev.NoticeLevel.ERROR
    assert "none.yaml" in notice.text
    assert (await driven.turn()).stop_reason is ev.StopReason.END_TURN
    await driven.session.aclose()


async def test_a_server_that_does_not_take_leave_keeps_no_session_open(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trashclaw.session.models._CLOSE_LIMIT_S", 0.01)
    async with open_driven(repository, []) as driven:
        monkeypatch.setattr(driven.provider, "aclose", asyncio.Event().wait)
        driven.submit(ops.SessionClose())
        await driven.until(ev.SessionEnded)
        await asyncio.wait_for(driven.session.aclose(), 10)


@pytest.mark.parametrize(
    ("opening", "mode"),
    [
        ({}, Mode.AUTO),
        ({"is_mode_named": True}, Mode.PLAN),
        ({"is_read_only": True}, Mode.PLAN),
        ({"can_ask": False}, Mode.PLAN),
    ],
)
async def test_a_resumed_session_goes_on_in_its_mode_before_a_person(
    repository: Path, opening: dict[str, bool], mode: Mode
) -> None:
    async with open_driven(repository, [{"text": "Hi."}]) as driven:
        await driven.turn()
        await driven.do(ops.SettingsSet(mode=Mode.AUTO))
    settings = Settings(mode=Mode.PLAN)
    async with open_driven(repository, [], settings=settings, resume="last", **opening) as driven:
        assert driven.session.transcript.mode is mode


async def test_a_resumed_session_goes_on_with_its_model_if_it_is_on_offer(tmp_path: Path) -> None:
    async with FakeOpenAI() as server:
        settings = Settings(provider="llamacpp", model="other", base_url=server.url)
        provider, profile = await ModelSource(settings, tmp_path).open_again("llamacpp", "tiny")
        await provider.aclose()
        assert profile.model == "tiny"
        settings = Settings(provider="llamacpp", model="tiny", base_url=server.url)
        provider, profile = await ModelSource(settings, tmp_path).open_again("llamacpp", "gone")
        await provider.aclose()
        assert profile.model == "tiny"
