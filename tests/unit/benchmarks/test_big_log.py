"""The log that the benchmark of opening makes: sound, as large as it says, and with windows that were compacted."""

from __future__ import annotations

from pathlib import Path

from benchmarks.big_log import END, SESSION_ID, write_big_log
from trashclaw.agent.history import fold
from trashclaw.protocol.items import AgentMessage, Compaction
from trashclaw.session.library import Library
from trashclaw.session.storage import LOG_NAME

TURNS = 210


def test_the_made_log_is_one_that_a_session_could_have_written(tmp_path: Path) -> None:
    count = write_big_log(tmp_path / LOG_NAME, TURNS, "m")
    library = Library(tmp_path, tmp_path)
    envelopes = list(library.envelopes(SESSION_ID))
    entries = library.transcript(SESSION_ID).entries
    items = [entry for entry in entries if hasattr(entry, "item_id")]
    assert len(envelopes) == count
    assert len(items) == 5 * TURNS + 2
    assert sum(isinstance(item, Compaction) for item in items) == 2
    assert isinstance(items[-1], AgentMessage)
    assert items[-1].text == END
    # The person's words stay; the rest of what is older went with the compactions.
    assert len(fold("", [envelope.event for envelope in envelopes]).records) < 2 * TURNS
