"""Instruction files: what a project wrote down for assistants; found and read, however hostile the folder is."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from trashclaw.directives.strict_yaml import MAX_BYTES
from trashclaw.directives.unseen import without_unseen
from trashclaw.protocol.errors import ConfigError, UnsuitableFile
from trashclaw.workspace.files import decode
from trashclaw.workspace.git_folder import find_work_tree
from trashclaw.workspace.presence import is_folder

STANDARD = "AGENTS.md"
ALIKE = (STANDARD, "CLAUDE.md", "GEMINI.md")
"""One text for one program or another: they say the same with small differences, so a folder's first one is read."""

OTHERS = (
    ".github/copilot-instructions.md",
    ".cursorrules",
    ".cursor/rules",
    ".windsurfrules",
    ".clinerules",
    "CONVENTIONS.md",
)
"""What further programs call theirs; read in a folder that has none of the standard's."""

FILES_AT_MOST = 24
FOLDERS_AT_MOST = 12
"""From the repository's root down; of more, those between are left out."""

_LISTED_AT_MOST = 1_000
_RULE_ENDS = (".md", ".mdc")
_FENCE = "---"
_ALWAYS = re.compile(r"^alwaysApply:[ \t]*true[ \t]*$", re.MULTILINE)
_POINTER = re.compile(r"[ \t]*@(?:\./)?([\w./-]{1,200})[ \t]*")
_OPEN = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


@dataclass(frozen=True, slots=True)
class InstructionFile:
    """One file, as it was when it was read."""

    path: str
    """Relative to the workspace, with forward slashes; `../` leads to the folders of the repository above it."""

    data: bytes | None = field(default=None, repr=False)
    problem: str = ""
    """Why it is not loaded."""


@dataclass(frozen=True, slots=True)
class InstructionText:
    """What a model reads of a file."""

    text: str
    unseen: int
    """Characters that were taken out since nobody sees them."""

    first_line: int
    """The line of the file that the text begins at."""


def read_instructions(root: Path) -> tuple[InstructionFile, ...]:
    """Read the instructions of a workspace from the repository's root down, most general first. Blocks on the disk."""
    root = root.resolve()
    tree = find_work_tree(root)
    top = tree.top.resolve() if tree is not None else root
    found = (_read(root, top, file) for folder in _folders(root, top) for file in _found_in(folder))
    files: list[InstructionFile] = []
    for file in found:
        if file is not None and len(files) == FILES_AT_MOST:
            problem = f"there are more than {FILES_AT_MOST}; this and what follows is left out"
            files.append(InstructionFile(file.path, None, problem))
            break
        files += [file] if file is not None else []
    return tuple(files)


def read_own(folder: Path) -> InstructionFile | None:
    """Read the person's own instructions; their links may lead anywhere. Blocks on the disk."""
    file = folder / STANDARD
    if not os.path.lexists(file):
        return None
    try:
        return InstructionFile(str(file), _bytes_of(Path(os.path.realpath(file))))
    except ConfigError as error:
        return InstructionFile(str(file), None, error.text)


def instruction_text(path: str, data: bytes) -> InstructionText:
    """Return what a model reads of a file.

    Raises:
        UnsuitableFile: it is binary.
    """
    text, unseen = without_unseen(decode(data, path).text)
    front, body = _without_front(text) if path.endswith(".mdc") else ("", text)
    lead = len(body) - len(body.lstrip("\n"))
    return InstructionText(body.strip(), unseen, 1 + front.count("\n") + lead)


def _folders(root: Path, top: Path) -> list[Path]:
    """Return the folders from the repository's root down to the workspace."""
    folders = [root, *(parent for parent in root.parents if parent.is_relative_to(top))][::-1]
    return folders if len(folders) <= FOLDERS_AT_MOST else [folders[0], *folders[1 - FOLDERS_AT_MOST :]]


def _found_in(folder: Path) -> Iterator[Path]:
    first = next((folder / name for name in ALIKE if os.path.lexists(folder / name)), None)
    if first is not None:
        yield first
        if first.name == STANDARD:
            return
    for name in OTHERS:
        place = folder / name
        if is_folder(place):
            yield from _rules_in(place)
        elif os.path.lexists(place):
            yield place


def _rules_in(folder: Path) -> Iterator[Path]:
    try:
        with os.scandir(folder) as entries:
            names = [entry.name for entry, _ in zip(entries, range(_LISTED_AT_MOST), strict=False)]
    except OSError:
        return
    yield from (folder / name for name in sorted(names) if name.endswith(_RULE_ENDS))


def _read(root: Path, top: Path, file: Path) -> InstructionFile | None:
    """Read one file of a project; `None`: a rule that holds only for some files."""
    path = Path(os.path.relpath(file, root)).as_posix()
    try:
        data = _bytes_of(_end_of_links(file, top))
        text = decode(data, path).text
        if pointed := _pointed_at(file, text):
            path = Path(os.path.relpath(pointed, root)).as_posix()
            data = _bytes_of(_inside(Path(os.path.realpath(pointed)), top))
            text = decode(data, path).text
    except ConfigError as error:
        return InstructionFile(path, None, error.text)
    except UnsuitableFile:
        return InstructionFile(path, None, "not a text")
    if path.endswith(".mdc") and not _ALWAYS.search(_without_front(text.replace("\r\n", "\n"))[0]):
        return None
    return InstructionFile(path, data)


def _pointed_at(file: Path, text: str) -> Path | None:
    """Return the file that the whole of a text is a reference to, as in a `CLAUDE.md` that says `@docs/rules.md`."""
    found = _POINTER.fullmatch(text.strip("\ufeff\r\n"))
    return Path(os.path.normpath(file.parent / found[1])) if found is not None else None


def _end_of_links(file: Path, top: Path) -> Path:
    """Return the file that a path leads to.

    Raises:
        ConfigError: it is outside of the project, or no file of instructions; the text is the reason only.
    """
    real = Path(os.path.realpath(file))
    return file if real == file else _inside(real, top)


def _inside(real: Path, top: Path) -> Path:
    """Return a file that another one leads to.

    Raises:
        ConfigError: it is outside of the project, or no file of instructions; the text is the reason only.
    """
    if not real.is_relative_to(top):
        raise ConfigError("a link that leads out of the project")
    is_known = real.name in (*ALIKE, *OTHERS) or real.suffix in _RULE_ENDS
    if not is_known or ".git" in real.relative_to(top).parts:
        raise ConfigError("a link to something else than instructions")
    return real


def _bytes_of(file: Path) -> bytes:
    try:
        # A look before it is opened: to open a device can do something already.
        if not stat.S_ISREG(file.lstat().st_mode):
            raise ConfigError("not a plain file")
        with os.fdopen(os.open(file, _OPEN), "rb") as stream:
            if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
                raise ConfigError("not a plain file")
            data = stream.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ConfigError(f"cannot be read: {reason}") from error
    if len(data) > MAX_BYTES:
        raise ConfigError(f"larger than {MAX_BYTES // 1024} KiB")
    return data


def _without_front(text: str) -> tuple[str, str]:
    """Return front-matter and the rest. Its globs are no YAML (`*.ts`), so only its lines are looked at."""
    if not text.startswith(f"{_FENCE}\n"):
        return "", text
    end = text.find(f"\n{_FENCE}\n", len(_FENCE))
    if end < 0:
        return "", text
    end += len(_FENCE) + 2
    return text[:end], text[end:]
