"""What a person tells the program to remember: /remember and /memory."""

from __future__ import annotations

from trashclaw.config.paths import config_folder


async def test_what_is_remembered_is_shown_with_its_cost_and_can_be_forgotten(stage) -> None:
    async with stage() as play:
        await play.say("/remember run make check")
        await play.until(lambda: "memory changed, told the model" in play.text())
        await play.say("/remember --user [bold]use tabs[/bold]")
        await play.until(lambda: (config_folder() / "memory.md").exists())
        await play.say("/memory")
        await play.until(lambda: "Of this project, about 5 tokens in each session" in play.text())
        assert "1  run make check" in play.text()
        assert "1  [bold]use tabs[/bold]" in play.text()
        await play.pilot.press("escape")
        await play.say("/memory forget --user 1")
        await play.until(lambda: not (config_folder() / "memory.md").read_text())
        await play.say("/memory")
        await play.until(lambda: "Nothing yet. /remember --user TEXT adds to it." in play.text())


async def test_what_cannot_be_done_is_told(stage) -> None:
    async with stage() as play:
        await play.say("/memory forget 4")
        await play.told("There is no entry 4")
        await play.say("/memory burn")
        await play.told("/memory burn is not known")
        await play.say("/remember ")
        await play.told("There is nothing to remember")
