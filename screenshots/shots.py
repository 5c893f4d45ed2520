"""What is shown: a table of pictures, and for each of them what a person does before it is taken."""

from __future__ import annotations

from screenshots.stage import Shot, Stage
from trashclaw.cli.demo import PROMPT
from trashclaw.protocol.modes import Mode

EXPLAIN = "How does the shop talk to its database?"
MOVE = "README into docs, count by id, and a script that runs the tests"
RATES = "Show totals in euros"
STORED = (
    "How are orders stored? Read @src/db.py first",
    "Does anything else write that table?",
    "And the totals?",
)
TESTS = "How are the tests run here?"
ORDERS = "Show the orders of one customer, newest first"


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
    await stage.until(lambda: type(stage.app.screen).__name__ == "ReviewScreen")
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


async def points(stage: Stage) -> None:
    """Look at the points to go back to."""
    await all_done(stage)
    await stage.press("escape", "escape")
    await stage.until(lambda: type(stage.app.screen).__name__ == "RewindScreen")


async def effects_wait(stage: Stage) -> None:
    """Wait until what a command did is proposed."""
    await stage.ask(MOVE)
    await stage.waits()


async def effects_whole(stage: Stage) -> None:
    """Open the review of it over the whole screen."""
    await effects_wait(stage)
    await stage.press("enter")
    await stage.until(lambda: type(stage.app.screen).__name__ == "ReviewScreen")
    await stage.waits()


async def host_asked(stage: Stage) -> None:
    """Wait until a command needs the network, and let the answer reach as far as the session."""
    await stage.ask(RATES)
    await stage.waits()
    await stage.press("s")


async def trust_asked(stage: Stage) -> None:
    """Start in a folder that nobody has vouched for."""
    await stage.until(lambda: type(stage.app.screen).__name__ == "TrustScreen")
    await stage.until(lambda: any("y trust" in str(part.border_subtitle) for part in stage.app.screen.query("*")))


async def reason(stage: Stage) -> None:
    """Begin to say why not."""
    await change_waits(stage)
    await stage.press("n", *"keep the f-string, quote the id")


async def steering(stage: Stage) -> None:
    """Say two things while the model writes."""
    await stage.ask(EXPLAIN)
    await stage.until(lambda: any("parameters" in "".join(pieces) for pieces in stage.state.live.previews.values()))
    await stage.say("leave the tests out", "enter")
    await stage.say("then write it down in docs/database.md", "alt+enter")
    await stage.until(lambda: len(stage.state.queue) == 2)


async def planned(stage: Stage) -> None:
    """Ask for a change in mode plan."""
    await stage.ask(ORDERS)
    await stage.done()


async def helped(stage: Stage) -> None:
    """Let a small model come through, then fold what its failed commands said."""
    await stage.ask(TESTS)
    await stage.done()
    await stage.press("ctrl+o", "ctrl+o")
    await stage.settle()


async def manner(stage: Stage) -> None:
    """Ask how that model is talked to."""
    await helped(stage)
    await stage.say("/manner ", "enter")
    await stage.until(lambda: type(stage.app.screen).__name__ == "PageScreen")


async def filled(stage: Stage) -> None:
    """Ask three times, so that the window fills."""
    for asked in STORED:
        await stage.ask(asked)
        await stage.done()


async def window(stage: Stage) -> None:
    """Look at what fills it."""
    await filled(stage)
    await stage.say("/context ", "enter")
    await stage.until(lambda: type(stage.app.screen).__name__ == "ContextScreen")


async def what_goes(stage: Stage) -> None:
    """Look at what a compaction would leave."""
    await window(stage)
    await stage.press("c")
    await stage.until(lambda: type(stage.app.screen).__name__ == "PreviewScreen")


async def question(stage: Stage) -> None:
    """Let the model ask."""
    await stage.ask(ORDERS)
    await stage.until(lambda: bool(stage.state.questions))
    await stage.waits()


async def files(stage: Stage) -> None:
    """Begin to name a file."""
    await stage.opened()
    await stage.press(*"Explain @d")


async def commands(stage: Stage) -> None:
    """Begin to name a command."""
    await stage.opened()
    await stage.press("slash")


async def help_page(stage: Stage) -> None:
    """Open the help."""
    await stage.opened()
    await stage.press("f1")


async def palette(stage: Stage) -> None:
    """Open the palette after some work."""
    await change_waits(stage)
    await stage.press("ctrl+p")
    await stage.settle()


async def first_run(stage: Stage) -> None:
    """Start where no model server runs."""
    await stage.until(lambda: type(stage.app.screen).__name__ == "FirstRunScreen")


SHOTS = (
    Shot("review", "A change waits for its review, hunk by hunk", change_waits),
    Shot("review-light", "The same in a light theme", change_waits, theme="trashclaw-light"),
    Shot("hunk-off", "One of two hunks is switched off", hunk_off, theme="catppuccin-mocha"),
    Shot("review-screen", "The review on the whole screen", whole_screen),
    Shot("review-split", "The same in two columns, one hunk switched off", two_columns, theme="trashclaw-light"),
    Shot("review-narrow", "The same on 80 columns", whole_screen, size=(80, 24), theme="nord"),
    Shot("reason", "A rejection with a reason for the model", reason, theme="solarized-light"),
    Shot("trust", "The first start: what trusting the folder would load", trust_asked, is_trust_asked=True),
    Shot("effects", "A command has run in the sandbox: what it changed waits", effects_wait, session="effects"),
    Shot("effects-screen", "The same on the whole screen; the hook wants a yes of its own", effects_whole, "effects"),
    Shot("effects-narrow", "The same on 80 columns", effects_whole, "effects", size=(80, 24), theme="nord"),
    Shot("network", "A command needs a host: a question of its own", host_asked, "network", theme="nord"),
    Shot("rewind", "Esc twice: the points to go back to", points, theme="catppuccin-mocha"),
    Shot("done", "The end of the task", all_done, theme="gruvbox-dark"),
    Shot("steering", "Two messages wait while the model writes", steering, session="explain"),
    Shot("plan", "Mode plan: the model may look, not touch", planned, session="plan", mode=Mode.PLAN),
    Shot("question", "The model asks a question", question, session="question", theme="rose-pine"),
    Shot("helped", "A small model is helped: calls mended, failures counted, a circle told", helped, "helped"),
    Shot("manner", "/manner: how it is talked to, and why", manner, "helped", theme="trashclaw-light"),
    Shot("context", "/context: what fills the window, what helps, what reading has cost", window, "window"),
    Shot("context-narrow", "The same on 80 columns", window, "window", size=(80, 24), theme="trashclaw-light"),
    Shot("compact", "What a compaction would leave out, before it is made", what_goes, "window", theme="nord"),
    Shot("high-contrast", "The theme with high contrast", all_done, theme="high-contrast"),
    Shot("narrow", "80 columns: panes become tabs", change_waits, size=(80, 24)),
    Shot("narrow-conversation", "80 columns: the conversation", all_done, size=(80, 24), theme="gruvbox-light"),
    Shot("files", "Completion of file names", files, size=(100, 30)),
    Shot("commands", "Completion of slash commands", commands, size=(100, 30)),
    Shot("help", "Every key and every command", help_page, size=(100, 40)),
    Shot("palette", "The command palette", palette, size=(120, 40)),
    Shot("first-run", "No model server: what was tried and what to type", first_run, session="", size=(100, 30)),
)
