"""The prompt: what stands in it, what is offered, what waits above it."""

from __future__ import annotations

from textual.events import Paste

from screenshots.stage import Stage

EXPLAIN = "How does the shop talk to its database?"
PAST = (
    "How are orders stored? Read @src/db.py first",
    "Does anything else write that table?",
    "Keep the totals as whole cents, and say so in the README\nand in the docstring of add_order",
)


async def steering(stage: Stage) -> None:
    """Say two things while the model writes."""
    await stage.ask(EXPLAIN)
    await stage.until(lambda: any("parameters" in "".join(pieces) for pieces in stage.state.live.previews.values()))
    await stage.say("leave the tests out", "enter")
    await stage.say("then write it down in docs/database.md", "alt+enter")
    await stage.until(lambda: len(stage.state.queue) == 2)


async def files(stage: Stage) -> None:
    """Begin to name a file."""
    await stage.opened()
    await stage.press(*"Explain @d")


async def commands(stage: Stage) -> None:
    """Begin to name a command."""
    await stage.opened()
    await stage.press("slash")


async def queue(stage: Stage) -> None:
    """Go to the queue and move a message in it."""
    await steering(stage)
    await stage.say("and count the queries", "alt+enter")
    await stage.until(lambda: len(stage.state.queue) == 3)
    await stage.press("alt+q", "up")


async def draft(stage: Stage) -> None:
    """Write a prompt of several lines that names files and holds a long paste."""
    await stage.opened()
    await stage.type("Read @src/db.py:20-32 and @src/missing.py, ")
    await stage.press("escape", "ctrl+j")
    await stage.type("then mend what this log says: ")
    stage.app.main.prompt.post_message(Paste("\n".join(f"line {number} of the log" for number in range(1, 49))))
    await stage.settle()


async def vim(stage: Stage) -> None:
    """Write with vim's keys, and select a word."""
    await stage.opened()
    await stage.type("Show totals in euros, rounded to cents")
    await stage.press("escape", "b", "b", "v", "e")


async def past(stage: Stage) -> None:
    """Search what was said."""
    for asked in PAST:
        await stage.ask(asked)
        await stage.done()
    await stage.press("ctrl+r")
    await stage.shows("HistoryScreen")
    await stage.type("total")
