"""The project's pytest plugin: every test runs in a world of its own; the logs it writes are checked by `logs`."""

from __future__ import annotations

import gc
import os
import shutil
import subprocess
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

pytest_plugins = ["tests.support.logs"]

COMPILED = Path(__file__).parents[2] / ".pytest_cache" / "compiled"
"""Where Python keeps the compiled files of the programs that tests start.

Each of them would otherwise be compiled anew at every start where Python is told to write none; nor does a test find
such files in its workspace.
"""

FOREIGN = ("TRASHCLAW_", "OLLAMA_", "OPENAI_", "GIT_", "XDG_", "LC_")
TERMINAL = (
    "NO_COLOR",
    "FORCE_COLOR",
    "COLORTERM",
    "TERM_PROGRAM",
    "COLUMNS",
    "LINES",
    "TMUX",
    "SSH_TTY",
    "EDITOR",
    "VISUAL",
)
IDENTITY = {
    "GIT_AUTHOR_NAME": "Ada",
    "GIT_AUTHOR_EMAIL": "ada@example.org",
    "GIT_COMMITTER_NAME": "Ada",
    "GIT_COMMITTER_EMAIL": "ada@example.org",
}


def clean_environment(home: Path) -> dict[str, str]:
    """Return an environment that shows nothing of the person who runs the tests, with `home` as the home folder."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(FOREIGN) and key not in TERMINAL}
    return (
        kept
        | IDENTITY
        | {
            "HOME": str(home),
            "USERPROFILE": str(home),
            "XDG_CONFIG_HOME": str(home / ".config"),
            "XDG_STATE_HOME": str(home / ".local" / "state"),
            "XDG_DATA_HOME": str(home / ".local" / "share"),
            "XDG_CACHE_HOME": str(home / ".cache"),
            "TRASHCLAW_HOME": str(home / "trashclaw"),
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_TERMINAL_PROMPT": "0",
            "LC_ALL": "C.UTF-8",
            "TZ": "UTC",
            "TERM": "xterm-256color",
            "PYTHONDONTWRITEBYTECODE": "",
            "PYTHONPYCACHEPREFIX": str(COMPILED),
        }
    )


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Make no search for garbage look through the thousands of tests that were collected."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The home folder of this test: empty, and where every setting and state of the app goes."""
    folder = tmp_path_factory.mktemp("home")
    environment = clean_environment(folder)
    with pytest.MonkeyPatch.context() as patch:
        for key in set(os.environ) - set(environment) - {"PYTEST_CURRENT_TEST"}:
            patch.delenv(key)
        for key, value in environment.items():
            patch.setenv(key, value)
        yield folder


@pytest.fixture
def workspace_folder(tmp_path: Path) -> Path:
    """An empty folder that is no git repository."""
    folder = tmp_path / "workspace"
    folder.mkdir()
    return folder


@pytest.fixture(scope="session")
def repository_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A git repository with one commit, made once and copied for each test."""
    folder = tmp_path_factory.mktemp("template") / "repository"
    (folder / "src").mkdir(parents=True)
    (folder / "README.md").write_text("# Shop\n\nA small shop.\n")
    (folder / "src" / "app.py").write_text('def greet(name: str) -> str:\n    return f"Hello, {name}"\n')
    environment = clean_environment(folder.parent) | {"GIT_AUTHOR_DATE": "2026-01-01T12:00:00Z"}
    environment["GIT_COMMITTER_DATE"] = environment["GIT_AUTHOR_DATE"]
    for arguments in (["init", "-q", "-b", "main"], ["add", "."], ["commit", "-q", "-m", "Open the shop"]):
        subprocess.run(["git", *arguments], cwd=folder, env=environment, check=True, timeout=30)
    return folder


@pytest.fixture
def repository(repository_template: Path, tmp_path: Path) -> Path:
    """A git repository on branch `main` with one commit: `README.md` and `src/app.py`."""
    folder = tmp_path / "repository"
    shutil.copytree(repository_template, folder, symlinks=True)
    return folder
