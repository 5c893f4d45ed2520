"""What the model knows of files, by the part of the session that it still reads."""

from __future__ import annotations

from trashclaw.protocol.items import ToolRun
from trashclaw.session.transcript import Transcript
from trashclaw.tools.sightings import Sightings


def fold_seen(sightings: Sightings, transcript: Transcript) -> None:
    """Make sightings what the transcript tells; what was rewound was never seen."""
    entries = enumerate(transcript.entries)
    sightings.fold(run for at, run in entries if isinstance(run, ToolRun) and not transcript.is_rewound(at))
