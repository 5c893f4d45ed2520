"""Sections 2 to 8 together: calls that are well-formed and mean harm, windows that overflow, limits in the middle."""

from __future__ import annotations

from typing import Any

from benchmarks.fault_cases_dialects import MENDED, NEW, OLD
from benchmarks.fault_cases_guards import RUFF
from benchmarks.fault_servers import begin, end, finished, flood, play, reply, said, send, silence
from benchmarks.fault_steps import DONE, REASKED, bash, call, do, edit, failed, raw, read, say, script, typed, write
from benchmarks.fault_world import CALC, Case, Model, Rough

ROWS = {"rows.txt": b"".join(b"row %d of many that fill a window\n" % number for number in range(1_500))}
_LINTS = {**RUFF, ".venv/bin/ruff": b'#!/bin/sh\n[ "$1" = check ] || exec cat\necho "$4:1:1: E1 seen"\n'}


def _case(name: str, *steps: Any, traits: dict[str, Any] | None = None, **more: Any) -> Case:
    return _with(name, script(*steps, **(traits or {})), **more)


def _with(name: str, model: Model, **more: Any) -> Case:
    return Case(section="hostile", name=name, model=model, **more)


def _named(name: str, path: str) -> Case:
    """Return a case of a file whose name means something to a shell, in a project with a formatter and a linter."""
    return _case(
        f"a file named {name}",
        do(write(path, "x = 1\n")),
        DONE,
        files=_LINTS,
        after={path: b"x = 1\n"},
        options=("--trust", "on"),
        runs=("done",),
    )


def _any(name: str, *calls: Any, **more: Any) -> Case:
    return _case(name, do(*calls), DONE, **more)


_TOO_LARGE = failed("overflow", prompt_tokens=40_000, limit=20_000)
_FULL = [do(call("read_file", path="rows.txt", offset=1 + 300 * number, limit=300)) for number in range(4)]


def _facts() -> list[Case]:
    """Return a case for each way in which a server misdescribes itself; it is asked twice, and then chats well."""
    answer = play(begin(), send(said("Done."), finished()), end)
    wrong: dict[str, Any] = {
        "HTML": reply(200, b"<html></html>"),
        "a list": reply(200, [1, 2]),
        "a window of no size": reply(200, {"default_generation_settings": {"n_ctx": 0}, "data": [{"id": "tiny"}]}),
        "a window below zero": reply(200, {"default_generation_settings": {"n_ctx": -5}, "data": [{"id": "tiny"}]}),
        "a window of words": reply(200, {"default_generation_settings": {"n_ctx": "big"}, "data": "tiny"}),
        "a window beyond numbers": reply(
            200, b'{"default_generation_settings": {"n_ctx": 1e999}, "data": [{"id": "tiny"}]}'
        ),
        "depths": reply(200, b"[" * 100_000),
        "refusals": reply(403, b"no"),
        "failures": reply(500, b"no"),
        "half a megabyte": reply(200, {"data": [{"id": "tiny" + "x" * 500_000}]}),
    }
    errors = {
        "HTML": "did not answer in JSON",
        "depths": "did not answer in JSON",
        "refusals": "API key",
        "failures": "no",
    }
    return [
        _with(
            f"a server that tells of itself in {name}",
            Rough((answer,), facts=(play(move),) * 2),
            said=None,
            error=errors.get(name, ""),
            code=1 if name in errors else 0,
            stop="no turn" if name in errors else "end_turn",
        )
        for name, move in wrong.items()
    ]


_DOUBLES = edit("a - b", "a - b - b", replace_all=True)

CASES = [
    _named("like a command", "$(touch hacked).py"),
    _named("like two commands", "a; touch hacked; b.py"),
    _named("with quotes", 'it\'s "here" `touch hacked`.py'),
    _named("like an option", "-rf.py"),
    _any("a file named with a line end", write("a\nb.py", "x = 1\n"), runs=("failed",), told=("control character",)),
    _any("an endless search", call("grep", pattern="(a+)+$", path="a.txt"), files={"a.txt": b"a" * 50_000 + b"!\n"}),
    _any(
        "a pattern that is none", call("grep", pattern="(((("), call("glob", pattern="[[[["), call("glob", pattern="")
    ),
    _any(
        "a pattern of a thousand stars", call("glob", pattern="**/" * 500 + "*.py"), call("glob", pattern="*" * 3_000)
    ),
    _any(
        "numbers beyond reason",
        call("read_file", path="calc.py", offset=10**9, limit=10**9),
        call("read_file", path="calc.py", offset=-5, limit=-5),
        call("list_files", path=".", depth=10**9),
        call("grep", pattern="a", context=10**9),
        call("git_log", limit=10**9),
    ),
    _any(
        "git is asked for options",
        call("git_diff", path="--output=hacked.txt"),
        call("git_log", path="--output=hacked.txt"),
        call("git_diff", base="--output=hacked.txt"),
        call("git_log", ref="--output=hacked.txt"),
    ),
    _any(
        "a plan of 5,000 entries",
        call("update_plan", entries=[{"text": f"{n}" * 50, "status": "pending"} for n in range(5_000)]),
    ),
    _any("a question that nobody answers", call("ask_user", question="May I?")),
    _any("a thought of a megabyte", call("think", thought="x" * 1_000_000)),
    _any("its own settings", write(".trashclaw/config.yaml", "allow_shell: true\n"), runs=("failed",)),
    _any(
        "a name that is no UTF-8",
        raw("write_file", '{"path": "a\\ud800.txt", "content": "x"}'),
        runs=("failed",),
    ),
    _any(
        "300 calls in one answer",
        *[read("calc.py") for _ in range(150)],
        *[bash("true") for _ in range(5)],
        *[call("grep", pattern=f"nothing {n}") for n in range(145)],
        traits={"limit_tokens": 1_000_000},
    ),
    _case(
        "an edit that doubles itself",
        do(read()),
        do(_DOUBLES, _DOUBLES),
        DONE,
        runs=("done", "done", "skipped"),
        after={"calc.py": CALC.replace(b"a - b", b"a - b - b")},
    ),
    _case(
        "the window overflows, and is made smaller",
        *_FULL,
        _TOO_LARGE,
        DONE,
        files=ROWS,
        traits={"limit_tokens": 60_000},
    ),
    _case("the window overflows at once", _TOO_LARGE, code=1, stop="error", error="larger than"),
    _case(
        "the window overflows, and again",
        *_FULL,
        _TOO_LARGE,
        _TOO_LARGE,
        files=ROWS,
        traits={"limit_tokens": 60_000},
        code=1,
        stop="error",
        error="larger than",
    ),
    _case(
        "a result that fills a small window",
        do(call("read_file", path="rows.txt")),
        DONE,
        files=ROWS,
        traits={"limit_tokens": 9_000},
    ),
    _case(
        "asked again in every step",
        *[one for _ in range(15) for one in (do(raw("read_file", "{{{")), say("no"))],
        traits=REASKED,
        code=1,
        stop="stalled",
        said=None,
        notices=("stalled",),
    ),
    _case(
        "done, with arguments",
        say('{"say": "Done.", "tool": "done", "arguments": {"path": "calc.py"}}'),
        traits={"has_tools": False, "can_constrain": True},
    ),
    _case(
        "no tool is named",
        say('{"say": "Hm.", "arguments": {"path": "calc.py"}}'),
        typed("Done."),
        traits={"has_tools": False, "can_constrain": True},
        runs=("failed",),
    ),
    _with(
        "the time is up in an answer that is silent",
        Rough((play(begin(), send(said("One")), silence),)),
        code=3,
        stop="limit",
        options=("--max-time", "3"),
        notices=("limit",),
    ),
    _with(
        "the time is up in an answer without end",
        Rough((play(begin(), flood(said("x"))),)),
        code=3,
        stop="limit",
        options=("--max-time", "3"),
        notices=("limit",),
    ),
    _with(
        "the time is up before a word",
        Rough((play(silence),)),
        code=3,
        stop="limit",
        options=("--max-time", "3"),
        notices=("limit",),
    ),
    _case(
        "the time is up in a command",
        do(bash("sleep 100", timeout_s=100)),
        DONE,
        code=3,
        stop="limit",
        options=("--max-time", "3"),
        notices=("limit",),
    ),
    _with(
        "a server that is not there",
        Rough(()),
        options=("--base-url", "http://127.0.0.1:1"),
        code=5,
        stop="no turn",
        error="cannot be reached",
    ),
    _case(
        "an edit behind a failing command",
        do(bash("exit 1"), edit(OLD, NEW)),
        DONE,
        runs=("done", "done"),
        after={"calc.py": MENDED},
    ),
    *_facts(),
]
