"""Search and listing of the workspace's files: by `rg` where it runs, in plain Python elsewhere."""

from __future__ import annotations

import asyncio
import os
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

from trashclaw.protocol.errors import UnsuitableFile, WorkspaceError
from trashclaw.workspace.files import read_text
from trashclaw.workspace.globs import Glob
from trashclaw.workspace.ignore import walk
from trashclaw.workspace.ripgrep import Said, find_ripgrep, run_ripgrep
from trashclaw.workspace.root import Workspace

TIMEOUT_S = 20.0
LINE_LIMIT_CHARS = 300
OUTPUT_LIMIT_BYTES = 20_000_000
_ALWAYS = ("--hidden", "--no-require-git", "--no-messages", "--color=never", "--glob=!.git")
PLAIN_LINE_CHARS = 400
PLAIN_REPEATS = 3
_REPEAT = re.compile(r"[*+]|\{[0-9]*,?[0-9]*\}")
_REPEATED_GROUP = re.compile(r"\)(?:[*+]|\{)")
_LINE = re.compile(rb"([^\0\n]*)\0([0-9]+)([:-])([^\n]*)")


@dataclass(frozen=True, slots=True)
class Match:
    """A line that matches, or one around it."""

    path: str
    line: int
    text: str
    is_context: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found, in the order of the paths."""

    matches: tuple[Match, ...]
    is_cut: bool = False
    """There is more than the limit."""

    is_late: bool = False
    """The time limit was reached; it is a part."""

    is_literal: bool = False
    """The pattern is no regular expression and was searched for as plain text."""

    is_short: bool = False
    """Of long lines the beginning alone was searched (in plain Python, which nothing can stop within a line)."""


@dataclass(frozen=True, slots=True)
class Listing:
    """Files, relative to the workspace, sorted."""

    paths: tuple[str, ...]
    is_cut: bool = False
    is_late: bool = False


class Search:
    """Questions about the files of a workspace; what ignore files leave out is not seen."""

    def __init__(self, workspace: Workspace, program: str | None = None, timeout_s: float = TIMEOUT_S) -> None:
        self._workspace = workspace
        self._program = program
        self._is_looked_for = program is not None
        self._timeout_s = timeout_s

    async def grep(
        self,
        pattern: str,
        path: str = ".",
        *,
        glob: str | None = None,
        ignore_case: bool = False,
        context: int = 0,
        limit: int = 200,
    ) -> Found:
        """Return the lines that match a regular expression, at most `limit` of them with those around.

        Raises:
            WorkspaceError: the path cannot be used, or the search failed.
        """
        start = self._start(path)
        if "\n" in pattern or "\0" in pattern:
            raise WorkspaceError("A pattern matches within one line.", "Search for one line of the text.")
        if (program := self._ripgrep()) is None:
            return await asyncio.to_thread(self._grep_plainly, pattern, start, glob, ignore_case, limit)
        argv = [*_ALWAYS, "--sort=path", "--null", "--line-number", "--with-filename", "--no-heading"]
        argv += [f"--max-columns={LINE_LIMIT_CHARS}", "--max-columns-preview", f"--context={context}"]
        argv += ["--context-separator=", *(["--ignore-case"] if ignore_case else [])]
        argv += [f"--glob={glob}", "--glob=!.git"] if glob else []
        said = await self._run(program, [*argv, f"--regexp={pattern}", "--", self._named(start)], limit)
        is_literal = said.exit_code == 2 and "regex parse error" in said.errors
        if is_literal:
            fixed = [*argv, "--fixed-strings", f"--regexp={pattern}", "--", self._named(start)]
            said = await self._run(program, fixed, limit)
        if said.exit_code == 2 and not said.output:
            raise WorkspaceError(f"The search failed: {said.errors.strip()[:300]}")
        matches = tuple(self._shown(_parse(said.output)))
        return Found(matches[:limit], len(matches) > limit or said.is_cut, said.is_late, is_literal)

    async def list_paths(self, path: str = ".", limit: int = 100_000) -> Listing:
        """Return the files under a folder.

        Raises:
            WorkspaceError: the path cannot be used, or the listing failed.
        """
        start = self._start(path)
        if (program := self._ripgrep()) is None:
            return await asyncio.to_thread(self._list_plainly, start, limit)
        said = await self._run(program, [*_ALWAYS, "--files", "--null", "--", self._named(start)])
        whole = said.output[: said.output.rfind(b"\0") + 1]
        names = sorted(_plain(name) for name in whole.split(b"\0") if name)
        return Listing(tuple(names[:limit]), len(names) > limit or said.is_cut, said.is_late)

    async def glob(self, pattern: str, path: str = ".", limit: int = 1_000) -> Listing:
        """Return the files whose path under a folder matches a pattern such as `src/**/*.py`.

        A pattern without a slash matches names at any depth; `{a,b}` is a choice.

        Raises:
            WorkspaceError: the path or the pattern cannot be used.
        """
        wanted = Glob(pattern)
        listing = await self.list_paths(path)
        prefix = self._workspace.relative(self._start(path))
        inside = "" if prefix == "." else f"{prefix}/"
        names, is_late = await asyncio.to_thread(self._matching, listing.paths, wanted, inside)
        return Listing(tuple(names[:limit]), len(names) > limit or listing.is_cut, listing.is_late or is_late)

    def _matching(self, paths: tuple[str, ...], wanted: Glob, inside: str) -> tuple[list[str], bool]:
        """Return the paths that match, and whether time ran out before the last of them."""
        deadline = time.monotonic() + self._timeout_s
        names: list[str] = []
        for path in paths:
            if time.monotonic() > deadline:
                return names, True
            if wanted.matches(path.removeprefix(inside)):
                names.append(path)
        return names, False

    def _ripgrep(self) -> str | None:
        if not self._is_looked_for:
            self._program, self._is_looked_for = find_ripgrep(), True
        return self._program

    def _start(self, path: str) -> Path:
        start = self._workspace.resolve(path)
        if not start.exists():
            raise UnsuitableFile(f"{path} does not exist.", "Look with list_files.")
        return start

    def _named(self, start: Path) -> str:
        """Return the path that `rg` is given, and puts in front of what it finds; never like an option."""
        name = self._workspace.relative(start)
        return f"./{name}" if start.is_relative_to(self._workspace.root) else name

    async def _run(self, program: str, argv: list[str], limit_lines: int | None = None) -> Said:
        return await run_ripgrep(
            program,
            argv,
            cwd=self._workspace.root,
            timeout_s=self._timeout_s,
            limit_bytes=OUTPUT_LIMIT_BYTES,
            limit_lines=limit_lines,
        )

    def _shown(self, matches: Iterator[Match]) -> Iterator[Match]:
        """Leave out what stands in hidden files; nobody wrote it down before this."""
        for path, lines in groupby(matches, key=lambda match: match.path):
            if not self._workspace.is_hidden(self._workspace.root / path):
                yield from lines

    def _walk(self, start: Path) -> Iterator[Path]:
        yield from [start] if start.is_file() else walk(self._workspace.root, start)

    def _list_plainly(self, start: Path, limit: int) -> Listing:
        names: list[str] = []
        deadline = time.monotonic() + self._timeout_s
        for file in self._walk(start):
            if len(names) >= limit or time.monotonic() > deadline:
                return Listing(tuple(sorted(names)), is_cut=True, is_late=time.monotonic() > deadline)
            names.append(self._workspace.relative(file))
        return Listing(tuple(sorted(names)))

    def _grep_plainly(self, pattern: str, start: Path, glob: str | None, ignore_case: bool, limit: int) -> Found:
        wanted, is_literal = _compile(pattern, re.IGNORECASE if ignore_case else 0)
        reach = None if is_literal or not _repeats(pattern) else PLAIN_LINE_CHARS
        found = Found((), is_literal=is_literal, is_short=reach is not None)
        matches: list[Match] = []
        deadline = time.monotonic() + self._timeout_s
        name_glob = Glob(glob) if glob else None
        for file in self._walk(start):
            name = self._workspace.relative(file)
            if (name_glob is None or name_glob.matches(name)) and not self._workspace.is_hidden(file):
                matches += _matching_lines(file, name, wanted, reach, deadline)
            if time.monotonic() > deadline:
                return replace(found, matches=tuple(matches[:limit]), is_late=True)
            if len(matches) > limit:
                return replace(found, matches=tuple(matches[:limit]), is_cut=True)
        return replace(found, matches=tuple(matches))


def _compile(pattern: str, flags: int) -> tuple[re.Pattern[str], bool]:
    """Return the pattern, as plain text if it is no regular expression (the second value).

    Raises:
        WorkspaceError: it could take for ever: `re` holds up the whole program and cannot be stopped.
    """
    try:
        wanted = re.compile(pattern, flags)
    except (re.error, RecursionError, OverflowError):
        return re.compile(re.escape(pattern), flags), True
    if _repeats(pattern) > PLAIN_REPEATS or _REPEATED_GROUP.search(_without_escapes(pattern)):
        raise WorkspaceError(
            "This pattern repeats too much to be searched without ripgrep.",
            f"Use at most {PLAIN_REPEATS} of * + {{}}, and none of them behind a group.",
        )
    return wanted, False


def _repeats(pattern: str) -> int:
    return len(_REPEAT.findall(_without_escapes(pattern)))


def _without_escapes(pattern: str) -> str:
    return re.sub(r"\\.", "x", pattern, flags=re.DOTALL)


def _plain(name: bytes) -> str:
    return os.fsdecode(name).replace(os.sep, "/").removeprefix("././").removeprefix("./")


def _parse(output: bytes) -> Iterator[Match]:
    for found in _LINE.finditer(output):
        path, line, kind, text = found.groups()
        yield Match(_plain(path), int(line), text.decode("utf-8", "replace").rstrip("\r"), kind == b"-")


def _matching_lines(file: Path, name: str, wanted: re.Pattern[str], reach: int | None, deadline: float) -> list[Match]:
    try:
        lines = read_text(file, name).text.split("\n")
    except WorkspaceError:
        return []
    matches: list[Match] = []
    for at, line in enumerate(lines, 1):
        if wanted.search(line[:reach]):
            matches.append(Match(name, at, line.rstrip("\r")[:LINE_LIMIT_CHARS]))
        if time.monotonic() > deadline:
            break
    return matches
