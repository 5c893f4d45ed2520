"""Instructions further down: a folder's own `AGENTS.md` is named to the model when it first works below that folder.

Its text is not told: nobody has vouched for it, and most sessions never come near it.
"""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath

from trashclaw.agent.ports import Emit
from trashclaw.directives.instructions import STANDARD
from trashclaw.directives.unseen import is_plain_name
from trashclaw.protocol import events as ev
from trashclaw.protocol.items import ToolRun
from trashclaw.protocol.tools import ToolStatus

TOLD_AT_MOST = 20
_CODE = "nested_instructions"
_DEPTH = 30
_OTHERS = frozenset(["node_modules", "site-packages", "vendor", "third_party", "Pods", "bower_components"])
"""Folders of what other people wrote: their instructions are for themselves."""


class NestedInstructions:
    """Looks at the tool runs that pass, and tells each file once in a session."""

    def __init__(self, root: Path, emit: Emit, notices: Callable[[], Iterator[ev.Notice]]) -> None:
        """`notices` returns those of the session so far, also of a resumed one."""
        self._root = root
        self._emit = emit
        self._notices = notices
        self._looked: set[PurePosixPath] = set()

    def emit(self, event: ev.Event) -> None:
        """Pass an event on, and name what stands above the files that it is about."""
        self._emit(event)
        if isinstance(event, ev.ItemCompleted) and isinstance(event.item, ToolRun):
            for path in _paths(event.item):
                for folder in _folders(path):
                    self._look(folder)

    def _look(self, folder: PurePosixPath) -> None:
        # What is told of a folder is its name, which whoever made it chose.
        if folder in self._looked or not is_plain_name(folder.as_posix()) or _is_of_others(folder):
            return
        self._looked.add(folder)
        try:
            is_there = stat.S_ISREG((self._root / folder / STANDARD).lstat().st_mode)
        except (OSError, ValueError):
            return
        text = f"{folder / STANDARD} holds instructions for what is below {folder}: read it before you change that."
        told = [notice.text for notice in self._notices() if notice.code == _CODE]
        if is_there and text not in told and len(told) < TOLD_AT_MOST:
            self._emit(ev.Notice(code=_CODE, text=text, to_model=True))


def _paths(run: ToolRun) -> Iterator[PurePosixPath]:
    """Yield the files of the workspace that a run read or changed, but for such instructions themselves."""
    result = run.result
    if result is None or result.status is not ToolStatus.DONE:
        return
    changes = result.metadata.get("changes")
    named = [result.metadata.get("path")]
    named += [entry.get("path") for entry in changes if isinstance(entry, dict)] if isinstance(changes, list) else []
    for name in named:
        if isinstance(name, str) and not name.startswith(("/", "..")):
            path = PurePosixPath(name)
            if path.name != STANDARD and len(path.parts) <= _DEPTH:
                yield path


def _is_of_others(folder: PurePosixPath) -> bool:
    return any(part in _OTHERS or part.startswith(".") for part in folder.parts)


def _folders(path: PurePosixPath) -> list[PurePosixPath]:
    """Return the folders between the workspace's root and a file, the outermost first."""
    return [folder for folder in reversed(path.parents) if folder.parts]
