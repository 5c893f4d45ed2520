"""Section 4: edits that break the syntax, and formatters, linters and tests that fail, hang or talk for ever."""

from __future__ import annotations

from typing import Any

from benchmarks.fault_cases_dialects import MENDED, NEW, OLD
from benchmarks.fault_steps import DONE, do, edit, read, script, write
from benchmarks.fault_world import CALC, Case

RUFF = {"ruff.toml": b"line-length = 100\n"}
_SHORT = {"checks": {"time_s": 2}}
_TRUSTED = ("--trust", "on")


def _case(name: str, *steps: Any, **more: Any) -> Case:
    return Case(section="guards", name=name, model=script(*steps), **more)


def _program(body: str) -> dict[str, bytes]:
    """Return a project that formats and lints with a program of its own; `$1` is `format` or `check`."""
    return {**RUFF, ".venv/bin/ruff": f"#!/bin/sh\n{body}\n".encode()}


def _formats(name: str, body: str, after: bytes = b"x = 1\n", told: tuple[str, ...] = ()) -> Case:
    """Return a case with a formatter that does this to a new file."""
    files = _program(f'[ "$1" = format ] || exit 0\n{body}')
    return _case(
        f"a formatter {name}",
        do(write("a.py", "x = 1\n")),
        DONE,
        files=files,
        after={"a.py": after},
        runs=("done",),
        told=told,
        settings=_SHORT,
        options=_TRUSTED,
    )


def _lints(name: str, body: str, *told: str) -> Case:
    files = _program(f'[ "$1" = check ] || {{ cat; exit; }}\n{body}')
    return _case(
        f"a linter {name}",
        do(write("a.py", "x = 1\n")),
        DONE,
        files=files,
        after={"a.py": b"x = 1\n"},
        runs=("done",),
        told=told,
        settings=_SHORT,
        options=_TRUSTED,
    )


def _tests(name: str, command: str, *told: str, untold: tuple[str, ...] = ()) -> Case:
    return _case(
        f"tests {name}",
        do(read()),
        do(edit(OLD, NEW)),
        DONE,
        after={"calc.py": MENDED},
        told=told,
        untold=untold,
        settings={"checks": {"test": command, "time_s": 2}},
    )


def _checks(name: str, command: str, *told: str) -> Case:
    return _case(
        f"a check of steps {name}",
        do(read()),
        DONE,
        told=told,
        settings={"workflow": {"step_check": command}, **_SHORT},
    )


def _breaks(name: str, path: str, data: bytes, old: str, new: str) -> Case:
    return _case(
        f"syntax: {name}",
        do(read(path)),
        do(edit(old, new, path)),
        DONE,
        files={path: data},
        runs=("done", "failed"),
        told=("of syntax", "Nothing was changed"),
    )


_BAD = edit("def add(a, b):", "def add(a, b:")
_BROKEN = CALC.replace(b"def add(a, b):", b"def add(a, b:")

CASES = [
    _case(
        "syntax: refused, then mended",
        do(read()),
        do(_BAD),
        do(edit(OLD, NEW)),
        DONE,
        after={"calc.py": MENDED},
        runs=("done", "failed", "done"),
        told=("error of syntax", "calc.py"),
    ),
    _case(
        "syntax: insisted on",
        do(read()),
        do(_BAD),
        do(_BAD, text="It is a broken example."),
        DONE,
        after={"calc.py": _BROKEN},
        runs=("done", "failed", "done"),
        told=("because you insisted",),
    ),
    _case(
        "syntax: broken before",
        do(read("bad.py")),
        do(edit("x = 1", "x = 2", "bad.py")),
        DONE,
        files={"bad.py": b"x = 1\ndef f(:\n"},
        after={"bad.py": b"x = 2\ndef f(:\n"},
        runs=("done", "done"),
    ),
    _breaks("JSON", "a.json", b'{"a": 1}\n', '{"a": 1}', '{"a": 1'),
    _breaks("TOML", "a.toml", b'a = "one"\n', '"one"', '"one'),
    _breaks("YAML", "a.yaml", b"a: [1, 2]\n", "[1, 2]", "[1, 2"),
    _breaks("JavaScript", "a.js", b"function f() { return 1; }\n", "return 1; }", "return 1;"),
    _case(
        "syntax: 300 KB of brackets", do(write("deep.py", "[" * 300_000)), DONE, runs=("failed",), told=("of syntax",)
    ),
    _formats("formats", "sed 's/1/1  # one/'", b"x = 1  # one\n", ("formatted with ruff",)),
    _case(
        "a program of a folder that nobody vouched for",
        do(write("a.py", "x = 1\n")),
        DONE,
        after={"a.py": b"x = 1\n"},
        files=_program("touch ran.txt; echo 'x = 2'"),
    ),
    _formats("hangs", "sleep 60"),
    _formats("writes nothing", "cat > /dev/null"),
    _formats("fails", "echo 'x = 2'; exit 3"),
    _formats("breaks the syntax", "echo 'x = ('"),
    _formats("is killed halfway", "echo 'x ='; kill -9 $$"),
    _formats("changes other files", "echo broken > calc.py; cat"),
    _formats("writes no UTF-8", "printf '\\377\\376x'"),
    _formats("never stops writing", "yes 'x = 1'"),
    _lints("finds something", "echo \"a.py:1:1: F401 'os' unused\"", "F401"),
    _lints("hangs", "sleep 60"),
    _lints("fails", "exit 3"),
    _lints("talks for ever", "yes 'a.py:1:1: E1 bad'"),
    _lints("sends escapes", "printf 'a.py:1:1: E9 \\033[31mred\\033[0m\\007\\n'", "E9"),
    _tests("pass", "grep -q 'a + b' calc.py && echo fine", "The tests pass", "fine"),
    _tests("fail", "echo '1 != 2'; exit 1", "The tests fail", "1 != 2"),
    _tests("hang", "echo begun; sleep 60", "stopped at a limit"),
    _tests("leave a process behind", "sleep 300 & echo ok", "The tests"),
    _tests("write 100 MB", "head -c 100000000 /dev/zero | tr '\\0' x; exit 1", "The tests fail"),
    _tests("are not there", "no_such_runner --all", "could not be run"),
    _tests("write into the workspace", "echo junk > junk.txt; echo junk > calc.py; echo ok", "The tests pass"),
    _tests("send escapes", "printf '\\033[2J\\033]0;x\\007gone'; exit 1", "gone"),
    _checks("objects", "echo 'Greet kindly.'; exit 1", "objects (exit code 1)", "Greet kindly."),
    _checks("hangs", "sleep 60", "stopped at a limit"),
    _checks("sends escapes and floods", "printf '\\033[31mred'; yes no | head -c 3000000; exit 2", "objects"),
    _case(
        "no sandbox for checks",
        do(read()),
        do(edit(OLD, NEW)),
        DONE,
        after={"calc.py": MENDED},
        notices=("checks",),
        settings={"checks": {"test": "touch made"}, "sandbox": {"backend": "ask-first"}},
    ),
]
