"""What can stand behind slash commands where that is no fixed list: models, themes, sessions."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from trashclaw.faces.tui.completion import Candidate

if TYPE_CHECKING:
    from trashclaw.faces.tui.app import TrashclawApp
    from trashclaw.session.session import Session

Source = Callable[["TrashclawApp", "Session"], Awaitable[Sequence[Candidate]]]


async def arguments_of(app: TrashclawApp, session: Session, command: str) -> Sequence[Candidate]:
    """Return what can stand behind a command.

    Raises:
        TrashclawError: it cannot be found out.
    """
    source = SOURCES.get(command)
    return await source(app, session) if source is not None else ()


async def _models(app: TrashclawApp, session: Session) -> Sequence[Candidate]:
    now = session.transcript
    pairs = await session.models()
    return [
        Candidate(f"{provider}/{model}", "in use" if (provider, model) == (now.provider, now.model) else "")
        for provider, model in pairs
    ]


async def _themes(app: TrashclawApp, session: Session) -> Sequence[Candidate]:
    return [Candidate(name, "in use" if name == app.theme else "") for name in app.themes.names]


async def _sessions(app: TrashclawApp, session: Session) -> Sequence[Candidate]:
    return [Candidate(str(summary.session_id), summary.title) for summary in session.sessions()]


async def _modes(app: TrashclawApp, session: Session) -> Sequence[Candidate]:
    from trashclaw.protocol.modes import Mode

    now = session.transcript.mode
    return [Candidate(mode.value, "in use" if mode is now else "") for mode in Mode]


SOURCES: Mapping[str, Source] = {"model": _models, "theme": _themes, "resume": _sessions, "mode": _modes}
CLOSED = frozenset({"theme", "mode"})
"""Commands that take nothing but what is listed."""
