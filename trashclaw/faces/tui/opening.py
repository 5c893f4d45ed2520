"""What is asked on the way to a session: whether the folder is trusted, which model, what to do without one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from trashclaw.faces.ports import TrustSource as TrustSource
from trashclaw.faces.tui import messages as msg
from trashclaw.faces.tui.drawing.look import look_of_theme
from trashclaw.faces.tui.drawing.sandbox import BROKEN
from trashclaw.protocol.errors import TrashclawError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trashclaw.config.trust_question import TrustAnswer
    from trashclaw.faces.tui.app import TrashclawApp
    from trashclaw.faces.tui.tab import Tab
    from trashclaw.session.fork_point import ForkPoint
    from trashclaw.session.selection import Choice


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which session to open: a new one, a stored one by its id, a fork, with a model that was chosen, or the demo."""

    resume: str | ForkPoint | None = None
    model: tuple[str, str] | None = None
    is_demo: bool = False


async def open_in(app: TrashclawApp, tab: Tab, wanted: Wanted) -> None:
    """Open a session in a tab and show it there; why that cannot be done is shown. Only within a worker."""
    try:
        if not wanted.is_demo:
            await ask_trust(app, tab)
        tab.begin()
        bridge = await tab.desk.open(
            resume=wanted.resume, model=wanted.model, is_demo=wanted.is_demo, show_tail=tab.show_tail
        )
    except TrashclawError as error:
        tab.forget_tail()
        await show_failure(app, tab, wanted, error)
        return
    from trashclaw.faces.tui.warming import warm_up
    from trashclaw.faces.tui.writing import SessionWriting
    from trashclaw.session.fork_point import ForkPoint

    await tab.main.panes.place()
    session = bridge.session
    tab.main.set_facts(session.workspace_root.name, session.branch(), is_trusted=session.is_trusted)
    tab.main.composer.set_candidates(
        commands=app.commanding.candidates(), arguments=app.commanding.argument_candidates()
    )
    tab.main.composer.connect(SessionWriting(app, session))
    bridge.replay()
    app.run_worker(bridge.run(), group=f"bridge-{tab.mode}", exclusive=True)
    app.run_worker(tell_sandbox(app, tab), group=f"sandbox-{tab.mode}", exclusive=True)
    app.run_worker(warm_up(look_of_theme(app.current_theme, is_ascii=app.look.is_ascii)), group="warm", exclusive=True)
    if isinstance(wanted.resume, ForkPoint):
        app.tell(f"This is a fork of {wanted.resume.session_id}. What you say here is not said there.")
    say_early(app)


def say_early(app: TrashclawApp) -> None:
    """Take what was typed in the tab in front before its session was open; another tab's waits until it is in front."""
    tab = app.tabs.current
    if tab.desk.session is not None:
        early, tab.early = tab.early, []
        for text in early:
            app.commanding.take(msg.PromptSent(text, text), tab)


async def ask_trust(app: TrashclawApp, tab: Tab, *, is_wanted: bool = False) -> TrustAnswer | None:
    """Ask in a tab whether the folder is trusted, if that is not known; return what was said."""
    question = await app.trust.question(is_wanted=is_wanted) if app.trust is not None else None
    if question is None or app.trust is None:
        return None
    from trashclaw.faces.tui.screens.trust import TrustScreen

    answer = await app.push_screen_wait(TrustScreen(question, app.grace_s), mode=tab.mode)
    await app.trust.answer(question, answer)
    return answer


async def tell_sandbox(app: TrashclawApp, tab: Tab) -> None:
    """Find out what holds commands back, and show it; the session is used meanwhile."""
    session = tab.desk.need_session()
    try:
        backend = await session.find_sandbox()
    except TrashclawError as error:
        app.complain(error)
        backend = BROKEN
    if tab.desk.session is session:
        name, branch = session.workspace_root.name, session.branch()
        tab.main.set_facts(name, branch, is_trusted=session.is_trusted, sandbox=backend)


async def show_failure(app: TrashclawApp, tab: Tab, wanted: Wanted, error: TrashclawError) -> None:
    """Say why there is no session; with one open already in the tab, that one goes on, and so do the other tabs."""
    if tab.desk.session is not None:
        app.complain(error)
        return
    choices: Sequence[Choice] = getattr(error, "choices", ())
    if choices:
        await _choose_model(app, tab, wanted, choices)
        return
    if len(app.tabs.all) > 1:
        await app.tabs.drop(tab)
        app.complain(error)
        return
    from trashclaw.faces.tui.screens.first_run import FirstRunScreen

    choice = await app.push_screen_wait(FirstRunScreen(error), mode=tab.mode)
    if choice == "quit":
        app.exit()
    else:
        app.open_in(tab, Wanted(is_demo=True) if choice == "demo" else wanted)


async def _choose_model(app: TrashclawApp, tab: Tab, wanted: Wanted, choices: Sequence[Choice]) -> None:
    """Ask which model to begin with, since more than one could be meant."""
    from trashclaw.faces.tui.screens.models import DEMO, ModelScreen

    chosen = await app.push_screen_wait(ModelScreen(choices, app.scout, has_demo=True), mode=tab.mode)
    if chosen is None and len(app.tabs.all) > 1:
        await app.tabs.drop(tab)
    elif chosen is None:
        app.exit()
    elif chosen == DEMO:
        app.open_in(tab, Wanted(is_demo=True))
    else:
        provider, _, model = chosen.partition("/")
        app.open_in(tab, replace(wanted, model=(provider, model)))
