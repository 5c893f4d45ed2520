"""`--fork ID[@SEQ]`: a copy of a stored session, which is then gone on with."""

from __future__ import annotations

import argparse

from trashclaw.cli.place import find_folder
from trashclaw.config.paths import workspace_state
from trashclaw.protocol.errors import UsageError
from trashclaw.session.fork_point import ForkPoint
from trashclaw.session.library import Library


def settle_fork(options: argparse.Namespace) -> None:
    """Find the place; from here on it is a session to resume, and the fork is made when that is opened.

    Raises:
        UsageError: there is no such session or place, or nothing is stored.
        StoreError: the log cannot be used.
    """
    if options.no_session or options.demo:
        raise UsageError("A fork is stored, and nothing is with --no-session or --demo.", "Leave one of them out.")
    wanted, _, place = options.fork.partition("@")
    if place and not place.isdecimal():
        raise UsageError(f"{place!r} is no entry of a session.", "Write a number behind the @, or leave both out.")
    root = find_folder(options)
    library = Library(workspace_state(root), root)
    point = ForkPoint(library.find(wanted), int(place) if place else None)
    library.check_fork(point)
    options.resume, options.fork = point, None
