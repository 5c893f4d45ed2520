"""What tabs cost: memory for each, and what ten of them draw and burn while nothing happens.

    python -m benchmarks.open_tabs [--tabs N] [--seconds S]

The real app over a scripted model, on Textual's own screen without a terminal.
"""

from __future__ import annotations

import argparse
import asyncio
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from trashclaw.config.resources import theme_files
from trashclaw.config.schema import ContextSettings, Settings
from trashclaw.faces.tui import app as app_module
from trashclaw.faces.tui.app import TrashclawApp
from trashclaw.faces.tui.themes import ThemeShelf
from trashclaw.providers.scripted import Script, ScriptedProvider, ScriptedStep
from trashclaw.session.build import Opening, open_session
from trashclaw.session.session import Session
from trashclaw.session.transcript import Transcript

LIMIT_S = 60.0


class CountingApp(TrashclawApp):
    """Counts what it draws."""

    CSS_PATH = Path(app_module.__file__).with_name("layout.tcss")
    draws = 0

    def _display(self, *update: object) -> None:
        self.draws += 1
        super()._display(*update)  # type: ignore[arg-type]


async def measure(folder: Path, tabs: int, seconds: float) -> None:
    """Open tabs, let them be idle, and print what that cost."""
    root = folder / "workspace"
    root.mkdir()
    provider = ScriptedProvider(Script(model="none", limit_tokens=32_768, steps=(ScriptedStep(text="Yes."),)))

    async def opener(
        *,
        resume: str | None = None,
        model: tuple[str, str] | None = None,
        is_demo: bool = False,
        show_tail: Callable[[Transcript], object] | None = None,
    ) -> Session:
        settings = Settings(context=ContextSettings(read_ahead=False))
        return await open_session(
            Opening(root=root, settings=settings, provider=provider, state=folder / "state", resume=resume)
        )

    app = CountingApp(opener, ThemeShelf(theme_files()))
    async with app.run_test(size=(120, 40)) as pilot:

        async def settle() -> None:
            async with asyncio.timeout(LIMIT_S):
                while any(tab.desk.session is None for tab in app.tabs.all):
                    await pilot.pause(0.02)
            await asyncio.sleep(2.0)

        await settle()
        before = memory_mib()
        for count in range(2, tabs + 1):
            app.commanding.run("tab", "")
            async with asyncio.timeout(LIMIT_S):
                while len(app.tabs.all) < count:
                    await pilot.pause(0.02)
        await settle()
        print(f"memory for each further tab: {(memory_mib() - before) / (tabs - 1):.2f} MiB")
        app.draws, began = 0, time.process_time()
        await asyncio.sleep(seconds)
        used = time.process_time() - began
        print(f"{tabs} tabs, idle for {seconds:g} s: {app.draws} drawings, {used:.4f} s of processor time")
        await app.tabs.close()


def memory_mib() -> float:
    """Return how much memory this process has resident."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 2**20


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tabs", type=int, default=10)
    parser.add_argument("--seconds", type=float, default=20.0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(measure(Path(folder), options.tabs, options.seconds))


if __name__ == "__main__":
    main()
