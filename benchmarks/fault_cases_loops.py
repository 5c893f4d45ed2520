"""Section 6: turns that go in circles or get nowhere are stopped as stalled; limits of steps, tokens and time hold."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle, islice
from typing import Any

from benchmarks.fault_steps import DONE, Step, bash, call, do, edit, raw, read, say, script, write
from benchmarks.fault_world import CALC, Case, Scripted

STEPS = 30
FILES = {f"src/m{number}.py": b"x = %d\n" % number * 40 for number in range(6)}


def _case(name: str, model: Scripted, **more: Any) -> Case:
    return Case(section="loops", name=name, model=model, said=None, **more)


def _stalled(name: str, *calls: Any, **more: Any) -> Case:
    """Return a case of calls that come again and again, until the turn is stopped."""
    steps = [do(one, text=f"Step {number}.") for number, one in enumerate(islice(cycle(calls), STEPS))]
    return _case(
        name,
        script(*steps, limit_tokens=200_000),
        code=1,
        stop="stalled",
        **{"notices": ("loop", "stalled"), "files": FILES, **more},
    )


def _growing() -> Iterator[Step]:
    for size in range(STEPS):
        yield call("grep", pattern="never_written_" + "x" * size)


def _failing_edits() -> Iterator[Step]:
    for number in range(STEPS):
        yield edit(f"nothing number {number}", "x")


def _spaces() -> Iterator[Step]:
    for number in range(STEPS):
        yield raw("read_file", '{"path": ' + " " * number + '"calc.py"}')


def _commands() -> Iterator[Step]:
    for number in range(STEPS):
        yield bash(f"cat calc.py # {number}")


def _wandering() -> Iterator[Step]:
    for number in range(STEPS):
        yield call("read_file", path=f"src/m{number % 6}.py", offset=1 + number % 3, limit=10 + number % 7)


_PLAN = call("update_plan", entries=[{"text": "mend it", "status": "pending"}])
_UNDO = (edit("def add", "def plus"), edit("def plus", "def add"))
_SLOW = [do(bash(f"sleep 0.3; echo {number}")) for number in range(STEPS)]

CASES = [
    _stalled("the same call", read()),
    _stalled("a circle of two", read(), call("grep", pattern="def add")),
    _stalled("a circle of three", read(), bash("ls"), call("list_files", path=".")),
    _stalled("a growing argument", *_growing()),
    _stalled("only looking", *_wandering()),
    _stalled("edit and undo", *_UNDO, after={"calc.py": CALC.replace(b"add", b"plus")}),
    _stalled("edits that find no place", *_failing_edits()),
    _stalled("the same call with other blanks", *_spaces()),
    _stalled("a tool that is not there", call("teleport", to="Mars")),
    _stalled("arguments that cannot be read", raw("read_file", "{{{")),
    _stalled("the same failing command", bash("exit 3")),
    _stalled("the same command under other comments", *_commands()),
    _stalled("only thinking aloud", call("think", thought="I must think about it."), notices=("stalled",)),
    _stalled("the same plan again and again", _PLAN, notices=("stalled",)),
    _stalled("what is refused by the gate", write("../out.txt", "x\n")),
    _stalled("rewriting the same file with the same text", write("a.txt", "one\n"), after={"a.txt": b"one\n"}),
    _case("empty answers", script(*[say("") for _ in range(6)]), code=1, stop="stalled", notices=("empty_answer",)),
    _case(
        "answers of blanks",
        script(*[say(" \n\t\n") for _ in range(6)]),
        code=1,
        stop="stalled",
        notices=("empty_answer",),
    ),
    _case(
        "steps",
        script(*[do(bash(f"echo {number}")) for number in range(9)]),
        options=("--max-steps", "3"),
        code=3,
        stop="limit",
        notices=("limit",),
    ),
    _case(
        "tokens",
        script(*[do(bash(f"echo {number}"), text="word " * 60) for number in range(9)]),
        options=("--max-tokens", "150"),
        code=3,
        stop="limit",
        notices=("limit",),
    ),
    _case("time", script(*_SLOW), options=("--max-time", "1"), code=3, stop="limit", notices=("limit",)),
    _case(
        "an honest turn is not stopped",
        script(
            *[do(write(f"n{number}.txt", f"{number}\n"), text=f"File {number}.") for number in range(20)],
            DONE,
            limit_tokens=200_000,
        ),
        after={f"n{number}.txt": b"%d\n" % number for number in range(20)},
    ),
    _case(
        "a nudge is enough",
        script(
            *[do(read(), text=f"Look {number}.") for number in range(3)],
            do(edit("def add(a, b):\n    return a - b", "def add(a, b):\n    return a + b")),
            DONE,
        ),
        notices=("loop",),
        after={"calc.py": CALC.replace(b"a, b):\n    return a - b\n\n\ndef", b"a, b):\n    return a + b\n\n\ndef")},
    ),
]
