"""Says what the project's linter finds in changed files and did not find before."""

from __future__ import annotations

import asyncio
import json
import re
import shlex
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from trashclaw.languages.projects import Chosen, Report, Work, choose_tool
from trashclaw.tools.checking.runs import CheckRunner
from trashclaw.tools.truncate import clip

SHOWN_LINES = 20
SHOWN_FILES = 10
LINE_CHARS = 240
_READ_LINES = 20_000
_LINE = re.compile(r"(?:vet: )?([^:\n]{1,4096}):(\d{1,9}):(?:(\d{1,9}):?)? *(.+)")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]+")


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One thing that a linter says."""

    line: int
    text: str


class Linter:
    """Runs the linter on files as they are now, and as they were."""

    def __init__(self, runner: CheckRunner) -> None:
        self._runner = runner

    async def lint(self, files: Mapping[str, str | None]) -> str:
        """Return what is new in the files, as lines for the model; empty where there is nothing.

        The values are the texts from before, `None` for new files. What was said of the old text too is left out.
        """
        told: list[str] = []
        for name, before in list(files.items())[:SHOWN_FILES]:
            chosen = await asyncio.to_thread(choose_tool, self._runner.root, name, Work.LINT)
            if chosen is not None:
                told += _shown(name, chosen, await self._new(name, before, chosen))
        return "\n".join(told)

    async def _new(self, name: str, before: str | None, chosen: Chosen) -> list[Diagnostic]:
        line = f'{chosen.line} > "$found"'
        inputs = {} if before is None else {"old": before}
        if before is not None:
            # What the command writes is thrown away, so the old text can take the new one's place.
            line += f'\ncat -- "$old" > {shlex.quote("./" + name)} && {chosen.line} > "$known"'
        done = await self._runner.run(line, f"{chosen.tool.program} {name}", inputs, ("found", "known"))
        if done is None or done.is_stopped:
            return []
        known = Counter(
            one.text for one in read_report(chosen.tool.report, done.outputs.get("known", ""), self._runner.root, name)
        )
        new: list[Diagnostic] = []
        for found in read_report(chosen.tool.report, done.outputs.get("found", ""), self._runner.root, name):
            known[found.text] -= 1
            if known[found.text] < 0:
                new.append(found)
        return new


def read_report(report: Report, text: str, root: Path, name: str) -> Iterator[Diagnostic]:
    """Yield what a linter's output says of one file, in its order; what cannot be read is left out."""
    match report:
        case Report.LINES:
            yield from _read_lines(text, root, name)
        case Report.ESLINT:
            yield from _read_eslint(text, root, name)


def _read_lines(text: str, root: Path, name: str) -> Iterator[Diagnostic]:
    for line in text.split("\n", _READ_LINES)[:_READ_LINES]:
        match = _LINE.fullmatch(line.rstrip("\r")[:10_000])
        if match is not None and _is_file(match[1], root, name):
            yield Diagnostic(int(match[2]), _plain(match[4]))


def _read_eslint(text: str, root: Path, name: str) -> Iterator[Diagnostic]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return
    for file in _dicts(found):
        if not _is_file(str(file.get("filePath", "")), root, name):
            continue
        for said in list(_dicts(file.get("messages")))[:_READ_LINES]:
            line = said.get("line")
            rule = f" ({said['ruleId']})" if isinstance(said.get("ruleId"), str) else ""
            yield Diagnostic(line if isinstance(line, int) else 1, _plain(f"{said.get('message', '')}{rule}"))


def _dicts(value: Any) -> Iterator[dict[str, Any]]:
    yield from (one for one in value if isinstance(one, dict)) if isinstance(value, list) else ()


def _is_file(said: str, root: Path, name: str) -> bool:
    path = PurePosixPath(said)
    return path == PurePosixPath(name) or path == PurePosixPath(root.as_posix()) / name


def _plain(text: str) -> str:
    return clip(_CONTROLS.sub(" ", text).strip(), LINE_CHARS)


def _shown(name: str, chosen: Chosen, found: list[Diagnostic]) -> list[str]:
    if not found:
        return []
    lines = [f"{chosen.tool.program} says of {name}, new with this edit:"]
    lines += [f"{one.line}: {one.text}" for one in found[:SHOWN_LINES]]
    if len(found) > SHOWN_LINES:
        lines.append(f"[{SHOWN_LINES} of {len(found)} shown]")
    return lines
