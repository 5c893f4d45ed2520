"""`trashclaw sessions`: what is stored in this workspace, and what can be done with it."""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from io import TextIOWrapper

from trashclaw.cli.place import find_folder
from trashclaw.config.paths import workspace_state
from trashclaw.faces.documents.formats import Format, format_of
from trashclaw.faces.documents.writing import pieces, write_new
from trashclaw.faces.plain.saying import entry_lines
from trashclaw.faces.visible import visible, visible_line
from trashclaw.faces.wording.figures import counted
from trashclaw.protocol.errors import UsageError
from trashclaw.protocol.ids import SessionId
from trashclaw.session.library import Library
from trashclaw.session.stored import SessionSummary, as_title

_USAGE = "There is: sessions list, show ID, search WORDS, rename ID TITLE, export ID, delete ID."
_IDS = "`trashclaw sessions list` has the ids; the end of one is enough."
_SHOWN_ENTRIES = 12


def answer_sessions(options: argparse.Namespace) -> int:
    """Carry out `sessions list`, `show`, `search`, `rename`, `export` or `delete`.

    Raises:
        UsageError: that is not known, or there is no such session.
        StoreError: another program has the session open, or the log cannot be used.
    """
    root = find_folder(options)
    library = Library(workspace_state(root), root)
    words: list[str] = options.rest or ["list"]
    match words:
        case ["list"]:
            _list(library, str(root))
        case ["show", wanted]:
            _show(library, library.find(wanted))
        case ["search", *wanted] if wanted:
            return _search(library, " ".join(wanted))
        case ["rename", wanted, *title]:
            session_id = library.find(wanted)
            library.rename(session_id, " ".join(title))
            _say(f"{session_id} is {as_title(' '.join(title)) or 'known by its first prompt again'}.")
        case ["export", wanted]:
            _export(library, library.find(wanted), options)
        case ["delete", wanted]:
            return _delete(library, library.find(wanted), is_sure=options.yes)
        case ["search"]:
            raise UsageError("What is to be looked for?", "Write the words behind `trashclaw sessions search`.")
        case [("show" | "rename" | "export" | "delete") as verb]:
            raise UsageError("Which session is meant?", f"Write its id behind `trashclaw sessions {verb}`. {_IDS}")
        case _:
            raise UsageError(f"`trashclaw sessions {' '.join(words)}` is not known.", _USAGE)
    return 0


def _list(library: Library, place: str) -> None:
    """Print a line for each session, that written to last first; forks stand below their parents."""
    found = library.tree(library.list(None))
    if not found:
        sys.stderr.write(f"No sessions in {place} yet.\n")
    for depth, summary in found:
        fork = f"{'  ' * (depth - 1)}└ " if depth else ""
        state = "  (open)" if summary.is_open else ""
        _say(f"{summary.session_id}  {_time(summary.started_at)}  {_size(summary):>9}  {fork}{_words(summary)}{state}")


def _show(library: Library, session_id: SessionId) -> None:
    [summary] = [summary for summary in library.list(None) if summary.session_id == session_id]
    _say(f"{summary.session_id}  {_words(summary)}")
    _say(f"from {_time(summary.started_at)} to {_time(summary.written_at)}, {_size(summary)}, {_said(summary)}")
    if summary.parent_id is not None:
        _say(f"a fork of {summary.parent_id}, from its entry {summary.parent_seq}")
    if summary.is_open:
        _say("open in a program now")
    for entry in library.preview(session_id, _SHOWN_ENTRIES):
        sys.stdout.write("".join(visible(line) + "\n" for line in entry_lines(entry)))


def _search(library: Library, words: str) -> int:
    """Print a line for each entry in which all words are, the latest first; exit code 1 where there is none."""
    matches = library.search(words)
    for match in matches:
        kind = match.kind.replace("_", " ")
        _say(f"{match.session_id}@{match.seq}  {_time(match.at)}  {kind:<13}  {match.excerpt}")
    if not matches:
        sys.stderr.write(visible_line(f"Nothing was found with {words!r}.") + "\n")
    return 0 if matches else 1


def _export(library: Library, session_id: SessionId, options: argparse.Namespace) -> None:
    named = format_of(options.out) if options.out is not None and options.format is None else None
    kind = named or Format(options.format or Format.MARKDOWN.value)
    document = pieces(kind, session_id, library.envelopes(session_id))
    if options.out is not None:
        write_new(options.out, document)
        sys.stderr.write(visible_line(f"{session_id} is in {options.out}.") + "\n")
        return
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")
    sys.stdout.writelines(document)


def _delete(library: Library, session_id: SessionId, *, is_sure: bool) -> int:
    [summary] = [summary for summary in library.list(None) if summary.session_id == session_id]
    if not is_sure:
        if not (sys.stdin.isatty() and sys.stderr.isatty()):
            raise UsageError("Nobody can be asked whether to delete it.", "Add --yes.")
        told = f"Delete {session_id} ({_size(summary)}, {_words(summary)})? Files stay as they are. [y/N] "
        sys.stderr.write(visible_line(told))
        sys.stderr.flush()
        if sys.stdin.readline().strip().lower() not in ("y", "yes"):
            sys.stderr.write("It is kept.\n")
            return 1
    asyncio.run(library.delete(session_id))
    _say(f"{session_id} is deleted. What was decided in it stays in the audit.")
    return 0


def _words(summary: SessionSummary) -> str:
    return f"{summary.model}  {summary.title}"


def _size(summary: SessionSummary) -> str:
    return counted(summary.turns, "turn")


def _said(summary: SessionSummary) -> str:
    return counted(summary.messages, "message")


def _time(at: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(at))


def _say(text: str) -> None:
    sys.stdout.write(visible_line(text) + "\n")
