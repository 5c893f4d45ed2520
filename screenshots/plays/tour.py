"""The tour: a task from its first word to its end, and what else is at hand on the way."""

from __future__ import annotations

from screenshots.plays.sessions import two_past
from screenshots.stage import Stage
from trashclaw.cli.demo import PROMPT

STEER = "and test a name with a quote in it"


async def tour(stage: Stage) -> None:
    """Walk through a task, with two sessions of the past behind it."""
    await two_past(stage)
    await asked_and_answered(stage)
    await changed(stage)
    await steered(stage)
    await looked_around(stage)


async def asked_and_answered(stage: Stage) -> None:
    """Type a prompt, and watch the answer come."""
    await stage.frame(1.2)
    words = PROMPT.split()
    await stage.pace.hold()
    for place in range(0, len(words), 2):
        await stage.type(" ".join(words[place : place + 2]) + (" " if place + 2 < len(words) else ""))
        await stage.frame(0.35)
    await stage.press("enter")
    await stage.until(lambda: stage.pace.is_waiting)
    await stage.frame(0.6)
    for count in (5, 6):
        await stage.words(count)
        await stage.frame(0.4)
    for count, seconds in ((5, 1.2), (10, 0.4), (14, 0.4), (12, 0.4), (6, 0.4)):
        await stage.words(count)
        await stage.frame(seconds)


async def changed(stage: Stage) -> None:
    """Look at the change, switch a hunk off and on again, and accept it."""
    await stage.words(None)
    await stage.waits()
    await stage.frame(2.6)
    await stage.press("space")
    await stage.frame(1.5)
    await stage.press("space", "right_square_bracket")
    await stage.frame(1.0)
    await stage.pace.hold()
    await stage.press("a")
    await stage.until(lambda: stage.pace.is_waiting)
    await stage.frame(1.2)


async def steered(stage: Stage) -> None:
    """Say something while the tests run and the model writes."""
    await stage.words(3)
    await stage.frame(1.4)
    await stage.words(6)
    for part in (STEER[:14], STEER[14:]):
        await stage.type(part)
        await stage.frame(0.5)
    await stage.press("enter")
    await stage.until(lambda: stage.state.queue)
    await stage.frame(1.8)
    await stage.words(None)
    await stage.waits()
    await stage.frame(2.4)
    await stage.press("a")
    await stage.done()
    await stage.press("ctrl+l")
    await stage.frame(2.4)


async def looked_around(stage: Stage) -> None:
    """Look at the palette, at themes and at the other sessions, and come back."""
    await stage.press("ctrl+p")
    await stage.shows("PaletteScreen")
    await stage.frame(1.4)
    await stage.type("/theme")
    await stage.frame(1.0)
    await stage.press("enter")
    await stage.shows("ChoiceScreen")
    await stage.frame(1.0)
    for name in ("gruvbox", "rose-pine-d"):
        await stage.type(name)
        await stage.frame(1.4)
        await stage.press("ctrl+u")
    await stage.press("escape")
    await stage.press("f2")
    await stage.shows("SessionsScreen")
    await stage.press("down", "down")
    await stage.frame(2.4)
    await stage.type("formula")
    await stage.settle()
    await stage.frame(2.0)
    await stage.press("escape")
    await stage.frame(3.0)
