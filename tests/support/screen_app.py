"""The full-screen app as a process in a terminal, playing a script, and the log that it writes."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import yaml

from tests.support.plugin import clean_environment
from tests.support.terminal import USUAL_SIZE, Size, Terminal
from trashclaw.cli.place import find_root
from trashclaw.config.project_files import read_project
from trashclaw.config.trust import TrustStore
from trashclaw.protocol.envelope import Envelope
from trashclaw.protocol.events import ItemCompleted
from trashclaw.protocol.items import ToolRun, UserMessage
from trashclaw.store.log import Log

PROJECT = Path(__file__).parents[2]
ACCEPTS = "a accept"
RUNS = "a run it"
"""What the border of the changes pane says once keys count there."""

E = TypeVar("E")


def write_script(folder: Path, steps: Sequence[Mapping[str, Any]]) -> Path:
    """Write what the model says, a step a request; `wait_file: NAME` waits for `AppTerminal.open_gate(NAME)`."""
    file = folder / "script.yaml"
    file.write_text(yaml.safe_dump({"steps": [dict(step) for step in steps]}, allow_unicode=True), encoding="utf-8")
    return file


def edit(path: str, old: str, new: str) -> dict[str, Any]:
    """Return a step that calls `edit_file`."""
    return {"calls": [{"name": "edit_file", "arguments": {"path": path, "old": old, "new": new}}]}


def command(line: str) -> dict[str, Any]:
    """Return a step that calls `bash`."""
    return {"calls": [{"name": "bash", "arguments": {"command": line}}]}


def vouch_for(folder: Path, program_home: Path) -> None:
    """Store that a folder is trusted with what it brings now."""
    state = program_home / "state"
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    TrustStore(state).trust(read_project(find_root(folder)))


class AppTerminal(Terminal):
    """`python -m trashclaw` in a terminal."""

    def __init__(
        self,
        arguments: Sequence[str],
        folder: Path,
        home: Path,
        *,
        gates: Path,
        size: Size = USUAL_SIZE,
        environment: Mapping[str, str] | None = None,
        is_known: bool = True,
    ) -> None:
        """Start it; in a folder that is not `is_known` it asks whether that is trusted, as at every first start."""
        self._home = home
        self._gates = gates
        surroundings = clean_environment(home) | {"PYTHONPATH": str(PROJECT), **(environment or {})}
        if is_known:
            vouch_for(folder, Path(surroundings["TRASHCLAW_HOME"]))
        super().__init__([sys.executable, "-m", "trashclaw", *arguments], folder, surroundings, size)

    @property
    def status(self) -> str:
        """The status bar: the last row that is not empty, wherever on the screen it is."""
        return next((row.strip() for row in reversed(self.rows) if row.strip()), "")

    def wait_until_ready(self) -> None:
        """Wait until no turn runs."""
        self.wait_for(lambda: self.status.startswith("ready"))

    def send(self, text: str) -> None:
        """Type a prompt and press Enter."""
        self.type(text)
        self.press("enter")

    def open_gate(self, name: str) -> None:
        """Let the step go on that waits for the file of this name."""
        (self._gates / name).touch()

    def quit(self) -> int:
        """Quit with Ctrl+Q and return the exit code."""
        self.press("ctrl+q")
        return self.wait_for_end()

    def envelopes(self) -> list[Envelope]:
        """Return everything that is in the logs, session by session."""
        found: list[Envelope] = []
        for file in sorted(self._home.glob("*/state/workspaces/*/log.sqlite3")):
            log = Log(file)
            try:
                for session_id in log.session_ids():
                    found += log.read(session_id)
            finally:
                log.close()
        return found

    def events(self, kind: type[E]) -> list[E]:
        """Return the logged events of one kind."""
        return [envelope.event for envelope in self.envelopes() if isinstance(envelope.event, kind)]

    def runs(self) -> list[ToolRun]:
        """Return the completed tool runs."""
        return [event.item for event in self.events(ItemCompleted) if isinstance(event.item, ToolRun)]

    def said(self) -> list[UserMessage]:
        """Return what the person said, as the model was given it."""
        return [event.item for event in self.events(ItemCompleted) if isinstance(event.item, UserMessage)]
