"""What becomes of facts that leave the window: 50 of them, planted in early results and asked for by the model again.

The session works in a window of 8,192 tokens on the real llama.cpp server. 50 steps bring one fact each into the window
(files read, searches, commands), the rest is the work of `context_work`, until three compactions have come behind the
last fact. Then a person asks for each fact, one turn a question. The scripted model may use nothing but what stands in
the request that it answers: a number beside the fact's name or its file's in a stub or a digest, else words of the
question as a query, then what `recall` shows, page by page; of every other fact it does not take the line that a query
shows, but opens what was found. It answers with what it finds there, and the answer must hold the fact to the letter.
"""

from __future__ import annotations

import asyncio
import random
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.context_work import FINAL, TASK, Call, make_packages, working_calls
from benchmarks.context_world import Script, Watched, engine, watched
from benchmarks.measuring import Figure, run, scratch
from tests.support.tinymodel.engine import Engine
from tests.support.tinymodel.speaker import Json, Speaker, call_text
from trashclaw.protocol.items import AgentMessage, ToolRun

LIMIT = 8_192
_COMPACTIONS = 3
_ROUND = 12
_ROUNDS_AT_MOST = 20
_CALLS_AT_MOST = 6
_ASKED = "What exactly does"
_QUESTION = _ASKED + " {path} say in {name}?"
_UNKNOWN = "I do not know."
_NUMBER = re.compile(r"(?:#|recall #?)(\d+)")
_FURTHER = re.compile(r"go on with id=(\d+), offset=(\d+)")
_FOUND = "[found"
_WORDS = ("calm", "walrus", "lantern", "näive", "copper", "鯨", "orchard", "velvet", "thistle", "quartz")


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that stands in one file of the repository."""

    number: int
    value: str

    @property
    def path(self) -> str:
        """The file."""
        return f"notes/part_{self.number:02}.py"

    @property
    def name(self) -> str:
        """What the line begins with."""
        return f"NOTE_{self.number:02}"

    @property
    def question(self) -> str:
        """What the person asks."""
        return _QUESTION.format(path=self.path, name=self.name)

    def write(self, root: Path, dice: random.Random) -> None:
        """Write the file: the fact stands among other lines, in every fifth of them far down in a long one."""
        count = 90 if self.number % 5 == 0 else 18
        lines = [f"value_{place} = {dice.randrange(10_000)}  # of part {self.number}" for place in range(count)]
        lines.insert(count - 4, f'{self.name} = "{self.value}"')
        (root / self.path).parent.mkdir(exist_ok=True)
        (root / self.path).write_text("\n".join(lines) + "\n", encoding="utf-8")

    def call(self) -> Call:
        """Return the call whose result brings it into the window."""
        calls: tuple[tuple[str, Mapping[str, Any]], ...] = (
            ("read_file", {"path": self.path}),
            ("grep", {"pattern": self.name, "path": "notes"}),
            ("bash", {"command": f"cat {self.path}"}),
        )
        return Call(f"I look into part {self.number}.", *calls[0 if self.number % 5 == 0 else self.number % 3])


@dataclass
class Asked(Script):
    """Works as scripted, and answers questions with what stands in the window, or what it has recalled."""

    calls_by: dict[str, int] = field(default_factory=dict)
    """How often it recalled by number, and by query."""

    def next(self, body: Json) -> str:
        """Return the next answer; to a question, it comes from the request alone."""
        messages = body["messages"]
        places = [place for place, message in enumerate(messages) if message["role"] == "user"]
        asked = [place for place in places if _ASKED in str(messages[place]["content"])]
        if not asked:
            return super().next(body)
        path, name = question_of(str(messages[asked[-1]]["content"]))
        since = [str(one["content"]) for one in messages[asked[-1] + 1 :] if one["role"] == "tool"]
        return self._answer(path, name, since, [str(one["content"]) for one in messages[1:]])

    def _answer(self, path: str, name: str, shown: list[str], window: list[str]) -> str:
        must_open = int(name[-2:]) % 2 == 0
        for text in shown:
            if must_open and text.startswith(_FOUND):
                continue
            if found := re.search(rf'{name} = "([^"\n]+)"', text):
                return f"It says: {found[1]}"
        if len(shown) >= _CALLS_AT_MOST:
            return _UNKNOWN
        if not shown:
            number = number_beside((path, name), window)
            return self._recall("query", query=name) if number is None else self._recall("number", id=number)
        if further := _FURTHER.search(shown[-1]):
            return self._recall("page", id=int(further[1]), offset=int(further[2]))
        number = number_beside((path, name), shown[-1:])
        if len(shown) == 1 and number is not None and shown[-1].startswith(_FOUND):
            return self._recall("number", id=number)
        return self._recall("query", query=name) if len(shown) == 1 else _UNKNOWN

    def _recall(self, how: str, **arguments: object) -> str:
        self.calls_by[how] = self.calls_by.get(how, 0) + 1
        return call_text("", "recall", arguments)


def question_of(text: str) -> tuple[str, str]:
    """Return the file and the name that the newest question in a text asks for."""
    path, name = re.findall(r"does (\S+) say in (\w+)\?", text)[-1]
    return path, name


def number_beside(names: tuple[str, ...], texts: list[str]) -> int | None:
    """Return the number in a line that has one of these names in it, the newest first."""
    for text in reversed(texts):
        for line in reversed(text.splitlines()):
            if any(name in line for name in names) and (found := _NUMBER.search(line)):
                return int(found[1])
    return None


@dataclass(frozen=True, slots=True)
class Recalled:
    """What came of the questions."""

    right: int
    wrong: tuple[str, ...]
    before: int
    """Compactions between the last fact and the first question."""

    compactions: int
    calls_by: Mapping[str, int]


def measure(runs: int) -> list[Figure]:
    """Plant so many facts, and ask for each."""
    with scratch() as folder, engine(folder, is_hybrid=False, n_ctx=LIMIT) as running:
        found = asyncio.run(plant_and_ask(folder, running, runs))
    by = ", ".join(f"{count} by {how}" for how, count in sorted(found.calls_by.items()))
    return [
        Figure(
            name="facts of early results, asked for after three compactions",
            target=f"{runs} of {runs}, by recall",
            measured=f"{found.right} of {runs}",
            is_pass=found.right == runs and found.before >= _COMPACTIONS,
            notes=(
                f"calls of recall: {by}",
                f"{found.before} compactions between the last fact and the first question, {found.compactions} in all",
                *found.wrong[:5],
            ),
        )
    ]


async def plant_and_ask(
    folder: Path,
    running: Engine,
    count: int,
    compactions: int = _COMPACTIONS,
    settings: Mapping[str, object] | None = None,
) -> Recalled:
    """Work, wait for compactions, and ask."""
    root, dice = folder / "packages", random.Random(11)
    root.mkdir(parents=True)
    facts = [Fact(n, f"{dice.choice(_WORDS)} {dice.choice(_WORDS)} {dice.randrange(10**6)}") for n in range(count)]
    for fact in facts:
        fact.write(root, dice)
    make_packages(root)
    work = [call.text for call in working_calls(root, _ROUND * _ROUNDS_AT_MOST)]
    rounds = [work[place : place + _ROUND] for place in range(0, len(work), _ROUND)]
    answers = [*(fact.call().text for fact in facts), FINAL, *(text for part in rounds for text in (*part, FINAL))]
    voice = Asked(answers, (TASK, _ASKED))
    with Speaker(running, voice) as speaker:
        async with watched(root, speaker, settings) as session:
            before = await _until_compacted(session, compactions)
            wrong = [await _ask(session, fact) for fact in facts]
            made = len(session.compactions)
    missed = tuple(text for text in wrong if text)
    return Recalled(count - len(missed), missed, before, made, voice.calls_by)


async def _until_compacted(session: Watched, compactions: int) -> int:
    await session.turn(TASK)
    planted = len(session.compactions)
    for _ in range(_ROUNDS_AT_MOST):
        if len(session.compactions) - planted >= compactions:
            break
        await session.turn(TASK)
    return len(session.compactions) - planted


async def _ask(session: Watched, fact: Fact) -> str:
    """Ask for a fact; return what was wrong with the answer, nothing if it was recalled and holds the fact."""
    first = len(session.items)
    await session.turn(fact.question)
    made = session.items[first:]
    said = [item.text for item in made if isinstance(item, AgentMessage)]
    has_recalled = any(isinstance(item, ToolRun) and item.call.name == "recall" for item in made)
    if said and fact.value in said[-1] and has_recalled:
        return ""
    return f"{fact.path}: asked for {fact.value!r}, answered {said[-1:]}"


if __name__ == "__main__":
    sys.exit(run(measure, runs=50, description=__doc__))
