"""Nobody pays for what they do not use, and each library has one owner."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.tree import imported, parsed, python_files, short

HEAVY = {"textual", "rich", "mcp", "acp", "starlette"}
OWNERS = {"sqlite3": ("trashclaw/store/",), "tiktoken": ("trashclaw/agent/",), "curses": (), "termios": ()}
PLATFORM_ONLY = {"fcntl", "grp", "msvcrt", "pty", "pwd", "resource", "termios", "tty", "winreg"}
REPORT = (
    "import sys; sys.stderr.write('\\nMODULES ' + ' '.join(sorted({name.partition('.')[0] for name in sys.modules})))"
)


def modules_after(code: str, folder: Path) -> set[str]:
    """Run code in a fresh interpreter and return the top-level modules that it has loaded."""
    program = f"try:\n    {code}\nexcept SystemExit as end:\n    assert not end.code, end.code\n{REPORT}"
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, done.stderr
    return set(done.stderr.rpartition("MODULES ")[2].split())


def run(*arguments: str) -> str:
    """Return the code that runs the program as its entry point does."""
    return f"import sys; sys.argv = {['trashclaw', *arguments]}; from trashclaw.__main__ import main; sys.exit(main())"


def test_the_command_line_loads_no_screen(workspace_folder: Path) -> None:
    assert not modules_after("import trashclaw.cli", workspace_folder) & (HEAVY | {"httpx", "git", "tiktoken"})


def test_a_scripted_batch_run_loads_no_screen(workspace_folder: Path) -> None:
    loaded = modules_after(run("--demo", "--batch"), workspace_folder)
    assert "trashclaw" in loaded
    assert not loaded & HEAVY


def test_the_version_costs_no_library(workspace_folder: Path) -> None:
    loaded = modules_after(run("--version"), workspace_folder)
    assert not loaded & (HEAVY | {"pydantic", "asyncio", "yaml", "argparse"})


@pytest.mark.parametrize("library", sorted(OWNERS))
def test_a_library_is_used_by_its_owner_only(library: str) -> None:
    users = {
        short(file)
        for file in python_files("trashclaw")
        for node in ast.walk(parsed(file))
        if library in imported(node)
    }
    assert not {user for user in users if not user.startswith(OWNERS[library])}


def test_nothing_of_one_platform_is_imported_by_importing_a_module() -> None:
    bound = [
        f"{short(file)}: {', '.join(found)}"
        for file in python_files("trashclaw")
        for node in parsed(file).body
        if (found := imported(node) & PLATFORM_ONLY)
    ]
    assert not bound
