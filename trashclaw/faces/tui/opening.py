"""What is asked on the way to a session: whether the folder is trusted, which model, what to do without one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from trashclaw.faces.tui.drawing.sandbox import BROKEN
from trashclaw.protocol.errors import TrashclawError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trashclaw.config.trust_question import TrustAnswer, TrustQuestion
    from trashclaw.faces.tui.app import TrashclawApp
    from trashclaw.faces.tui.screens.main import MainScreen
    from trashclaw.session.selection import Choice


class TrustSource(Protocol):
    """Knows what to ask about the folder, and keeps the answer."""

    async def question(self, *, is_wanted: bool = False) -> TrustQuestion | None:
        """Return what to ask, if anything; `is_wanted`: also where an answer holds."""
        ...

    async def answer(self, question: TrustQuestion, answer: TrustAnswer) -> None:
        """Store an answer.

        Raises:
            ConfigError: it cannot be stored.
        """
        ...


async def ask_trust(app: TrashclawApp, *, is_wanted: bool = False) -> TrustAnswer | None:
    """Ask whether the folder is trusted, if that is not known; return what was said."""
    question = await app.trust.question(is_wanted=is_wanted) if app.trust is not None else None
    if question is None or app.trust is None:
        return None
    from trashclaw.faces.tui.screens.trust import TrustScreen

    answer = await app.push_screen_wait(TrustScreen(question, app.grace_s))
    await app.trust.answer(question, answer)
    return answer


async def tell_sandbox(app: TrashclawApp, main: MainScreen) -> None:
    """Find out what holds commands back, and show it; the session is used meanwhile."""
    session = app.desk.need_session()
    try:
        backend = await session.find_sandbox()
    except TrashclawError as error:
        app.complain(error)
        backend = BROKEN
    if app.desk.session is session:
        name, branch = session.workspace_root.name, session.branch()
        main.set_facts(name, branch, is_trusted=session.is_trusted, sandbox=backend)


async def show_failure(app: TrashclawApp, error: TrashclawError) -> None:
    """Say why there is no session; with one open already, that one goes on."""
    if app.desk.session is not None:
        app.complain(error)
        return
    choices: Sequence[Choice] = getattr(error, "choices", ())
    if choices:
        await _choose_model(app, choices)
        return
    from trashclaw.faces.tui.screens.first_run import FirstRunScreen

    choice = await app.push_screen_wait(FirstRunScreen(error))
    if choice == "quit":
        app.exit()
    else:
        app.open_session(is_demo=choice == "demo")


async def _choose_model(app: TrashclawApp, choices: Sequence[Choice]) -> None:
    """Ask which model to begin with, since more than one could be meant."""
    from trashclaw.faces.tui.screens.models import models_screen

    pairs = [(choice.provider, choice.model) for choice in choices]
    chosen = await app.push_screen_wait(models_screen(pairs))
    if chosen is None:
        app.exit()
    else:
        provider, _, model = chosen.partition("/")
        app.open_session(model=(provider, model))
