"""A session whose state is written down, with figures that never change, for pictures that can be compared."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from tests.support.context_reports import cut_preview, report
from trashclaw.agent.compaction import CutPreview
from trashclaw.agent.context_report import ContextReport
from trashclaw.config.first_look import FirstLook
from trashclaw.config.resources import theme_files
from trashclaw.directives.commands import SlashCommand
from trashclaw.faces.tui.app import TrashclawApp
from trashclaw.faces.tui.themes import ThemeShelf
from trashclaw.protocol import events as ev
from trashclaw.protocol import ops
from trashclaw.protocol.envelope import Envelope
from trashclaw.protocol.ids import OpId, SessionId
from trashclaw.session.bus import Bus, Subscription
from trashclaw.session.storage import Store
from trashclaw.session.stored import SessionSummary
from trashclaw.session.transcript import Transcript, fold
from trashclaw.session.writing import Writing
from trashclaw.workspace.root import Workspace

SESSION = SessionId("20261120-174501-7f3a")


class StillSession:
    """Shows a list of events and takes on nothing."""

    def __init__(self, events: Sequence[ev.Event]) -> None:
        self.session_id = SESSION
        self.workspace_root = Path("/home/ada/shop-api")
        self.is_trusted = True
        self.commands = self
        self.library = None
        nowhere = Path("/home/ada/.local/state/trashclaw")
        self.writing = Writing(Store(nowhere, SESSION), Workspace(self.workspace_root))
        self._bus = Bus()
        self._transcript = fold(
            Envelope(seq=place if ev.is_durable(event) else None, at=float(place), session_id=SESSION, event=event)
            for place, event in enumerate(events, 1)
        )

    @property
    def transcript(self) -> Transcript:
        """What the events come to."""
        return self._transcript

    def list(self) -> Sequence[SlashCommand]:
        """No commands from files."""
        return ()

    def context(self) -> ContextReport:
        """A window at work."""
        return report()

    def preview_compaction(self) -> CutPreview | None:
        """What would go of it."""
        return cut_preview()

    def submit(self, op: ops.Op) -> OpId:
        """Take it and do nothing."""
        return OpId("op_1")

    def subscribe(self) -> Subscription:
        """Return a view in which nothing happens."""
        return self._bus.subscribe()

    def unsubscribe(self, subscription: Subscription) -> None:
        """End a view."""
        self._bus.unsubscribe(subscription)

    async def find_sandbox(self) -> str:
        """Commands are held by the strongest sandbox."""
        return "overlay"

    def branch(self) -> str:
        """The branch."""
        return "main"

    async def list_paths(self) -> Sequence[str]:
        """Two files."""
        return ("src/db.py", "src/app.py")

    async def models(self) -> Sequence[tuple[str, str]]:
        """One model."""
        return (("ollama", "qwen3-coder:30b"),)

    def sessions(self) -> Sequence[SessionSummary]:
        """No stored sessions."""
        return ()

    async def aclose(self) -> None:
        """Nothing is open."""
        self._bus.close()


Show = Callable[..., TrashclawApp]


@pytest.fixture
def show() -> Show:
    """Return a function that makes an app which shows events, or fails to open with an error."""

    def make(
        events: Sequence[ev.Event] | Exception, theme: str = "trashclaw-dark", *, is_ascii: bool = False
    ) -> TrashclawApp:
        async def opener(**wanted: object) -> StillSession:
            if isinstance(events, Exception):
                raise events
            return StillSession(events)

        return TrashclawApp(opener, ThemeShelf(theme_files()), look=FirstLook(theme, is_ascii), grace_s=0.0)

    return make
