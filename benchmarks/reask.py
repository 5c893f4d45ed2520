"""Asks the real llama.cpp server once more for every call that could not be healed, held to the tool's schema.

The model is the tests' own, of a million parameters: it has seen no such question, so that all which is right about an
answer comes from the schema. Weights of pure chance are of no use here: they write tags and halves of characters into
strings, over which the server itself stumbles. The calls are those of `benchmarks/healing.py`.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections import Counter

from benchmarks.healing import CALLS, SEED, heal, spoil
from benchmarks.healing_calls import make_tool_list
from benchmarks.measuring import Figure, run
from tests.support.tinymodel.engine import Engine
from tests.support.tinymodel.weights import TRAINED
from trashclaw.agent.healing.calls import HealedCall
from trashclaw.agent.healing.reask import reask
from trashclaw.agent.healing.toolbox import Toolbox
from trashclaw.agent.messages import Message, Request, Role, TextPart
from trashclaw.providers.openai_compat import OpenAICompatProvider
from trashclaw.providers.server_traits import LLAMACPP

ROOM_TOKENS = 4_096
SYSTEM = Message(Role.SYSTEM, "You are a coding assistant.")
TASK = Message(Role.USER, "Fix the tax.")


def measure(runs: int) -> list[Figure]:
    """Ask for the first `runs` of them, or for all when there are fewer."""
    box = Toolbox(make_tool_list())
    tried = ((spoilt, heal(spoilt, box)) for spoilt in spoil(CALLS, SEED))
    rest = [healed for _, healed in tried if healed.error is not None][:runs]
    with Engine(TRAINED, n_ctx=32_768) as engine:
        began = time.monotonic()
        found = asyncio.run(_ask_all(engine.url, rest, box))
        spent_s = time.monotonic() - began
    wrong = [f"{healed.call.name}: {healed.error.text[-300:]}" for healed in found if healed.error is not None]
    tools = Counter(healed.call.name for healed in found)
    notes = (
        f"{spent_s / max(1, len(rest)):.2f} s each",
        "by tool: " + ", ".join(f"{name} {count}" for name, count in tools.most_common()),
        *wrong[:10],
    )
    name = f"calls that could not be healed, right by their schema after one question ({len(rest)})"
    return [Figure(name, "all", f"{len(rest) - len(wrong)} of {len(rest)}", not wrong and bool(rest), notes)]


async def _ask_all(url: str, rest: list[HealedCall], box: Toolbox) -> list[HealedCall]:
    provider = OpenAICompatProvider(url, traits=LLAMACPP)

    async def ask(request: Request) -> str:
        parts = [part.text async for part in provider.stream(request) if isinstance(part, TextPart)]
        return "".join(parts)

    request = Request((SYSTEM, TASK), tools=box.specs, max_tokens=ROOM_TOKENS)
    try:
        return [await reask(healed, request, "I will do it now.", ask, box) for healed in rest]
    finally:
        await provider.aclose()


if __name__ == "__main__":
    sys.exit(run(measure, runs=CALLS, description=__doc__))
