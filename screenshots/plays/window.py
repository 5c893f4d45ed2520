"""What fills the model's window, how it is talked to, which model it is, and what it is told."""

from __future__ import annotations

from screenshots.stage import Stage

STORED = (
    "How are orders stored? Read @src/db.py first",
    "Does anything else write that table?",
    "And the totals?",
)
TESTS = "How are the tests run here?"
TESTED = "Tests are run with python3 -m unittest discover -s tests"


async def helped(stage: Stage) -> None:
    """Let a small model come through, then fold what its failed commands said."""
    await stage.ask(TESTS)
    await stage.done()
    await stage.press("ctrl+o", "ctrl+o")
    await stage.settle()


async def manner(stage: Stage) -> None:
    """Ask how that model is talked to."""
    await helped(stage)
    await stage.say("/manner ")
    await stage.shows("PageScreen")


async def filled(stage: Stage) -> None:
    """Ask three times, so that the window fills."""
    for asked in STORED:
        await stage.ask(asked)
        await stage.done()


async def window(stage: Stage) -> None:
    """Look at what fills it."""
    await filled(stage)
    await stage.say("/context ")
    await stage.shows("ContextScreen")


async def what_goes(stage: Stage) -> None:
    """Look at what a compaction would leave."""
    await window(stage)
    await stage.press("c")
    await stage.shows("PreviewScreen")


async def every_item(stage: Stage) -> None:
    """Look at every item of the window."""
    await window(stage)
    await stage.press("tab")


async def first_run(stage: Stage) -> None:
    """Start where no model server runs."""
    await stage.shows("FirstRunScreen")


async def models(stage: Stage) -> None:
    """Start where several models could be meant."""
    await stage.shows("ModelScreen")


async def policy(stage: Stage) -> None:
    """Look at what holds commands back."""
    await stage.opened()
    await stage.say("/policy ")
    await stage.shows("PageScreen")


async def memory(stage: Stage) -> None:
    """Look at what the model is told in every session."""
    await stage.opened()
    for told in ("--user Answer in one paragraph unless asked for more", "Totals are whole cents", TESTED):
        await stage.say(f"/remember {told}")
        await stage.settle()
    await stage.say("/memory ")
    await stage.shows("PageScreen")
