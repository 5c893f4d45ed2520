"""The project's own files, for the tests that hold it in shape."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
RESOURCES = ROOT / "trashclaw" / "resources"

Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def project_files() -> tuple[Path, ...]:
    """Return every file that is, or could be, committed."""
    command = ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, timeout=30).stdout.decode()
    return tuple(ROOT / name for name in sorted(set(listed.split("\0"))) if name and (ROOT / name).is_file())


def python_files(*folders: str) -> list[Path]:
    """Return the Python files under folders of the project; without folders, all of them.

    The files of the demo's little project are data of ours, not code.
    """
    tops = tuple(ROOT / folder for folder in folders) or (ROOT,)
    code = (file for file in project_files() if file.suffix == ".py" and RESOURCES not in file.parents)
    return [file for file in code if any(top in file.parents for top in tops)]


def short(path: Path) -> str:
    """Return a path as a person says it."""
    return path.relative_to(ROOT).as_posix()


@cache
def parsed(file: Path) -> ast.Module:
    """Return the syntax tree of a file."""
    return ast.parse(file.read_bytes(), str(file))


def functions(file: Path) -> Iterator[Function]:
    """Yield every function and method of a file."""
    for node in ast.walk(parsed(file)):
        if isinstance(node, Function):
            yield node


def classes(file: Path) -> Iterator[ast.ClassDef]:
    """Yield every class of a file."""
    for node in ast.walk(parsed(file)):
        if isinstance(node, ast.ClassDef):
            yield node


def imported(node: ast.AST) -> set[str]:
    """Return the top-level packages that one statement imports."""
    if isinstance(node, ast.Import):
        return {alias.name.partition(".")[0] for alias in node.names}
    if isinstance(node, ast.ImportFrom) and node.module and not node.level:
        return {node.module.partition(".")[0]}
    return set()
