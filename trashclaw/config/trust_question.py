"""The question whether a folder is trusted: what it would load, what of that is new, and what makes one think twice."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from trashclaw.config.project_files import SETTINGS_PATH, ProjectFiles, read_project
from trashclaw.config.tightening import is_guarded
from trashclaw.config.trust import Change, Standing, TrustStore
from trashclaw.directives.strict_yaml import legible, read_mapping
from trashclaw.protocol.errors import ConfigError

SETTINGS_SHOWN = 12


class TrustAnswer(StrEnum):
    """What a person can say."""

    TRUST = "trust"
    LOOK_ONLY = "look only"
    LATER = "later"


@dataclass(frozen=True, slots=True)
class TrustQuestion:
    """What a person has to know before they answer."""

    project: ProjectFiles
    standing: Standing = Standing.UNKNOWN
    changes: Mapping[str, Change] = field(default_factory=dict)
    """What differs from what the last answer was given for, by path."""

    warning: str = ""
    """Why this folder is an odd one to trust."""

    setting_lines: tuple[str, ...] = ()
    """What its settings say, `key: value`."""

    @property
    def is_open(self) -> bool:
        """Whether no answer holds."""
        return self.standing in (Standing.UNKNOWN, Standing.CHANGED)

    @property
    def can_be_trusted(self) -> bool:
        """Whether a person can know what they would vouch for."""
        return not self.project.is_too_much


def ask_about(root: Path, trust: TrustStore) -> TrustQuestion:
    """Return the question about a folder as it is now. Blocks on the disk."""
    project = read_project(root)
    changes = trust.changes(project)
    return TrustQuestion(project, trust.standing(project), changes, warning_about(root), setting_lines(project))


def warning_about(root: Path) -> str:
    """Return why a folder should not be trusted without a second thought, or nothing."""
    root = root.resolve()
    if root == Path(root.anchor):
        return "This is the root of the file system: everything on this machine would be the workspace."
    if root == _home():
        return "This is your home folder: everything in it would be the workspace. Start in a project's folder instead."
    if root in {Path(folder).resolve() for folder in (tempfile.gettempdir(), "/tmp", "/var/tmp")}:
        return "This is a folder for temporary files: anybody on this machine may put files into it."
    return ""


def setting_lines(project: ProjectFiles) -> tuple[str, ...]:
    """Return what the settings of a folder say, or why they cannot be read."""
    try:
        text = project.text(SETTINGS_PATH)
        values = read_mapping(text or "", SETTINGS_PATH).values
    except ConfigError as error:
        return (error.text,)
    lines = list(_flat(values, ""))
    more = len(lines) - SETTINGS_SHOWN
    return tuple([*lines[:SETTINGS_SHOWN], f"and {more} more"] if more > 0 else lines)


def _flat(values: Mapping[str, Any], prefix: str) -> list[str]:
    lines: list[str] = []
    for key, value in values.items():
        name = f"{prefix}{legible(key)}"
        note = "  (counts only where it is stricter than your own)" if is_guarded(name) else ""
        lines.extend(_flat(value, f"{name}.") if isinstance(value, dict) else [f"{name}: {legible(value)}{note}"])
    return lines


def _home() -> Path | None:
    try:
        return Path.home().resolve()
    except (OSError, RuntimeError):
        return None
