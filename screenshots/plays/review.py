"""Changes, commands and questions that wait for the person, and changes that have landed."""

from __future__ import annotations

from screenshots.stage import Stage
from trashclaw.cli.demo import PROMPT

MOVE = "README into docs, count by id, and a script that runs the tests"
RATES = "Show totals in euros"
ORDERS = "Show the orders of one customer, newest first"
CENTS = ("Keep totals as whole cents", "Say so in the query and in the README")


async def change_waits(stage: Stage) -> None:
    """Ask for a change and wait until it is proposed."""
    await stage.ask(PROMPT)
    await stage.waits()


async def hunk_off(stage: Stage) -> None:
    """Switch the first hunk off."""
    await change_waits(stage)
    await stage.press("space")


async def whole_screen(stage: Stage) -> None:
    """Open the review of the change over the whole screen."""
    await change_waits(stage)
    await stage.press("enter")
    await stage.shows("ReviewScreen")
    await stage.waits()


async def two_columns(stage: Stage) -> None:
    """Show it in two columns, with the first hunk off."""
    await whole_screen(stage)
    await stage.press("v", "space")


async def all_done(stage: Stage) -> None:
    """Accept the change; the tests run without a question."""
    await change_waits(stage)
    await stage.press("a")
    await stage.done()


async def effects_wait(stage: Stage) -> None:
    """Wait until what a command did is proposed."""
    await stage.ask(MOVE)
    await stage.waits()


async def effects_whole(stage: Stage) -> None:
    """Open the review of it over the whole screen."""
    await effects_wait(stage)
    await stage.press("enter")
    await stage.shows("ReviewScreen")
    await stage.waits()


async def host_asked(stage: Stage) -> None:
    """Wait until a command needs the network, and let the answer reach as far as the session."""
    await stage.ask(RATES)
    await stage.waits()
    await stage.press("s")


async def trust_asked(stage: Stage) -> None:
    """Start in a folder that nobody has vouched for."""
    await stage.shows("TrustScreen")


async def reason(stage: Stage) -> None:
    """Begin to say why not."""
    await change_waits(stage)
    await stage.press("n", *"keep the f-string, quote the id")


async def planned(stage: Stage) -> None:
    """Ask for a change in mode plan."""
    await stage.ask(ORDERS)
    await stage.done()


async def question(stage: Stage) -> None:
    """Let the model ask."""
    await stage.ask(ORDERS)
    await stage.until(lambda: bool(stage.state.questions))
    await stage.waits()


async def trust_read(stage: Stage) -> None:
    """Read what trusting the folder would load."""
    await trust_asked(stage)
    await stage.press("v")
    await stage.shows("PageScreen")


async def two_turns(stage: Stage) -> None:
    """Have two turns that change files."""
    for asked in CENTS:
        await stage.ask(asked)
        await stage.done()


async def browsed(stage: Stage) -> None:
    """Look at the changes of a turn that is over, and revert a hunk of them."""
    await two_turns(stage)
    await stage.press("alt+d", "t", "comma", "right_square_bracket", "u")
    await stage.done()


async def session_changes(stage: Stage) -> None:
    """Look at everything that the session changed, on the whole screen, with a hunk reverted."""
    await browsed(stage)
    await stage.press("ctrl+l")
    await stage.say("/diff ")
    await stage.shows("ReviewScreen")
