"""Making the next request ready and checking it, at 100,000 tokens of history, and whether that grows in a line.

What happens between a step's result and the bytes on the wire, without the wire: the history's messages, the dialect,
the estimate, the ledger, and the body of the provider. Each run adds a step, as a session does.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from benchmarks.measuring import Figure, Spread, run
from trashclaw.agent.dialects.native import Native
from trashclaw.agent.dialects.port import Dialect
from trashclaw.agent.dialects.text.dialect import TextDialect
from trashclaw.agent.dialects.typed import Typed
from trashclaw.agent.encoding import load_counter
from trashclaw.agent.history import History
from trashclaw.agent.ledger import Ledger
from trashclaw.agent.messages import Request
from trashclaw.agent.tokens import TokenMeter
from trashclaw.agent.window import ContextWindow
from trashclaw.protocol import events as ev
from trashclaw.protocol.ids import CallId, ItemId
from trashclaw.protocol.items import AgentMessage, ToolRun, UserMessage
from trashclaw.protocol.tools import ToolCall, ToolKind, ToolResult, ToolSpec, ToolStatus
from trashclaw.providers.ollama_request import OllamaSettings, ollama_body
from trashclaw.providers.openai_request import chat_body
from trashclaw.providers.server_traits import LLAMACPP

MOST_MS = 20.0
MOST_GROWTH = 1.3
SMALL, LARGE = 100, 400
"""Steps of a history of about 25,000 and 100,000 tokens; a step is a call and its result, two messages."""

_OLLAMA = OllamaSettings("tiny", 131_072)
_RESULT = "    value = self.table.get(key, default)\n    return value if value is not None else missing(key)\n" * 9
_PIECES = {"type": "object", "properties": {"path": {"type": "string"}, "offset": {"type": "integer"}}}
_TOOLS = tuple(
    ToolSpec(name=f"tool_{number}", description="Read a file. " * 12, parameters=_PIECES, kind=ToolKind.READ)
    for number in range(15)
)
Bodies = Callable[[Request], object]


def _openai(request: Request) -> object:
    return chat_body(request, "tiny", LLAMACPP)


def _ollama(request: Request) -> object:
    return ollama_body(request, _OLLAMA)


@dataclass
class Side:
    """A session of some length, in one dialect, to one kind of server."""

    steps: int
    dialect: Dialect
    body: Bodies
    tokens: int = 0
    messages: int = 0
    parts: dict[str, list[float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.history, self.ledger, self.meter = History("You are a test. " * 100), Ledger(), TokenMeter(load_counter())
        self.window = ContextWindow(1_000_000, self.meter, lambda event: None)
        for number in range(self.steps):
            _take_step(self.history, number)
        self._number = self.steps
        self.first_ms = self.assemble()

    def assemble(self) -> float:
        """Make the next request ready; return how long it took, in milliseconds, without the JSON."""
        _take_step(self.history, self._number)
        self._number += 1
        marks = [("", time.perf_counter())]
        for name, _ in self._work():
            marks.append((name, time.perf_counter()))
        for (_, began), (name, ended) in pairwise(marks):
            self.parts.setdefault(name, []).append((ended - began) * 1000)
        return (marks[-2][1] - marks[0][1]) * 1000

    def _work(self) -> Iterator[tuple[str, object]]:
        request = Request(self.history.messages, _TOOLS, max_tokens=4096)
        yield "messages", request
        sent = self.dialect.render(request)
        yield "dialect", sent
        assert not self.window.is_unsure(sent)
        assert not self.window.is_full(sent)
        self.window.check(sent, self.history)
        self.tokens, self.messages = self.meter.estimate(sent), len(sent.messages)
        yield "estimate and checks", self.tokens
        broken = self.ledger.record(sent, request.tools)
        assert broken is None
        yield "ledger", broken
        body = self.body(sent)
        yield "body", body
        text = json.dumps(body, ensure_ascii=False)
        yield "json", text
        self.meter.learn(sent, self.tokens, 20)


def _take_step(history: History, number: int) -> None:
    if number % 10 == 0:
        message = UserMessage(item_id=ItemId(f"user{number}"), text="Go on with the next part, please.")
        history.apply(ev.ItemCompleted(item=message))
    call = ToolCall(call_id=CallId(f"call{number}"), name="tool_1", arguments=f'{{"path": "src/part_{number}.py"}}')
    result = ToolResult(call_id=call.call_id, status=ToolStatus.DONE, text=f"{number}\n{_RESULT}")
    run_ = ToolRun(item_id=ItemId(f"run{number}"), call=call, title="read", status=ToolStatus.DONE, result=result)
    history.apply(ev.StepStarted(step=number + 1))
    history.apply(ev.ItemCompleted(item=AgentMessage(item_id=ItemId(f"say{number}"), text="I read the next part.")))
    history.apply(ev.ItemCompleted(item=run_))
    history.apply(ev.StepCompleted(step=number + 1))


def measure(runs: int) -> list[Figure]:
    """Assemble each request `runs` times, the two lengths in turns."""
    sides = {
        "native, llama.cpp": (Native, _openai),
        "native, Ollama": (Native, _ollama),
        "typed": (Typed, _openai),
        "text": (TextDialect, _openai),
    }
    return [figure for name, (dialect, body) in sides.items() for figure in _measure_side(name, dialect, body, runs)]


def _measure_side(name: str, make: Callable[[], Dialect], body: Bodies, runs: int) -> Iterator[Figure]:
    small, large = Side(SMALL, make(), body), Side(LARGE, make(), body)
    times: dict[int, list[float]] = {SMALL: [], LARGE: []}
    for _ in range(runs):
        # In turns, so that noise hits both alike.
        times[SMALL].append(small.assemble())
        times[LARGE].append(large.assemble())
    short, long = (Spread(tuple(values)) for values in times.values())
    growth = (long.best / large.tokens) / (short.best / small.tokens)
    parts = ", ".join(f"{part} {Spread(tuple(values[1:])).median:.2f}" for part, values in large.parts.items())
    yield Figure(
        name=f"assembling and checking a request at {large.tokens:,} tokens, {name}",
        target=f"{MOST_MS:.0f} ms or less",
        measured=f"{long.median:.1f} ms",
        is_pass=long.median <= MOST_MS,
        notes=(
            f"{large.messages} messages; {long}",
            f"median milliseconds: {parts} (the JSON is not in the figure)",
            f"the first of a resumed session, which counts every message: {large.first_ms:.0f} ms",
        ),
    )
    yield Figure(
        name=f"time a token at {large.tokens:,} tokens against {small.tokens:,}, {name}",
        target=f"{MOST_GROWTH} or less",
        measured=f"{growth:.2f}",
        is_pass=growth <= MOST_GROWTH,
        notes=(f"best of {runs}: {long.best:.2f} ms and {short.best:.2f} ms",),
    )


if __name__ == "__main__":
    sys.exit(run(measure, runs=30, description=__doc__))
