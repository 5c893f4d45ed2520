"""Sections 2 and 8 together: answers that are taken up in the middle of a call, begun anew, or said twice."""

from __future__ import annotations

import json
from typing import Any

from benchmarks.fault_cases_dialects import MENDED, NEW, OLD
from benchmarks.fault_servers import Play, begin, called, drop, end, finished, piece, play, said, send, thought
from benchmarks.fault_world import CALC, Case, Rough

DONE = play(begin(), send(said("Done."), finished()), end)
TEXT: dict[str, Any] = {"settings": {"manner": {"dialect": "text"}}}


def _case(name: str, *plays: Play, **more: Any) -> Case:
    return Case(section="resuming", name=name, model=Rough(plays), requests=len(plays), **more)


def _cut(text: str) -> Play:
    return play(begin(), send(said(text)), drop)


def _long(text: str) -> Play:
    return play(begin(), send(said(text), finished("length")), end)


def _whole(*pieces: bytes, reason: str = "stop") -> Play:
    return play(begin(), send(*pieces, finished(reason)), end)


_EDIT = {"path": "calc.py", "old_text": OLD, "new_text": NEW}
_ADD = {"path": "calc.py", "old_text": "def sub(a, b):", "new_text": "def sub(a, b):\n    # Less."}
_ADDED = CALC.replace(b"def sub(a, b):", b"def sub(a, b):\n    # Less.")
_CALL = f"<tool_call>\n{json.dumps({'name': 'edit_file', 'arguments': _EDIT})}\n</tool_call>"
_WRITE = "<tool_call>\n" + json.dumps({"name": "write_file", "arguments": {"path": "a.txt", "content": "one two\n"}})
_HALF = _cut(_WRITE[: _WRITE.index(" two")])
_END = "\n</tool_call>"
_BASH = '{"command": "echo more >> notes.txt"}'
_ROOM = "its room was too small"
_AGAIN = _whole(said('{"path": "a.txt", "content": "one two\\n"}'))
_ASKED: dict[str, Any] = {"after": {"a.txt": b"one two\n"}, "runs": ("done",), "rungs": ("found", "reasked")}
_MENDED: dict[str, Any] = {"after": {"calc.py": MENDED}, "runs": ("done",)}

CASES = [
    _case("in a call in the text", _cut(_CALL[:60]), _whole(said(_CALL[60:])), DONE, **TEXT, **_MENDED),
    _case("in the mark of a call", _cut("I mend it.\n<tool_"), _whole(said(_CALL[6:])), DONE, **TEXT, **_MENDED),
    _case("in a call in the text, by length", _long(_CALL[:60]), DONE, **TEXT, runs=("failed",), told=(_ROOM,)),
    _case("in a call in the text, native", _cut(_CALL[:60]), _whole(said(_CALL[60:])), DONE, **_MENDED),
    _case("a call is begun anew", _HALF, _whole(said(_WRITE + _END)), _AGAIN, DONE, **TEXT, **_ASKED),
    _case("a call is begun anew, native", _HALF, _whole(said(_WRITE + _END)), _AGAIN, DONE, **_ASKED),
    _case(
        "a call is begun anew at its object", _HALF, _whole(said(_WRITE[12:] + _END)), _AGAIN, DONE, **TEXT, **_ASKED
    ),
    _case("a call ends in words", _HALF, _whole(said("I was cut off, sorry.")), _AGAIN, DONE, **TEXT, **_ASKED),
    _case("words are begun anew", _cut("Done: one, "), _whole(said("Done: one, two.")), said=None),
    _case("in words behind a thought", play(begin(), send(thought("Hm."), said("Do")), drop), _whole(said("ne."))),
    _case(
        "in a thought in the text",
        _cut("<think>I pon"),
        _whole(said("der the sums</think>Done.")),
        untold=("the sums",),
    ),
    _case(
        "the whole call again in the last piece",
        _whole(called(piece(0, "bash", _BASH, "c")), called(piece(0, "bash", _BASH, "c")), reason="tool_calls"),
        DONE,
        after={"notes.txt": b"more\n"},
    ),
    _case(
        "the arguments so far in every piece",
        _whole(called(piece(0, "bash", '{"command": ', "c")), called(piece(0, None, _BASH, "c")), reason="tool_calls"),
        _whole(said(_BASH)),
        DONE,
        runs=("done",),
        after={"notes.txt": b"more\n"},
    ),
    _case(
        "the whole edit again under another index",
        _whole(
            called(piece(0, "edit_file", json.dumps(_ADD), "a")),
            called(piece(1, "edit_file", json.dumps(_ADD), "b")),
            reason="tool_calls",
        ),
        DONE,
        after={"calc.py": _ADDED},
        runs=("done", "skipped"),
    ),
    _case(
        "the whole edit again in the text",
        _whole(said(_CALL.replace(json.dumps(_EDIT), json.dumps(_ADD)) * 2)),
        DONE,
        **TEXT,
        after={"calc.py": _ADDED},
        runs=("done", "skipped"),
    ),
    _case(
        "a native call, and the same in the text",
        _whole(said(_CALL), called(piece(0, "edit_file", json.dumps(_EDIT), "a")), reason="tool_calls"),
        DONE,
        **_MENDED,
    ),
]
