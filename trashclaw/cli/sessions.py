"""`trashclaw sessions`: what can be resumed in this workspace."""

from __future__ import annotations

import argparse
import sys
import time

from trashclaw.cli.place import find_place
from trashclaw.config.paths import workspace_state
from trashclaw.faces.visible import visible_line
from trashclaw.protocol.errors import UsageError
from trashclaw.session.build import LOG_NAME
from trashclaw.session.stored import SessionSummary, list_sessions
from trashclaw.store.log import Log


def print_sessions(options: argparse.Namespace) -> int:
    """Print a line for each stored session, the latest first."""
    if options.rest not in ([], ["list"]):
        raise UsageError(f"`trashclaw sessions {' '.join(options.rest)}` is not known.", "There is: sessions list")
    place = find_place(options)
    path = workspace_state(place.root) / LOG_NAME
    summaries: list[SessionSummary] = []
    if path.exists():
        log = Log(path)
        summaries = list_sessions(log)
        log.close()
    if not summaries:
        sys.stderr.write(f"No sessions in {place.root} yet.\n")
    for summary in summaries:
        began = time.strftime("%Y-%m-%d %H:%M", time.localtime(summary.started_at))
        turns = f"{summary.turns} turn{'s' if summary.turns != 1 else ''}"
        words = visible_line(f"{summary.model}  {summary.title}")
        sys.stdout.write(f"{summary.session_id}  {began}  {turns:>9}  {words}\n")
    return 0
