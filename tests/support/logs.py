"""Part of the pytest plugin: the protocol's invariants hold on every log that any test wrote.

Two markers say that a log is broken on purpose: `cut_log` (the program was killed; the log must hold once repaired) and
`made_up_log` (its envelopes never came from a session; nothing is checked).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from trashclaw.protocol.envelope import Envelope

CHECKED = pytest.StashKey[int]()
COUNTER = "checked_logs"


def pytest_configure(config: pytest.Config) -> None:
    """Begin to count."""
    config.stash[CHECKED] = 0
    config.addinivalue_line("markers", "cut_log: writes a log that was cut off; it must hold after its repair")
    config.addinivalue_line("markers", "made_up_log: writes a log that no session wrote")


@pytest.fixture(autouse=True)
def logs_hold(request: pytest.FixtureRequest, home: Path) -> Iterator[None]:
    """Check the logs of a test after everything it set up has been taken down."""
    yield
    node = request.node
    if node.get_closest_marker("made_up_log") is not None:
        return
    is_cut = node.get_closest_marker("cut_log") is not None
    folders = [home, *(path for name, path in node.funcargs.items() if name == "tmp_path")]
    broken = []
    for file in (file for folder in folders for file in folder.rglob("*.sqlite3")):
        for session_id, problems in check_log(file, is_cut=is_cut):
            request.config.stash[CHECKED] += 1
            broken += [f"{file.name}, session {session_id}: {problem}" for problem in problems]
    if broken:
        pytest.fail("Broken invariants:\n" + "\n".join(broken), pytrace=False)


def check_log(file: Path, *, is_cut: bool) -> Iterator[tuple[str, list[str]]]:
    """Yield each session of a log with what is broken in it."""
    from trashclaw.session.invariants import check
    from trashclaw.store.log import Log

    log = Log(file)
    try:
        for session_id in log.session_ids():
            envelopes = list(log.read(session_id))
            yield session_id, check(_repaired(envelopes) if is_cut else envelopes)
    finally:
        log.close()


def _repaired(envelopes: list[Envelope]) -> list[Envelope]:
    from trashclaw.session.repair import closing_events

    turn_id, events = closing_events(envelopes)
    last = envelopes[-1]
    return envelopes + [
        Envelope(seq=(last.seq or 0) + place, at=last.at, session_id=last.session_id, turn_id=turn_id, event=event)
        for place, event in enumerate(events, start=1)
    ]


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hand the count to the controller, where there is one."""
    output: dict[str, Any] | None = getattr(session.config, "workeroutput", None)
    if output is not None:
        output[COUNTER] = session.config.stash[CHECKED]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Add the count of a worker that is done."""
    node.config.stash[CHECKED] += getattr(node, "workeroutput", {}).get(COUNTER, 0)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say how many sessions were checked."""
    terminalreporter.write_line(f"invariants checked on {config.stash[CHECKED]} logged sessions")
