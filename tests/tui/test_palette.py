"""The palette: everything that can be done, from every screen, by likeness and recent use."""

from __future__ import annotations

import pytest

from tests.tui.test_keymap import IDS
from trashclaw.faces.tui.keymap import ACTIONS, Group
from trashclaw.faces.tui.keys.weight import WEIGHTY
from trashclaw.faces.tui.palette import PaletteEntry, needs_words, palette_entries, ranked
from trashclaw.faces.tui.screens.help import HelpScreen
from trashclaw.faces.tui.screens.overlay import PageScreen
from trashclaw.faces.tui.screens.palette import PaletteScreen
from trashclaw.faces.tui.screens.settings import SettingsScreen
from trashclaw.faces.tui.slash import BUILTINS

DONE = {"text": "Done."}


async def opened(play) -> PaletteScreen:
    await play.pilot.press("ctrl+p")
    await play.until(lambda: isinstance(play.app.screen, PaletteScreen))
    return play.app.screen


async def chosen(play, words: str) -> None:
    await opened(play)
    await play.pilot.press(*["space" if letter == " " else letter for letter in words])
    await play.pilot.press("enter")
    await play.until(lambda: not isinstance(play.app.screen, PaletteScreen))


async def test_everything_is_in_it(stage) -> None:
    async with stage(DONE) as play:
        entries = palette_entries(play.app, play.app.screen)
        ids = [entry.entry_id for entry in entries]
        assert len(set(ids)) == len(ids)
        assert {action.action_id for action in ACTIONS} - {"palette"} <= set(ids)
        assert {f"/{builtin.name}" for builtin in BUILTINS} <= set(ids)
        assert {f"theme {name}" for name in play.app.themes.names} <= set(ids)
        assert "setting limits.steps" in ids
        assert all(entry.run is not None for entry in entries)


async def test_what_counts_where_the_focus_is_comes_first(stage) -> None:
    async with stage(DONE) as play:
        first = [entry.entry_id for entry in palette_entries(play.app, play.app.screen)]
        assert IDS[first[0]].group is Group.PROMPT
        play.app.screen.query_one("#tools").focus()
        await play.pilot.pause()
        first = [entry.entry_id for entry in palette_entries(play.app, play.app.screen)]
        assert IDS[first[0]].group is Group.TOOLS


async def test_an_action_of_another_pane_acts_on_its_pane(stage, repository) -> None:
    edit = {"path": "src/app.py", "old_text": "Hello", "new_text": "Good day"}
    async with stage({"text": "Warm.", "calls": [{"name": "edit_file", "arguments": edit}]}, DONE) as play:
        await play.say("be warmer")
        await play.asked()
        play.app.main.prompt.focus()
        await chosen(play, "accept what is")
        await play.idle()
        assert "Good day" in (repository / "src" / "app.py").read_text()


async def test_it_works_over_another_screen_and_does_what_belongs_there(stage) -> None:
    async with stage(DONE) as play:
        await play.say("/memory ")
        await play.until(lambda: isinstance(play.app.screen, PageScreen))
        await opened(play)
        assert "A page to read" in play.text()
        await play.pilot.press(*"close", "space", *"page", "enter")
        await play.until(lambda: len(play.app.screen_stack) == 1)


async def test_what_has_nothing_to_work_on_says_so_and_where_it_counts(stage) -> None:
    async with stage(DONE) as play:
        await chosen(play, "rewind.files")
        await play.told("It counts on the page of /rewind.")


async def test_a_command_that_needs_words_is_put_into_the_prompt(stage) -> None:
    async with stage(DONE) as play:
        await chosen(play, "/remember")
        await play.until(lambda: play.app.main.prompt.text == "/remember ")
        assert play.app.focused is play.app.main.prompt


async def test_a_setting_is_jumped_to(stage) -> None:
    async with stage(DONE) as play:
        await chosen(play, "setting limits.steps")
        await play.until(lambda: isinstance(play.app.screen, SettingsScreen))
        assert play.app.screen.current.key == "limits.steps"


async def test_the_palettes_own_key_closes_it_again_and_help_opens_over_it(stage) -> None:
    async with stage(DONE) as play:
        await opened(play)
        await play.pilot.press("f1")
        await play.until(lambda: isinstance(play.app.screen, HelpScreen))
        await play.pilot.press("f1", "ctrl+p")
        await play.until(lambda: len(play.app.screen_stack) == 1)


async def test_what_was_used_lately_stands_first(stage) -> None:
    async with stage(DONE) as play:
        await chosen(play, "theme nord")
        await play.until(lambda: play.app.theme == "nord")
        screen = await opened(play)
        assert screen.current.entry_id == "theme nord"
        assert play.app.recent == ["theme nord"]


async def test_a_stray_enter_answers_nothing_that_waits(stage, repository, edit) -> None:
    """Nothing that answers or ends something is current before anything was typed or gone to."""
    async with stage(edit, DONE) as play:
        await play.say("be warmer")
        await play.asked()
        play.app.recent[:] = ["review.accept", "/undo", "/quit"]
        screen = await opened(play)
        assert screen.current.entry_id not in WEIGHTY | {"/undo", "/quit"}
        assert screen.current.place == Group.REVIEW
        await play.pilot.press("x", "backspace", "enter")
        await play.until(lambda: not isinstance(play.app.screen, PaletteScreen))
        assert play.app.screen.query(".-waiting")
        assert play.transcript.is_running
        assert "Hello" in (repository / "src" / "app.py").read_text()
        await play.pilot.press("r")
        await play.idle()


def test_what_is_weighty_is_in_the_table_and_all_that_answers_is_weighty() -> None:
    assert set(IDS) >= WEIGHTY
    calls = ("answer", "accept", "reject", "choose", "revert", "compact", "remove", "delete", "send", "switch", "leave")
    answering = {action.action_id for action in ACTIONS if action.call.rpartition(".")[2].startswith(calls)}
    harmless = {"first.retry", "context.preview", "queue.leave", "settings.file", "settings.close", "window.close"}
    assert answering - WEIGHTY - harmless == set()


async def test_another_session_is_offered_and_gone_on_with(stage) -> None:
    async with stage({"text": "First."}, {"text": "Second."}) as play:
        await play.say("paint the shed")
        await play.idle()
        first = play.session.session_id
        await play.say("/new")
        await play.until(lambda: play.app.desk.session is not None and play.session.session_id != first)
        screen = await opened(play)
        await play.until(lambda: screen.entry(f"session {first}") is not None)
        await play.pilot.press(*"session", "space", *"shed", "enter")
        await play.until(lambda: play.app.desk.session is not None and play.session.session_id == first)


def entry(text: str, entry_id: str = "", place: str = "", hint: str = "") -> PaletteEntry:
    return PaletteEntry(text, hint, entry_id=entry_id or text, place=place)


def found(typed: str, *entries: PaletteEntry, recent: tuple[str, ...] = ()) -> list[str]:
    return [one.text for one in ranked(typed, entries, recent)]


def test_every_word_has_to_fit_in_any_order() -> None:
    entries = (entry("Theme nord"), entry("Theme gruvbox"), entry("Next pane"))
    assert found("nord theme", *entries) == ["Theme nord"]
    assert found("theme", *entries) == ["Theme nord", "Theme gruvbox"]
    assert found("nothing", *entries) == []
    assert len(found("", *entries)) == 3


def test_ids_places_and_keys_are_found_after_names() -> None:
    entries = (entry("Hide the side", "side.toggle", "Anywhere", "Ctrl+B"), entry("Toggle it", "x"))
    assert found("toggle", *entries) == ["Toggle it", "Hide the side"]
    assert found("ctrl+b", *entries) == ["Hide the side"]


def test_recent_use_decides_among_equals_and_not_against_a_better_fit() -> None:
    entries = (entry("Copy one"), entry("Copy two"), entry("Compact"))
    assert found("copy", *entries, recent=("Copy two",))[0] == "Copy two"
    assert found("compact", *entries, recent=("Copy two",)) == ["Compact"]
    assert found("", *entries, recent=("Compact", "Copy two")) == ["Compact", "Copy two", "Copy one"]


async def test_what_can_be_done_here_stands_before_actions_of_screens_that_are_not_open(stage) -> None:
    async with stage(DONE) as play:
        for words in ("fork", "rename", "close", "export", "delete", "preview"):
            entries = ranked(words, palette_entries(play.app, play.app.screen), ())
            named = [entry for entry in entries if words in entry.text.lower()]
            closed = [entry.entry_id in IDS and entry.is_elsewhere for entry in named]
            assert closed == sorted(closed), [entry.text for entry in named]
        first = ranked("fork", palette_entries(play.app, play.app.screen), ())[0]
        assert first.entry_id == "/fork"


@pytest.mark.parametrize(
    ("hint", "is_needed"),
    [("", False), ("[name]", False), ("[forget [--user] number]", False), ("[--user] text", True), ("<file>", True)],
)
def test_a_command_needs_words_unless_they_stand_in_brackets(hint: str, is_needed: bool) -> None:
    assert needs_words(hint) is is_needed
