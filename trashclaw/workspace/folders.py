"""Folders that come and go with what is in them."""

from __future__ import annotations

import stat
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from trashclaw.workspace.steps import Rank, Step, look

_USABLE = 0o300


class FolderSteps:
    """Makes the steps for folders that nobody has to accept: they hold what lands, or held what went."""

    def __init__(self, known: Mapping[Path, int | None]) -> None:
        """Know folders that came, with their permission bits, and those that went (`None`)."""
        self._known = known
        self._is_there: dict[Path, bool] = {}

    def around(self, steps: Sequence[Step]) -> list[Step]:
        """Return the steps for the folders of other steps, none of which they make or remove themselves."""
        own = {step.target for step in steps if step.after_mode is not None and stat.S_ISDIR(step.after_mode)}
        missing: dict[Path, Rank] = {}
        for step in steps:
            for folder in self._missing(step, own):
                missing[folder] = min(missing.get(folder, Rank.FOLDER), step.rank)
        return [*(made for folder, rank in missing.items() for made in self._made(folder, rank)), *self._left(steps)]

    def _left(self, steps: Sequence[Step]) -> Iterator[Step]:
        gone = {folder for step in steps if step.after_mode is None for folder in step.target.parents}
        for folder in gone:
            if folder in self._known and self._known[folder] is None:
                yield Step(folder, folder.name, None, None, Rank.LAST_FOLDER_REMOVAL, is_optional=True)

    def _missing(self, step: Step, own: set[Path]) -> Iterator[Path]:
        if step.after_mode is None:
            return
        for folder in step.target.parents:
            if folder in own:
                continue
            if self._has(folder) or folder == folder.parent:
                return
            yield folder

    def _has(self, folder: Path) -> bool:
        if folder not in self._is_there:
            entry = look(folder)
            self._is_there[folder] = entry is not None and stat.S_ISDIR(entry.st_mode)
        return self._is_there[folder]

    def _made(self, folder: Path, rank: Rank) -> Iterator[Step]:
        bits = self._known.get(folder)
        mode = stat.S_IFDIR | (0o755 if bits is None else bits | _USABLE)
        rank = Rank.OBJECTS if rank is Rank.OBJECTS else Rank.FOLDER
        yield Step(folder, folder.name, None, mode, rank, is_optional=True, has_own_mode=bits is not None)
        if bits is not None and bits & _USABLE != _USABLE:
            closed = stat.S_IFDIR | bits
            yield Step(folder, folder.name, None, closed, Rank.CLOSING, is_optional=True)
