"""Section 2: calls that are broken, misnamed, mistyped, wrapped, cut or hostile."""

from __future__ import annotations

import json
from typing import Any

from benchmarks.fault_cases_dialects import MENDED, NEW, OLD
from benchmarks.fault_steps import DONE, REASKED, bash, call, do, edit, failed, raw, read, say, script, write
from benchmarks.fault_world import Case

_EDIT = {"path": "calc.py", "old_text": OLD, "new_text": NEW}
_GOOD = json.dumps(_EDIT)
_DONE: dict[str, Any] = {"after": {"calc.py": MENDED}, "runs": ("done",)}
_READ: dict[str, Any] = {"runs": ("done",), "told": ("return a - b",)}


def _case(name: str, *steps: Any, traits: dict[str, Any] | None = None, **more: Any) -> Case:
    return Case(section="healing", name=name, model=script(*steps, **(traits or {})), **more)


def _edited(name: str, text: str, tool: str = "edit_file", **more: Any) -> Case:
    """Return a case whose broken arguments must come to the one edit that was meant."""
    return _case(name, do(raw(tool, text)), DONE, **{**_DONE, **more})


def _refused(name: str, tool: str, text: str, *told: str, **more: Any) -> Case:
    """Return a case whose call must be refused, with nothing changed."""
    return _case(name, do(raw(tool, text)), DONE, runs=("failed",), told=told, **more)


_CONTENT = "x = 1\n" * 30_000
_BROKEN = '{"path": "calc.py", "old_text": "def add(a, b):\\n    return a - b", "new_text": '
_ASKED: dict[str, Any] = {"traits": REASKED, "rungs": ("reasked",), **_READ}

CASES = [
    _edited("a comma at the end", _GOOD[:-1] + ",}", rungs=("repaired",)),
    _edited("no closing brace", _GOOD[:-1], rungs=("repaired",)),
    _edited("a brace too many", _GOOD + "}", rungs=("repaired",)),
    _edited("a fence around it", f"```json\n{_GOOD}\n```", rungs=("repaired",)),
    _edited("a comment in it", _GOOD[:-1] + " // that is all\n}", rungs=("repaired",)),
    _edited("a literal of Python", repr(_EDIT), rungs=("repaired",)),
    _edited(
        "names without quotes", _GOOD.replace('"path"', "path").replace('"new_text"', "new_text"), rungs=("repaired",)
    ),
    _edited("encoded twice", json.dumps(_GOOD), rungs=("repaired",)),
    _edited("line ends in strings", _GOOD.replace("\\n", "\n")),
    _edited("wrapped in arguments", json.dumps({"arguments": _EDIT}), rungs=("named",)),
    _edited("wrapped in a call", json.dumps({"name": "edit_file", "arguments": _EDIT}), rungs=("named",)),
    _edited(
        "other names for all",
        json.dumps({"file_path": "calc.py", "old_string": OLD, "new_string": NEW}),
        tool="str_replace",
        rungs=("named", "named", "named", "named"),
    ),
    _edited("a slip in the name of the tool", _GOOD, tool="edit_flie", rungs=("named",)),
    _case(
        "numbers as words",
        do(raw("read_file", '{"path": "calc.py", "offset": "1", "limit": "3.0"}')),
        DONE,
        rungs=("typed", "typed"),
        **_READ,
    ),
    _case("nothing but a path", do(raw("read_file", '"calc.py"')), DONE, rungs=("repaired",), **_READ),
    _case(
        "arguments that nobody knows",
        do(call("read_file", path="calc.py", why="to look")),
        DONE,
        rungs=("named",),
        **_READ,
    ),
    _refused("no such tool", "teleport", "{}", "There is no tool named 'teleport'", "The tools are:"),
    _refused("a name like an order", "rm -rf .", "{}", "There is no tool named"),
    _refused("an empty name", "", "{}", "There is no tool named ''"),
    _refused("a path cut off", "read_file", '{"path": "calc', "You wrote", rungs=()),
    _refused("a command cut off", "bash", '{"command": "rm -rf build', "no JSON object"),
    _refused("two different paths", "read_file", '{"path": "calc.py", "path": "README.md"}', "no JSON object"),
    _refused("nothing that is required", "edit_file", "{}", "path"),
    _refused("a list for an object", "write_file", '["a.txt", "one"]', "JSON list"),
    _refused("a lost backslash", "write_file", '{"path": "a.txt", "content": "\\bword"}', "one valid JSON object"),
    _refused("no number at all", "read_file", '{"path": "calc.py", "offset": "the top"}', "offset"),
    _refused("arguments nested 100,000 deep", "update_plan", '{"entries": ' + "[" * 100_000 + "]" * 100_000 + "}", ""),
    _refused("half a megabyte of quotes", "read_file", '{"path": ' + '"\\' * 250_000, "no JSON object"),
    _refused("a megabyte of braces", "read_file", "{" * 1_000_000, "no JSON object"),
    _refused("half a megabyte of commas", "edit_file", '{"path": "calc.py"' + ',"' * 250_000, "no JSON object"),
    _refused("a number of 100,000 digits", "read_file", '{"path": "calc.py", "offset": ' + "9" * 100_000 + "}", ""),
    _case(
        "a file of 180 KB",
        do(write("long.py", _CONTENT)),
        DONE,
        runs=("done",),
        after={"long.py": _CONTENT.encode()},
        traits={"limit_tokens": 1_000_000},
    ),
    _case(
        "a call cut by length",
        do(raw("write_file", '{"path": "a.txt", "content": "one'), end="length"),
        DONE,
        runs=("failed",),
        told=("its room was too small",),
        traits=REASKED,
    ),
    _case(
        "two calls, the last one cut",
        do(read(), raw("edit_file", _BROKEN), end="length"),
        DONE,
        traits=REASKED,
        runs=("done", "failed"),
        told=("its room was too small",),
    ),
    _case("asked again: right", do(raw("read_file", '{"path": "cal')), say('{"path": "calc.py"}'), DONE, **_ASKED),
    _case(
        "asked again: right, in a fence",
        do(raw("read_file", '{"path": "cal')),
        say('```json\n{"path": "calc.py"}\n```'),
        DONE,
        traits=REASKED,
        **_READ,
    ),
    _case(
        "asked again: wrong",
        do(raw("read_file", '{"path": "cal')),
        say('{"offset": 3}'),
        DONE,
        traits=REASKED,
        runs=("failed",),
        told=("asked once more",),
        rungs=(),
    ),
    _case(
        "asked again: it talks",
        do(raw("read_file", '{"path": "cal')),
        say("Which file?"),
        DONE,
        traits=REASKED,
        runs=("failed",),
        told=("asked once more",),
    ),
    _case(
        "asked again: it wants more than before",
        do(raw("read_file", '{"path": }')),
        say('{"path": "calc.py", "limit": 1}'),
        DONE,
        traits=REASKED,
        runs=("failed",),
        told=("asked once more",),
    ),
    _case(
        "asked again: the server fails",
        do(raw("read_file", '{"path": "cal')),
        say("", **failed("http")),
        DONE,
        traits=REASKED,
        runs=("failed",),
    ),
    _case(
        "asked again: the server hangs up",
        do(raw("read_file", '{"path": "cal')),
        say("{", **failed("dropped")),
        DONE,
        traits=REASKED,
        runs=("failed",),
    ),
    _case(
        "asked again: nothing", do(raw("read_file", '{"path": "cal')), say(""), DONE, traits=REASKED, runs=("failed",)
    ),
    _case("asked again for an edit", do(raw("edit_file", _BROKEN)), say(_GOOD), DONE, traits=REASKED, **_DONE),
    _case(
        "a command is never completed",
        do(raw("bash", '{"command": "rm -rf build')),
        say('{"command": "echo safe"}'),
        DONE,
        traits=REASKED,
        runs=("done",),
        told=("safe",),
    ),
    _case(
        "the same call twice",
        do(edit(OLD, NEW), edit(OLD, NEW)),
        DONE,
        runs=("done", "skipped"),
        after={"calc.py": MENDED},
    ),
    _case(
        "one good call among bad ones",
        do(raw("read_file", "{{{"), bash("echo hello"), raw("grep", "]")),
        DONE,
        runs=("failed", "done", "failed"),
        told=("hello",),
    ),
]
