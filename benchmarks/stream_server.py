"""A model server in a process of its own: `python -m benchmarks.stream_server ollama 2000 200` prints its address.

It speaks the protocol of Ollama or of OpenAI on loopback, and answers each request with Markdown of as many tokens, one
in each chunk of its own, as fast as they are taken or at so many a second. It ends when its standard input is closed.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.stream_text import markdown
from tests.support.fake_ollama import FakeModel, FakeOllama
from tests.support.fake_openai import FakeOpenAI
from trashclaw.providers.script import ScriptedStep

WINDOW_TOKENS = 131_072
ANSWERS = 50


@contextmanager
def stream_server(protocol: str, tokens: int, per_s: float | None = None) -> Iterator[str]:
    """Run one and give its address; `protocol` is `ollama` or `openai`, `per_s` tokens a second."""
    command = [sys.executable, "-m", "benchmarks.stream_server", protocol, str(tokens), str(per_s or 0)]
    root = Path(__file__).parents[1]
    with subprocess.Popen(command, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


async def _serve(protocol: str, tokens: int, per_s: float) -> None:
    steps = (ScriptedStep(text=markdown(tokens), tokens_per_s=per_s or None),) * ANSWERS
    models = (FakeModel(context_length=WINDOW_TOKENS),)
    server = FakeOllama(steps, models) if protocol == "ollama" else FakeOpenAI(steps, n_ctx=WINDOW_TOKENS)
    async with server:
        print(server.url, flush=True)
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(_serve(sys.argv[1], int(sys.argv[2]), float(sys.argv[3])))
