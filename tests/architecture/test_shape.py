"""Files, functions and classes stay small, and their names say something."""

from __future__ import annotations

import ast
import re

from tests.support.tree import Function, classes, functions, parsed, project_files, python_files, short

FILE_LINES = 300
TEST_FILE_LINES = 400
FUNCTION_LINES = 40
PUBLIC_METHODS = 20
EMPTY_NAMES = re.compile(r"(utils?|helpers?|commons?|misc|managers?|stuff)")


def length(function: Function) -> int:
    """Lines of a function without its docstring."""
    lines = (function.end_lineno or 0) - function.lineno + 1
    first = function.body[0]
    if ast.get_docstring(function, clean=False) is not None:
        lines -= (first.end_lineno or 0) - first.lineno + 1
    return lines


def test_no_file_is_longer_than_the_limit() -> None:
    long = []
    for file in python_files():
        lines = len(file.read_text(encoding="utf-8").splitlines())
        limit = TEST_FILE_LINES if short(file).startswith("tests/") else FILE_LINES
        if lines > limit:
            long.append(f"{short(file)}: {lines} lines, at most {limit}")
    assert not long


def test_no_function_is_longer_than_the_limit() -> None:
    long = [
        f"{short(file)}:{function.lineno} {function.name}: {length(function)} lines"
        for file in python_files("trashclaw", "tests/support", "benchmarks")
        for function in functions(file)
        if length(function) > FUNCTION_LINES
    ]
    assert not long


def test_no_class_has_more_public_methods_than_the_limit() -> None:
    large = []
    for file in python_files("trashclaw", "tests/support"):
        for found in classes(file):
            public = [item for item in found.body if isinstance(item, Function) and not item.name.startswith("_")]
            if len(public) > PUBLIC_METHODS:
                large.append(f"{short(file)}:{found.lineno} {found.name}: {len(public)} public methods")
    assert not large


def test_no_module_or_folder_has_a_name_that_says_nothing() -> None:
    names = {part for file in project_files() for part in (*file.parent.parts, file.name.partition(".")[0])}
    assert not {name for name in names if EMPTY_NAMES.fullmatch(name.lower().strip("_"))}


def test_every_module_opens_with_a_docstring() -> None:
    assert not [short(file) for file in python_files() if parsed(file).body and not ast.get_docstring(parsed(file))]


def test_every_public_function_and_method_of_the_package_has_a_docstring() -> None:
    bare = [
        f"{short(file)}:{item.lineno} {item.name}"
        for file in python_files("trashclaw")
        for item in parsed(file).body
        if isinstance(item, Function) and not item.name.startswith("_") and not ast.get_docstring(item)
    ]
    assert not bare


def test_only_a_tool_and_a_turn_are_guarded_against_every_exception() -> None:
    allowed = {"trashclaw/agent/dispatch.py", "trashclaw/agent/loop.py"}
    broad = [
        f"{short(file)}:{node.lineno}"
        for file in python_files("trashclaw")
        if short(file) not in allowed
        for node in ast.walk(parsed(file))
        if isinstance(node, ast.ExceptHandler) and _is_broad(node)
    ]
    assert not broad


def _is_broad(handler: ast.ExceptHandler) -> bool:
    """Tell whether a handler takes everything and keeps it; one that ends in `raise` only cleans up."""
    if isinstance(handler.body[-1], ast.Raise) and handler.body[-1].exc is None:
        return False
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(kind is None or ast.unparse(kind) in {"Exception", "BaseException"} for kind in kinds)
