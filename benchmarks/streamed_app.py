"""Textual's own way to show streamed Markdown: what `stream_widget` compares ours with. It ends when all is shown."""

from __future__ import annotations

import asyncio
import sys
import time

from textual.app import App, ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Markdown

from benchmarks.stream_text import markdown
from tests.support.pacing import pieces


class StreamedApp(App[None]):
    """One Markdown widget that follows its end."""

    def __init__(self, tokens: int) -> None:
        super().__init__()
        self._tokens = tokens
        self._markdown = Markdown()

    def compose(self) -> ComposeResult:
        """Show it."""
        with VerticalScroll() as scroll:
            yield self._markdown
        scroll.anchor()

    async def on_ready(self) -> None:
        """Stream the text into it."""
        self.run_worker(self._write())

    async def _write(self) -> None:
        texts = pieces(markdown(self._tokens))
        began_s = time.process_time()
        stream = Markdown.get_stream(self._markdown)
        for text in texts:
            await stream.write(text)
            await asyncio.sleep(0)
        await stream.stop()
        drawn = asyncio.Event()
        self.call_after_refresh(drawn.set)
        await drawn.wait()
        self.exit(message=f"{time.process_time() - began_s:.6f}")


if __name__ == "__main__":
    StreamedApp(int(sys.argv[1])).run()
