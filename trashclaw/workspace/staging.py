"""A landing in two halves: everything new is written aside first, then takes its place, and can be taken back."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import stat
import sys
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from pathlib import Path

from trashclaw.protocol.errors import StaleFile, UnsuitableFile
from trashclaw.workspace.files import SYNCED_FILES
from trashclaw.workspace.held_folder import HeldFolder, hold_folder
from trashclaw.workspace.leftovers import temporary_beside
from trashclaw.workspace.root import failure
from trashclaw.workspace.steps import Rank, Stamp, Step

_NO_LINKS = {errno.EXDEV, errno.EPERM, errno.EACCES, errno.EMLINK, errno.ENOSYS, errno.EOPNOTSUPP}


class Staging:
    """Lands steps, in their order; what is in the way is kept aside until all of them have landed."""

    def __init__(self, folder: HeldFolder, *, is_synced: bool) -> None:
        self._folder = folder
        self._is_synced = is_synced
        self._last: tuple[Path, contextlib.ExitStack, HeldFolder] | None = None
        self._taken_back: list[Callable[[], None]] = []
        self._staged: dict[int, str] = {}
        self._names = count(1)

    def stage(self, at: int, step: Step) -> None:
        """Write what a step lands aside; a full disk shows here, before anything has changed."""
        if step.data is None or step.after_mode is None:
            return
        name = self._staged[at] = self._new_name()
        data = step.data()
        if stat.S_ISLNK(step.after_mode):
            self._folder.make_link(name, data)
            return
        bits = stat.S_IMODE(step.after_mode)
        with self._folder.create(name, 0o600 if step.has_own_mode else 0o666) as stream:
            stream.write(data)
            stream.flush()
            if sys.platform != "win32":
                with contextlib.suppress(OSError):
                    _own(stream.fileno(), self._hold(step.target.parent), step.target.name)
                if step.has_own_mode:
                    os.fchmod(stream.fileno(), bits)
            if self._is_synced:
                os.fsync(stream.fileno())

    def perform(self, at: int, step: Step) -> None:
        """Let a step take its place.

        Raises:
            OSError: it cannot; the step has changed nothing.
            StaleFile: somebody changed the file in this very moment.
        """
        if step.after_mode is None:
            self._remove(step)
        elif stat.S_ISDIR(step.after_mode):
            self._make_folder(step)
        elif at in self._staged:
            self._put(step, self._staged[at])
        else:
            self._set_mode(step)

    def take_back(self) -> None:
        """Undo what has landed, the last first, as well as the disk allows; the checkpoint is the second line."""
        self.let_go()
        while self._taken_back:
            with contextlib.suppress(OSError):
                self._taken_back.pop()()

    def let_go(self) -> None:
        """Hold no folder of the workspace any longer."""
        if self._last is not None:
            self._last[1].close()
            self._last = None

    def _hold(self, folder: Path) -> HeldFolder:
        """Hold a folder open until another one is needed: its files come one after the other."""
        if self._last is None or self._last[0] != folder:
            self.let_go()
            with contextlib.ExitStack() as stack:
                held = stack.enter_context(hold_folder(folder))
                self._last = folder, stack.pop_all(), held
        assert self._last is not None
        return self._last[2]

    def _put(self, step: Step, staged: str) -> None:
        folder = self._hold(step.target.parent)
        before = folder.look(step.target.name)
        _refuse_other(step, before)
        kept = self._keep(folder, step, before) if before is not None else None
        _place(self._folder, staged, folder, step.target.name)
        self._note(step.target, kept)

    def _remove(self, step: Step) -> None:
        with hold_folder(step.target.parent) as folder:
            name = step.target.name
            before = folder.look(name)
            if step.is_optional and (before is None or not stat.S_ISDIR(before.st_mode)):
                return
            _refuse_other(step, before)
            if before is not None and stat.S_ISDIR(before.st_mode):
                self._remove_folder(folder, step, stat.S_IMODE(before.st_mode))
                return
            kept = self._new_name()
            _place(folder, name, self._folder, kept)
        self._note(step.target, kept)

    def _remove_folder(self, folder: HeldFolder, step: Step, bits: int) -> None:
        self.let_go()
        try:
            folder.remove_folder(step.target.name)
        except OSError:
            if step.is_optional:
                return
            raise

        def remake() -> None:
            with hold_folder(step.target.parent) as above:
                above.make_folder(step.target.name)
                above.set_mode(step.target.name, bits)

        self._taken_back.append(remake)

    def _make_folder(self, step: Step) -> None:
        if step.rank in {Rank.OPENING, Rank.CLOSING}:
            self._set_mode(step)
            return
        with hold_folder(step.target.parent) as folder:
            name = step.target.name
            before = folder.look(name)
            if before is not None and step.is_optional and stat.S_ISDIR(before.st_mode):
                return
            if before is not None:
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), name)
            folder.make_folder(name)
            self._note(step.target, None, is_folder=True)
            if step.has_own_mode:
                folder.set_mode(name, stat.S_IMODE(step.after_mode or 0))

    def _set_mode(self, step: Step) -> None:
        with hold_folder(step.target.parent) as folder:
            before = folder.look(step.target.name)
            _refuse_other(step, before)
            folder.set_mode(step.target.name, stat.S_IMODE(step.after_mode or 0))
        if before is not None:
            bits = stat.S_IMODE(before.st_mode)
            self._taken_back.append(lambda: _set_bits(step.target, bits))

    def _keep(self, folder: HeldFolder, step: Step, before: os.stat_result) -> str:
        """Keep what is in the way under a second name, so that the path is never without a file."""
        kept = self._new_name()
        try:
            folder.share(step.target.name, self._folder, kept)
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
            _copy(folder, step.target.name, self._folder, kept, before)
        return kept

    def _note(self, target: Path, kept: str | None, *, is_folder: bool = False) -> None:
        def undo() -> None:
            with hold_folder(target.parent) as folder:
                if is_folder:
                    folder.remove_folder(target.name)
                elif kept is None:
                    folder.remove(target.name)
                else:
                    _place(self._folder, kept, folder, target.name)

        self._taken_back.append(undo)

    def _new_name(self) -> str:
        return str(next(self._names))


def land_steps(steps: Sequence[Step], base: Path) -> None:
    """Land steps in the order given, all of them or none; `base` is a folder that holds every target.

    Blocks on the disk. Every path is the old or the new file at any moment, also when the program is killed.

    Raises:
        WorkspaceError: one cannot land; those before it were taken back.
    """
    files = sum(step.data is not None for step in steps)
    with _open_staging(base, steps, is_synced=files <= SYNCED_FILES) as staging:
        for at, step in enumerate(steps):
            with _named_failure(step):
                staging.stage(at, step)
        try:
            for at, step in enumerate(steps):
                with _named_failure(step):
                    staging.perform(at, step)
        except BaseException:
            staging.take_back()
            raise


@contextlib.contextmanager
def _open_staging(base: Path, steps: Sequence[Step], *, is_synced: bool) -> Iterator[Staging]:
    while not base.is_dir() or base.is_symlink():
        base = base.parent
    aside = temporary_beside(base / "aside")
    try:
        with hold_folder(aside.parent) as above:
            above.make_folder(aside.name)
            above.set_mode(aside.name, 0o700)
    except OSError as error:
        raise failure(steps[0].name if len(steps) == 1 else aside.parent.name, error) from error
    try:
        with hold_folder(aside) as folder:
            staging = Staging(folder, is_synced=is_synced)
            try:
                yield staging
            finally:
                staging.let_go()
    finally:
        shutil.rmtree(aside, ignore_errors=True)


@contextlib.contextmanager
def _named_failure(step: Step) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise failure(step.name, error) from error


def _refuse_other(step: Step, before: os.stat_result | None) -> None:
    """Refuse to touch what is not what was looked at: somebody was faster."""
    found = None if before is None else Stamp.of(before)
    if found == step.before or (step.is_optional and step.before is None):
        return
    if before is not None and not stat.S_ISREG(before.st_mode):
        raise UnsuitableFile(f"{step.name} is no plain file any more.", "Look again with list_files.")
    raise StaleFile(f"{step.name} changed while it was written.", "Read it again and repeat the edit.")


def _own(descriptor: int, folder: HeldFolder, name: str) -> None:
    """Give a new file the owner and group of the one it replaces, or the group that its folder hands down.

    Raises:
        OSError: we may not.
    """
    above, before = folder.look("."), folder.look(name)
    own = os.fstat(descriptor)
    wanted = own.st_uid, own.st_gid
    if before is not None and stat.S_ISREG(before.st_mode):
        wanted = before.st_uid, before.st_gid
    elif above is not None and above.st_mode & stat.S_ISGID:
        wanted = own.st_uid, above.st_gid
    if (own.st_uid, own.st_gid) != wanted:
        os.fchown(descriptor, *wanted)


def _place(source: HeldFolder, name: str, target: HeldFolder, new_name: str) -> None:
    """Move, also between file systems: there the bytes are copied beside the place first."""
    try:
        source.place(name, target, new_name)
    except OSError as error:
        entry = source.look(name)
        if error.errno != errno.EXDEV or entry is None or stat.S_ISDIR(entry.st_mode):
            raise
        beside = temporary_beside(Path(new_name)).name
        _copy(source, name, target, beside, entry)
        target.rename(beside, new_name)
        source.remove(name)


def _copy(source: HeldFolder, name: str, target: HeldFolder, new_name: str, entry: os.stat_result) -> None:
    data = source.read(name)
    if stat.S_ISLNK(entry.st_mode):
        target.make_link(new_name, data)
        return
    with target.create(new_name, 0o600) as stream:
        stream.write(data)
        stream.flush()
        if sys.platform != "win32":
            with contextlib.suppress(PermissionError):
                os.fchown(stream.fileno(), entry.st_uid, entry.st_gid)
            os.fchmod(stream.fileno(), stat.S_IMODE(entry.st_mode))


def _set_bits(target: Path, bits: int) -> None:
    with hold_folder(target.parent) as folder:
        folder.set_mode(target.name, bits)
