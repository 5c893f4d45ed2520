"""With other keys for everything, no screen names a key that an action had before."""

from __future__ import annotations

import re
from itertools import combinations, product
from typing import Any

from tests.support.overlays import OPENINGS, open_overlay
from tests.tui.conftest import Play, Stage
from trashclaw.config.keymap_file import keymap_file
from trashclaw.faces.tui.keymap import ACTIONS
from trashclaw.faces.tui.widgets.diff_pane import DiffPane
from trashclaw.faces.tui.widgets.question_pane import QuestionPane

DONE = {"text": "Done."}
OLD = re.compile(
    r"\b(?:Enter|Esc|Backspace|Tab(?= +[a-z])|PageUp|PageDown)\b|(?<![+\w])(?:Ctrl|Alt|Shift|Super)\+[A-Z](?!\w)"
    r"|(?<![+^\w])F\d\b|\^[A-Z]\b|(?<![\w/])[a-z\[\]{}] (?:accept|reject|why|closes|off|on|next|opens)\b"
)


def rebind_all() -> None:
    """Give every action a key that none had: a function key with modifiers."""
    modifiers = [chosen for size in (1, 2, 3) for chosen in combinations(("ctrl", "alt", "shift", "super"), size)]
    usual = {key for action in ACTIONS for key in action.usual_keys}
    keys = ["+".join((*held, f"f{number}")) for held, number in product(modifiers, range(1, 25))]
    free = (key for key in keys if key not in usual)
    file = keymap_file()
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("".join(f"{action.action_id}: {next(free)}\n" for action in ACTIONS))


def old_keys(play: Play) -> list[str]:
    """Return the lines of the screen that name a key of before."""
    return [line.strip() for line in play.text().splitlines() if OLD.search(line)]


async def test_no_overlay_names_a_key_of_before(stage: Stage) -> None:
    rebind_all()
    async with stage(DONE, size=(220, 50)) as play:
        assert not play.app.rebinding.problems
        assert len(play.app.key_table.rebound) == len(ACTIONS)
        found = {"opening": old_keys(play)}
        play.app.main.prompt.load_text("Greet")
        play.app.main.prompt.action_send()
        await play.idle()
        for opening in [name for name in OPENINGS if name != "app.help"]:
            await open_overlay(play.app, opening)
            await play.until(lambda: play.app.screen is not play.app.main)
            found[opening] = old_keys(play)
            play.app.screen.dismiss(None)
            await play.until(lambda: play.app.screen is play.app.main)
    assert {name: lines for name, lines in found.items() if lines} == {}


async def test_nothing_that_waits_or_is_searched_names_a_key_of_before(stage: Stage, edit: dict[str, Any]) -> None:
    rebind_all()
    ask = {"calls": [{"name": "ask_user", "arguments": {"question": "Which?", "options": ["one", "two"]}}]}
    async with stage(edit, ask, DONE, size=(220, 50)) as play:
        prompt = play.app.main.prompt
        prompt.load_text("be warmer")
        prompt.action_send()
        await play.asked()
        found = {"change": old_keys(play)}
        pane = play.app.screen.query_one(DiffPane)
        pane.begin_typing("no")
        await play.pilot.pause()
        found["reason"] = old_keys(play)
        pane.end_typing()
        prompt.load_text("and")
        await play.pilot.pause()
        found["steering"] = old_keys(play)
        prompt.load_text("")
        await play.pilot.pause()
        found["placeholder"] = [prompt.placeholder] if OLD.search(str(prompt.placeholder)) else []
        pane.action_reject()
        question = play.app.screen.query_one(QuestionPane)
        await play.until(lambda: question.is_waiting)
        found["question"] = old_keys(play)
        question.begin_typing("x")
        await play.pilot.pause()
        found["answer"] = old_keys(play)
        question.end_typing()
        question.action_answer()
        await play.idle()
        play.app.action_search_conversation()
        await play.pilot.press(*"Done")
        await play.until(lambda: "1" in str(play.app.main.query_one("#conversation").border_subtitle))
        found["search"] = old_keys(play)
    assert {name: lines for name, lines in found.items() if lines} == {}
