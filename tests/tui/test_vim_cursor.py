"""The cursor of vim's visual modes stands on the last character that is selected, as wide as that is."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from tests.tui.conftest import Play, Stage
from trashclaw.faces.tui.widgets.prompt import Prompt
from trashclaw.faces.tui.widgets.vim_keys import VimKeys


def cursor_of(prompt: Prompt) -> list[tuple[int, int, str]]:
    """Return row, first cell and text of what is drawn as the cursor."""
    style, found = prompt.get_component_rich_style("text-area--cursor"), []
    for y in range(prompt.size.height):
        x = 0
        for segment in prompt.render_line(y):
            if segment.style is not None and segment.style.bgcolor == style.bgcolor:
                found.append((y, x, segment.text))
            x += cell_len(segment.text)
    return found


async def typed(play: Play, text: str, keys: str) -> Prompt:
    """Put a text into a prompt with vim's keys, go to its beginning, and press keys."""
    prompt = play.app.main.prompt
    prompt.vim = VimKeys(prompt, lambda: None)
    prompt.load_text(text)
    prompt.focus()
    await play.pilot.press("escape", "g", "g", "0", *keys)
    await play.pilot.pause()
    return prompt


@pytest.mark.parametrize(
    ("text", "keys", "shown"),
    [
        ("one two", "v", (0, 0, "o")),
        ("one two", "ve", (0, 2, "e")),
        ("one two", "v$", (0, 6, "o")),
        ("one two", "wvb", (0, 0, "o")),
        ("日本語", "vl", (0, 2, "本")),
        ("one\ntwo three\nfour", "Vj", (1, 0, "t")),
        ("one\ntwo three\nfour", "jwV", (1, 4, "t")),
        ("one\n\nfour", "vj", (1, 0, " ")),
        ("one two", "vev", (0, 2, "e")),
    ],
)
async def test_the_cursor_is_on_the_character_that_it_selects(
    stage: Stage, text: str, keys: str, shown: tuple[int, int, str]
) -> None:
    async with stage({"text": "Done."}) as play:
        prompt = await typed(play, text, keys)
        assert cursor_of(prompt) == [shown]
