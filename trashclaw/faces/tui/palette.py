"""The command palette: every action, command, theme, setting, session and model, found by typing."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from trashclaw.faces.tui.completion import Candidate, score
from trashclaw.faces.tui.keymap import ACTIONS, Action, Group, hint, shown_keys
from trashclaw.faces.tui.keys.places import WAY_KEYS, WAYS
from trashclaw.faces.tui.keys.weight import WEIGHTY
from trashclaw.faces.tui.standing import groups_here, nodes_of

if TYPE_CHECKING:
    from textual.dom import DOMNode
    from textual.screen import Screen

    from trashclaw.faces.tui.app import TrashclawApp
    from trashclaw.faces.tui.screens.palette import PaletteScreen
    from trashclaw.faces.tui.tab import Tab

PLACE = "palette"
MAX_RECENT = 30
_RECENT_GAIN = 120.0
_HERE_GAIN = 6.0
_ELSEWHERE_PART = 0.25
"""What a fit counts on a screen that is not open: less than a part of a name of what can be done here."""


@dataclass(frozen=True, slots=True)
class PaletteEntry(Candidate):
    """Something that can be done; `hint` are its keys."""

    entry_id: str = ""
    """Stable name, by which recent use is remembered."""

    place: str = ""
    """Where it belongs, shown dim."""

    run: Callable[[], Awaitable[object] | object] | None = None
    rank: int = 0
    """The higher, the further from where the person stands."""

    is_weighty: bool = True
    """Whether it answers, changes, sends or ends something, so that it has to be gone to or typed."""

    is_elsewhere: bool = False
    """Whether it belongs to a screen that is not open."""


def palette_entries(app: TrashclawApp, screen: Screen[object], tab: Tab | None = None) -> list[PaletteEntry]:
    """Return what can be done in a tab, else in the one in front; what counts on the screen and its focus first."""
    tab = tab or app.tabs.current
    return [
        *_action_entries(app, screen),
        *_command_entries(app, tab),
        *(_theme_entry(app, name) for name in app.themes.names),
        *_setting_entries(app, tab),
        *_tab_entries(app, tab),
    ]


def ranked(typed: str, entries: Sequence[PaletteEntry], recent: Sequence[str]) -> list[PaletteEntry]:
    """Return the entries in which every typed word is found, the best first; what was used lately gains.

    Without anything typed: what was used lately, then what is nearest to where the person stands.
    """
    words = typed.lower().split()
    gains = {entry_id: _RECENT_GAIN / (2 + place) for place, entry_id in enumerate(recent)}
    scored = []
    for place, entry in enumerate(entries):
        fit = _fit(words, entry) * (_ELSEWHERE_PART if words and entry.is_elsewhere else 1.0)
        if fit > 0:
            nearness = _HERE_GAIN / (1 + entry.rank) if words else 0.0
            scored.append((fit + gains.get(entry.entry_id, 0.0) + nearness, -place, entry))
    return [entry for _, _, entry in sorted(scored, key=lambda found: found[:2], reverse=True)]


async def open_palette(app: TrashclawApp, tab: Tab) -> None:
    """Show the palette over whatever is on the screen, and do what is chosen there; only within a worker."""
    from trashclaw.faces.tui.screens.palette import PaletteScreen

    below = app.screen
    entries = palette_entries(app, below, tab)
    screen = PaletteScreen(entries, app.recent, lambda: app.shown(_add_later(app, tab, screen)))
    chosen = await app.push_screen_wait(screen, mode=tab.mode)
    entry = screen.entry(chosen)
    if entry is None or entry.run is None:
        return
    app.recent[:] = [entry.entry_id, *(known for known in app.recent if known != entry.entry_id)][:MAX_RECENT]
    done = entry.run()
    if isinstance(done, Awaitable):
        await done


def _fit(words: Sequence[str], entry: PaletteEntry) -> float:
    if not words:
        return 1.0
    name, more = entry.text.lower(), f"{entry.entry_id} {entry.place} {entry.hint} {entry.argument}".lower()
    found = 0.0
    for word in words:
        fit = max((score(word, part) for part in (name, *name.split())), default=0.0)
        fit = max(fit, 60.0 if word in more else 0.0)
        if fit <= 0:
            return 0.0
        found += fit
    whole = " ".join(words)
    return found / len(words) + (300.0 if name.startswith(whole) else 150.0 if whole in name else 0.0)


def _action_entries(app: TrashclawApp, screen: Screen[object]) -> list[PaletteEntry]:
    here, nodes = groups_here(screen), nodes_of(screen)
    order = list(dict.fromkeys([*here, *nodes, *Group]))
    actions = sorted(
        (action for action in ACTIONS if action.action_id != PLACE),
        key=lambda action: order.index(action.group),
    )
    return [
        PaletteEntry(
            text=action.label[:1].upper() + action.label[1:],
            hint=shown_keys(action),
            entry_id=action.action_id,
            place=action.group.value,
            run=partial(_run_action, app, action, nodes.get(action.group)),
            rank=order.index(action.group) if action.group in nodes else len(order),
            is_weighty=action.action_id in WEIGHTY,
            is_elsewhere=action.group not in nodes,
        )
        for action in actions
    ]


def way_to(group: Group) -> str:
    """Return where the keys of a group count and which key leads there, in a sentence; empty if it is always there."""
    said, way = WAYS.get(group, ""), hint(*WAY_KEYS[group]) if group in WAY_KEYS else ""
    return f"{said.removesuffix('.')}: {way}." if way else said


async def _run_action(app: TrashclawApp, action: Action, node: DOMNode | None) -> None:
    """Do an action where it belongs, or say why it cannot be done now."""
    if node is None or not node.is_attached or not action.call:
        app.tell(f"“{action.label}” has nothing to work on here. {way_to(action.group)}".strip())
    elif not await app.run_action(action.call, node):
        app.tell(f"“{action.label}” means nothing on this screen: close it first.")


def _command_entries(app: TrashclawApp, tab: Tab) -> Iterator[PaletteEntry]:
    for name, taken, words in app.commanding.listed():
        yield PaletteEntry(
            text=f"/{name} {taken}".rstrip(),
            argument=words,
            entry_id=f"/{name}",
            place=words,
            run=partial(_run_command, app, tab, name, is_asking=needs_words(taken)),
        )


def needs_words(hint: str) -> bool:
    """Tell from a command's argument hint whether it can do nothing without words: what is in brackets may be left."""
    depth, needed = 0, ""
    for sign in hint:
        depth += (sign == "[") - (sign == "]")
        needed += sign if depth == 0 and sign != "]" else ""
    return bool(needed.strip())


def _run_command(app: TrashclawApp, tab: Tab, name: str, *, is_asking: bool) -> None:
    """Run a command, or, where it needs words, put its beginning into the prompt."""
    if not is_asking:
        app.commanding.run(name, "", tab=tab)
        return
    tab.main.prompt.put(f"/{name} ")
    if app.screen is not tab.main:
        app.tell(f"/{name} stands in the prompt; it needs words.")


def _theme_entry(app: TrashclawApp, name: str) -> PaletteEntry:
    run = partial(app.theming.use, name)
    return PaletteEntry(f"Theme {name}", entry_id=f"theme {name}", place="Colours", run=run, is_weighty=False)


def _setting_entries(app: TrashclawApp, tab: Tab) -> Iterator[PaletteEntry]:
    from trashclaw.config.load import setting_keys

    for key, info in setting_keys().items():
        words = (info.description or "").partition(".")[0]
        run = partial(app.commanding.run, "settings", key, tab=tab)
        yield PaletteEntry(
            f"Setting {key}",
            argument=words,
            entry_id=f"setting {key}",
            place=words,
            run=run,
            is_weighty=False,
        )


def _tab_entries(app: TrashclawApp, here: Tab) -> Iterator[PaletteEntry]:
    for number, tab in enumerate(app.tabs.all, 1):
        if tab is not here:
            run = partial(app.tabs.show, tab)
            yield PaletteEntry(
                f"Tab {number}: {tab.title}",
                entry_id=f"tab {number}",
                place="Open sessions",
                run=run,
                is_weighty=False,
            )


async def _add_later(app: TrashclawApp, tab: Tab, screen: PaletteScreen) -> None:
    """Add what has to be looked for first: stored sessions, and the models that servers have."""
    session = tab.desk.session
    if session is None:
        return
    stored = [
        PaletteEntry(
            f"Session {summary.title or summary.session_id}",
            entry_id=f"session {summary.session_id}",
            place="Go on with it",
            run=partial(app.commanding.run, "resume", summary.session_id, tab=tab),
        )
        for summary in await asyncio.to_thread(session.sessions)
        if summary.session_id != session.session_id
    ]
    screen.add(stored)
    models = [
        PaletteEntry(
            f"Model {provider}/{model}",
            entry_id=f"model {provider}/{model}",
            place="Go on with it",
            run=partial(app.commanding.run, "model", f"{provider}/{model}", tab=tab),
        )
        for provider, model in await session.models()
    ]
    screen.add(models)
