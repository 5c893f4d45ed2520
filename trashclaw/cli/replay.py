"""`trashclaw replay`: a stored session, or an exported one, told again in lines."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from trashclaw.cli.place import find_folder
from trashclaw.config.paths import workspace_state
from trashclaw.faces.documents.writing import read_back
from trashclaw.faces.plain.saying import ending_lines, entry_lines, notice_lines
from trashclaw.faces.plain.voice import Voice
from trashclaw.protocol import events as ev
from trashclaw.protocol.envelope import Envelope
from trashclaw.protocol.errors import UsageError
from trashclaw.session.library import Library

LONGEST_PAUSE_S = 3.0
"""Nobody wants to wait as long as somebody once thought about an answer."""


def run_replay(options: argparse.Namespace) -> int:
    """Play a session on the whole screen of a terminal; elsewhere, and with `--plain`, tell it in lines.

    In lines it is told with its pauses on a terminal, else at once, unless `--speed` says otherwise.

    Raises:
        UsageError: there is no such session, or the file holds none.
        StoreError: an entry cannot be read.
    """
    if len(options.rest) != 1:
        raise UsageError("One session is replayed.", "Write its id, or the file it was exported to, behind replay.")
    if options.speed is not None and not options.speed >= 0:
        raise UsageError("A replay has no such speed.", "1 is as fast as it was, 0 at once.")
    if not options.plain and sys.stdin.isatty() and sys.stdout.isatty() and os.environ.get("TERM") != "dumb":
        from trashclaw.cli.screen import replay_on_screen

        return replay_on_screen(options, list(_envelopes(options)))
    speed = options.speed if options.speed is not None else float(sys.stdout.isatty())
    voice = Voice(sys.stdout)
    for envelope, pause_s in _paced(_envelopes(options), speed):
        if pause_s:
            time.sleep(pause_s)
        voice.say(_lines(envelope.event))
    return 0


def _envelopes(options: argparse.Namespace) -> Iterator[Envelope]:
    wanted = options.rest[0]
    if wanted.endswith(".jsonl"):
        try:
            with Path(wanted).open(encoding="utf-8") as lines:
                yield from read_back(lines, wanted)
        except (OSError, UnicodeError) as error:
            raise UsageError(f"{wanted} cannot be read: {error}.", "Check the path.") from error
    else:
        root = find_folder(options)
        library = Library(workspace_state(root), root)
        yield from library.envelopes(library.find(wanted))


def _paced(envelopes: Iterable[Envelope], speed: float) -> Iterator[tuple[Envelope, float]]:
    """Yield envelopes with the seconds to wait before each."""
    before: float | None = None
    for envelope in envelopes:
        gap = envelope.at - before if before is not None and speed else 0.0
        before = envelope.at
        yield envelope, min(max(gap, 0.0) / speed, LONGEST_PAUSE_S) if speed else 0.0


def _lines(event: ev.Event) -> Iterable[str]:
    match event:
        case ev.ItemCompleted(item=item):
            return entry_lines(item)
        case ev.TurnCompleted():
            return ending_lines(event)
        case ev.Notice():
            return notice_lines(event)
        case ev.ConversationRewound():
            return ["The conversation went back from here."]
        case _:
            return []
