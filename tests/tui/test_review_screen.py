"""The review over the whole screen: opened, read, switched, edited and answered, down to the bytes."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.review_requests import effects, many, needs, request
from trashclaw.faces.tui import messages as msg
from trashclaw.faces.tui.screens.main import MainScreen
from trashclaw.faces.tui.screens.review import ReviewScreen
from trashclaw.faces.tui.widgets.diff_pane import DiffPane
from trashclaw.faces.tui.widgets.wide_review import WideReview
from trashclaw.protocol.approvals import Approval, ApprovalRequest, Scope, Verdict
from trashclaw.protocol.items import ToolRun
from trashclaw.session.transcript import Transcript

DONE = {"text": "Done."}
OPEN = "enter"
LONG = "".join(f"line {number}\n" for number in range(40))


@pytest.fixture
def two_hunks(repository: Path) -> list[dict[str, Any]]:
    """Steps that read a file and change it in two places."""
    (repository / "long.txt").write_text(LONG)
    changed = LONG.replace("line 3\n", "LINE 3\n").replace("line 33\n", "LINE 33\n")
    return [
        {"calls": [{"name": "read_file", "arguments": {"path": "long.txt"}}]},
        {"calls": [{"name": "write_file", "arguments": {"path": "long.txt", "content": changed}}]},
    ]


@pytest.fixture
def editor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An editor with an argument: what its file `sed` says (`old new`) is done to the text."""
    program = tmp_path / "editor.py"
    program.write_text(
        "import sys, pathlib\n"
        "old, new = pathlib.Path(sys.argv[1]).read_text().split()\n"
        "file = pathlib.Path(sys.argv[2])\n"
        "file.write_bytes(file.read_bytes().replace(old.encode(), new.encode()))\n"
    )
    wish = tmp_path / "wish"
    wish.write_text("Good Fine")
    monkeypatch.setenv("VISUAL", f"{sys.executable} '{program}' '{wish}'")
    return wish


def shown(request: ApprovalRequest) -> msg.StateChanged:
    """News of a session in which this waits."""
    return msg.StateChanged(Transcript(approvals={request.approval_id: request}))


async def opened(play: Any) -> WideReview:
    """Open the review and return its pane."""
    await play.pilot.press(OPEN)
    await play.until(lambda: isinstance(play.app.screen, ReviewScreen))
    return play.app.screen.query_one(WideReview)


async def show(play: Any, request: ApprovalRequest) -> None:
    """Have a made-up request wait."""
    play.app.screen.post_message(shown(request))
    await play.asked()


def answers(play: Any, monkeypatch: pytest.MonkeyPatch) -> list[Approval]:
    """Collect the answers that the app is about to pass on."""
    given: list[Approval] = []
    monkeypatch.setattr(play.app, "submit", lambda op, tab=None: given.append(op.approval))
    return given


async def test_what_is_switched_on_the_whole_screen_is_switched_in_the_pane(stage, repository, two_hunks) -> None:
    async with stage(*two_hunks, DONE) as play:
        await play.say("shout")
        await play.asked()
        await opened(play)
        assert "Review long.txt  hunk 1 of 2, 2 on" in play.text()
        await play.pilot.press("space", "right_square_bracket", "escape")
        await play.until(lambda: isinstance(play.app.screen, MainScreen))
        pane = play.app.screen.query_one(DiffPane)
        assert pane.review.switches.chosen == ("2",)
        assert pane.has_focus_within
        assert "hunk 2 of 2" in play.text()
        assert play.transcript.approvals
        await play.pilot.press("ctrl+f")
        await play.until(lambda: isinstance(play.app.screen, ReviewScreen))
        await play.pilot.press("a")
        await play.idle()
        assert isinstance(play.app.screen, MainScreen)
        assert (repository / "long.txt").read_text() == LONG.replace("line 33\n", "LINE 33\n")


async def test_a_reason_typed_on_the_whole_screen_rejects_and_closes_it(stage, repository, edit) -> None:
    before = (repository / "src" / "app.py").read_bytes()
    async with stage(edit, DONE) as play:
        await play.say("be warmer")
        await play.asked()
        await opened(play)
        await play.pilot.press(*"keep it short", "enter")
        await play.idle()
        assert isinstance(play.app.screen, MainScreen)
        (run,) = [entry for entry in play.transcript.entries if isinstance(entry, ToolRun)]
        assert run.result is not None and "keep it short" in run.result.text
        assert (repository / "src" / "app.py").read_bytes() == before


async def test_keys_do_not_answer_before_the_grace_period_is_over(stage, edit) -> None:
    async with stage(edit, DONE) as play:
        await play.say("be warmer")
        await play.asked()
        play.app.screen._grace_s = 3600.0
        await opened(play)
        await play.pilot.press("y", "a", "r", "1", "space")
        assert play.transcript.approvals
        assert play.app.screen.review.switches.is_all
        await play.pilot.press("escape")
        await play.until(lambda: isinstance(play.app.screen, MainScreen))
        await play.pilot.press("r")
        await play.idle()


async def test_an_interrupt_closes_the_screen_also_from_below_the_help(stage, edit) -> None:
    async with stage(edit, DONE) as play:
        await play.say("be warmer")
        await play.asked()
        await opened(play)
        await play.pilot.press("f1")
        await play.until(lambda: len(play.app.screen_stack) == 3)
        play.app.action_interrupt()
        await play.until(lambda: not play.transcript.approvals)
        await play.pilot.press("escape")
        await play.until(lambda: isinstance(play.app.screen, MainScreen))


async def test_what_the_person_made_of_it_lands_and_the_model_is_told(stage, repository, edit, editor) -> None:
    async with stage(edit, {"text": "Fine by me.", "expect": "The user edited the proposal for src/app.py"}) as play:
        await play.say("be warmer")
        await play.asked()
        before = (repository / "src" / "app.py").read_text()
        await opened(play)
        await play.pilot.press("e")
        await play.told("is proposed as you left it")
        assert "Fine day" in play.text()
        assert (repository / "src" / "app.py").read_text() == before
        await play.pilot.press("a")
        await play.idle()
        assert (repository / "src" / "app.py").read_text() == before.replace("Hello", "Fine day")
        (run,) = [entry for entry in play.transcript.entries if isinstance(entry, ToolRun)]
        assert run.result is not None and run.result.metadata["edited"] == ["src/app.py"]
        assert run.patch is not None and "Fine day" in str(run.patch)


async def test_an_editor_that_fails_changes_nothing(stage, repository, edit, monkeypatch) -> None:
    monkeypatch.setenv("VISUAL", "false")
    async with stage(edit, DONE) as play:
        await play.say("be warmer")
        await play.asked()
        await play.pilot.press("e")
        await play.told("ended with 1")
        await play.pilot.press("a")
        await play.idle()
        assert "Good day" in (repository / "src" / "app.py").read_text()


async def test_a_file_that_moved_on_is_not_edited_over(stage, repository, edit, editor) -> None:
    async with stage(edit, DONE) as play:
        await play.say("be warmer")
        await play.asked()
        (repository / "src" / "app.py").write_text("mine\n")
        await play.pilot.press("e")
        await play.told("changed since it was read")
        await play.pilot.press("r")
        await play.idle()
        assert (repository / "src" / "app.py").read_text() == "mine\n"


async def test_an_effect_shows_its_command_and_what_warns_is_off(stage, monkeypatch) -> None:
    async with stage(size=(140, 40)) as play:
        await show(play, effects())
        given = answers(play, monkeypatch)
        await opened(play)
        assert "$ make release" in play.text()
        assert "□ ! .githooks/pre-commit" in play.text()
        await play.pilot.press("v")
        assert play.app.screen.query_one(WideReview).view.is_drawn_split
        await play.pilot.press("a")
        await play.until(lambda: given)
        assert given[0].verdict is Verdict.ACCEPTED
        assert given[0].hunk_ids == tuple(str(number) for number in range(1, 9))


async def test_files_are_found_by_a_part_of_their_name(stage) -> None:
    async with stage(size=(140, 40)) as play:
        await show(play, request(many(300, 2), command="ruff format ."))
        pane = await opened(play)
        await play.pilot.press("slash", *"mod_29", "enter")
        assert len(pane.files.files) == 11
        assert "Review src/pkg_29/mod_29.py" in play.text()
        await play.pilot.press("right_curly_bracket")
        assert "Review src/pkg_10/mod_290.py" in play.text()
        await play.pilot.press("escape")
        assert len(pane.files.files) == 300
        await play.pilot.press("escape")
        await play.until(lambda: isinstance(play.app.screen, MainScreen))


async def test_a_search_that_is_typed_at_once_answers_nothing(stage, monkeypatch) -> None:
    async with stage(size=(140, 40)) as play:
        given = answers(play, monkeypatch)
        await show(play, request(many(40, 1), command="ruff format ."))
        pane = await opened(play)
        await play.burst("slash", *"mod_29", "enter")
        await play.until(lambda: len(pane.files.files) == 1)
        assert not pane.has_class("-typing")
        assert not given


@pytest.mark.parametrize(
    ("keys", "verdict", "scope"),
    [
        (["y"], Verdict.ACCEPTED, Scope.ONCE),
        (["1"], Verdict.ACCEPTED, Scope.ONCE),
        (["2"], Verdict.ACCEPTED, Scope.SESSION),
        (["3"], Verdict.ACCEPTED, Scope.PROJECT),
        (["s", "a"], Verdict.ACCEPTED, Scope.SESSION),
        (["s", "s", "s", "a"], Verdict.ACCEPTED, Scope.ONCE),
        (["s", "4"], Verdict.REJECTED, Scope.ONCE),
    ],
)
async def test_a_need_is_granted_as_far_as_the_answer_says(stage, monkeypatch, keys, verdict, scope) -> None:
    async with stage() as play:
        await show(play, needs())
        given = answers(play, monkeypatch)
        assert "Allow the network and these files?" in play.text()
        await play.pilot.press(*keys)
        await play.until(lambda: given)
        assert (given[0].verdict, given[0].scope) == (verdict, scope)


async def test_a_number_begins_a_reason_where_nothing_is_numbered(stage, edit) -> None:
    async with stage(edit, DONE) as play:
        await play.say("be warmer")
        await play.asked()
        await play.pilot.press(*"2 words", "enter")
        await play.idle()
        (run,) = [entry for entry in play.transcript.entries if isinstance(entry, ToolRun)]
        assert run.result is not None and "2 words" in run.result.text


async def test_only_what_warns_wants_a_switch_before_it_is_accepted(stage, monkeypatch) -> None:
    change = effects().patch.changes[-1]
    async with stage() as play:
        await show(play, request(effects().patch.model_copy(update={"changes": (change,)}), command="make hooks"))
        given = answers(play, monkeypatch)
        await play.pilot.press("a", "y")
        await play.told("Nothing is switched on")
        assert not given
        await play.pilot.press("space", "a")
        await play.until(lambda: given)
        assert given[0].verdict is Verdict.ACCEPTED
