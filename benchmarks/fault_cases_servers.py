"""Section 8, a server like llama.cpp: drops, silence, junk, refusals, floods, and calls in every disorder."""

from __future__ import annotations

import json
from typing import Any

from benchmarks.fault_cases_dialects import MENDED, NEW, OLD
from benchmarks.fault_servers import (
    EVENTS,
    Play,
    begin,
    called,
    drip,
    drop,
    end,
    error_event,
    finished,
    flood,
    piece,
    play,
    reply,
    said,
    send,
    silence,
    thought,
)
from benchmarks.fault_world import Case, Rough
from tests.support.fake_openai import event
from trashclaw.providers.script import ScriptedStep

DONE = play(begin(), send(said("Done."), finished()), end)
WAIT: dict[str, Any] = {"server": {"idle_timeout_s": 1, "prompt_timeout_s": 3}}


def _case(name: str, *plays: Play | ScriptedStep, rough: dict[str, Any] | None = None, **more: Any) -> Case:
    return Case(section="servers", name=name, model=Rough(plays, **(rough or {})), **{"requests": len(plays), **more})


def _fails(name: str, *plays: Play, error: str, code: int = 1, **more: Any) -> Case:
    return _case(name, *plays, error=error, code=code, stop="error", **more)


def _answers(name: str, *pieces: bytes, text: str | None = "Done.", **more: Any) -> Case:
    """Return a case of one answer in these pieces."""
    return _case(name, play(begin(), send(*pieces), end), said=text, **more)


def _calls(name: str, *pieces: bytes, runs: tuple[str, ...], **more: Any) -> Case:
    """Return a case of one answer with calls, and words after it."""
    return _case(name, play(begin(), send(*pieces, finished("tool_calls")), end), DONE, runs=runs, **more)


def _one(text: str, *more: bytes) -> Play:
    return play(begin(), send(said(text), *more), drop)


_PATH, _OTHER = '{"path": "calc.py"}', '{"path": "README.md"}'
_EDIT = json.dumps({"path": "calc.py", "old_text": OLD, "new_text": NEW})
_UTF8 = said("Done: größer, 界, 🎉.")
_CUT = _UTF8.index("界".encode()) + 1
_READ = {"runs": ("done",), "told": ("return a - b",)}
_BOTH = {"runs": ("done", "done"), "told": ("return a - b", "A small shop")}
_NULLS = (
    b'data: {"choices": [null]}\n\n',
    b'data: {"choices": null, "usage": "many", "timings": []}\n\n',
    b'data: {"choices": [{"delta": null, "finish_reason": null}], "usage": {"prompt_tokens": -5}}\n\n',
    b'data: {"choices": [{"delta": {"content": [{"text": 5}], "tool_calls": [7, null, {"function": 3}]}}]}\n\n',
    b'data: {"usage": {"prompt_tokens": 1e400, "completion_tokens": true}, "prompt_progress": {"total": "x"}}\n\n',
)
_TOO_LARGE = {
    "type": "exceed_context_size_error",
    "n_prompt_tokens": 9000,
    "n_ctx": 4096,
    "code": 400,
    "message": "request (9000 tokens) exceeds the available context size (4096 tokens)",
}
_BUSY = {"error": {"code": 503, "message": "Loading model", "type": "unavailable_error"}}
_NO_TOOLS = {"error": {"code": 500, "message": "tools param requires --jinja flag"}}
_TYPED = play(begin(), send(said('{"say": "Done.", "tool": "done"}'), finished()), end)

CASES = [
    _case(
        "dropped in words: taken up",
        _one("Done: one, "),
        play(begin(), send(said("two."), finished()), end),
        said="Done: one, two.",
        notices=("answer_resumed",),
    ),
    _fails("dropped in words, again and again", *[_one("on ")] * 5, error="The connection was lost"),
    _fails(
        "dropped in a call",
        play(begin(), send(called(piece(0, "write_file", '{"path": "a.txt", "con', "c1"))), drop),
        error="The connection was lost",
        runs=(),
    ),
    _fails(
        "dropped behind a whole call",
        play(begin(), send(called(piece(0, "edit_file", _EDIT, "c1"))), drop),
        error="The connection was lost",
        runs=(),
    ),
    _fails("dropped in a thought", play(begin(), send(thought("I ponder")), drop), error="The connection was lost"),
    _case("dropped before a byte", play(drop), DONE),
    _fails("dropped before a byte, twice", play(drop), play(drop), error="hung up", code=5),
    _case("dropped behind the head", play(begin(), drop), DONE),
    _fails("dropped behind the head, for ever", *[play(begin(), drop)] * 3, error="The connection was lost"),
    _fails("silent from the beginning", play(silence), error="did not answer in time", settings=WAIT),
    _fails("silent behind the head", play(begin(), silence), error="did not answer in time", settings=WAIT),
    _case(
        "silent in words: taken up",
        play(begin(), send(said("Do")), silence),
        play(begin(), send(said("ne."), finished()), end),
        settings=WAIT,
        notices=("answer_resumed",),
    ),
    _fails(
        "silent in a call",
        play(begin(), send(called(piece(0, "read_file", '{"pa', "c1"))), silence),
        error="fell silent",
        settings=WAIT,
        runs=(),
    ),
    _case("silent behind the last word", play(begin(), send(said("Done."), event({}, "stop")), silence)),
    _fails("pings for ever", play(begin(), flood(b": ping\n\n")), error="did not answer in time", settings=WAIT),
    _answers("no [DONE]", said("Done."), event({}, "stop")),
    _answers("no reason, but [DONE]", said("Done."), b"data: [DONE]\n\n"),
    _case(
        "no end at all: taken up",
        play(begin(), send(said("Do")), end),
        play(begin(), send(said("ne."), finished()), end),
        notices=("answer_resumed",),
    ),
    _answers(
        "pings, names and blank lines between",
        b": ping\n\n",
        b"event: message\n",
        said("Do"),
        b"\n\n\nid: 7\n",
        b"retry: 10\n",
        said("ne."),
        b"hello?\n\n",
        finished(),
    ),
    _answers(
        "CRLF, no blanks, all in one piece",
        b"".join([said("Done."), finished()]).replace(b"data: ", b"data:").replace(b"\n", b"\r\n"),
    ),
    _answers("one byte at a time", *[bytes([byte]) for byte in said("Done.") + finished()]),
    _answers(
        "characters cut in two",
        _UTF8[:_CUT],
        _UTF8[_CUT : _CUT + 1],
        _UTF8[_CUT + 1 :],
        finished(),
        text="Done: größer, 界, 🎉.",
    ),
    _answers("nulls and wrong types everywhere", *_NULLS, said("Done."), finished(), runs=()),
    _answers(
        "half a pair of surrogates",
        b'data: {"choices": [{"delta": {"content": "Done\\ud83d."}}]}\n\n',
        finished(),
        text=None,
    ),
    _answers(
        "bytes that are no UTF-8",
        b'data: {"choices": [{"delta": {"content": "Done\xff."}}]}\n\n',
        text=None,
        code=1,
        stop="error",
    ),
    _answers("escapes of a terminal", said("\x1b]0;title\x07\x1b[2JDone.\0"), finished(), text=None),
    _fails("an event that is no JSON", play(begin(), send(said("Half"), b"data: {nonsense\n\n"), end), error="no JSON"),
    _fails(
        "an event nested 100,000 deep", play(begin(), send(b"data: " + b"[" * 100_000 + b"\n\n"), end), error="no JSON"
    ),
    _fails(
        "an error in words",
        play(begin(), send(said("Half"), error_event("CUDA error: out of memory")), end),
        error="CUDA error",
    ),
    _fails(
        "an error behind a call",
        play(begin(), send(called(piece(0, "edit_file", _EDIT, "c1")), error_event("slot was lost")), end),
        error="slot was lost",
        runs=(),
    ),
    _fails("given up by the server", play(begin(), send(said("Half"), event({}, "error")), end), error="gave up"),
    _case("busy, with the time to come back", play(reply(429, {"error": "slow down"}, Retry_After="1")), DONE),
    _fails("busy until tomorrow", play(reply(429, {"error": "slow down"}, Retry_After="80000")), error="slow down"),
    _case("loading its model", play(reply(503, _BUSY)), play(reply(503, _BUSY)), DONE),
    _case("loading before the first question", DONE, rough={"facts": (play(reply(503, _BUSY)),) * 2}),
    _fails("failing for ever", *[play(reply(500, {"error": {"message": "no luck"}}))] * 3, error="no luck"),
    _fails("a key is wanted", play(reply(401, {"error": {"message": "Invalid API Key"}})), error="API key"),
    _fails(
        "the model is gone", play(reply(404, {"error": {"message": "model 'tiny' not found"}})), error="tiny", code=5
    ),
    _case("tools are refused", play(reply(500, _NO_TOOLS)), _TYPED),
    _fails("larger than the window", play(reply(400, {"error": _TOO_LARGE})), error="9000"),
    _fails("another address", play(reply(302, b"", Location="http://127.0.0.1:9/")), error="302"),
    _fails(
        "a page of HTML",
        *[play(reply(200, b"<html><body>Welcome</body></html>", Content_Type="text/html"))] * 3,
        error="before it began",
    ),
    _fails("nothing at all", *[play(reply(200, b""))] * 3, error="before it began"),
    _fails("what is no gzip", *[play(reply(200, b"nonsense", Content_Encoding="gzip"))] * 3, error="incorrect header"),
    _case(
        "the answer in one piece",
        play(reply(200, {"choices": [{"message": {"content": "Done."}, "finish_reason": "stop"}]})),
    ),
    _case("events as text", play(begin("text/plain; charset=latin-1"), send(said("Done."), finished()), end)),
    _case(
        "word by word",
        play(begin(EVENTS), drip([said(one) for one in ("D", "o", "n", "e", ".")], 0.3), send(finished()), end),
        settings={"server": {"idle_timeout_s": 1}},
    ),
    _case(
        "cut by length: gone on with",
        play(begin(), send(said("Do"), finished("length")), end),
        play(begin(), send(said("ne."), finished()), end),
        notices=("answer_resumed",),
    ),
    _calls(
        "the same id for two calls",
        called(piece(0, "read_file", _PATH, "c"), piece(1, "read_file", _OTHER, "c")),
        **_BOTH,
    ),
    _calls("no ids at all", called(piece(0, "read_file", _PATH), piece(1, "read_file", _OTHER)), **_BOTH),
    _calls(
        "no index at all",
        called(piece(None, "read_file", _PATH, "a")),
        called(piece(None, "read_file", _OTHER, "b")),
        **_BOTH,
    ),
    _calls(
        "index 0 for two calls",
        called(piece(0, "read_file", _PATH, "a")),
        called(piece(0, "read_file", _OTHER, "b")),
        **_BOTH,
    ),
    _calls(
        "the name in every piece",
        *[called(piece(0, "read_file", part, "a")) for part in ('{"path"', ': "calc', '.py"}')],
        **_READ,
    ),
    _calls(
        "two calls in turns",
        called(piece(0, "read_file", '{"path": ', "a")),
        called(piece(1, "read_file", '{"path": ', "b")),
        called(piece(0, None, '"calc.py"}')),
        called(piece(1, None, '"README.md"}')),
        **_BOTH,
    ),
    _case(
        "a call in the text is cut behind its mark",
        play(begin(), send(said('<tool_call>\n{"na'), finished("length")), end),
        DONE,
        runs=("failed",),
    ),
    _calls("an empty name", called(piece(0, "", _PATH, "a")), called(piece(1, "read_file", _PATH, "b")), **_READ),
    _calls(
        "arguments before the name",
        called(piece(0, None, '{"path": ')),
        called(piece(0, "read_file", '"calc.py"}')),
        **_READ,
    ),
    _calls(
        "arguments that are an object",
        called({"index": 0, "function": {"name": "read_file", "arguments": {"path": "calc.py"}}}),
        **_READ,
    ),
    _calls(
        "an edit among words and thoughts",
        thought("Hm."),
        said("I mend it."),
        called(piece(0, "edit_file", _EDIT, "a")),
        thought(" So."),
        runs=("done",),
        after={"calc.py": MENDED},
    ),
    _case("calls are promised, none come", play(begin(), send(said("Done."), finished("tool_calls")), end), runs=()),
    _fails("words without end", play(begin(), flood(said("word " * 9_000))), error="without end"),
    _fails("a thought without end", play(begin(), flood(thought("hm " * 9_000))), error="without end"),
    _fails(
        "a call without end",
        play(
            begin(),
            send(called(piece(0, "write_file", '{"path": "a.txt", "content": "', "a"))),
            flood(called(piece(0, None, "x" * 40_000))),
        ),
        error="without end",
        runs=(),
    ),
    _fails("a line without end", play(begin(), flood(b"data: " + b"x" * 60_000)), error="without end"),
    _fails("a refusal without end", play(reply(500, b"x" * 20_000_000)), error="without end", requests=None),
]
