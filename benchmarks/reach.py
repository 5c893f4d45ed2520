"""What is within reach in the real app: every action in help, palette and keymap, every screen by keyboard alone."""

from __future__ import annotations

import asyncio
import pkgutil
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from textual.pilot import Pilot
from textual.screen import Screen

import trashclaw.faces.tui.screens
from benchmarks.measuring import Figure, run, scratch
from benchmarks.places import commit_all
from trashclaw.cli.folder_trust import FolderTrust
from trashclaw.cli.options import parse
from trashclaw.config.resources import theme_files
from trashclaw.config.schema import Settings
from trashclaw.faces.ports import TrustSource
from trashclaw.faces.tui.app import TrashclawApp
from trashclaw.faces.tui.keymap import ACTIONS, shown_keys
from trashclaw.faces.tui.keys.rebinding import keymap_template
from trashclaw.faces.tui.palette import palette_entries
from trashclaw.faces.tui.screens.help import help_sections
from trashclaw.faces.tui.themes import ThemeShelf
from trashclaw.protocol.errors import ConfigError
from trashclaw.protocol.modes import Mode
from trashclaw.providers.script import Script, ScriptedStep
from trashclaw.providers.scripted import ScriptedProvider
from trashclaw.session.build import Opening, open_session
from trashclaw.session.session import Session

LIMIT_S = 10.0
STEP_S = 1.0
"""Between the keys of a longer way, in which sessions are closed, opened and listed."""

PALETTE = "palette"
BASES = frozenset({"FirstPictureScreen", "MainScreen", "OverlayScreen", "WindowScreen"})
"""The one that is there first, and those that others are made of."""

BEFORE = 'print("Hello")\n'
EDIT = {"path": "app.py", "old_text": "Hello", "new_text": "Good day"}
STEPS: Sequence[dict[str, Any]] = (
    {"text": "I look.", "calls": [{"name": "read_file", "arguments": {"path": "app.py"}}]},
    {"text": "A warmer word.", "calls": [{"name": "edit_file", "arguments": EDIT}]},
    {"text": "Done."},
)
WAYS: dict[str, Sequence[str]] = {
    "PaletteScreen": ("ctrl+p",),
    "HelpScreen": ("f1",),
    "SettingsScreen": ("f4",),
    "SessionsScreen": ("f2",),
    "PagerScreen": ("ctrl+t",),
    "HistoryScreen": ("ctrl+r",),
    "ReviewScreen": ("alt+d", "ctrl+f"),
    "OutputScreen": ("alt+o", "v"),
    "ChoiceScreen": ("/theme ",),
    "ModelScreen": ("/model ",),
    "ContextScreen": ("/context ",),
    "PreviewScreen": ("/compact --preview ",),
    "RewindScreen": ("/rewind ",),
    "PageScreen": ("/memory ",),
    "TreeScreen": ("/tree ",),
    "ReplayScreen": ("/replay ",),
    "OverwriteScreen": ("/rewind ", "enter"),
    "ConfirmScreen": ("/new ", "f2", "f8"),
    "TrustScreen": (),
}
"""The keys to each screen; what begins with a slash is typed at the prompt, and entered."""


def measure(runs: int) -> list[Figure]:
    """Count, in one run of the app for each screen."""
    with scratch() as folder:
        return asyncio.run(_measure(Path(folder)))


async def _measure(folder: Path) -> list[Figure]:
    root = folder / "work"
    root.mkdir(parents=True)
    (root / "app.py").write_text(BEFORE)
    commit_all(root)
    missing, total = await _missing_actions(root, folder)
    names = sorted(_screens() - BASES)
    lost = [name for name in names if not await _is_reached(name, root, folder)]
    return [
        Figure(
            name="actions in help, palette and keymap",
            target="all",
            measured=f"{total - len(missing)} of {total}",
            is_pass=not missing,
            notes=tuple(missing),
        ),
        Figure(
            name="screens opened and closed by keys alone",
            target="all",
            measured=f"{len(names) - len(lost)} of {len(names)}",
            is_pass=not lost,
            notes=(f"not reached: {', '.join(lost)}",) if lost else (),
        ),
    ]


def _screens() -> set[str]:
    """Return the names of all screens of our own."""
    found = set()
    for module in pkgutil.iter_modules(trashclaw.faces.tui.screens.__path__, "trashclaw.faces.tui.screens."):
        for name, value in vars(import_module(module.name)).items():
            if isinstance(value, type) and issubclass(value, Screen) and value.__module__ == module.name:
                found.add(name)
    return found


async def _missing_actions(root: Path, folder: Path) -> tuple[list[str], int]:
    """Return what is missing somewhere, and how many actions there are."""
    missing = []
    app = _app(root, folder)
    async with app.run_test(size=(120, 40)) as pilot:
        await _until(pilot, lambda: app.desk.session is not None)
        palette = {entry.entry_id for entry in palette_entries(app, app.screen)}
        help_rows = {row for _, rows in help_sections((), ()) for row in rows}
        template = keymap_template(folder / "keymap.yaml")
        for action in ACTIONS:
            lacks = [
                *([] if action.action_id in palette or action.action_id == PALETTE else ["palette"]),
                *([] if (shown_keys(action) or "no key", action.label) in help_rows else ["help"]),
                *([] if f"# {action.action_id}:" in template else ["keymap"]),
            ]
            missing += [f"{action.action_id}: not in {', '.join(lacks)}"] if lacks else []
    await app.desk.close()
    return missing, len(ACTIONS)


async def _is_reached(name: str, root: Path, folder: Path) -> bool:
    """Open a screen with keys, and close it with Esc."""
    if name == "FirstRunScreen":
        return await _is_first_page_reached()
    if name not in WAYS:
        return False
    if name == "TrustScreen":
        return await _is_question_of_trust_reached(root, folder)
    (root / "app.py").write_text(BEFORE)
    app = _app(root, folder)
    async with app.run_test(size=(120, 40)) as pilot:
        try:
            await _until(pilot, lambda: app.desk.session is not None)
            await _type(pilot, "be warmer")
            await _until(pilot, lambda: app.screen.query(".-waiting"))
            if not name.startswith("Review"):
                await pilot.press("y")
                await _until(pilot, lambda: not app.desk.is_running)
                await pilot.press("ctrl+l")
            if name == "OverwriteScreen":
                (root / "app.py").write_text(BEFORE + "# by hand\n")
            for key in WAYS[name]:
                await _until(pilot, lambda: app.desk.session is not None)
                await (_type(pilot, key) if key.startswith("/") else pilot.press(key))
                await pilot.pause(STEP_S if len(WAYS[name]) > 1 else 0.0)
            await _until(pilot, lambda: type(app.screen).__name__ == name)
            for _ in range(len(app.screen_stack) - 1):
                await pilot.press("escape")
                await pilot.pause()
            await _until(pilot, lambda: type(app.screen).__name__ == "MainScreen")
            is_reached = True
        except TimeoutError:
            is_reached = False
    await app.desk.close()
    return is_reached


async def _is_question_of_trust_reached(root: Path, folder: Path) -> bool:
    """Be asked about the folder, and answer that by a key."""
    app = _app(root, folder, FolderTrust(parse(["-C", str(root)])))
    async with app.run_test(size=(120, 40)) as pilot:
        try:
            await _until(pilot, lambda: type(app.screen).__name__ == "TrustScreen")
            await pilot.press("escape")
            await _until(pilot, lambda: type(app.screen).__name__ == "MainScreen")
            await _until(pilot, lambda: app.desk.session is not None)
            is_reached = True
        except TimeoutError:
            is_reached = False
    await app.desk.close()
    return is_reached


async def _is_first_page_reached() -> bool:
    async def fails(**_: object) -> Session:
        raise ConfigError("No model server answers.")

    app = TrashclawApp(fails, ThemeShelf(theme_files()), grace_s=0.0)
    async with app.run_test(size=(120, 40)) as pilot:
        try:
            await _until(pilot, lambda: type(app.screen).__name__ == "FirstRunScreen")
        except TimeoutError:
            return False
        await asyncio.sleep(app.screen.grace.left_s)  # type: ignore[attr-defined]
        await pilot.press("escape")
    return True


def _app(root: Path, folder: Path, trust: TrustSource | None = None) -> TrashclawApp:
    script = Script(model="scripted", limit_tokens=32_768, steps=tuple(ScriptedStep(**step) for step in STEPS))

    async def opener(**_: object) -> Session:
        return await open_session(
            Opening(
                root=root,
                settings=Settings(mode=Mode.REVIEW),
                provider=ScriptedProvider(script),
                state=folder / "state",
                is_trusted=True,
            )
        )

    return TrashclawApp(opener, ThemeShelf(theme_files()), trust=trust, grace_s=0.0)


def _app_of(pilot: Pilot[Any]) -> TrashclawApp:
    assert isinstance(pilot.app, TrashclawApp)
    return pilot.app


async def _type(pilot: Pilot[Any], words: str) -> None:
    _app_of(pilot).main.prompt.focus()
    await pilot.press(*({" ": "space", "/": "slash", "-": "minus"}.get(sign, sign) for sign in words), "enter")


async def _until(pilot: Pilot[Any], claim: Callable[[], object]) -> None:
    async with asyncio.timeout(LIMIT_S):
        while not claim():
            await pilot.pause(0.01)
    await pilot.pause()


if __name__ == "__main__":
    sys.exit(run(measure, runs=1, description=__doc__))
