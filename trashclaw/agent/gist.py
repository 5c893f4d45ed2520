"""Gists: what of a call and of its result counts when two of them are compared."""

from __future__ import annotations

import hashlib
import json
import posixpath
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from trashclaw.protocol.items import ToolRun
from trashclaw.protocol.tools import ToolCall

ERROR_MARK = '<error tool="'
"""How the part of a result begins that says how often a failure came: it is left out of comparisons."""

_HEAD_CHARS = 1_000
_MOST_ARGUMENTS = 40
_READ_CHARS = 60_000
_DIGEST_BYTES = 12
_CALMED = 8
"""So many bounded texts are remembered: each result of a step is asked about several times."""

_PATH_NAMES = ("path", "file_path", "filepath", "filePath", "file", "filename", "file_name", "target_file")

# Every number of repetitions is bounded, and a number begins where no digit is before it: linear on any text.
_ESCAPES = re.compile(r"\x1b(?:\[[0-9;?]{0,24}[ -/]?[@-~]|\][^\x07\x1b]{0,400}(?:\x07|\x1b\\)|[@-Z\\-_])")
_NOISE = re.compile(
    r"(?<![\w.])(?:"
    r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?)?"
    r"|\d{1,2}:\d\d:\d\d(?:[.,]\d{1,9})?"
    r"|\d{1,12}(?:\.\d{1,9})? ?(?:ms|us|µs|ns|s|secs?|seconds?|mins?|minutes?)\b"
    r"|0x[0-9a-fA-F]{4,16}\b"
    r"|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"
    r"|(?:pid|PID|process|thread)[ =:#]{1,3}\d{1,10}\b"
    r"|(?:127\.0\.0\.1|localhost|0\.0\.0\.0):\d{1,5}\b"
    r")"
    r"|/tmp/[\w.-]{1,80}|pytest-\d{1,9}\b"
)
_NUMBERED = re.compile(r"\d{1,9}[:\t-] ?")


def digest(text: str) -> str:
    """Return a short digest of a text of any size."""
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=_DIGEST_BYTES).hexdigest()


def plain_text(text: str) -> str:
    """Return a text without terminal sequences and control characters, its lines kept."""
    return "".join(char for char in _ESCAPES.sub("", text) if char.isprintable() or char in "\n\t")


@lru_cache(maxsize=_CALMED)
def calm(text: str) -> str:
    """Return a text without what differs from one run to the next: times, durations, process ids, addresses."""
    return _NOISE.sub("~", _ESCAPES.sub("", text))


def argument_gists(call: ToolCall) -> Mapping[str, Any]:
    """Return a call's arguments with bounded values: a long text is its beginning, its length and its digest."""
    try:
        value = json.loads(call.raw_arguments or call.arguments or "{}", strict=False)
    except (ValueError, RecursionError):
        value = call.raw_arguments or call.arguments
    if not isinstance(value, dict):
        value = {"": value}
    kept = sorted(value.items(), key=lambda item: str(item[0]))[:_MOST_ARGUMENTS]
    return {str(name)[:_HEAD_CHARS]: _bounded(one) for name, one in kept}


def named_path(call: ToolCall) -> str:
    """Return the path that a call names, in its plain form; an empty string where it names none."""
    arguments = argument_gists(call)
    for name in _PATH_NAMES:
        if isinstance(value := arguments.get(name), str) and value.strip():
            return posixpath.normpath(value.strip().replace("\\", "/"))
    return ""


def call_key(call: ToolCall) -> str:
    """Return what two calls share that ask for the same: the tool, and the arguments in any order and spacing."""
    given = call.raw_arguments or call.arguments
    try:
        given = json.dumps(json.loads(given or "{}", strict=False), sort_keys=True)
    except (ValueError, RecursionError):
        pass
    return digest(f"{call.name}\0{given}")


def result_key(run: ToolRun) -> str:
    """Return what two results share that say the same, noise left out."""
    return digest(f"{run.status}\0{_exit_code(run)}\0{calm(result_text(run))}")


def result_text(run: ToolRun) -> str:
    """Return what a run has brought: the output of a command, or what the model reads of anything else."""
    result = run.result
    if result is None:
        return ""
    if result.stdout is not None or result.stderr is not None:
        return f"{_ends_of(result.stdout or '')}\n{_ends_of(result.stderr or '')}"
    own, mark, _ = result.text.rpartition(f'{ERROR_MARK}{run.call.name}"')
    return _ends_of(own.rstrip() if mark else result.text)


def result_lines(run: ToolRun) -> set[int]:
    """Return a mark for each line that a run has brought, without line numbers, noise and our own remarks."""
    lines = set()
    for line in calm(result_text(run)).splitlines():
        bare = _NUMBERED.sub("", line, count=1) if line[:1].isdigit() else line
        bare = bare.strip()
        if bare and not (bare.startswith("[") and bare.endswith("]")):
            lines.add(hash(bare))
    return lines


def _exit_code(run: ToolRun) -> int | None:
    return run.result.exit_code if run.result is not None else None


def _ends_of(text: str) -> str:
    """Bound a text for comparison; what is left out counts by its digest."""
    if len(text) <= 2 * _READ_CHARS:
        return text
    return f"{text[:_READ_CHARS]}\n{digest(text)}\n{text[-_READ_CHARS:]}"


def _bounded(value: Any) -> Any:
    if value is None or isinstance(value, (bool, float)) or (isinstance(value, int) and abs(value) < 10**18):
        return value
    if not isinstance(value, str):
        value = json.dumps(value, sort_keys=True, default=str)
    if len(value) <= _HEAD_CHARS:
        return value
    return f"{value[:_HEAD_CHARS]}\0{len(value)}\0{digest(value)}"
