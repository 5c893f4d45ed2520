"""Valid calls of the real tools, with values as they occur in work: code, expressions, paths, shell lines, JSON."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tests.support.shells import make_shell
from trashclaw.agent.ports import Tool
from trashclaw.tools.registry import make_tools
from trashclaw.workspace.git import Git
from trashclaw.workspace.root import Workspace

_PATHS = (
    "src/main.py",
    "README.md",
    "app/views/order_list.py",
    "tests/unit/test_tax.py",
    "docs/über uns.md",
    "a b/c.txt",
)
_WINDOWS = (r"C:\new\table\report.txt", r"D:\build\bin\x64", r"..\src\net\tcp.c", r"\\server\users\anna")
_EXPRESSIONS = (
    r"def \w+\(self",
    r"\bTODO\b",
    r"^\s*import (\w+)",
    r'"version":\s*"\d+\.\d+"',
    r"print\((['\"]).*?\1\)",
    "plain words",
    r"[^\"\\]+\\n$",
    r"C:\\Users\\\w+",
)
_CODE = (
    'def greet(name):\n    """Say hello."""\n    return f"Hello, {name}!"\n',
    "for (const [key, value] of Object.entries(map)) {\n\tconsole.log(`${key}: ${value}`); // it's fine\n}\n",
    "if re.match(r\"^\\d+\\.\\d+$\", text):\n    parts = text.split('.')\n",
    '{"name": "shop", "version": "1.0.0", "scripts": {"test": "jest --ci"}}\n',
    '#include <stdio.h>\n\nint main(void)\n{\n\tprintf("%d\\n", 42);\n\treturn 0;\n}\n',
    'key: value\nlist:\n  - one # first\n  - "two"\n',
    "SELECT * FROM orders WHERE name = 'O''Brien' AND total > 1_000; -- all\n",
    "x = {'a': [1, 2, 3], 'b': None, 'c': True}\n",
    '<p class="note">Don’t “quote” me — ever</p>\n',
    "return total * 1.19",
    "path = 'C:\\\\temp\\\\new'\n",
    "",
    "日本語のテキスト 🙂\n",
)
_COMMANDS = (
    "pytest -q tests/unit",
    'grep -rn "TODO" src | head -20',
    'git commit -m "Fix the tax\'s rounding" && git push',
    "find . -name '*.py' -exec sed -i 's/\\bfoo\\b/bar/g' {} \\;",
    "echo '{\"a\": 1, \"b\": [true, null]}' | jq '.b[0]'",
    "python -c 'print(\"a\\nb\")'",
    "awk '{ print $1 \"\\t\" $NF }' log.txt # the last column",
    "curl -s http://127.0.0.1:8000/health",
    "printf '%s\\n' \"$HOME\" > out.txt",
    "dir C:\\new\\table",
)
_WORDS = ("Find the bug", "Write a test for 'tax'", 'Rename "total" to sum', "Run all tests, then report", "Done: 50 %")

Make = Callable[[random.Random], dict[str, Any]]


def _optional(source: random.Random, **given: Any) -> dict[str, Any]:
    return {name: value for name, value in given.items() if source.random() < 0.4}


def _path(source: random.Random) -> str:
    return source.choice(_WINDOWS) if source.random() < 0.1 else source.choice(_PATHS)


def _code(source: random.Random) -> str:
    return "".join(source.choice(_CODE) for _ in range(source.choice((1, 1, 2, 4))))


def _edit(source: random.Random) -> dict[str, Any]:
    old, new = _code(source) or "x", _code(source)
    return {"path": _path(source), "old_text": old, "new_text": new, **_optional(source, replace_all=True)}


def _bash(source: random.Random) -> dict[str, Any]:
    more = _optional(source, timeout_s=source.choice((5, 60, 600)), background=source.random() < 0.5)
    return {
        "command": source.choice(_COMMANDS),
        **more,
        **_optional(source, hosts=["example.org", "example.com"][: source.choice((1, 2))]),
    }


def _plan(source: random.Random) -> dict[str, Any]:
    states = ("completed", "in_progress", "pending")
    count = source.randrange(1, 5)
    return {"entries": [{"text": source.choice(_WORDS), "status": source.choice(states)} for _ in range(count)]}


MAKERS: Mapping[str, Make] = {
    "read_file": lambda r: {"path": _path(r), **_optional(r, offset=r.randrange(1, 900), limit=r.choice((50, 200)))},
    "grep": lambda r: {
        "pattern": r.choice(_EXPRESSIONS),
        **_optional(r, path=_path(r), glob="*.py", ignore_case=True, context=r.randrange(1, 5)),
    },
    "glob": lambda r: {"pattern": r.choice(("src/**/*.py", "*.md", "**/test_*.ts")), **_optional(r, path="src")},
    "list_files": lambda r: _optional(r, path=_path(r), depth=r.randrange(1, 4)) or {"path": "."},
    "edit_file": _edit,
    "write_file": lambda r: {"path": _path(r), "content": _code(r)},
    "bash": _bash,
    "background": lambda r: {"id": "bg1", **_optional(r, action=r.choice(("read", "stop")), wait_s=10)},
    "git_diff": lambda r: _optional(r, path=_path(r), staged=True) or {"staged": False},
    "think": lambda r: {"thought": " ".join(r.choices(_WORDS, k=3))},
    "update_plan": _plan,
    "ask_user": lambda r: {"question": "Which one, 'a' or \"b\"?", **_optional(r, options=["a, then b", 'only "b"'])},
}
"""What makes the arguments of each tool."""

_WEIGHTS = {"edit_file": 4, "write_file": 4, "bash": 4, "read_file": 3, "grep": 3, "update_plan": 2}


def make_tool_list() -> tuple[Tool, ...]:
    """Return the real tools; nothing is run with them."""
    here = Workspace(Path())
    return make_tools(here, Git(here), make_shell(here.root))


def make_call(source: random.Random) -> tuple[str, dict[str, Any]]:
    """Return a tool's name and right arguments for it."""
    name = source.choices(list(MAKERS), [_WEIGHTS.get(name, 1) for name in MAKERS])[0]
    return name, MAKERS[name](source)


def written(arguments: Mapping[str, Any], source: random.Random) -> str:
    """Return arguments as JSON, in one of the ways in which models lay it out."""
    indent = source.choice((None, None, 2))
    return json.dumps(arguments, indent=indent, ensure_ascii=source.random() < 0.1)
