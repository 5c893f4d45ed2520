"""Valid files that the check of syntax takes for faulty: over the sources of the packages that are installed here.

    python -m benchmarks.syntax_alarms [FOLDER ...]

By language: how many files, how many alarms (text that a new file would be refused for; in a lenient language a new
file never is, and an alarm only counts in a file that had none), and the longest time for one file.
"""

from __future__ import annotations

import ast
import json
import sys
import sysconfig
import time
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.measuring import Figure
from trashclaw.languages.grammars import language_of
from trashclaw.languages.syntax import LIMIT_BYTES, syntax_errors

SHOWN = 8
MOST_FILES = 100_000


@dataclass
class Count:
    """What was found for one language."""

    is_lenient: bool
    files: int = 0
    alarms: list[str] = field(default_factory=list)
    longest_s: float = 0.0


def _files(folders: Sequence[Path]) -> Iterator[Path]:
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not path.is_symlink() and path.stat().st_size <= LIMIT_BYTES:
                yield path


def _is_valid(language: str, text: str) -> bool:
    """Tell whether a file is valid, where the standard library can say so; test data may be faulty on purpose."""
    judges: dict[str, Callable[[str], object]] = {"python": ast.parse, "json": json.loads, "toml": tomllib.loads}
    judge = judges.get(language)
    try:
        return judge is None or judge(text) is not None
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False


def look(folders: Sequence[Path], most: int) -> dict[str, Count]:
    """Return the counts by language, of at most so many files of each."""
    found: dict[str, Count] = {}
    for path in _files(folders):
        try:
            text = path.read_text("utf-8")
        except (UnicodeDecodeError, OSError):
            continue
        grammar = language_of(path.as_posix(), text)
        if grammar is None:
            continue
        count = found.setdefault(grammar.name, Count(grammar.is_lenient))
        if count.files >= most:
            continue
        count.files += 1
        began = time.monotonic()
        faults = syntax_errors(grammar, text)
        count.longest_s = max(count.longest_s, time.monotonic() - began)
        if faults and _is_valid(grammar.name, text):
            count.alarms.append(f"{path}:{faults[0].line}: {faults[0].what}")
    return found


def measure(runs: int, folders: Sequence[Path] = ()) -> list[Figure]:
    """Look at no more than `runs` files of each language."""
    places = folders or [Path(sysconfig.get_path("purelib")), Path(sysconfig.get_path("stdlib"))]
    found = sorted(look(places, runs).items())
    strict = [(name, count) for name, count in found if not count.is_lenient]
    alarms = [f"{name}: {alarm}" for name, count in strict for alarm in count.alarms]
    notes = (
        f"{name}{' (lenient)' * count.is_lenient}: {count.files} files, {len(count.alarms)} alarms, "
        f"longest {count.longest_s:.2f} s"
        for name, count in found
    )
    return [
        Figure(
            name=f"valid files taken for faulty, of {sum(count.files for _, count in strict)} of installed packages",
            target="none, but for lenient languages",
            measured=f"{len(alarms)}",
            is_pass=not alarms,
            notes=(*notes, *alarms[:SHOWN]),
        )
    ]


def main() -> int:
    """Print the figure; arguments are folders to look at."""
    for figure in measure(MOST_FILES, [Path(name) for name in sys.argv[1:]]):
        print(f"{figure.verdict}  {figure.name}: {figure.measured} (target {figure.target})")
        print(*(f"      {note}" for note in figure.notes), sep="\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
