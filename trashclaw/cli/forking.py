"""`--fork ID[@SEQ]`: a copy of a stored session, which is then gone on with."""

from __future__ import annotations

import argparse
import sys

from trashclaw.cli.place import find_folder
from trashclaw.config.paths import workspace_state
from trashclaw.protocol.errors import UsageError
from trashclaw.session.library import Library


def settle_fork(options: argparse.Namespace) -> None:
    """Make the fork, once in a run; from here on it is a session to resume.

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
    fork_id = library.fork(library.find(wanted), int(place) if place else None)
    sys.stderr.write(f"Forked as {fork_id}.\n")
    options.resume, options.fork = fork_id, None
