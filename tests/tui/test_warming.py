"""What answers need is there before the first of them."""

from __future__ import annotations

import subprocess
import sys
import threading

from trashclaw.faces.tui import warming

_CODE = """
import sys
from trashclaw.config.resources import theme_files
from trashclaw.faces.tui.drawing.look import look_of_theme
from trashclaw.faces.tui.themes import ThemeShelf
from trashclaw.faces.tui import warming
look = look_of_theme(ThemeShelf(theme_files()).load("trashclaw-dark"), is_ascii=False)
wanted = {"markdown_it", "pygments.lexers.python", "trashclaw.faces.tui.drawing.table"}
assert not wanted & set(sys.modules), wanted & set(sys.modules)
warming.draw_sample(look)
print(*wanted & set(sys.modules))
"""


def test_all_that_answers_are_made_of_is_loaded() -> None:
    done = subprocess.run([sys.executable, "-c", _CODE], capture_output=True, text=True, check=True, timeout=60)
    assert sorted(done.stdout.split()) == sorted(
        ("markdown_it", "pygments.lexers.python", "trashclaw.faces.tui.drawing.table")
    )


async def test_it_is_loaded_beside_the_screen_once_a_session_is_open(stage, monkeypatch) -> None:
    threads: list[threading.Thread] = []
    monkeypatch.setattr(warming, "draw_sample", lambda look: threads.append(threading.current_thread()))
    async with stage() as play:
        assert not threads or play.app.desk.session is not None
        await play.until(lambda: threads)
    assert threads[0] is not threading.main_thread()
