"""The work that the benchmarks of the window do: a long errand in a copy of three real packages.

The repository holds the modules of `h11`, `httpx` and `markdown_it` as they are installed (about 110 files). The steps
go round: search for a name (`grep`, 3 to 9 lines found), read around it (`read_file`, 20 to 52 lines), change a line
there (`edit_file`), run something that tells of the files (`bash`: compile, count, compare, search), read on, and from
time to time plan. Every step begins with a sentence of words. By the token counts of the server (32,768 words of
`cl100k_base`) a step brings on average about 210 tokens more of prompt: 60 that the model wrote itself, 150 of results.
That is on the small side: an agent that reads whole files fills the window in fewer steps, however it is kept.
"""

from __future__ import annotations

import random
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

from benchmarks.places import commit_all
from tests.support.tinymodel.speaker import call_text

PACKAGES = ("h11", "httpx", "markdown_it")
TASK = (
    "Go through the packages of this repository and make every place that opens, reads or closes something say so "
    "in its name. Change one place at a time, compile after each change, and keep the tests' names as they are."
)
FINAL = "All places that were found are renamed, and every module compiles."
_NAME = re.compile(r"\b[a-z_]{6,24}\b")
_WORDS = (
    "I look where {name} is used.",
    "Next I read the lines around {name}.",
    "This line of {path} can say what it does.",
    "I check that the change is sound.",
    "Now the part behind it.",
)


@dataclass(frozen=True)
class Call:
    """What one step says and calls."""

    words: str
    name: str
    arguments: Mapping[str, object]

    @property
    def text(self) -> str:
        """The step as the model writes it."""
        return call_text(self.words, self.name, self.arguments)


@dataclass
class Source:
    """The files, kept in step with what the calls change, so that every edit finds its text."""

    root: Path
    texts: dict[str, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for file in sorted(self.root.rglob("*.py")):
            lines = file.read_text(encoding="utf-8").split("\n")
            if len(lines) > 60:
                self.texts[file.relative_to(self.root).as_posix()] = lines

    def found(self, package: str, name: str) -> int:
        """Return how many lines of a package hold a name."""
        word = re.compile(rf"\b{name}\b")
        return sum(
            bool(word.search(line)) for path, text in self.texts.items() if path.startswith(package) for line in text
        )


def make_packages(root: Path) -> None:
    """Copy the packages and commit them."""
    for name in PACKAGES:
        found = find_spec(name)
        assert found is not None and found.origin is not None
        shutil.copytree(
            Path(found.origin).parent, root / name, ignore=shutil.ignore_patterns("__pycache__", "tests", "*.so")
        )
    (root / ".gitignore").write_text("__pycache__/\n", encoding="utf-8")
    commit_all(root)


def working_calls(root: Path, count: int, seed: int = 5) -> list[Call]:
    """Return the calls of `count` steps; the same seed gives the same ones."""
    source, dice = Source(root), random.Random(seed)
    rounds = _rounds(source, dice)
    calls: list[Call] = []
    while len(calls) < count:
        calls += next(rounds)
    return calls[:count]


def _rounds(source: Source, dice: random.Random) -> Iterator[Sequence[Call]]:
    number = 0
    done: set[tuple[str, str]] = set()
    while True:
        path = dice.choice(list(source.texts))
        place = _place(source, path, dice)
        if place is None:
            continue
        line, name = place
        package = path.split("/", 1)[0]
        if (package, name) in done:
            continue
        done.add((package, name))
        number += 1
        if number % 5 == 0:
            yield [_plan(number, path)]
        first, length = max(1, line - dice.randint(4, 20)), dice.randint(20, 52)
        behind = first + length if first + length + 20 < len(source.texts[path]) else 1
        yield [
            Call(_WORDS[0].format(name=name), "grep", {"pattern": rf"\b{name}\b", "path": package}),
            Call(_WORDS[1].format(name=name), "read_file", {"path": path, "offset": first, "limit": length}),
            _edit(source, path, line, number),
            Call(_WORDS[3], "bash", {"command": _command(path, name, dice)}),
            Call(_WORDS[4], "read_file", {"path": path, "offset": behind, "limit": dice.randint(20, 44)}),
        ]


def _place(source: Source, path: str, dice: random.Random) -> tuple[int, str] | None:
    """Return a line (counted from 0) whose text occurs once in its file, with a name that a few lines hold."""
    text = source.texts[path]
    whole = "\n".join(text)
    for _ in range(40):
        place = dice.randrange(10, len(text) - 10)
        line = text[place]
        names = _NAME.findall(line)
        is_plain = (
            whole.count(line) == 1 and "#" not in line and line.rstrip().endswith((")", "]", "None", "True", "False"))
        )
        if is_plain and '"""' not in line and names:
            name = dice.choice(names)
            if 3 <= source.found(path.split("/", 1)[0], name) <= 9:
                return place, name
    return None


def _edit(source: Source, path: str, line: int, number: int) -> Call:
    old = source.texts[path][line]
    new = f"{old}  # place {number}: says what it does"
    source.texts[path][line] = new
    return Call(_WORDS[2].format(path=path), "edit_file", {"path": path, "old_text": old, "new_text": new})


def _command(path: str, name: str, dice: random.Random) -> str:
    package = path.split("/", 1)[0]
    return dice.choice(
        (
            f"python3 -m py_compile {path} && git diff --stat",
            f"python3 -m py_compile {path} && git diff -U1 {path} | tail -n 12",
            f"python3 -m py_compile {path} && wc -l {package}/*.py | tail -n 9",
            f"python3 -m py_compile {path} && grep -c {name} {package}/*.py | grep -v ':0'",
            f"python3 -m compileall -q {package} && git status --short | tail -n 12",
        )
    )


def _plan(number: int, path: str) -> Call:
    entries = [
        {"text": f"rename the places before {number}", "status": "completed"},
        {"text": f"rename the places of {path}", "status": "in_progress"},
        {"text": "compile everything once more", "status": "pending"},
    ]
    return Call("I write down where I am.", "update_plan", {"entries": entries})
