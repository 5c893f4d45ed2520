"""Reads from a test program's output how many tests fail, and which part of it is worth reading."""

from __future__ import annotations

import re
from collections.abc import Callable

TAIL_CHARS = 2_500
LIMIT_CHARS = 4_000
FAILING_LINES = 15
_LINE_CHARS = 200
_READ_CHARS = 600_000

_COLOUR = re.compile(r"\x1b\[[0-9;]{0,20}[A-Za-z]")
_PYTEST = re.compile(r"^=* ?((?:\d+ [a-z]+(?:, )?)+) in \d[^\n]*$", re.MULTILINE)
_UNITTEST = re.compile(r"^FAILED \(([^)\n]{1,200})\)$", re.MULTILINE)
_UNITTEST_OK = re.compile(r"^Ran \d+ tests? in ", re.MULTILINE)
_JEST = re.compile(r"^Tests: {1,20}([^\n]{1,200})$", re.MULTILINE)
_VITEST = re.compile(r"^ {1,20}Tests {1,4}(\d[^\n]{0,200})$", re.MULTILINE)
_CARGO = re.compile(r"^test result: \w+\. \d+ passed; (\d+) failed;", re.MULTILINE)
_GO = re.compile(r"^--- FAIL: ", re.MULTILINE)
_GO_SEEN = re.compile(r"^(?:ok|FAIL|---)\s", re.MULTILINE)
_GO_BROKEN = re.compile(r"^FAIL\t[^\n]{1,500}\[(?:build|setup) failed\]$", re.MULTILINE)
_FAILED = re.compile(r"(\d+) (?:failed|errors?)\b")
_COUNTED = re.compile(r"(?:failures|errors)=(\d+)")
_WORTH = re.compile(
    r"^(?:FAILED |ERROR |E  |FAIL[: \t]|--- FAIL|\s*[✕×✗] |not ok |---- .{1,200} stdout ----|thread '|error)"
)


def count_failing(output: str, exit_code: int) -> int:
    """Return how many tests fail: from the summary of pytest, unittest, Jest, Vitest, Cargo or Go, else 0 or 1."""
    if exit_code == 0:
        return 0
    text = _COLOUR.sub("", output[-_READ_CHARS:])
    for read in _READERS:
        if (count := read(text)) is not None:
            return max(count, 1)
    return 1


def worth_reading(output: str) -> str:
    """Return the lines that tell of failures, and the end, of an output that is too long to be told whole."""
    text = _COLOUR.sub("", output[-_READ_CHARS:]).strip("\n")
    if len(text) <= LIMIT_CHARS:
        return text
    tail = text[-TAIL_CHARS:]
    tail = tail[tail.find("\n") + 1 :] if "\n" in tail[: TAIL_CHARS // 2] else tail
    before = text[: len(text) - len(tail)]
    failing = [line[:_LINE_CHARS] for line in before.split("\n") if _WORTH.match(line[:1000])]
    found = [*dict.fromkeys(failing)][:FAILING_LINES]
    kept = "".join(f"{line}\n" for line in found)[: LIMIT_CHARS - TAIL_CHARS]
    return f"{kept}[{before.count(chr(10)):,} lines before this are not shown]\n{tail}"


def summary_line(output: str) -> str:
    """Return the last line that says how the tests went; the last one with words where none is known."""
    text = _COLOUR.sub("", output[-10_000:])
    for pattern in (_PYTEST, _JEST, _VITEST, _CARGO):
        if found := list(pattern.finditer(text)):
            return found[-1][0].strip(" =")[:_LINE_CHARS]
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    return lines[-1][:_LINE_CHARS] if lines else ""


def _pytest(text: str) -> int | None:
    found = _PYTEST.findall(text)
    return sum(map(int, _FAILED.findall(found[-1]))) if found else None


def _unittest(text: str) -> int | None:
    if not _UNITTEST_OK.search(text):
        return None
    found = _UNITTEST.findall(text)
    return sum(map(int, _COUNTED.findall(found[-1]))) if found else None


def _of_javascript(pattern: re.Pattern[str]) -> Callable[[str], int | None]:
    def read(text: str) -> int | None:
        found = pattern.findall(text)
        return sum(map(int, _FAILED.findall(found[-1]))) if found else None

    return read


def _cargo(text: str) -> int | None:
    found = _CARGO.findall(text)
    return sum(map(int, found)) if found else None


def _go(text: str) -> int | None:
    if not _GO_SEEN.search(text):
        return None
    count = len(_GO.findall(text)) + len(_GO_BROKEN.findall(text))
    return count or None


_READERS = (_pytest, _unittest, _of_javascript(_JEST), _of_javascript(_VITEST), _cargo, _go)
