"""Ways to keep a context, on the same work and the same real server: how much of each prompt is read again.

The errand of `context_work`, 40 steps in a window of 8,192 tokens, is first carried out by our core in a large window;
what was said, called and answered is then sent again, step by step, by simple builders of requests that do what is
common, one habit each:

- a clock with seconds at the end of the system prompt;
- a window that slides: the oldest step is dropped for each one that no longer fits;
- a summary at 95 % of the room: made by a request of its own, put first, everything else forgotten but the last step;
- a tool list that changes with the mode: reading steps are sent without the tools that write.

Each builder keeps within the same room: the window without a fifth for the answer. The first and the last habit
overflow with nothing else, so they drop old steps, down to 40 % of the window, once the room is full. "Ours" is the
session itself, in a window of 8,192. What was evaluated is the server's own figure; strictly new, for all alike, is
what the errand brought: the first request, and each step's result.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from benchmarks.context_counts import prompt_tokens
from benchmarks.context_session import Worked, work
from benchmarks.context_world import engine
from benchmarks.measuring import Figure, run, scratch
from tests.support.tinymodel.engine import Engine
from tests.support.tinymodel.speaker import Exchange, Json, grammar_of

LARGE, SMALL = 32_768, 8_192
_ROOM = int(SMALL * 0.8)
_LOW = int(SMALL * 0.4)
_ALMOST = 0.95
_WRITING = ("edit_file", "write_file", "bash")
_SUM_UP = "Sum up what was done so far, what is open and what comes next."
_SUMMARY = (
    "The packages are gone through one place at a time; each change was compiled. The places so far carry a remark "
    "that says what they do. Open: the places that were not looked at yet. Next: the next name that a few lines hold."
)


@dataclass(frozen=True, slots=True)
class Step:
    """What one step of the errand adds to a history: an answer and its results."""

    messages: tuple[Json, ...]
    said: str


@dataclass(frozen=True, slots=True)
class Errand:
    """The whole work, as messages."""

    head: tuple[Json, ...]
    """System prompt and task."""

    tools: list[Json]
    steps: tuple[Step, ...]
    final: str

    @classmethod
    def of(cls, exchanges: Sequence[Exchange]) -> Errand:
        """Take it from the requests of a session that never forgot anything."""
        bodies = [exchange.body["messages"] for exchange in exchanges]
        added = [later[len(earlier) :] for earlier, later in pairwise(bodies)]
        said = [exchange.said for exchange in exchanges]
        steps = tuple(Step(tuple(messages), text) for messages, text in zip(added, said, strict=False))
        return cls(tuple(bodies[0]), exchanges[0].body["tools"], steps, said[-1])


@dataclass
class Sender:
    """Sends requests to the server and adds up what it evaluated."""

    engine: Engine
    evaluated: int = 0
    requests: int = 0
    refused: int = 0

    def ask(self, body: Json, said: str) -> None:
        """Send a request whose answer can only be this."""
        self.requests += 1
        told = self.engine.post("/v1/chat/completions", body | grammar_of(self.engine, body, said))
        if "timings" not in told:
            self.refused += 1
            return
        self.evaluated += int(told["timings"]["prompt_n"])

    def size(self, body: Json) -> int:
        """Return the tokens of a request, by the server."""
        return prompt_tokens(self.engine, body)


@dataclass
class Habit:
    """Builds the requests of an errand; this one changes nothing and drops deeply when the room is full."""

    errand: Errand
    sender: Sender
    kept: list[Step] = field(default_factory=list)

    def body(self, place: int) -> Json:
        """Return the request of a step, with what is kept of the ones before."""
        return {"messages": [*self.head(place), *self.history()], "tools": self.tools(place)}

    def head(self, place: int) -> list[Json]:
        """Return how a request begins."""
        return list(self.errand.head)

    def history(self) -> list[Json]:
        """Return the steps that are kept."""
        return [message for step in self.kept for message in step.messages]

    def tools(self, place: int) -> list[Json]:
        """Return the tools of a request."""
        return self.errand.tools

    def make_room(self, place: int) -> None:
        """Forget what no longer fits."""
        if self.sender.size(self.body(place)) > _ROOM:
            while len(self.kept) > 1 and self.sender.size(self.body(place)) > _LOW:
                self.kept.pop(0)

    def carry_out(self) -> None:
        """Send every step."""
        said = [*(step.said for step in self.errand.steps), self.errand.final]
        for place, text in enumerate(said):
            self.make_room(place)
            self.sender.ask(self.body(place), text)
            if place < len(self.errand.steps):
                self.kept.append(self.errand.steps[place])


class Clock(Habit):
    """Tells the time at the end of the system prompt."""

    def head(self, place: int) -> list[Json]:
        """Return the beginning, as of the second in which the step is."""
        system, *rest = self.errand.head
        now = f"\n\nThe time is 14:{place // 4 % 60:02}:{place * 13 % 60:02}."
        return [{**system, "content": system["content"] + now}, *rest]


class Sliding(Habit):
    """Drops the oldest step for each one that no longer fits."""

    def make_room(self, place: int) -> None:
        """Drop one after the other until the rest fits."""
        while len(self.kept) > 1 and self.sender.size(self.body(place)) > _ROOM:
            self.kept.pop(0)


class SummaryFirst(Habit):
    """Begins anew with a summary when the room is almost full."""

    summary: str = ""

    def head(self, place: int) -> list[Json]:
        """Return the system prompt with the summary in it, and the task."""
        system, *rest = self.errand.head
        told = f"\n\nWhat happened so far: {self.summary}" if self.summary else ""
        return [{**system, "content": system["content"] + told}, *rest]

    def make_room(self, place: int) -> None:
        """Have the history summed up by a prompt of its own, without tools, and go on with its last step."""
        if self.sender.size(self.body(place)) <= _ROOM * _ALMOST:
            return
        text = "\n\n".join(f"{message['role']}: {message.get('content') or ''}" for message in self.history())
        asked = [{"role": "system", "content": _SUM_UP}, {"role": "user", "content": text}]
        self.sender.ask({"messages": asked}, _SUMMARY)
        self.summary = f"{_SUMMARY} ({place} steps)"
        del self.kept[:-1]


class ModeTools(Habit):
    """Leaves out the tools that write while the model only reads."""

    def tools(self, place: int) -> list[Json]:
        """Return all tools for a step that writes, the others alone for one that reads."""
        said = self.errand.steps[place].said if place < len(self.errand.steps) else ""
        if any(f'"name": "{name}"' in said for name in _WRITING):
            return self.errand.tools
        return [tool for tool in self.errand.tools if tool["function"]["name"] not in _WRITING]


HABITS: dict[str, Callable[[Errand, Sender], Habit]] = {
    "deep cut, nothing else": Habit,
    "clock in the system prompt": Clock,
    "sliding window": Sliding,
    "summary put first, at 95 %": SummaryFirst,
    "tools by mode": ModeTools,
}


def measure(runs: int) -> list[Figure]:
    """Work so many steps, and send them again in each way."""
    figures: list[Figure] = []
    with scratch() as folder:
        for kind in ("plain", "hybrid"):
            is_hybrid = kind == "hybrid"
            whole = work(folder / f"whole-{kind}", is_hybrid=is_hybrid, n_ctx=LARGE, steps=runs, settings=_LEAN)
            ours = work(folder / f"ours-{kind}", is_hybrid=is_hybrid, n_ctx=SMALL, steps=runs)
            figures.append(compared(kind, whole, ours, folder))
    return figures


_LEAN = {"manner": {"tool_set": "lean"}}
"""What a window of 8,192 gets by itself."""


def compared(kind: str, whole: Worked, ours: Worked, folder: Path) -> Figure:
    """Send the errand in each way to a server of its own, and compare."""
    errand, new = Errand.of(whole.exchanges), whole.totals.new
    lines: list[str] = []
    ratios: list[float] = []
    for name, make in HABITS.items():
        with engine(folder, is_hybrid=kind == "hybrid", n_ctx=SMALL) as running:
            sender = Sender(running)
            make(errand, sender).carry_out()
        ratios.append(sender.evaluated / new)
        refused = f", {sender.refused} refused" if sender.refused else ""
        lines.append(f"{name}: {ratios[-1]:.2f} ({sender.evaluated:,} in {sender.requests} requests{refused})")
    own = ours.totals.evaluated / ours.totals.new
    lines.append(f"ours: {own:.2f} ({ours.totals.evaluated:,} in {len(ours.exchanges)} requests)")
    return Figure(
        name=f"evaluated / new by way of keeping the context, window of {SMALL:,}, {kind} model",
        target="less than by any of the common ways",
        measured=f"{own:.2f} against {min(ratios[1:]):.2f} to {max(ratios[1:]):.2f}",
        is_pass=own < min(ratios[1:]) and ours.is_finished,
        notes=(f"strictly new: {new:,} tokens", *lines),
    )


if __name__ == "__main__":
    sys.exit(run(measure, runs=40, description=__doc__))
