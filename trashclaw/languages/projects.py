"""Which programs a project has its files formatted and looked at with, told by the project's own files."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePosixPath

LIMIT_BYTES = 1_000_000
"""Larger configuration files are not looked into."""

_LOCAL = (".venv/bin", "venv/bin", "node_modules/.bin")
_PYTHON = (".py", ".pyi")
_SCRIPTS = (".js", ".mjs", ".cjs", ".jsx", ".ts", ".mts", ".cts", ".tsx")
_WEB = (*_SCRIPTS, ".css", ".scss", ".less", ".html", ".vue", ".json", ".yaml", ".yml")
_C = (".c", ".h", ".cc", ".cpp", ".cxx", ".hh", ".hpp", ".hxx")

_RUFF = ("ruff.toml", ".ruff.toml", "pyproject.toml: tool.ruff")
_BIOME = ("biome.json", "biome.jsonc")
_PRETTIER = (
    *(f".prettierrc{end}" for end in ("", ".json", ".yaml", ".yml", ".json5", ".js", ".cjs", ".mjs", ".ts", ".toml")),
    *(f"prettier.config.{end}" for end in ("js", "cjs", "mjs", "ts")),
    "package.json: prettier",
)
_ESLINT = (
    *(f"eslint.config.{end}" for end in ("js", "cjs", "mjs", "ts")),
    *(f".eslintrc{end}" for end in ("", ".json", ".js", ".cjs", ".yaml", ".yml")),
    "package.json: eslintConfig",
)


class Work(StrEnum):
    """What a program does for a project."""

    FORMAT = "format"
    """Reads a file's text from standard input, and writes it formatted to standard output."""

    LINT = "lint"
    """Reads files by their names, and writes what it finds to standard output."""


class Report(StrEnum):
    """How a linter writes what it finds."""

    LINES = "lines"
    """`path:line:column: message`, one a line; the column may be missing."""

    ESLINT = "eslint"
    """The JSON of ESLint."""


@dataclass(frozen=True, slots=True)
class Tool:
    """A program, and how a project shows that it uses it."""

    program: str
    work: Work
    suffixes: tuple[str, ...]
    marks: tuple[str, ...]
    """Files of the project, beside the file or in a folder above it; `file: a.b` is a key in one."""

    arguments: str
    """In the shell's words. `{path}` is the file, `{folder}` its folder, `{edition}` that of its crate."""

    report: Report = Report.LINES


TOOLS = (
    Tool("ruff", Work.FORMAT, _PYTHON, _RUFF, "format --quiet --force-exclude --stdin-filename {path} -"),
    Tool("black", Work.FORMAT, _PYTHON, ("pyproject.toml: tool.black",), "--quiet --stdin-filename {path} -"),
    Tool("biome", Work.FORMAT, _WEB, _BIOME, "format --stdin-file-path={path}"),
    Tool("prettier", Work.FORMAT, (*_WEB, ".md"), _PRETTIER, "--stdin-filepath {path}"),
    Tool("gofmt", Work.FORMAT, (".go",), ("go.mod",), ""),
    Tool("rustfmt", Work.FORMAT, (".rs",), ("Cargo.toml",), "--quiet --edition {edition}"),
    Tool("clang-format", Work.FORMAT, _C, (".clang-format", "_clang-format"), "--assume-filename={path}"),
    Tool("ruff", Work.LINT, _PYTHON, _RUFF, "check --quiet --force-exclude --output-format concise -- {path}"),
    Tool("eslint", Work.LINT, _SCRIPTS, _ESLINT, "--format json -- {path}", Report.ESLINT),
    Tool("go", Work.LINT, (".go",), ("go.mod",), "vet {folder} 2>&1"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Chosen:
    """A tool that a project uses for a file, and the program that was found for it."""

    tool: Tool
    line: str
    """The shell line, to be run in the project's root."""


def choose_tool(root: Path, path: str, work: Work) -> Chosen | None:
    """Return what formats or lints a file (relative to `root`) in this project; `None` where nothing does, or is here.

    Of several the one counts whose mark is nearest to the file, and then the first of the table. Blocks on the disk.
    """
    if not _is_inside(path):
        return None
    suffix = PurePosixPath(path).suffix.lower()
    fitting = [tool for tool in TOOLS if tool.work is work and suffix in tool.suffixes]
    for folder in _folders_above(root, path) if fitting else ():
        for tool in fitting:
            if any(_has(folder, mark) for mark in tool.marks) and (program := _find(root, path, tool.program)):
                return Chosen(tool, f"{shlex.quote(program)} {_arguments(tool, root, path)}".rstrip())
    return None


def _is_inside(path: str) -> bool:
    plain = PurePosixPath(path)
    return bool(path) and not plain.is_absolute() and ".." not in plain.parts and "\0" not in path


def _folders_above(root: Path, path: str) -> Iterator[Path]:
    """Yield the folders from the file's own up to the root."""
    for folder in PurePosixPath(path).parents:
        yield root / folder


def _has(folder: Path, mark: str) -> bool:
    name, _, key = mark.partition(": ")
    file = folder / name
    if not key:
        return file.is_file()
    return _value(_settings(file), key) is not None


def _settings(file: Path) -> object:
    """Return what a TOML or JSON file holds; nothing where it cannot be read."""
    read: Callable[[str], object] = tomllib.loads if file.suffix == ".toml" else json.loads
    try:
        if not file.is_file() or file.stat().st_size > LIMIT_BYTES:
            return None
        return read(file.read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return None


def _value(settings: object, key: str) -> object:
    for part in key.split("."):
        settings = settings.get(part) if isinstance(settings, dict) else None
    return settings


def _find(root: Path, path: str, program: str) -> str | None:
    """Return a program: of the project itself, the nearest first, else of the machine."""
    for folder in _folders_above(root, path):
        for place in _LOCAL:
            found = folder / place / program
            if found.is_file() and os.access(found, os.X_OK):
                return str(found)
    return shutil.which(program)


def _arguments(tool: Tool, root: Path, path: str) -> str:
    folder = str(PurePosixPath(path).parent)
    return tool.arguments.format(
        path=shlex.quote(f"./{path}" if path.startswith("-") else path),
        folder=shlex.quote(f"./{folder}"),
        edition=_edition(root, path) if "{edition}" in tool.arguments else "",
    )


def _edition(root: Path, path: str) -> str:
    """Return the edition of a file's crate; 2015 is what Cargo takes where none is said."""
    for folder in _folders_above(root, path):
        settings = _settings(folder / "Cargo.toml")
        for key in ("package.edition", "workspace.package.edition"):
            if (edition := _value(settings, key)) in ("2015", "2018", "2021", "2024"):
                return str(edition)
    return "2015"
