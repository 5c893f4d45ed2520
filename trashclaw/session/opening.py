"""What a session is opened with, and what its parts stand on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from trashclaw.agent.ports import Provider
from trashclaw.config.project_files import ProjectFiles
from trashclaw.config.schema import Settings
from trashclaw.session.approvals import Approvals
from trashclaw.session.clock import SystemClock
from trashclaw.session.fork_point import ForkPoint
from trashclaw.session.journal import Journal
from trashclaw.session.memory import Memory
from trashclaw.session.modes import CurrentMode
from trashclaw.session.sandboxing import SessionShell
from trashclaw.session.storage import LOG_NAME as LOG_NAME
from trashclaw.session.storage import Store
from trashclaw.session.transcript import Transcript
from trashclaw.session.undo import Undo
from trashclaw.workspace.git import Git
from trashclaw.workspace.root import Workspace


@dataclass(frozen=True, slots=True)
class Opening:
    """What to open."""

    root: Path
    settings: Settings
    is_trusted: bool = False
    """Whether the folder's own settings, rules and commands count."""

    project: ProjectFiles | None = None
    """What a trusted folder brings, in the bytes that were vouched for."""

    added: tuple[Path, ...] = ()
    """Further folders that count as workspace."""

    notices: tuple[str, ...] = ()
    """What the person has to be told at the beginning."""

    is_read_only: bool = False
    """The mode cannot leave `plan`."""

    can_ask: bool = True
    """Whether a person sits in front of it."""

    resume: str | ForkPoint | None = None
    """A session to go on with: its id, a part of it, or `last`; or a place at which one is forked."""

    show_tail: Callable[[Transcript], object] | None = None
    """Hears how a long stored session ends, for the eye alone, before the whole is read."""

    is_stored: bool = True
    model: tuple[str, str] | None = None
    """Provider and model chosen by the person, in place of the settings' ones."""

    is_model_named: bool = False
    """Whether an option names model or server, so that a resumed session does not go on with the one it had."""

    is_mode_named: bool = False
    """Whether an option names the mode, so that a resumed session does not go on in the one it had."""

    provider: Provider | None = None
    """A provider that is there already."""

    state: Path | None = None
    """Where to keep log and checkpoints; `None` is the workspace's own place in the state folder."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What the parts of a session stand on."""

    opening: Opening
    store: Store
    workspace: Workspace
    git: Git
    journal: Journal
    undo: Undo
    approvals: Approvals
    mode: CurrentMode
    memory: Memory
    shell: SessionShell
    clock: SystemClock

    def branch(self) -> str:
        """Return the git branch, or an empty string; a damaged repository has none."""
        try:
            return self.git.branch() or ""
        except (OSError, ValueError):
            return ""
