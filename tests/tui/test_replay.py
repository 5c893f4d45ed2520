"""Replays: a stored session drawn again, with pause, steps and speed; nothing is executed and nothing is written."""

from __future__ import annotations

import asyncio

from tests.tui.test_drawing import LOOK
from trashclaw.faces.tui import messages as msg
from trashclaw.faces.tui.drawing.replay_line import replay_line
from trashclaw.faces.tui.replay import LONGEST_S, Replay
from trashclaw.faces.tui.screens.replay import SPEEDS, ReplayScreen
from trashclaw.faces.tui.widgets.plan_pane import PlanPane
from trashclaw.faces.tui.widgets.transcript import TranscriptPane
from trashclaw.protocol.approvals import Approval
from trashclaw.protocol.items import AgentMessage, UserMessage
from trashclaw.session.transcript import fold

DONE = {"text": "It is done."}
ONE = {"text": "The first answer."}
TWO = {"text": "The second answer."}


async def replayed(play, command: str = "/replay") -> ReplayScreen:
    """Open a replay that stands at its beginning."""
    await play.say(command)
    await play.until(lambda: isinstance(play.app.screen, ReplayScreen))
    screen = play.app.screen
    if screen.is_playing:
        await play.pilot.press("space")
    await play.pilot.press("home")
    await play.until(lambda: screen.replay.place == 0)
    return screen


async def two_turns(play) -> None:
    """Have two turns."""
    for words in ("one", "two"):
        await play.say(words)
        await play.idle()


async def test_it_plays_to_the_end_and_has_come_to_the_same_as_the_session(stage, edit) -> None:
    async with stage(edit, DONE) as play:
        await play.say("warm the greeting")
        await play.asked()
        await play.pilot.press("a")
        await play.idle()
        before = play.transcript.seq
        await play.say("/replay")
        await play.until(lambda: isinstance(play.app.screen, ReplayScreen))
        screen = play.app.screen
        await play.pilot.press(*["plus"] * len(SPEEDS))
        assert screen.speed == SPEEDS[-1]
        await play.until(lambda: screen.replay.is_over and not screen.is_playing)
        assert screen.replay.transcript == fold(play.session.library.envelopes(play.session.session_id))
        shown = play.text()
        assert "It is done." in shown
        assert "Good day" in shown
        assert "replay, at its end" in shown
        assert play.transcript.seq == before


async def test_steps_and_turns_go_on_and_back(stage) -> None:
    async with stage(ONE, TWO) as play:
        await two_turns(play)
        screen = await replayed(play)
        replay = screen.replay
        await play.pilot.press("n")
        assert replay.turn == 1
        await play.pilot.press("n")
        assert replay.turn == 2
        await play.until(lambda: "The first answer." in play.text())
        assert "The second answer." not in play.text()
        await play.pilot.press("end")
        await play.until(lambda: "The second answer." in play.text())
        places = []
        while replay.place > 0:
            places.append(replay.place)
            await play.pilot.press("left")
        assert places == sorted(places, reverse=True)
        assert "The first answer." not in play.text()
        for place in reversed(places):
            await play.pilot.press("right")
            assert replay.place == place
        assert not screen.is_playing


async def test_when_it_was_gives_way_to_where_it_stands(stage) -> None:
    async with stage(ONE, TWO) as play:
        await two_turns(play)
        replay = (await replayed(play)).replay
        await play.pilot.press("n")
        for width in range(50, 140):
            line = replay_line(replay, 1.0, width, LOOK, is_playing=False)
            assert line.cell_len == width
            assert f"{replay.step}/{len(replay.stops)}  " in line.plain
            assert ":" in line.plain
        narrow = replay_line(replay, 1.0, 40, LOOK, is_playing=False).plain
        assert f"{replay.step}/{len(replay.stops)}" in narrow
        assert ":" not in narrow


async def test_what_stands_on_the_screen_is_the_same_whichever_way_it_was_come_to(stage) -> None:
    async with stage(ONE, TWO) as play:
        await two_turns(play)
        screen = await replayed(play)
        pane = screen.query_one(TranscriptPane)

        def shown() -> list[tuple[object, bool]]:
            return [(block.entry, block.is_done) for block in pane.blocks]

        forward: dict[int, list[tuple[object, bool]]] = {}
        while not screen.replay.is_over:
            await play.pilot.press("right")
            forward[screen.replay.place] = shown()
        while screen.replay.place > 0:
            assert [entry for entry, _ in shown()] == [entry for entry, _ in forward[screen.replay.place]]
            await play.pilot.press("left")


async def test_a_pause_in_the_middle_of_an_answer_shows_no_word_twice(stage) -> None:
    async with stage(ONE) as play:
        await play.say("one")
        await play.idle()
        screen = await replayed(play)
        while screen.replay.coming_text() is None:
            await play.pilot.press("right")
        _, _, text = screen.replay.coming_text()
        pane = screen.query_one(TranscriptPane)
        grown: list[str] = []
        real = pane.grow
        pane.grow = lambda *news: (grown.append(news[2]), real(*news))
        first = asyncio.create_task(screen._grow(0.12))
        await play.until(lambda: grown)
        first.cancel()
        await screen._grow(0.12)
        assert "".join(grown) == text


async def test_nothing_that_a_pane_wishes_reaches_the_session_behind(stage) -> None:
    async with stage(ONE) as play:
        await play.say("one")
        await play.idle()
        screen = await replayed(play)
        before = play.transcript.seq
        pane = screen.query_one(TranscriptPane)
        pane.post_message(msg.ApprovalGiven("approval-1", Approval.model_construct()))
        pane.post_message(msg.QuestionAnswered("question-1", "yes"))
        await play.pilot.pause()
        assert play.transcript.seq == before
        assert not play.app._notifications
        assert all(not widget.can_focus for widget in screen.query("*"))


async def test_the_session_is_forked_where_the_replay_stands(stage) -> None:
    async with stage(ONE, TWO) as play:
        await two_turns(play)
        first = play.session.session_id
        await replayed(play)
        await play.pilot.press("n", "n", "p", "n", "f")
        await play.until(lambda: play.app.desk.session is not None and play.session.session_id != first)
        said = [entry.text for entry in play.transcript.entries if isinstance(entry, (UserMessage, AgentMessage))]
        assert said == ["one", "The first answer."]


async def test_long_pauses_are_cut_and_speed_has_its_ends(stage) -> None:
    async with stage(ONE) as play:
        await play.say("one")
        await play.idle()
        envelopes = list(play.session.library.envelopes(play.session.session_id))
        late = [one.model_copy(update={"at": one.at + 3600.0 * place}) for place, one in enumerate(envelopes)]
        replay = Replay(late)
        replay.go_on()
        assert replay.pause_s == LONGEST_S
        back = Replay([one.model_copy(update={"at": -3600.0 * place}) for place, one in enumerate(envelopes)])
        back.go_on()
        assert back.pause_s == 0.0
        screen = await replayed(play)
        await play.pilot.press(*["minus"] * 10)
        assert screen.speed == SPEEDS[0]
        await play.until(lambda: "0.5x" in play.text())


async def test_an_empty_log_is_at_its_end_and_takes_every_key(stage) -> None:
    async with stage(ONE) as play:
        screen = ReplayScreen([])
        play.app.push_screen(screen)
        await play.until(lambda: play.app.screen is screen)
        await play.pilot.press("right", "left", "n", "p", "end", "home", "plus", "f", "space")
        await play.until(lambda: "at its end" in play.text())
        await play.pilot.press("escape")
        await play.until(lambda: play.app.screen is play.app.main)


def planned(*steps: tuple[str, str]) -> dict[str, object]:
    """Return a model's step that writes its plan down."""
    entries = [{"text": text, "status": status} for text, status in steps]
    return {"calls": [{"name": "update_plan", "arguments": {"entries": entries}}]}


async def test_a_step_of_the_plan_is_not_new_because_one_went_back(stage) -> None:
    first = planned(("look", "in_progress"))
    second = planned(("look", "completed"), ("mend", "in_progress"), ("try", "pending"))
    async with stage(first, second, DONE, size=(140, 40)) as play:
        await play.say("mend it")
        await play.idle()
        screen = await replayed(play)
        plan = screen.query_one(PlanPane)

        def words() -> str:
            return "\n".join(line.plain for line in plan.lines(60))

        while "mend" not in words():
            await play.pilot.press("right")
        assert "just done" in words()
        assert "new" in words()
        await play.pilot.press("end", "left")
        assert "mend" in words()
        assert "new" not in words()
        assert "just done" not in words()
        while "mend" in words():
            await play.pilot.press("left")
        assert "new" not in words()
