"""Keys can be given others: what is shown or taken names an action of the key table, never a key."""

from __future__ import annotations

import ast
import re

import pytest

from tests.support.tree import parsed, python_files, short

_TUI = "trashclaw/faces/tui/"
_OWN_KEYS = (f"{_TUI}keys/", f"{_TUI}keymap.py", f"{_TUI}vim/", f"{_TUI}widgets/vim_keys.py")
"""Where keys are named: the table itself, and vim's, which are vim's."""

_FIXED = {
    f"{_TUI}widgets/prompt.py": {"enter", "escape", "tab", "up", "down", "backspace"},
    f"{_TUI}widgets/completion_list.py": {"enter", "escape", "tab", "up", "down"},
    f"{_TUI}widgets/composer.py": {"enter"},
    f"{_TUI}widgets/searched_pane.py": {"ctrl+w", "ctrl+u"},
    f"{_TUI}widgets/tool_log.py": {"ctrl+u"},
    f"{_TUI}widgets/status_bar.py": {"Ctrl+"},
}
"""Keys that editors and the list below a word have, which the help tells as fixed ones; and the short form of Ctrl."""

_SHOWN = re.compile(
    r"\b(?:Ctrl|Alt|Shift|Super)\+(?!drag)|(?<![\w^])\^[A-Z]\b|\bF(?:[1-9]|1\d|2[0-4])\b"
    r"|\b(?:Enter|Esc|Backspace|Page(?:Up|Down))\b|\bTab(?= +[a-z])"
    r"|\b(?:Up|Down|Home|End|Space)(?= (?:brings|goes|back|next|scrolls?|pauses|and Down)\b|, Down)"
)
_TAKEN = re.compile(r"(?:(?:ctrl|alt|shift)\+\w+|enter|escape|f\d{1,2})\Z")


def key_names(tree: ast.AST) -> list[tuple[int, str]]:
    """Return line and text of each string, but no docstring, that names a key to a person or compares with one."""
    told = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef))
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    beside = {
        id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    return [
        (node.lineno, node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in told | beside
        and (_SHOWN.search(node.value) or _TAKEN.match(node.value))
    ]


def test_no_text_or_widget_of_the_screen_names_a_key_itself() -> None:
    files = [file for file in python_files("trashclaw/faces/tui") if not short(file).startswith(_OWN_KEYS)]
    assert len(files) > 100
    found = [
        f"{short(file)}:{line} {text!r}"
        for file in files
        for line, text in key_names(parsed(file))
        if text not in _FIXED.get(short(file), ())
    ]
    assert not found, "name the action: `hint`, `sentence` or `keys_of` of keymap.py"


def test_what_every_face_reads_names_no_key_of_one_of_them() -> None:
    files = [file for name in ("session", "policy", "agent", "tools") for file in python_files(f"trashclaw/{name}")]
    pattern = re.compile(r"\b(?:Ctrl|Alt|Shift)\+\w|\bEsc\b")
    found = [
        f"{short(file)}:{line} {text!r}"
        for file in files
        for line, text in key_names(parsed(file))
        if pattern.search(text)
    ]
    assert not found


@pytest.mark.parametrize(
    ("text", "names_one"),
    [
        ("Enter steers", True),
        ("  Esc no", True),
        ("Ctrl+C again quits.", True),
        ("F1 helps", True),
        ("^P palette", True),
        ("Tab queues", True),
        ("Up brings it back", True),
        ("escape", True),
        ("Delete this session?", False),
        ("Tab ", False),
        ("Shift+drag", False),
        ("the end of the line", False),
        ("enter it", False),
    ],
)
def test_a_name_of_a_key_is_told_from_other_words(text: str, names_one: bool) -> None:
    assert bool(key_names(ast.parse(f"x = {text!r}"))) is names_one
