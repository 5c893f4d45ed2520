"""The jail: every path that a model, a patch or a person names goes through here before it is touched."""

from __future__ import annotations

import os
import stat
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from trashclaw.protocol.errors import OutsideWorkspace, UnsuitableFile, WorkspaceError
from trashclaw.workspace.globs import Glob
from trashclaw.workspace.presence import is_file, is_folder
from trashclaw.workspace.secret_names import is_secret_name

PATH_LIMIT_CHARS = 4_096
SHOWN_CHARS = 200


class Workspace:
    """The project folder, further folders that the person added, and what may never be written or read in them."""

    def __init__(
        self,
        root: Path,
        extra: tuple[Path, ...] = (),
        protected: tuple[Path, ...] = (),
        readable: tuple[str, ...] = (),
        hidden: tuple[str, ...] = (),
    ) -> None:
        """`readable` are globs of files that are secret by their name and may be read all the same, `hidden` of others.

        Raises:
            WorkspaceError: one of the globs cannot be used.
        """
        self.root = Path(os.path.realpath(root))
        self.extra = tuple(Path(os.path.realpath(path)) for path in extra)
        self._folded = tuple(os.path.realpath(path).casefold().rstrip(os.sep) + os.sep for path in protected)
        self._readable = tuple(map(Glob, readable))
        self._hidden = tuple(map(Glob, hidden))

    def resolve(self, path: str, *, for_write: bool = False) -> Path:
        """Return the absolute path with every symlink followed; it need not exist.

        A hidden file is refused for reading; who writes and looks at what was there calls `refuse_hidden` too.

        Raises:
            OutsideWorkspace: it leads out of the workspace, or may not be written.
            UnsuitableFile: it is no possible path, a device, a pipe or a socket, or hidden as a secret.
        """
        named = self._named(path)
        real = _real(named)
        if not any(real.is_relative_to(base) for base in (self.root, *self.extra)):
            raise OutsideWorkspace(
                f"{shorten(path)} is outside the workspace.", "Use a path inside it, such as src/main.py."
            )
        _refuse_special(real, path)
        if for_write:
            self._refuse_protected(named, real, path)
        else:
            self._refuse_hidden(named, real, path)
        return real

    def is_hidden(self, path: Path) -> bool:
        """Tell whether a file (absolute; a folder never is) is kept from the model as a secret, by its name."""
        is_secret = is_secret_name(path.name)
        if not (is_secret or self._hidden) or is_folder(path):
            return False
        name = self.relative(path)
        if any(glob.matches(part) for glob in self._hidden for part in (name, *_folders_above(name))):
            return True
        return is_secret and not any(glob.matches(name) for glob in self._readable)

    def refuse_hidden(self, path: str) -> None:
        """Refuse a file whose content is kept from the model.

        Raises:
            UnsuitableFile: it is hidden as a secret, under this name or behind a link.
        """
        named = self._named(path)
        self._refuse_hidden(named, _real(named), path)

    def relative(self, path: Path) -> str:
        """Return a path as the model and the person see it: relative, with forward slashes; extra folders absolute."""
        try:
            return path.relative_to(self.root).as_posix()
        except ValueError:
            return path.as_posix()

    def is_protected(self, real: Path) -> bool:
        """Tell whether a path without symlinks lies in what the program trusts, in any spelling of its case."""
        folded = str(real).casefold() + os.sep
        return any(folded.startswith(folder) for folder in self._folded)

    def check_exact(self, target: Path, name: str) -> None:
        """Check an absolute path that is meant as it stands, with no link followed; it may be written.

        Raises:
            OutsideWorkspace: it lies outside, or belongs to git or to the program.
        """
        ExactPaths(self).check(target, name)

    def _named(self, path: str) -> Path:
        if not path or "\0" in path:
            raise UnsuitableFile("A path must not be empty or hold a NUL character.")
        if len(path) > PATH_LIMIT_CHARS:
            raise UnsuitableFile(f"The path {shorten(path)} is too long.", "Use a path such as src/main.py.")
        if path.startswith("~"):
            raise OutsideWorkspace(
                f"{shorten(path)}: the home folder is not expanded.",
                "Use a path inside the workspace, such as src/main.py.",
            )
        return self.root / path

    def _refuse_hidden(self, named: Path, real: Path, path: str) -> None:
        if self.is_hidden(named) or self.is_hidden(real):
            raise UnsuitableFile(
                f"{shorten(path)} is hidden as a secret.",
                "Do without its content; the user can allow it with the setting sandbox.readable.",
            )

    def _refuse_protected(self, named: Path, real: Path, path: str) -> None:
        for base in (self.root, *self.extra):
            for candidate in (named, real):
                if candidate.is_relative_to(base) and any(map(names_git, candidate.relative_to(base).parts)):
                    raise OutsideWorkspace(
                        f"{shorten(path)} belongs to git and is not written directly.", "Use git commands."
                    )
            if real.is_relative_to(base) and _in_git_folder(real, base):
                raise OutsideWorkspace(
                    f"{shorten(path)} belongs to a git folder and is not written.", "Use git commands."
                )
        if self.is_protected(real):
            raise OutsideWorkspace(f"{shorten(path)} is trashclaw's own state and is not written by tools.")


class ExactPaths:
    """Checks many absolute paths as they stand, no link followed; what holds for a folder is found out once."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._refusals: dict[str, str] = {}

    def check(self, target: Path, name: str) -> None:
        """Check a path that is to be written.

        Raises:
            OutsideWorkspace: it lies outside, or belongs to git or to the program.
        """
        folder, _, last = str(target).rpartition(os.sep)
        if folder not in self._refusals:
            self._refusals[folder] = self._refusal(target.parent)
        refusal = self._refusals[folder]
        if not refusal and not last.isalnum() and names_git(last):
            refusal = "belongs to git and is not written directly."
        if not refusal and self._workspace.is_protected(target):
            refusal = "is trashclaw's own state and is not written by tools."
        if refusal:
            raise OutsideWorkspace(f"{shorten(name)} {refusal}")

    def _refusal(self, folder: Path) -> str:
        workspace = self._workspace
        bases = [base for base in (workspace.root, *workspace.extra) if folder.is_relative_to(base)]
        if not bases or ".." in folder.parts:
            return "is outside the workspace."
        for base in bases:
            if any(map(names_git, folder.relative_to(base).parts)):
                return "belongs to git and is not written directly."
            if _in_git_folder(folder / "any", base):
                return "belongs to a git folder and is not written."
        return ""


def _folders_above(name: str) -> Iterator[str]:
    while "/" in name:
        name = name.rpartition("/")[0]
        yield name


def shorten(path: str) -> str:
    """Return a path as an error shows it: the beginning and the end of a very long one."""
    half = SHOWN_CHARS // 2
    return path if len(path) <= SHOWN_CHARS else f"{path[:half]}...{path[-half:]}"


def _real(named: Path) -> Path:
    try:
        return Path(os.path.realpath(named))
    except (OSError, ValueError) as error:
        raise UnsuitableFile("This path cannot be used here.", "Use plain characters.") from error


def _refuse_special(real: Path, path: str) -> None:
    try:
        mode = real.lstat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return
    except (OSError, ValueError) as error:
        raise UnsuitableFile(f"{shorten(path)} cannot be used: {_reason(error)}.") from error
    if stat.S_ISLNK(mode):
        raise UnsuitableFile(f"{shorten(path)} is a symbolic link that leads back to itself.")
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        raise UnsuitableFile(f"{shorten(path)} is a device, a pipe or a socket, not a file.")


def _reason(error: OSError | ValueError) -> str:
    text = error.strerror if isinstance(error, OSError) else None
    return (text or "the name is not possible here").lower()


def failure(path: str, error: OSError) -> WorkspaceError:
    """Return the workspace's error for a failed system call, without a traceback's words."""
    return UnsuitableFile(f"{shorten(path)}: {_reason(error)}.")


def names_git(part: str) -> bool:
    """Tell whether a file system could take this name for `.git`: case, blanks, dots, streams, invisible characters."""
    visible = part
    if not part.isascii():
        visible = "".join(char for char in unicodedata.normalize("NFKC", part) if unicodedata.category(char) != "Cf")
    return visible.split(":")[0].rstrip(". ").casefold() in {".git", "git~1"}


def _in_git_folder(real: Path, base: Path) -> bool:
    """Tell whether a folder above has the shape of a git folder under another name (bare, or moved elsewhere).

    So also one that gets this shape by the file in question.
    """
    return any(_is_git_shaped(folder, real) for folder in real.parents if folder.is_relative_to(base))


def _is_git_shaped(folder: Path, with_file: Path) -> bool:
    first, *deeper = with_file.relative_to(folder).parts
    is_file_here = not deeper
    if not (is_file(folder / "HEAD") or (is_file_here and first == "HEAD")):
        return False
    if is_file(folder / "commondir") or (is_file_here and first == "commondir"):
        return True
    return all(is_folder(folder / name) or (not is_file_here and first == name) for name in ("objects", "refs"))
