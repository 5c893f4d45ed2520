"""Mentions: files that a prompt names as `@path` or `@path:10-20` are read and sent along."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from trashclaw.protocol.errors import WorkspaceError
from trashclaw.workspace.diff import split_lines
from trashclaw.workspace.files import READ_LIMIT_BYTES, read_text
from trashclaw.workspace.root import Workspace

_MENTION = re.compile(r"""(?<![\w@/.])@(?:"([^"\n]+)"(:\d{1,9}(?:-\d{1,9})?(?!\w))?|([^\s"@,;()<>`]+))""")
_RANGE = re.compile(r"(.+?):(\d{1,9})(?:-(\d{1,9}))?")
_BARE = re.compile(r"""[^\s"@,;()<>`]*[^\s"@,;()<>`.:!?']""")
"""A name that needs no quotes: nothing in it would end the mention, and nothing at its end would be the sentence's."""
_FILES_AT_MOST = 10
CHARS_AT_MOST = 24_000
"""Of all files together."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A file that was named, and the lines of it that were meant (counted from 1; `None`: all)."""

    path: str
    first: int | None = None
    last: int | None = None


def find_mentions(text: str) -> list[Mention]:
    """Return what a prompt mentions, each once, in order; a full stop at a sentence's end is not part of a name."""
    found = dict.fromkeys(mention for mention, _, _ in place_mentions(text))
    return list(found)


def place_mentions(text: str) -> Iterator[tuple[Mention, int, int]]:
    """Yield what a text mentions, with where each begins and ends in it."""
    for match in _MENTION.finditer(text):
        name = match[1] + (match[2] or "") if match[1] else match[3].rstrip(".:!?'")
        end = match.end() if match[1] else match.start() + 1 + len(name)
        ranged = _RANGE.fullmatch(name)
        if ranged:
            first = int(ranged[2])
            yield Mention(ranged[1], first, int(ranged[3] or first)), match.start(), end
        elif name:
            yield Mention(name), match.start(), end


def written(path: str) -> str:
    """Return how a path is mentioned: in quotes where it has a blank or a sign that would end the mention."""
    return f"@{path}" if _BARE.fullmatch(path) else f'@"{path}"'


Seen = Callable[[str, str, tuple[int, int], int], None]
"""Hears of a file that is sent along: its name in the workspace, its SHA-256, first and last line, all its lines."""


def with_files(
    workspace: Workspace, text: str, attached: str, on_seen: Seen | None = None, limit_chars: int = CHARS_AT_MOST
) -> str:
    """Return what goes along with a message: what was attached to it, and the files that it mentions."""
    files = attach_files(workspace, f"{text}\n{attached}", on_seen, limit_chars)
    return "\n\n".join(part for part in (attached, files) if part)


def attach_files(workspace: Workspace, text: str, on_seen: Seen | None = None, limit_chars: int = CHARS_AT_MOST) -> str:
    """Return the text of the files that a prompt mentions, each in a tag that names it, or an empty string.

    What is no file of the workspace is left to be words; a file that cannot be read is named with the reason, and one
    that there is no room for any more is named without having been read.
    """
    room = _Room(limit_chars)
    read = (_read(workspace, mention, room, on_seen) for mention in find_mentions(text)[:_FILES_AT_MOST])
    return "\n".join(filter(None, read))


@dataclass(slots=True)
class _Room:
    """What is left for all files together."""

    chars: int = CHARS_AT_MOST
    size_bytes: int = READ_LIMIT_BYTES


def _read(workspace: Workspace, mention: Mention, room: _Room, on_seen: Seen | None) -> str:
    try:
        path = workspace.resolve(mention.path)
        if not path.is_file():
            return ""
        if room.chars <= 0:
            return f'<file path="{mention.path}">[not read: there is no room left here; use read_file]</file>'
        file = read_text(path, mention.path, room.size_bytes)
    except WorkspaceError as error:
        return "" if error.code == "outside_workspace" else f'<file path="{mention.path}">{error.text}</file>'
    except OSError as error:
        return f'<file path="{mention.path}">It cannot be read: {error.strerror}.</file>'
    room.size_bytes -= len(file.text)
    lines = split_lines(file.text)
    kept, shown = _shown(mention, lines, room)
    if on_seen is not None:
        on_seen(workspace.relative(path), file.sha256, kept, len(lines))
    return shown


def _shown(mention: Mention, lines: list[str], room: _Room) -> tuple[tuple[int, int], str]:
    """Return the first and the last line that there is room for, and their text in its tag."""
    first = max(1, mention.first or 1)
    wanted = lines[first - 1 : mention.last]
    kept: list[str] = []
    for line in wanted:
        room.chars -= len(line)
        if room.chars < 0:
            break
        kept.append(line)
    last = first + len(kept) - 1
    body = "".join(kept).rstrip("\n")
    cut = "" if len(kept) == len(wanted) else f"\n[cut: read_file with offset={last + 1} shows the rest]"
    text = f'<file path="{mention.path}" lines="{first}-{last} of {len(lines)}">\n{body}{cut}\n</file>'
    return (first, last), text
