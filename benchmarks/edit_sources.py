"""Real changes of public sources: consecutive releases of packages, or the commits of git repositories."""

from __future__ import annotations

import random
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from trashclaw.workspace.diff import split_lines
from trashclaw.workspace.matching import match_blocks

RELEASES = {
    "requests": ("2.28.2", "2.31.0", "2.32.3"),
    "click": ("8.0.4", "8.1.7", "8.2.1"),
    "flask": ("2.2.5", "2.3.3", "3.0.3"),
    "werkzeug": ("2.3.8", "3.0.4"),
    "httpx": ("0.25.2", "0.27.2", "0.28.1"),
    "rich": ("12.6.0", "13.9.4"),
    "textual": ("0.80.1", "0.89.1"),
    "sphinx": ("7.1.2", "7.4.7"),
    "django": ("4.2.11", "5.0.6"),
    "pybind11": ("2.12.0", "2.13.6"),
    "mkdocs": ("1.4.3", "1.6.1"),
    "urllib3": ("1.26.18", "2.2.3"),
}
"""Between two releases of each lie the changes that people made: Python, JavaScript, CSS, HTML, C++."""

SUFFIXES = (".py", ".pyi", ".js", ".css", ".html", ".h", ".c", ".go", ".md", ".rst", ".toml", ".cfg", ".yml", ".ts")
MOST_LINES = 20_000
MOST_HUNK_LINES = 30
MOST_CONTEXT = 12
PER_REPOSITORY = 500


@dataclass(frozen=True, slots=True)
class Hunk:
    """One change of one file, with as many lines around it as make its old text unique.

    Lines are without their ends; `start` is the place of the first line of `front` in `before`, counted from 0.
    """

    path: str
    before: str
    after: str
    start: int
    front: tuple[str, ...]
    gone: tuple[str, ...]
    come: tuple[str, ...]
    back: tuple[str, ...]

    @property
    def old(self) -> tuple[str, ...]:
        """The lines that are looked for."""
        return (*self.front, *self.gone, *self.back)

    @property
    def expected(self) -> str:
        """The file with this change alone."""
        lines = split_lines(self.before)
        at = self.start + len(self.front)
        return "".join([*lines[:at], *(f"{line}\n" for line in self.come), *lines[at + len(self.gone) :]])


def from_packages(folder: Path, releases: dict[str, tuple[str, ...]]) -> Iterator[tuple[str, str, str]]:
    """Fetch releases with pip and give path, old and new text of each file that changed from one to the next."""
    for package, versions in releases.items():
        trees = [_unpacked(folder, f"{package}=={version}") for version in versions]
        for old, new in pairwise(trees):
            for path in sorted(old.keys() & new.keys()):
                if old[path] != new[path]:
                    yield f"{package}/{path}", old[path], new[path]


def _unpacked(folder: Path, requirement: str) -> dict[str, str]:
    target = folder / requirement
    command = ["pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:", "--dest", str(target), requirement]
    subprocess.run([sys.executable, "-m", *command], check=True, timeout=300)
    texts = {}
    for wheel in target.glob("*.whl"):
        with zipfile.ZipFile(wheel) as archive:
            for name in archive.namelist():
                if name.endswith(SUFFIXES) and (text := _text(archive.read(name))) is not None:
                    texts[name] = text
    return texts


def from_repository(repository: Path) -> Iterator[tuple[str, str, str]]:
    """Give path, old and new text of files that the newest commits without merges changed."""
    listing = _git(repository, "log", "--no-merges", "--format=%H", f"-{PER_REPOSITORY}", "HEAD").decode()
    for commit in listing.split():
        changed = _git(repository, "diff-tree", "-r", "--no-commit-id", "--diff-filter=M", commit).decode(
            "utf-8", "replace"
        )
        for line in changed.splitlines()[:8]:
            fields, _, path = line.partition("\t")
            _, _, old, new, _ = fields.split()
            if path.endswith(SUFFIXES):
                texts = [_text(_git(repository, "cat-file", "blob", name)) for name in (old, new)]
                if texts[0] is not None and texts[1] is not None:
                    yield f"{repository.parent.name}/{path}", texts[0], texts[1]


def _git(repository: Path, *arguments: str) -> bytes:
    command = ["git", "-C", str(repository), *arguments]
    return subprocess.run(command, check=True, capture_output=True, timeout=120).stdout


def _text(data: bytes) -> str | None:
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return None
    is_plain = "\0" not in text and "\r" not in text and text.endswith("\n")
    return text if is_plain and text.count("\n") < MOST_LINES and len(text) < 2_000_000 else None


def hunks_of(path: str, before: str, after: str, source: random.Random) -> Iterator[Hunk]:
    """Give the changes of a file, each with 0 to 3 lines around it, or more until its old text comes once alone."""
    old, new = split_lines(before), split_lines(after)
    old_at = new_at = 0
    for block in (*match_blocks(old, new), (len(old), len(new), 0)):
        old_to, new_to, size = block
        if old_at < old_to or new_at < new_to:
            hunk = _hunk((path, before, after), old, (old_at, old_to), new[new_at:new_to], source.randrange(4))
            if hunk is not None:
                yield hunk
        old_at, new_at = old_to + size, new_to + size


def _hunk(
    texts: tuple[str, str, str], old: Sequence[str], gone: tuple[int, int], come: Sequence[str], context: int
) -> Hunk | None:
    start, end = gone
    if end - start > MOST_HUNK_LINES or len(come) > MOST_HUNK_LINES:
        return None
    for around in range(context, MOST_CONTEXT):
        first, last = max(0, start - around), min(len(old), end + around)
        wanted = "".join(old[first:last])
        if wanted.strip() and texts[1].count(wanted.rstrip("\n")) == 1:
            lines = [line.removesuffix("\n") for line in old[first:last]]
            front, back = start - first, len(lines) - (last - end)
            new = tuple(line.removesuffix("\n") for line in come)
            return Hunk(*texts, first, tuple(lines[:front]), tuple(lines[front:back]), new, tuple(lines[back:]))
    return None
