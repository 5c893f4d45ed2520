"""Several sessions: tabs, the list of them, their forks, and a session played again."""

from __future__ import annotations

from screenshots.plays.review import all_done, change_waits
from screenshots.stage import Stage
from trashclaw.faces.tui.screens.replay import ReplayScreen

CSV = ("Write the orders as CSV", "What about names with a comma?")


async def two_past(stage: Stage) -> None:
    """Have two sessions of the past, and a new one open."""
    for asked in CSV:
        await stage.ask(asked)
        await stage.done()
    await stage.begin("/new")
    await stage.ask("Which tests are slow, and why?")
    await stage.done()
    await stage.begin("/new")


async def stored(stage: Stage) -> None:
    """Have two sessions and begin a third."""
    await two_past(stage)
    await change_waits(stage)
    await stage.press("ctrl+l")


async def picker(stage: Stage) -> None:
    """Look through the sessions."""
    await stored(stage)
    await stage.press("f2")
    await stage.shows("SessionsScreen")
    await stage.press("down", "down")
    await stage.settle()


async def searched(stage: Stage) -> None:
    """Find a session by what was said in it."""
    await stored(stage)
    await stage.press("f2")
    await stage.shows("SessionsScreen")
    await stage.type("formula")
    await stage.settle()
    await stage.settle()


async def tabs(stage: Stage) -> None:
    """Have three sessions in tabs: one waits, one is done, one is in front."""
    await change_waits(stage)
    await stage.press("ctrl+l")
    await stage.begin("/tab")
    await stage.ask("Which tests are slow, and why?")
    await stage.done()
    await stage.begin("/tab")
    await stage.ask("Write the orders as CSV")
    await stage.done()


async def tree(stage: Stage) -> None:
    """Fork a session twice, and look at where that leads."""
    for asked in CSV:
        await stage.ask(asked)
        await stage.done()
    for title in ("With a header in German", "As JSON lines instead"):
        await stage.begin("/fork")
        await stage.say(f"/rename {title}")
        await stage.settle()
    stage.app.clear_notifications()
    await stage.say("/tree ")
    await stage.shows("TreeScreen")


async def replayed(stage: Stage) -> None:
    """Play a session again, and pause."""
    await all_done(stage)
    await stage.say("/replay ")
    await stage.shows("ReplayScreen")
    screen = stage.top
    assert isinstance(screen, ReplayScreen)
    if screen.is_playing:
        await stage.press("space")
    await stage.press("end", *["left"] * 6)
