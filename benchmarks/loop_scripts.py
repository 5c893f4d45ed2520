"""Scripts of models that go in circles, six kinds of them, and of models that only work for a long time."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.work import working_steps

Call = dict[str, Any]
STEPS = 30
_WORD = "return_of_the_total_that_was_never_written_down_anywhere"


@dataclass(frozen=True, slots=True)
class Loop:
    """A script: a few steps of honest work, then the same for ever."""

    kind: str
    steps: list[Call]
    begins: int
    """The first step of the circle."""

    period: int
    """Steps in one round."""

    def round_of(self, step: int) -> int:
        """Return in which round a step is, counted from 1."""
        return max(0, step - self.begins) // self.period + 1


def loops(root: Path, paths: Sequence[str], seed: int) -> list[Loop]:
    """Return a loop of each kind, over files that are there."""
    source = random.Random(seed)
    makers: dict[str, tuple[Callable[..., Iterator[Call]], int]] = {
        "same call": (_same_call, 1),
        "two-cycle": (_two_cycle, 2),
        "three-cycle": (_three_cycle, 3),
        "growing argument": (_growing, 1),
        "read-only wandering": (_wandering, 4),
        "edit-undo": (_edit_undo, 2),
    }
    made = []
    for kind, (maker, period) in makers.items():
        files = source.sample(list(paths), 4)
        before = [call("list_files"), call("read_file", path=files[0])][: source.randint(0, 2)]
        if maker is _edit_undo:
            before = [call("read_file", path=files[0])]
        going = maker(root, files, source)
        calls = [*before, *(next(going) for _ in range(STEPS - len(before)))]
        made.append(Loop(kind, [step(one) for one in calls], len(before) + 1, period))
    return made


def honest(root: Path, paths: Sequence[str]) -> dict[str, list[Call]]:
    """Return long turns in which something comes of every few steps."""
    return {
        "working": working_steps(root, paths, 40),
        "driven by tests": list(_driven_by_tests()),
        "reading": [step(call("read_file", path=path)) for path in paths[:22]],
        "searching, then editing": list(_searching(paths)),
        "tries taken back": list(_tries()),
    }


def call(name: str, **arguments: Any) -> Call:
    """Return a call."""
    return {"name": name, "arguments": arguments}


def step(*calls: Call, text: str = "") -> Call:
    """Return a step of a script."""
    return {"text": text or "Let me look.", "calls": list(calls)}


def _same_call(root: Path, files: Sequence[str], source: random.Random) -> Iterator[Call]:
    which = source.choice(
        [
            call("read_file", path=files[1]),
            call("grep", pattern="nobody_wrote_this"),
            call("bash", command="cat no_such_file"),
            call("bash", command="date +%H:%M:%S"),
            call("git_status"),
        ]
    )
    while True:
        yield which


def _two_cycle(root: Path, files: Sequence[str], source: random.Random) -> Iterator[Call]:
    while True:
        yield call("grep", pattern="def label", path=files[1])
        yield call("read_file", path=files[1], offset=1, limit=source.choice([30]))


def _three_cycle(root: Path, files: Sequence[str], source: random.Random) -> Iterator[Call]:
    while True:
        yield call("list_files", path="src")
        yield call("bash", command="ls src")
        yield call("read_file", path=files[2])


def _growing(root: Path, files: Sequence[str], source: random.Random) -> Iterator[Call]:
    is_search = source.random() < 0.5
    for size in range(1, 1_000):
        if is_search:
            yield call("grep", pattern="never_written_" + _WORD[:size])
        else:
            yield call("read_file", path=files[1], limit=1_000 + size)


def _wandering(root: Path, files: Sequence[str], source: random.Random) -> Iterator[Call]:
    """Read a handful of files whole, then pieces of them in any order."""
    for path in files:
        yield call("read_file", path=path)
    while True:
        first = source.randint(1, 15)
        yield call("read_file", path=source.choice(files), offset=first, limit=source.randint(5, 25))


def _edit_undo(root: Path, files: Sequence[str], source: random.Random) -> Iterator[Call]:
    line = (root / files[0]).read_text(encoding="utf-8").splitlines()[2]
    other = f"{line}  # {source.randint(1, 99)}"
    while True:
        yield call("edit_file", path=files[0], old_text=f"{line}\n", new_text=f"{other}\n")
        yield call("edit_file", path=files[0], old_text=f"{other}\n", new_text=f"{line}\n")


def _driven_by_tests() -> Iterator[Call]:
    """Write a check, see it fail, write the code, see it pass; always the same command."""
    yield step(call("update_plan", entries=["write checks", "make them pass"]))
    for number in range(10):
        check = f"import sums\nassert sums.last == {number}, sums.last\nprint('{number} checks passed')\n"
        yield step(call("write_file", path="check.py", content=check))
        yield step(call("bash", command="python3 check.py"), text="It should fail now.")
        yield step(call("write_file", path="sums.py", content=f"last = {number}\n"))
        yield step(call("bash", command="python3 check.py"), text="It should pass now.")


def _searching(paths: Sequence[str]) -> Iterator[Call]:
    for number, path in enumerate(paths[:12]):
        yield step(call("grep", pattern=f"NOTHING_{number}"))
        yield step(call("grep", pattern=f"MARK_{number}\\b"), call("read_file", path=path))
        yield step(call("write_file", path=f"notes/{number}.md", content=f"# {path}\n"))
    yield step(call("git_status"))


def _tries() -> Iterator[Call]:
    """Each try makes it worse, is taken back, and another one is kept."""
    yield step(call("write_file", path="a.py", content="print('start')\n"))
    for number in range(7):
        for word in (f"worse {number}", f"kept {number - 1}" if number else "start", f"kept {number}"):
            if not word.startswith("worse"):
                yield step(call("read_file", path="a.py"))
            yield step(call("write_file", path="a.py", content=f"print('{word}')\n"))
            yield step(call("bash", command="python3 a.py"))
