"""What opens over the main screen: help, palette, settings, themes, questions, points to go back to."""

from __future__ import annotations

from screenshots.plays.review import all_done, change_waits
from screenshots.stage import Stage


async def help_page(stage: Stage) -> None:
    """Open the help."""
    await stage.opened()
    await stage.press("f1")
    await stage.shows("HelpScreen")


async def help_found(stage: Stage) -> None:
    """Search the help, from where a change waits."""
    await change_waits(stage)
    await stage.press("f1")
    await stage.shows("HelpScreen")
    await stage.type("hunk")


async def palette(stage: Stage) -> None:
    """Open the palette after some work."""
    await change_waits(stage)
    await stage.press("ctrl+p")
    await stage.shows("PaletteScreen")


async def palette_found(stage: Stage) -> None:
    """Type a part of what is wanted."""
    await palette(stage)
    await stage.type("fork")


async def settings(stage: Stage) -> None:
    """Look for settings, one of which a file sets."""
    await stage.opened()
    await stage.press("f4")
    await stage.shows("SettingsScreen")


async def wrong_setting(stage: Stage) -> None:
    """Type a value that cannot be."""
    await stage.opened()
    await stage.say("/settings limits.steps")
    await stage.shows("SettingsScreen")
    await stage.press("enter", "ctrl+u")
    await stage.type("forty")


async def themes(stage: Stage) -> None:
    """Go through the themes while a change waits."""
    await change_waits(stage)
    await stage.press("ctrl+l")
    await stage.say("/theme ")
    await stage.shows("ChoiceScreen")


async def confirm(stage: Stage) -> None:
    """Close a tab in which a change waits."""
    await change_waits(stage)
    await stage.press("ctrl+l")
    await stage.begin("/tab")
    await stage.press("alt+1")
    await stage.settle()
    await stage.press("ctrl+l")
    await stage.say("/close ")
    await stage.shows("ConfirmScreen")


async def own_keys(stage: Stage) -> None:
    """Start with keys of one's own that cannot all be."""
    await stage.opened()


async def points(stage: Stage) -> None:
    """Look at the points to go back to."""
    await all_done(stage)
    await stage.press("escape", "escape")
    await stage.shows("RewindScreen")


async def overwrite(stage: Stage) -> None:
    """Go back where the person has changed the same file since."""
    await all_done(stage)
    file = stage.app.desk.need_session().workspace_root / "src" / "db.py"
    file.write_text(file.read_text(encoding="utf-8").replace("of the shop", "of our shop"), encoding="utf-8")
    await stage.press("escape", "escape")
    await stage.shows("RewindScreen")
    await stage.press("enter")
    await stage.shows("OverwriteScreen")
