"""The head of every request, system prompt and tools, is the same bytes whatever goes on around the session."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

RENDER = """
import asyncio, hashlib, json, sys, time
from pathlib import Path
day, mode, root = float(sys.argv[1]), sys.argv[2], Path(sys.argv[3])
time.time = lambda: day
from tests.support.sessions import open_driven
from trashclaw.config.schema import Settings
from trashclaw.providers.openai_request import chat_body
from trashclaw.providers.server_traits import LLAMACPP

async def main():
    for tool_set in ("full", "lean", "nano"):
        settings = Settings.model_validate({"mode": mode, "manner": {"tool_set": tool_set}})
        state = root.parent / f"state-{tool_set}-{mode}"
        async with open_driven(root, [{"text": "Hi."}], settings=settings, state=state, is_trusted=True) as driven:
            await driven.turn("Hello")
            body = chat_body(driven.provider.requests[0], "m", LLAMACPP)
            print(json.dumps([body["messages"][0], body["tools"]]))

asyncio.run(main())
"""


def test_nothing_in_the_prompt_and_the_tool_list_moves(repository: Path) -> None:
    """Whatever the day, the branch, the mode, the locale, the zone and the order of hashes."""
    heads: set[str] = set()
    for number, (mode, zone, locale) in enumerate(
        (("plan", "UTC", "C.UTF-8"), ("review", "Asia/Tokyo", "C"), ("auto", "America/Lima", "de_DE.UTF-8"))
    ):
        subprocess.run(["git", "checkout", "-q", "-b", f"branch-{number}"], cwd=repository, check=True)
        places = {"TZ": zone, "LANG": locale, "LC_ALL": locale, "PYTHONHASHSEED": str(number)}
        day = 1_700_000_000 + number * 40_000_000
        made = subprocess.run(
            [sys.executable, "-c", RENDER, str(day), mode, str(repository)],
            env={**os.environ, **places, "PYTHONUTF8": "1"},
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert made.returncode == 0, made.stderr
        heads.add(made.stdout)
    assert len(heads) == 1
    assert len(heads.pop().splitlines()) == 3
