"""The conversation, block by block and as a whole, and the runs of the tools."""

from __future__ import annotations

from screenshots.stage import Stage

SLOW = ("Which tests are slow, and why?", "Would a pragma help?")
BUILD = "Run everything once"


async def blocks(stage: Stage) -> None:
    """Go through the conversation, block by block."""
    await talked(stage)
    await stage.press("alt+k", "up", "up")


async def talked(stage: Stage) -> None:
    """Ask twice."""
    for asked in SLOW:
        await stage.ask(asked)
        await stage.done()


async def found(stage: Stage) -> None:
    """Search the conversation."""
    await talked(stage)
    await stage.press("ctrl+s")
    await stage.type("file")
    await stage.settle()


async def pager(stage: Stage) -> None:
    """Open all of it on the whole screen, and search there."""
    await talked(stage)
    await stage.press("ctrl+t")
    await stage.shows("PagerScreen")
    await stage.press("slash")
    await stage.type("slow")
    await stage.press("enter")


async def unfolded(stage: Stage) -> None:
    """Open thoughts and tool output."""
    await talked(stage)
    await stage.press("alt+t", "ctrl+o")


async def alone(stage: Stage) -> None:
    """Have the conversation alone."""
    await talked(stage)
    await stage.press("ctrl+b")


async def live(stage: Stage) -> None:
    """Watch a command that prints as it goes."""
    await stage.ask(BUILD)
    await stage.until(lambda: any("check 7" in "".join(pieces) for pieces in stage.state.live.previews.values()))
    await stage.press("alt+o")


async def filtered(stage: Stage) -> None:
    """List the commands only."""
    await live(stage)
    await stage.press("f", "f")


async def output(stage: Stage) -> None:
    """Look at all the output of a run, and find words in it."""
    await talked(stage)
    await stage.press("alt+o", "home", "v")
    await stage.shows("OutputScreen")
    await stage.press("slash")
    await stage.type("0.06s")
    await stage.press("enter")
