"""What the pages point to is there: files, pictures, tests, options, settings, targets."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from tests.support.doc_tables import SECTIONS
from tests.support.tree import ROOT, functions, project_files, python_files, short
from trashclaw.cli.options import make_parser
from trashclaw.config.load import setting_keys
from trashclaw.faces.tui.slash import BUILTINS

PAGES = [
    file for file in project_files() if file.suffix == ".md" and (file.parent == ROOT or ROOT / "docs" in file.parents)
]
LINK = re.compile(r"\]\(([^)\s]+)\)")
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]+")
CODE = re.compile(r"`([^`\n]+)`")
OURS = re.compile(
    r"(?:trashclaw/|tests/)?(?:agent|cli|config|directives|faces|policy|protocol|providers|session|store|tools|workspace|screens"
    r"|architecture|unit|support)/[\w./-]*"
)


def text(page: Path) -> str:
    return page.read_text(encoding="utf-8")


@cache
def names_of_tests() -> frozenset[str]:
    return frozenset(function.name for file in python_files("tests") for function in functions(file))


def slug(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


@pytest.mark.parametrize("page", PAGES, ids=short)
def test_every_link_leads_somewhere(page: Path) -> None:
    broken = []
    for target in LINK.findall(text(page)):
        name, _, anchor = target.partition("#")
        if "://" in name:
            continue
        file = (page.parent / name).resolve() if name else page
        headings = {slug(line) for line in re.findall(r"^#+ (.*)$", text(file), re.M)} if anchor else {""}
        if not file.exists() or anchor not in headings | {""}:
            broken.append(target)
    assert not broken


@pytest.mark.parametrize("page", PAGES, ids=short)
def test_every_file_of_ours_that_is_named_is_there(page: Path) -> None:
    bases = (ROOT, ROOT / "trashclaw", ROOT / "trashclaw" / "faces" / "tui")
    named = {
        word.partition(":")[0]
        for word in CODE.findall(text(page))
        if OURS.match(word) and " " not in word.partition(":")[0]
    }
    assert not {name for name in named if not any((base / name).exists() for base in bases)}


@pytest.mark.parametrize("page", PAGES, ids=short)
def test_every_test_that_is_named_is_there(page: Path) -> None:
    assert not set(re.findall(r"`(test_\w+)`", text(page))) - names_of_tests()


@pytest.mark.parametrize("page", PAGES, ids=short)
def test_every_option_that_is_named_is_there(page: Path) -> None:
    known = {name for action in make_parser()._actions for name in action.option_strings}
    known |= {option for builtin in BUILTINS for option in OPTION.findall(builtin.argument_hint)}
    foreign = {"--jinja", "--require-hashes", "--checkpoint-min-step", "--runs"}
    assert not set(OPTION.findall(text(page))) - known - foreign


@pytest.mark.parametrize("page", PAGES, ids=short)
def test_every_setting_that_is_named_is_there(page: Path) -> None:
    words = set(re.findall(r"`([a-z_.]+)`", SECTIONS["ops"][1]() + SECTIONS["events"][1]()))
    sections = {key.partition(".")[0] for key in setting_keys() if "." in key}
    named = {
        word.partition(":")[0]
        for word in CODE.findall(text(page))
        if re.fullmatch(rf"({'|'.join(sections)})\.(?!md\b)\w+(: .*)?", word)
    }
    assert not named - set(setting_keys()) - words


@pytest.mark.parametrize("page", PAGES, ids=short)
def test_every_target_of_make_that_is_named_is_there(page: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))
    assert not set(re.findall(r"(?:`|^    )make ([a-z-]+)", text(page), re.M)) - targets


def test_a_method_or_value_that_is_named_with_its_file_is_there() -> None:
    missing = []
    for page in PAGES:
        for file, name in re.findall(r"`([\w/]+\.py): (\w+)`", text(page)):
            found = next(base / file for base in (ROOT / "trashclaw", ROOT) if (base / file).exists())
            names = {
                node.name
                for node in ast.walk(ast.parse(found.read_bytes()))
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
            }
            if name not in names:
                missing.append(f"{file}: {name}")
    assert not missing
