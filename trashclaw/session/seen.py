"""What the model knows of files, by the part of the session that it still reads."""

from __future__ import annotations

from trashclaw.protocol.items import ToolRun
from trashclaw.session.transcript import Transcript
from trashclaw.tools.sightings import Sightings


def fold_seen(sightings: Sightings, transcript: Transcript) -> None:
    """Make sightings what the transcript tells; what was rewound was never seen."""
    entries = enumerate(transcript.entries)
    sightings.fold(run for at, run in entries if isinstance(run, ToolRun) and not transcript.is_rewound(at))


def landed_contents(transcript: Transcript) -> dict[str, str]:
    """Return the SHA-256 of each file as the session's own changes left it last."""
    found: dict[str, str] = {}
    for run in transcript.entries:
        changes = run.result.metadata.get("changes") if isinstance(run, ToolRun) and run.result is not None else None
        for change in changes if isinstance(changes, list) else ():
            if isinstance(change, dict):
                found[str(change.get("path"))] = str(change.get("sha256") or "")
    return found
