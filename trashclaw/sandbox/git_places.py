"""Finds which changes belong to git, and to which of its folders."""

from __future__ import annotations

import re
import stat
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from trashclaw.sandbox.git_side import GitSide
from trashclaw.sandbox.held_change import HeldChange
from trashclaw.workspace.git_folder import find_git_folder
from trashclaw.workspace.steps import look

_INNER = re.compile(
    r"((?:modules/.+?/|worktrees/[^/]+/)*)"
    r"(?=HEAD$|ORIG_HEAD$|FETCH_HEAD$|index$|config|hooks/|info/|objects(?:/|$)|refs(?:/|$)|logs(?:/|$)"
    r"|packed-refs|COMMIT_EDITMSG$|[A-Z_]+_HEAD$|commondir$|gitdir$|\S+\.lock$)"
)
_NOISE = re.compile(r"(?:.*/)?(?:ORIG_HEAD|COMMIT_EDITMSG|FETCH_HEAD|gc\.log|gc\.pid|index)")
_LOCK = re.compile(r"(?:.*/)?[^/]+\.lock|(?:.*/)?objects/(?:.+/)?tmp_[^/]+")


@dataclass(slots=True)
class GitGroup:
    """The changes in one git folder, or in the folders that one work tree shares."""

    shown: str
    """The path of the effect."""

    folder: Path
    """Where branches and objects are."""

    own: Path
    """Where HEAD and index of this work tree are; mostly the same folder."""

    changes: dict[str, HeldChange] = field(default_factory=dict)
    """By the path in `folder`."""

    file: HeldChange | None = None
    """The `.git` that is no folder."""

    @property
    def own_prefix(self) -> str:
        """What the paths of HEAD and index begin with."""
        return f"{self.own.relative_to(self.folder).as_posix()}/" if self.own != self.folder else ""

    def inner(self, prefix: str) -> dict[str, HeldChange]:
        """Return the changes below a path, by what follows it."""
        return {name.removeprefix(prefix): one for name, one in self.changes.items() if name.startswith(prefix)}


def split_git(root: Path, held: Sequence[HeldChange]) -> tuple[list[GitGroup], list[HeldChange]]:
    """Return the changes that belong to git by their git folder, and the others."""
    groups: dict[Path, GitGroup] = {}
    others: list[HeldChange] = []
    bare = _bare_folders(root, held)
    own = find_git_folder(root)
    for one in held:
        folder = _folder_of(one, bare)
        if folder is None:
            others.append(one)
            continue
        if folder not in groups:
            shown = ".git" if not folder.is_relative_to(root) else folder.relative_to(root).as_posix()
            is_own = own is not None and own.is_relative_to(folder) and "worktrees" in own.relative_to(folder).parts
            groups[folder] = GitGroup(shown, folder, own if is_own and own is not None else folder)
        if one.target == folder and not _is_folder(one):
            groups[folder].file = one
        elif one.target != folder:
            groups[folder].changes[one.target.relative_to(folder).as_posix()] = one
    return [group for group in groups.values() if group.changes or group.file], others


def inner_name(name: str) -> tuple[str, str]:
    """Divide a path in a git folder into that of a folder of the same shape within (`modules/lib/`) and the rest."""
    found = _INNER.match(name)
    prefix = found[1] if found else ""
    return prefix, name[len(prefix) :]


def is_lock(name: str) -> bool:
    """Tell whether a path in a git folder is a lock, or half an object: what must never land."""
    return _LOCK.fullmatch(name) is not None


def is_noise(name: str) -> bool:
    """Tell whether a file alone says nothing: git notes there what it did last."""
    return _NOISE.fullmatch(name) is not None


def sides(folder: Path, changes: dict[str, HeldChange]) -> tuple[GitSide, GitSide]:
    """Return a git folder as it is and as the changes leave it."""
    return GitSide(folder, {}), GitSide(folder, changes)


def _is_folder(one: HeldChange) -> bool:
    mode = one.after_mode if one.after_mode is not None else (one.now.st_mode if one.now else 0)
    return stat.S_ISDIR(mode)


def _folder_of(one: HeldChange, bare: set[Path]) -> Path | None:
    parts = one.change.path.split("/")
    if ".git" in parts:
        return one.branch.root.joinpath(*parts[: parts.index(".git") + 1])
    if not bare:
        return None
    return next((folder for folder in reversed(one.target.parents) if folder in bare), None)


def _bare_folders(root: Path, held: Iterable[HeldChange]) -> set[Path]:
    """Return the folders in the shape of a git folder, whatever their name, among those around changes."""
    targets = {one.target: one for one in held}
    names: set[str] = set()
    for one in targets.values():
        for above in one.above:
            if above in names:
                break
            if ".git" not in above[len(str(one.branch.root)) :].split("/"):
                names.add(above)
    candidates = map(Path, names)
    found = set()
    for folder in candidates:
        head, objects, refs, common = (folder / name for name in ("HEAD", "objects", "refs", "commondir"))
        if (head in targets or look(head) is not None) and (
            all(_is_folder_at(path, targets.get(path)) for path in (objects, refs))
            or (common in targets or look(common) is not None)
        ):
            found.add(folder)
    return found


def _is_folder_at(path: Path, one: HeldChange | None) -> bool:
    entry = look(path)
    return (entry is not None and stat.S_ISDIR(entry.st_mode)) or (one is not None and _is_folder(one))
