"""The wheel holds everything: it runs in an environment that has never seen the checkout."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

import trashclaw
from tests.support.tree import ROOT

LOOK = """
import json, trashclaw
from trashclaw.config.resources import command_folders, resource_folder, theme_files
from trashclaw.config.themes import load_theme
from trashclaw.directives.commands import load_commands
commands = load_commands(command_folders())
print(json.dumps({
    "package": trashclaw.__file__,
    "themes": [load_theme(file).name for file in theme_files()],
    "commands": list(commands.commands),
    "problems": commands.problems,
    "folders": [str(resource_folder(name)) for name in ("themes", "commands")],
}))
"""


def run(*command: str | Path, folder: Path) -> str:
    """Run a program away from the checkout and return what it printed."""
    environ = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "PIP_REQUIRE"))}
    done = subprocess.run(
        [str(word) for word in command], cwd=folder, env=environ, capture_output=True, text=True, timeout=100
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the checkout."""
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, folder=ROOT)
    (file,) = folder.glob("*.whl")
    return file


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment with the wheel in it.

    The libraries come from the environment of the tests by path, which brings no editable install along: a path
    added by a `.pth` file is not searched for more of them. That the wheel asks for the libraries it needs is a test
    of its own, in `tests/architecture`.
    """
    folder = tmp_path_factory.mktemp("clean") / "venv"
    venv.create(folder, with_pip=False, symlinks=os.name == "posix")
    place = {"base": str(folder), "platbase": str(folder)}
    python = Path(sysconfig.get_path("scripts", "venv", place)) / "python"
    site = Path(sysconfig.get_path("purelib", "venv", place))
    pip = [sys.executable, "-m", "pip", "-q", "--python", python]
    run(*pip, "install", "--no-index", "--no-deps", wheel, folder=folder)
    (site / "libraries.pth").write_text(f"{sysconfig.get_path('purelib')}\n")
    return python.parent


def test_the_installed_program_tells_its_version(installed: Path, tmp_path: Path) -> None:
    assert run(installed / "trashclaw", "--version", folder=tmp_path) == f"trashclaw {trashclaw.__version__}\n"


def test_themes_and_commands_come_from_inside_the_wheel(installed: Path, tmp_path: Path) -> None:
    found = json.loads(run(installed / "python", "-c", LOOK, folder=tmp_path))
    home = str(installed.parent)
    assert found["package"].startswith(home)
    assert all(folder.startswith(home) for folder in found["folders"])
    assert sorted(found["themes"]) == sorted(file.stem for file in (ROOT / "themes").glob("*.yaml"))
    assert found["commands"] == sorted(file.stem for file in (ROOT / "commands").glob("*.md"))
    assert not found["problems"]


def test_the_demo_runs_from_the_wheel(installed: Path, tmp_path: Path) -> None:
    assert run(installed / "trashclaw", "--demo", "--batch", folder=tmp_path)


def test_the_wheel_holds_the_program_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    tops = {name.partition("/")[0] for name in names}
    assert tops == {"trashclaw", f"trashclaw-{trashclaw.__version__}.dist-info"}
    assert "trashclaw/py.typed" in names
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert not [name for name in names if name.endswith((".pyc", ".sqlite3"))]
