"""The demo: a scripted model at work in a throw-away repository; everything is real but the model."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from trashclaw.cli.options import overrides
from trashclaw.config.resources import resource_folder, script_file
from trashclaw.protocol.errors import TrashclawError

if TYPE_CHECKING:
    from trashclaw.config.schema import Settings
    from trashclaw.session.build import Opening

PROMPT = "Find SQL built from strings in ./src and fix it"
GREETING = """\
This is the demo: a scripted model in a throw-away repository ({root}).
The tools, the diffs, the approvals and the log are real; only the model's words are not.
"""
_NAME = "shop-api"
_PREFIX = "trashclaw-demo-"


@dataclass(frozen=True, slots=True)
class Demo:
    """A throw-away repository and the settings to work in it."""

    root: Path
    state: Path
    settings: Settings

    @property
    def prompt(self) -> str:
        """The task that the script solves."""
        return PROMPT

    @property
    def greeting(self) -> str:
        """What has to be said first."""
        return GREETING.format(root=self.root)

    def opening(self, *, can_ask: bool) -> Opening:
        """Return how to open a session on it; without a screen its changes are allowed, it is thrown away anyway."""
        from trashclaw.providers.script import load_script
        from trashclaw.providers.scripted import ScriptedProvider
        from trashclaw.session.build import Opening

        settings = self.settings
        if not can_ask:
            settings = settings.model_copy(update={"allow_write": True, "allow_shell": True})
        provider = ScriptedProvider(load_script(script_file("demo")))
        return Opening(root=self.root, settings=settings, can_ask=can_ask, provider=provider, state=self.state)


@contextmanager
def open_demo(options: argparse.Namespace) -> Iterator[Demo]:
    """Make the repository; it is gone afterwards.

    Raises:
        TrashclawError: git is missing or failed.
    """
    _sweep_dead()
    folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-")).resolve()
    try:
        root = folder / _NAME
        shutil.copytree(resource_folder("demo"), root)
        _commit_all(root)
        from trashclaw.config.load import load_settings

        loaded = load_settings(overrides(options))
        yield Demo(root, root.parent / "state", loaded.settings)
    finally:
        _remove(folder)


def _sweep_dead() -> None:
    """Remove the demos of processes that were killed; the name says whose each is."""
    if sys.platform == "win32":
        return
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*-*"):
        owner = folder.name.removeprefix(_PREFIX).split("-")[0]
        with suppress(OSError):
            if owner.isdecimal() and folder.lstat().st_uid == os.getuid() and not _is_alive(int(owner)):
                _remove(folder)


def _remove(folder: Path) -> None:
    """Remove a demo, also what its commands left without permissions."""
    from trashclaw.sandbox.overlay.run_folder import remove_tree

    remove_tree(folder)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True


def _commit_all(root: Path) -> None:
    identity = ["-c", "user.name=Demo", "-c", "user.email=demo@example.invalid", "-c", "commit.gpgsign=false"]
    environment = os.environ | {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    try:
        for arguments in (["init", "-q", "-b", "main"], ["add", "."], ["commit", "-q", "-m", "Open the shop"]):
            command = ["git", *identity, *arguments]
            subprocess.run(command, cwd=root, env=environment, check=True, capture_output=True, timeout=30)
    except (OSError, subprocess.SubprocessError) as error:
        raise TrashclawError(f"The demo needs git: {error}.", "Install git and try again.") from error
