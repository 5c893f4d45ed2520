"""Sightings: which lines of which files the model has seen, and whether those files are still as they were then."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from trashclaw.protocol.errors import StaleFile, ToolError
from trashclaw.protocol.ids import ItemId
from trashclaw.protocol.items import ToolRun
from trashclaw.protocol.tools import ToolStatus
from trashclaw.tools.known_texts import SHOWN_AT_MOST, Edit, Known, Range, Shown, has_whole, words


class Sightings:
    """Remembers files by the name under which the workspace shows them, and their content by its SHA-256."""

    def __init__(
        self, is_shown: Callable[[ItemId], bool] | None = None, is_called: Callable[[ItemId], bool] | None = None
    ) -> None:
        """`is_shown` tells whether a result, or what came with a message, is in the model's window in full.

        Without it nothing counts as shown, and what was seen once is enough to overwrite a file. `is_called` tells
        whether a run's call is in the window, with its result in full or not; without it `is_shown` decides.
        """
        self._is_shown = is_shown
        self._is_called = is_called
        self._known: dict[str, Known] = {}
        self._calls = 0
        self._withheld: tuple[str, str, Range] | None = None

    def note(
        self,
        path: str,
        sha256: str,
        lines: Range,
        total: int,
        item_id: ItemId | None = None,
        *,
        is_cut: bool = False,
    ) -> None:
        """Remember that the model saw lines of a file that has `total`.

        `item_id` names the run or message where their text stands (`None`: nowhere that is known); `is_cut` says that
        maybe not all of each line was shown: then they do not count among what is known for certain.
        """
        self._calls += 1
        self._withheld = None
        self._note(path, sha256, lines, total, item_id, is_cut=is_cut)

    def _note(self, path: str, sha256: str, lines: Range, total: int, item_id: ItemId | None, *, is_cut: bool) -> None:
        if total and lines[1] < lines[0]:
            return
        known = self._known.get(path)
        if known is None or known.sha256 != sha256:
            known = self._known[path] = Known(sha256, total, self._calls)
        known.call, known.total = self._calls, total
        if not is_cut:
            known.add(lines)
        if item_id is not None:
            known.shown = [*known.shown, Shown(lines, item_id, self._calls, is_cut)][-SHOWN_AT_MOST:]

    def _note_edit(
        self,
        path: str,
        before: str | None,
        after: str | None,
        ranges: Iterable[Range],
        item_id: ItemId | None,
        *,
        is_whole: bool,
    ) -> None:
        """Remember that an edit of the model's turned one content into another (`None`: no file).

        `ranges` are the new lines that it wrote, `is_whole` says that it wrote all of them. A file that was not what
        the model had seen stays so: it knows no more of the others' changes than before.
        """
        known = self._known.get(path)
        if after is None:
            self._known.pop(path, None)
            return
        if known is not None and known.sha256 != before and not is_whole:
            return
        edit = Edit(item_id, None if is_whole else known) if is_whole or known is not None else None
        is_whole = is_whole or (known is not None and known.is_whole)
        self._known[path] = Known(after, 0, self._calls, list(ranges), is_whole, edit=edit)

    def contents(self) -> dict[str, str]:
        """Return the SHA-256 of each file as the model last saw or wrote it, what it dealt with last at the end."""
        known = sorted(self._known.items(), key=lambda entry: entry[1].call)
        return {path: one.sha256 for path, one in known}

    def is_current(self, path: str, sha256: str) -> bool:
        """Tell whether the model has seen something of this very content."""
        known = self._known.get(path)
        return known is not None and known.sha256 == sha256

    def warning(self, path: str, sha256: str) -> str:
        """Return a note for the model if a file is not what it last saw; empty for a file that it never saw."""
        known = self._known.get(path)
        if known is None or known.sha256 == sha256:
            return ""
        return f"the file has changed since you saw it (call {known.call}): read it before further edits"

    def refuse_guess(self, path: str, sha256: str, error: ToolError) -> None:
        """Refuse an edit that fits only roughly, `error` says why, if the model does not know the file as it is.

        Raises:
            ToolError: it never saw the file.
            StaleFile: the file changed since.
        """
        known = self._known.get(path)
        if known is None:
            text = f"{error.text} Nothing of the file was read yet, and then only an exact text will do."
            raise ToolError(text, f"Read {path}, then copy old_text from it.")
        if known.sha256 != sha256:
            raise _stale(path, known, error.text)

    def refuse_overwriting(self, path: str, sha256: str) -> None:
        """Refuse to replace all of a file of which the model has not all before it.

        Raises:
            ToolError: it saw nothing of the file, or only a part, or not all of the text is in its window by now.
            StaleFile: the file changed since.
        """
        known = self._known.get(path)
        if known is None:
            raise ToolError(f"{path} exists, and you have not read it.", "Read it first, or change it with edit_file.")
        if known.sha256 != sha256:
            raise _stale(path, known)
        if not known.is_whole:
            total = f" of {known.total}" if known.total else ""
            seen = f"lines {words(known.ranges)}{total}" if known.ranges else "a part"
            raise ToolError(
                f"{path}: you have seen only {seen}; the rest would be lost.",
                "Read all of it first, or change it with edit_file.",
            )
        if self._is_shown is not None and not has_whole(known, self._is_shown, self._is_called):
            text = f"{path}: not all of its text is in front of you any more; what you left out would be lost."
            raise ToolError(text, "Read all of it again, or change it with edit_file.")

    def in_window(self, path: str, sha256: str, lines: Range) -> Shown | None:
        """Return where the model can still read these lines of this very content.

        `None` also for the same lines asked for twice running: then the model does need them again.
        """
        asked = (path, sha256, lines)
        known = self._known.get(path)
        if self._is_shown is None or known is None or known.sha256 != sha256 or self._withheld == asked:
            self._withheld = None
            return None
        for shown in reversed(known.shown):
            if shown.lines[0] <= lines[0] and lines[1] <= shown.lines[1] and self._is_shown(shown.item_id):
                self._withheld = asked
                return shown
        self._withheld = None
        return None

    def fold(self, runs: Iterable[ToolRun]) -> None:
        """Forget everything, and take in what the results of these runs say was seen, in order."""
        self._known.clear()
        self._withheld = None
        for run in runs:
            if run.result is not None and run.result.status is ToolStatus.DONE:
                self._fold(run.item_id, run.result.metadata)

    def note_entries(
        self, entries: Iterable[Any], item_id: ItemId | None = None, *, edited_by: ItemId | None = None
    ) -> None:
        """Take in what a result has in `metadata["seen"]`; entries that make no sense are passed over.

        `item_id` names the run whose result has the lines, `edited_by` the one that made the edits.
        """
        self._calls += 1
        for entry in entries:
            if isinstance(entry, Mapping) and isinstance(entry.get("path"), str):
                self._note_entry(entry, item_id, edited_by)

    def _fold(self, item_id: ItemId, metadata: Mapping[str, Any]) -> None:
        read, seen = _entry_of_read(metadata), metadata.get("seen")
        if read is not None:
            self.note_entries([read], None if metadata.get("is_unchanged") is True else item_id)
        elif isinstance(seen, list):
            self.note_entries(seen, edited_by=item_id)

    def _note_entry(self, entry: Mapping[str, Any], item_id: ItemId | None, edited_by: ItemId | None) -> None:
        path, sha256, total = entry["path"], entry.get("sha256"), entry.get("lines")
        ranges = _ranges(entry.get("ranges"))
        if "before" in entry:
            after = sha256 if isinstance(sha256, str) else None
            self._note_edit(path, entry["before"], after, ranges, edited_by, is_whole=entry.get("is_whole") is True)
        elif isinstance(sha256, str) and isinstance(total, int):
            for lines in ranges:
                self._note(path, sha256, lines, total, item_id, is_cut=entry.get("is_cut") is True)


def seen_entry(path: str, sha256: str, ranges: Iterable[Range], total: int, *, is_cut: bool = False) -> dict[str, Any]:
    """Return what the log keeps of lines that the model saw, in `metadata["seen"]`; `Sightings.fold` reads it."""
    shown = [list(lines) for lines in ranges]
    return {"path": path, "sha256": sha256, "ranges": shown, "lines": total, "is_cut": is_cut}


def edit_entry(
    path: str, before: str | None, after: str | None, ranges: Iterable[Range], *, is_whole: bool
) -> dict[str, Any]:
    """Return what the log keeps of an edit, in `metadata["seen"]`."""
    written = [list(lines) for lines in ranges]
    return {"path": path, "before": before, "sha256": after, "ranges": written, "is_whole": is_whole}


def _entry_of_read(metadata: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return what `read_file` told of itself in the form of the other entries."""
    if not {"path", "sha256", "first", "last", "lines"} <= metadata.keys():
        return None
    return {**metadata, "ranges": [[metadata["first"], metadata["last"]]]}


def _stale(path: str, known: Known, why: str = "") -> StaleFile:
    text = f"{path} changed since you saw it (call {known.call})."
    return StaleFile(f"{why} {text}".strip(), "Read it again, then edit what is there now.")


def _ranges(value: Any) -> list[Range]:
    pairs = value if isinstance(value, list) else []
    return [
        (pair[0], pair[1])
        for pair in pairs
        if isinstance(pair, list | tuple) and len(pair) == 2 and all(isinstance(at, int) for at in pair)
    ]
