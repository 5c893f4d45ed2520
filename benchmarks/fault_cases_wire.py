"""Section 8, a server like Ollama: lines that stop, lie or never end, and refusals in Ollama's own words."""

from __future__ import annotations

import json
from typing import Any

from benchmarks.fault_cases_dialects import MENDED, NEW, OLD
from benchmarks.fault_cases_servers import WAIT
from benchmarks.fault_servers import (
    LINES,
    Play,
    begin,
    drip,
    drop,
    end,
    flood,
    last_line,
    line,
    play,
    reply,
    send,
    silence,
)
from benchmarks.fault_world import Case, Rough
from tests.support.fake_ollama import FakeModel, OllamaStep
from tests.support.ollama_replies import overflow_error
from trashclaw.providers.script import ScriptedStep

DONE = play(begin(LINES), send(line("Done."), last_line()), end)
PLAIN = FakeModel(capabilities=("completion",))


def _case(name: str, *plays: Play | ScriptedStep, rough: dict[str, Any] | None = None, **more: Any) -> Case:
    model = Rough(plays, is_ollama=True, **(rough or {}))
    return Case(section="wire", name=name, model=model, **{"requests": len(plays), **more})


def _fails(name: str, *plays: Play | ScriptedStep, error: str, code: int = 1, **more: Any) -> Case:
    return _case(name, *plays, error=error, code=code, stop="error", **more)


def _answers(name: str, *pieces: bytes, text: str | None = "Done.", **more: Any) -> Case:
    return _case(name, play(begin(LINES), send(*pieces), end), said=text, **more)


def _called(*calls: dict[str, Any]) -> bytes:
    return line(tool_calls=[{"id": f"c{at}", "function": call} for at, call in enumerate(calls)])


def _error(text: str) -> bytes:
    return json.dumps({"error": text}).encode() + b"\n"


_READ = {"name": "read_file", "arguments": {"path": "calc.py"}}
_EDIT = {"name": "edit_file", "arguments": {"path": "calc.py", "old_text": OLD, "new_text": NEW}}
_TYPED = play(begin(LINES), send(line('{"say": "Done.", "tool": "done"}'), last_line()), end)
_TEXT = line("Done: größer, 界.")
_CUT = _TEXT.index("界".encode()) + 2
_UNREADABLE = "error parsing tool call: raw='{\"path\":', err=unexpected end of JSON input"

CASES = [
    _case(
        "no done: true in words: taken up",
        play(begin(LINES), send(line("Do")), end),
        play(begin(LINES), send(line("Done."), last_line()), end),
        said=None,
        notices=("answer_resumed",),
    ),
    _fails(
        "no done: true in words, for ever",
        *[play(begin(LINES), send(line("on ")), end)] * 5,
        error="before it was whole",
    ),
    _fails(
        "no done: true behind a call",
        play(begin(LINES), send(_called(_EDIT)), end),
        error="before it was whole",
        runs=(),
    ),
    _fails("no line at all, for ever", *[play(begin(LINES), end)] * 3, error="before it was whole"),
    _case("no line at all, once", play(begin(LINES), end), DONE),
    _case("dropped before a byte", play(drop), DONE),
    _fails(
        "dropped behind a call",
        play(begin(LINES), send(_called(_EDIT)), drop),
        error="The connection was lost",
        runs=(),
    ),
    _fails("silent from the beginning", play(silence), error="did not answer in time", settings=WAIT),
    _fails(
        "silent in a call",
        play(begin(LINES), send(_called(_EDIT)), silence),
        error="fell silent",
        settings=WAIT,
        runs=(),
    ),
    _fails(
        "an error in words",
        play(begin(LINES), send(line("Half"), _error("an error was encountered while running")), end),
        error="an error was encountered",
    ),
    _fails(
        "an error behind a call",
        play(begin(LINES), send(_called(_EDIT), _error("CUDA error")), end),
        error="CUDA error",
        runs=(),
    ),
    _fails("a line that is no JSON", play(begin(LINES), send(line("Half"), b"<html>\n"), end), error="no JSON"),
    _fails("a line that is a list", play(begin(LINES), send(b"[1]\n"), end), error="no object"),
    _answers("two lines in one piece, blank ones between", line("Do") + b"\n\r\n" + line("ne."), last_line()),
    _answers("one byte at a time", *[bytes([byte]) for byte in line("Done.") + last_line()]),
    _answers("characters cut in two", _TEXT[:_CUT], _TEXT[_CUT:], last_line(), text="Done: größer, 界."),
    _answers("a separator of lines within a word", line("Done:\u2028\u0085."), last_line(), text=None),
    _answers(
        "nulls and wrong types everywhere",
        b'{"message": null}\n',
        b'{"message": {"content": 5, "tool_calls": "x"}}\n',
        line("Done."),
        last_line(prompt_eval_count="many", eval_count=-3, total_duration=None),
        runs=(),
    ),
    _case(
        "a call that is nothing",
        play(begin(LINES), send(line(tool_calls=[None, {}, {"function": 7}]), last_line()), end),
        DONE,
        runs=("failed",) * 3,
        told=("There is no tool named ''",),
    ),
    _case(
        "a call in the last line",
        OllamaStep.model_validate({"calls": [_EDIT], "calls_in_last": True}),
        DONE,
        runs=("done",),
        after={"calc.py": MENDED},
    ),
    _case(
        "the same id for two calls",
        play(
            begin(LINES),
            send(
                line(
                    tool_calls=[
                        {"id": "x", "function": _READ},
                        {"id": "x", "function": {"name": "read_file", "arguments": {"path": "README.md"}}},
                    ]
                ),
                last_line(),
            ),
            end,
        ),
        DONE,
        runs=("done", "done"),
        told=("return a - b", "A small shop"),
    ),
    _case(
        "arguments as a text",
        play(begin(LINES), send(_called({**_READ, "arguments": json.dumps(_READ["arguments"])}), last_line()), end),
        DONE,
        runs=("done",),
        told=("return a - b",),
    ),
    _case(
        "a call without arguments",
        play(begin(LINES), send(_called({"name": "read_file"}), last_line()), end),
        play(begin(LINES), send(line('{"path": "calc.py"}'), last_line()), end),
        DONE,
        runs=("done",),
        rungs=("reasked",),
    ),
    _case(
        "tools are refused",
        play(reply(400, {"error": "registry.ollama.ai/library/qwen3:8b does not support tools"})),
        _TYPED,
    ),
    _case("no tools by its own account", _TYPED, rough={"fake": PLAIN}),
    _case("a call that Ollama cannot read, once", play(reply(500, {"error": _UNREADABLE})), DONE),
    _fails(
        "a call that Ollama cannot read, for ever",
        *[play(reply(500, {"error": _UNREADABLE}))] * 8,
        requests=None,
        error="error parsing tool call",
    ),
    _fails("larger than the window", play(reply(400, overflow_error(50_000, 40_960))), error="50000", requests=None),
    _case(
        "busy: the queue is full",
        play(reply(503, {"error": "server busy, please try again. maximum pending requests exceeded"})),
        DONE,
    ),
    _fails(
        "out of memory",
        *[play(reply(500, {"error": "model requires more system memory (9.9 GiB) than is available"}))] * 3,
        error="more system memory",
    ),
    _fails(
        "the model is gone",
        play(reply(404, {"error": "model 'qwen3:8b' not found"})),
        error="ollama pull qwen3:8b",
        code=5,
    ),
    _case(
        "cut by length behind a whole call",
        OllamaStep.model_validate({"calls": [_EDIT], "end": "length"}),
        DONE,
        runs=("done",),
        after={"calc.py": MENDED},
    ),
    _case(
        "cut by length in a thought",
        OllamaStep.model_validate({"thought": "I ponder", "end": "length"}),
        DONE,
        notices=("thought_too_long",),
        untold=("I ponder",),
    ),
    _case("only a thought", OllamaStep.model_validate({"thought": "I ponder"}), DONE, notices=("empty_answer",)),
    _case(
        "word by word",
        play(begin(LINES), drip([line(one) for one in ("D", "o", "n", "e", ".")], 0.3), send(last_line()), end),
        settings={"server": {"idle_timeout_s": 1}},
    ),
    _fails("words without end", play(begin(LINES), flood(line("word " * 9_000))), error="without end"),
    _fails("a line without end", play(begin(LINES), flood(b'{"message": "' + b"x" * 60_000)), error="without end"),
    _fails(
        "blank lines without end", play(begin(LINES), flood(b"\n" * 60_000)), error="", requests=None, settings=WAIT
    ),
]
