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
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from trashclaw.languages.grammars import language_of
from trashclaw.languages.syntax import LIMIT_BYTES, syntax_errors

SHOWN = 8


@dataclass
class Count:
    """What was found for one language."""

    files: int = 0
    alarms: list[str] = field(default_factory=list)
    longest_s: float = 0.0


def _files(folders: list[Path]) -> Iterator[Path]:
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


def measure(folders: list[Path]) -> dict[str, Count]:
    """Return the counts by language."""
    found: dict[str, Count] = {}
    for path in _files(folders):
        try:
            text = path.read_text("utf-8")
        except (UnicodeDecodeError, OSError):
            continue
        grammar = language_of(path.as_posix(), text)
        if grammar is None:
            continue
        count = found.setdefault(f"{grammar.name}{' (lenient)' if grammar.is_lenient else ''}", Count())
        count.files += 1
        began = time.monotonic()
        faults = syntax_errors(grammar, text)
        count.longest_s = max(count.longest_s, time.monotonic() - began)
        if faults and _is_valid(grammar.name, text):
            count.alarms.append(f"{path}:{faults[0].line}: {faults[0].what}")
    return found


def main() -> int:
    """Print the table."""
    folders = [Path(name) for name in sys.argv[1:]]
    folders = folders or [Path(sysconfig.get_path("purelib")), Path(sysconfig.get_path("stdlib"))]
    found = measure(folders)
    print(f"{'language':<16}{'files':>8}{'alarms':>8}{'rate':>9}{'longest':>10}")
    for name, count in sorted(found.items()):
        rate = len(count.alarms) / count.files
        print(f"{name:<16}{count.files:>8}{len(count.alarms):>8}{rate:>9.2%}{count.longest_s:>9.2f}s")
    for name, count in sorted(found.items()):
        print(*(f"{name}: {alarm}" for alarm in count.alarms[:SHOWN]), sep="\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
