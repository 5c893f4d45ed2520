"""Where the benchmarks of the window work: the real core on the real llama.cpp server, which says what is scripted."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from tests.support.tinymodel.engine import Engine
from tests.support.tinymodel.hybrid import write_worded
from tests.support.tinymodel.speaker import Exchange, Json, Kind, Speaker
from trashclaw.config.schema import Settings
from trashclaw.protocol import events as ev
from trashclaw.protocol import ops
from trashclaw.protocol.items import Compaction, Item, ToolRun
from trashclaw.session.build import Opening, open_session
from trashclaw.session.session import Session

LIMIT_S = 900.0
_PATH = re.compile(r"[\w./-]+\.py\b")

_SUMMARY_ASKED = "<note>The window is full"

E = TypeVar("E", bound=ev.Event)


@dataclass
class Script:
    """A voice that gives its answers one after the other; each counts once it came through to its end."""

    answers: Sequence[str]
    tasks: Sequence[str]
    """What the person says: a request whose last words hold one of these is a step."""

    place: int = 0

    def hear(self, body: Json) -> tuple[Kind, str]:
        """Return what a request is for, and the answer to it."""
        kind = kind_of(body, self.tasks)
        if kind is Kind.MAIN:
            return kind, self.next(body)
        return kind, summary_of(body)

    def next(self, body: Json) -> str:
        """Return the answer that is due."""
        return self.answers[self.place] if self.place < len(self.answers) else "The script is over."

    def was_heard(self, exchange: Exchange) -> None:
        """Go on to the next answer."""
        if exchange.kind is Kind.MAIN:
            self.place += 1


def kind_of(body: Json, tasks: Sequence[str]) -> Kind:
    """Tell a step of the conversation from what is asked beside it, and from what is only to be read."""
    if body.get("max_tokens") == 1:
        return Kind.AHEAD
    last = body["messages"][-1]
    text = str(last["content"])
    if last["role"] == "user" and _SUMMARY_ASKED in text:
        return Kind.ASIDE
    is_step = last["role"] == "tool" or text.startswith("<note>") or any(task in text for task in tasks)
    return Kind.MAIN if is_step else Kind.ASIDE


def summary_of(body: Json) -> str:
    """Return what a model could say when it is asked to sum up: it names the files that it is told to name."""
    names = dict.fromkeys(_PATH.findall(str(body["messages"][-1]["content"])))
    return (
        "Every place that opens, reads or closes something shall say so in its name; one place at a time, compiled "
        f"after each change. Changed so far, beside earlier ones: {', '.join(names)}. All of it compiles; nothing is "
        "open. Next: go on with the next place, look where its name is used, and change its line."
    )


@contextmanager
def engine(folder: Path, *, is_hybrid: bool, n_ctx: int, **settings: object) -> Iterator[Engine]:
    """Start a server with random weights; everything else is as llama.cpp has it by default."""
    model = folder / ("hybrid.gguf" if is_hybrid else "plain.gguf")
    if not model.exists():
        write_worded(model, is_hybrid=is_hybrid)
    with Engine(model, n_ctx=n_ctx, **settings) as running:
        yield running


@dataclass
class Watched:
    """A session, and everything that it told."""

    session: Session
    seen: list[ev.Event] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._subscription = self.session.subscribe()
        self._mark = 0

    async def turn(self, text: str) -> ev.TurnCompleted:
        """Run a turn to its end, and what follows it."""
        self.session.submit(ops.TurnStart(text=text))
        done = await self.until(ev.TurnCompleted)
        await self.session.wait_idle()
        return done

    async def until(self, kind: type[E]) -> E:
        """Wait for an event that nobody has waited for yet, and return it."""
        async with asyncio.timeout(LIMIT_S):
            while True:
                for place in range(self._mark, len(self.seen)):
                    event = self.seen[place]
                    if isinstance(event, kind):
                        self._mark = place + 1
                        return event
                self._mark = len(self.seen)
                await self._subscription.wait()
                self.take()

    def take(self) -> None:
        """Take in what was told meanwhile."""
        self.seen += [envelope.event for envelope in self._subscription.take_waiting()]

    @property
    def items(self) -> list[Item]:
        """The completed items, in order."""
        self.take()
        return [event.item for event in self.seen if isinstance(event, ev.ItemCompleted)]

    @property
    def compactions(self) -> list[Compaction]:
        """The compactions, in order."""
        return [item for item in self.items if isinstance(item, Compaction)]

    @property
    def runs(self) -> list[ToolRun]:
        """The tool runs, in order."""
        return [item for item in self.items if isinstance(item, ToolRun)]

    @property
    def steps_compacted(self) -> list[int]:
        """The steps, counted from 1 over all turns, before whose requests the window was compacted."""
        self.take()
        steps, found = 0, list[int]()
        for event in self.seen:
            steps += isinstance(event, ev.StepStarted)
            if isinstance(event, ev.ItemCompleted) and isinstance(event.item, Compaction):
                found.append(steps)
        return found

    def notices(self, code: str) -> list[ev.Notice]:
        """Return the notices of one code."""
        self.take()
        return [event for event in self.seen if isinstance(event, ev.Notice) and event.code == code]


@asynccontextmanager
async def watched(
    root: Path,
    speaker: Speaker,
    settings: Mapping[str, object] | None = None,
    *,
    resume: str | None = None,
    has_person: bool = False,
) -> AsyncIterator[Watched]:
    """Open a session in which nothing is asked; limits of steps are out of the way, all else is as it comes.

    `has_person`: somebody sits before it, so that there are idle times.
    """
    made = {
        "provider": "llamacpp",
        "base_url": speaker.url,
        "mode": "auto" if has_person else None,
        "allow_write": True,
        "allow_shell": True,
        "limits": {"steps": 1000, "repeats": 500, "idle_steps": 500},
        **(settings or {}),
    }
    opening = Opening(
        root=root,
        settings=Settings.model_validate(made),
        can_ask=has_person,
        state=root.parent / "state",
        resume=resume,
    )
    session = await open_session(opening)
    try:
        yield Watched(session)
    finally:
        await session.aclose()
