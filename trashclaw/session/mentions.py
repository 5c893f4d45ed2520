"""Mentions: files that a prompt names as `@path` or `@path:10-20` are read and sent along."""

from __future__ import annotations

import re
from dataclasses import dataclass

from trashclaw.protocol.errors import WorkspaceError
from trashclaw.workspace.diff import split_lines
from trashclaw.workspace.files import read_text
from trashclaw.workspace.root import Workspace

_MENTION = re.compile(r"""(?<![\w@/.])@(?:"([^"\n]+)"|([^\s"@,;()<>`]+))""")
_RANGE = re.compile(r"(.+?):(\d{1,9})(?:-(\d{1,9}))?")
_FILES_AT_MOST = 10
_CHARS_AT_MOST = 24_000


@dataclass(frozen=True, slots=True)
class Mention:
    """A file that was named, and the lines of it that were meant (counted from 1; `None`: all)."""

    path: str
    first: int | None = None
    last: int | None = None


def find_mentions(text: str) -> list[Mention]:
    """Return what a prompt mentions, each once, in order; a full stop at a sentence's end is not part of a name."""
    found: list[Mention] = []
    for match in _MENTION.finditer(text):
        name = match[1] or match[2].rstrip(".:!?'")
        ranged = _RANGE.fullmatch(name)
        if ranged:
            first = int(ranged[2])
            mention = Mention(ranged[1], first, int(ranged[3] or first))
        else:
            mention = Mention(name)
        if name and mention not in found:
            found.append(mention)
    return found


def attach_files(workspace: Workspace, text: str) -> str:
    """Return the text of the files that a prompt mentions, each in a tag that names it, or an empty string.

    What is no file of the workspace is left to be words; a file that cannot be read is named with the reason.
    """
    room = _CHARS_AT_MOST
    parts: list[str] = []
    for mention in find_mentions(text)[:_FILES_AT_MOST]:
        part = _read(workspace, mention, room)
        room = max(0, room - len(part))
        if part:
            parts.append(part)
    return "\n".join(parts)


def _read(workspace: Workspace, mention: Mention, room: int) -> str:
    try:
        path = workspace.resolve(mention.path)
        if not path.is_file():
            return ""
        lines = split_lines(read_text(path, mention.path).text)
    except WorkspaceError as error:
        return "" if error.code == "outside_workspace" else f'<file path="{mention.path}">{error.text}</file>'
    first = max(1, mention.first or 1)
    wanted = lines[first - 1 : mention.last]
    kept: list[str] = []
    size = 0
    for line in wanted:
        size += len(line)
        if size > room:
            break
        kept.append(line)
    last = first + len(kept) - 1
    body = "".join(kept).rstrip("\n")
    cut = "" if len(kept) == len(wanted) else f"\n[cut: read_file with offset={last + 1} shows the rest]"
    return f'<file path="{mention.path}" lines="{first}-{last} of {len(lines)}">\n{body}{cut}\n</file>'
