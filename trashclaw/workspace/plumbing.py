"""Short questions to git: read only, bounded in time, and nothing of a repository is run."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from trashclaw.protocol.errors import GitFailed

TIMEOUT_S = 20.0

_SAFE = (
    *("-c", "core.fsmonitor=false"),
    *("-c", f"core.hooksPath={os.devnull}"),
    *("-c", "core.quotePath=false"),
    *("-c", "color.ui=false"),
    *("-c", "log.showSignature=false"),
    *("-c", "safe.bareRepository=explicit"),
)
_OWN = {
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "LC_ALL": "C",
}


def ask_git(
    folder: Path,
    argv: Sequence[str],
    *,
    stdin: bytes = b"",
    env: Mapping[str, str] | None = None,
    fine_codes: Sequence[int] = (0,),
    has_own_settings: bool = True,
) -> bytes:
    """Return what git writes when it is run in a folder. Blocks.

    `has_own_settings=False` leaves out the settings that keep programs of the repository from running: for questions
    about settings alone.

    Raises:
        GitFailed: git is missing, was too slow, or ended with another code than the fine ones.
    """
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    try:
        done = subprocess.run(
            ["git", "--no-pager", *(_SAFE if has_own_settings else ()), *argv],
            cwd=folder,
            input=stdin,
            capture_output=True,
            env={**inherited, **_OWN, **(env or {})},
            timeout=TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise GitFailed(f"git {argv[0]} took longer than {TIMEOUT_S:g} s and was stopped.") from error
    except OSError as error:
        raise GitFailed("git could not be started.", "Install git, or work without it.") from error
    if done.returncode not in fine_codes:
        raise GitFailed(f"git {argv[0]} failed: {done.stderr.decode('utf-8', 'replace').strip()[:500]}")
    return done.stdout
