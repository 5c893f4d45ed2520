"""Section 1: replies held to a schema that are none, calls in the text, servers that refuse tools or read nothing."""

from __future__ import annotations

import json
from typing import Any

from benchmarks.fault_steps import DONE, TEXT, TYPED, do, edit, failed, raw, read, say, script, typed
from benchmarks.fault_world import CALC, Case

MENDED = CALC.replace(b"add(a, b):\n    return a - b", b"add(a, b):\n    return a + b")
OLD, NEW = "def add(a, b):\n    return a - b", "def add(a, b):\n    return a + b"
_CALL = '{"name": "read_file", "arguments": {"path": "calc.py"}}'
_PARAMETERS = '{"name": "read_file", "parameters": {"path": "calc.py"}}'
_PATH = '{"path": "calc.py"}'
FAMILIES = {
    "hermes": f"<tool_call>\n{_CALL}\n</tool_call>",
    "hermes without its end": f"I look.\n<tool_call>\n{_CALL}",
    "qwen coder": "<tool_call>\n<function=read_file>\n<parameter=path>\ncalc.py\n</parameter>\n"
    "</function>\n</tool_call>",
    "llama": _PARAMETERS,
    "llama tag": f"<|python_tag|>{_PARAMETERS}",
    "functionary": f"<function=read_file>{_PATH}</function>",
    "mistral": f"[TOOL_CALLS][{_CALL}]",
    "devstral": f"[TOOL_CALLS]read_file[ARGS]{_PATH}",
    "deepseek": f"<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>read_file<｜tool▁sep｜>{_PATH}<｜tool▁call▁end｜>"
    "<｜tool▁calls▁end｜>",
    "gpt-oss": f"<|channel|>commentary to=functions.read_file <|constrain|>json<|message|>{_PATH}<|call|>",
    "glm": "<tool_call>read_file\n<arg_key>path</arg_key>\n<arg_value>calc.py</arg_value>\n</tool_call>",
    "kimi": "<|tool_calls_section_begin|><|tool_call_begin|>functions.read_file:0<|tool_call_argument_begin|>"
    f"{_PATH}<|tool_call_end|><|tool_calls_section_end|>",
    "minimax": '<minimax:tool_call>\n<invoke name="read_file">\n<parameter name="path">calc.py</parameter>\n</invoke>\n'
    "</minimax:tool_call>",
    "granite": f"<|tool_call|>[{_CALL}]",
    "phi": f"functools[{_CALL}]",
    "gemma": "```tool_code\nprint(read_file(path='calc.py'))\n```",
    "function gemma": "<start_function_call>call:read_file{path:<escape>calc.py<escape>}<end_function_call>",
    "command-r": '<|START_ACTION|>[{"tool_call_id": "0", "tool_name": "read_file", "parameters": {"path": "calc.py"}}]'
    "<|END_ACTION|>",
    "lfm2": '<|tool_call_start|>[read_file(path="calc.py")]<|tool_call_end|>',
    "react": f"Thought: I must look.\nAction: read_file\nAction Input: {_PATH}",
    "fence": f"```json\n{_CALL}\n```",
}


def _case(name: str, *steps: Any, traits: dict[str, Any] | None = None, **more: Any) -> Case:
    return Case(section="dialects", name=name, model=script(*steps, **(traits or {})), **more)


def _families() -> list[Case]:
    """Return a case for each family: it reads a file, and all of its markup is gone from the words."""
    seen: dict[str, Any] = {"runs": ("done",), "rungs": ("found",), "told": ("return a - b",)}
    unsaid = ("tool_call", "read_file", "TOOL_CALLS", "Action")
    return [
        _case(f"in the text: {name}", say(text), DONE, traits=TEXT, untold=unsaid, **seen)
        for name, text in FAMILIES.items()
    ]


_WRITE = {"name": "write_file", "arguments": {"path": "tags.txt", "content": "a </tool_call> b <think> c\n"}}
_EDIT = {"name": "edit_file", "arguments": {"path": "calc.py", "old_text": OLD, "new_text": NEW}}
_FALSE = '<tool_call>{"name": "bash", "arguments": {"command": "rm calc.py"}}</tool_call>'
_TYPED_EDIT = typed("I mend it.", "edit_file", path="calc.py", old_text=OLD, new_text=NEW)
_REFUSES = failed("tools_unsupported")
_CUT = '{"say": "I write.", "tool": "write_file", "arguments": {"path": "a.txt", "content": "one'

CASES = [
    *_families(),
    _case(
        "typed: a job",
        typed("I look.", "read_file", path="calc.py"),
        _TYPED_EDIT,
        typed("Done."),
        traits=TYPED,
        after={"calc.py": MENDED},
        runs=("done", "done"),
    ),
    _case(
        "typed: in a fence",
        say(f"```json\n{_TYPED_EDIT['text']}\n```"),
        typed("Done."),
        traits=TYPED,
        after={"calc.py": MENDED},
        runs=("done",),
    ),
    _case(
        "typed: the schema is ignored", say("I would rather talk."), traits=TYPED, said="I would rather talk.", runs=()
    ),
    _case(
        "typed: cut in the middle",
        say(_CUT, end="length"),
        typed("Done."),
        traits=TYPED,
        runs=("failed",),
        told=("its room was too small",),
    ),
    _case(
        "typed: no such tool",
        typed("I fly.", "teleport", to="Mars"),
        typed("Done."),
        traits=TYPED,
        runs=("failed",),
        told=("There is no tool named",),
    ),
    _case(
        "typed: two replies at once",
        say(f"{_TYPED_EDIT['text']}\n{typed('Done.')['text']}"),
        typed("Done."),
        traits=TYPED,
        after={"calc.py": MENDED},
        runs=("done",),
    ),
    _case(
        "typed: arguments are a text",
        say(json.dumps({"say": "I look.", "tool": "read_file", "arguments": _PATH})),
        typed("Done."),
        traits=TYPED,
        runs=("done",),
        told=("return a - b",),
    ),
    _case("typed: nothing but an object", say("{}"), traits=TYPED, said="{}", runs=()),
    _case(
        "native: the call is in the text",
        say(f"I look.\n{FAMILIES['hermes']}"),
        DONE,
        runs=("done",),
        rungs=("found",),
        told=("return a - b",),
        untold=("tool_call",),
    ),
    _case("native: an example in code is no call", say(f"Write this:\n\n```\n{_FALSE}\n```\n"), said=None, runs=()),
    _case(
        "native: a call in a sentence is none", say(f"A call such as `{_FALSE}` would remove it."), said=None, runs=()
    ),
    _case("a call inside a thought is none", say(f"<think>Maybe {_FALSE}</think>Done."), traits=TEXT, runs=()),
    _case(
        "a made-up result is left out",
        say(f"{FAMILIES['hermes']}\n<tool_response>\nreturn a ** b\n</tool_response>\nIt multiplies."),
        DONE,
        traits=TEXT,
        runs=("done",),
        told=("return a - b",),
        untold=("a ** b",),
    ),
    _case(
        "markup inside of arguments stays",
        say(f"<tool_call>{json.dumps(_WRITE)}</tool_call>"),
        DONE,
        traits=TEXT,
        runs=("done",),
        after={"tags.txt": b"a </tool_call> b <think> c\n"},
    ),
    _case(
        "a call in the text is cut",
        say(f"<tool_call>{json.dumps(_WRITE)[:-30]}", end="length"),
        DONE,
        traits=TEXT,
        runs=("failed",),
        told=("its room was too small",),
    ),
    _case(
        "the same call twice in the text",
        say(f"<tool_call>{json.dumps(_EDIT)}</tool_call>" * 2),
        DONE,
        traits=TEXT,
        runs=("done", "skipped"),
        after={"calc.py": MENDED},
    ),
    _case(
        "the same question twice in the text", say(FAMILIES["hermes"] * 2), DONE, traits=TEXT, runs=("done", "skipped")
    ),
    _case("300 KB of openings", say("<tool_call>" * 30_000), DONE, traits=TEXT, said=None, stop="end_turn"),
    _case(
        "300 KB of half calls",
        say('<tool_call>{"name": "read_file", "arguments": {' * 7_000),
        DONE,
        traits=TEXT,
        said=None,
    ),
    _case(
        "a thousand calls in one answer",
        say(FAMILIES["hermes"].replace("\n", "") * 1_000),
        DONE,
        DONE,
        traits=TEXT,
        said=None,
    ),
    _case(
        "tools are refused midway",
        do(read()),
        {**_REFUSES},
        _TYPED_EDIT,
        typed("Done."),
        traits={"can_constrain": True},
        runs=("done", "done"),
        after={"calc.py": MENDED},
    ),
    _case(
        "tools are refused midway, and schemas are unknown",
        do(read()),
        {**_REFUSES},
        say(f"<tool_call>{json.dumps(_EDIT)}</tool_call>"),
        DONE,
        runs=("done", "done"),
        after={"calc.py": MENDED},
    ),
    _case(
        "tools are refused, and nothing may be changed",
        {**_REFUSES},
        settings={"manner": {"switch": False}},
        code=1,
        stop="error",
        error="does not support tools",
    ),
    _case("an answer that the server cannot read", say("I", **failed("unreadable")), DONE, said="Done."),
    _case(
        "unreadable in every dialect",
        *[failed("unreadable")] * 8,
        traits={"can_constrain": True},
        code=1,
        stop="error",
        error="",
    ),
    _case(
        "most calls are unreadable",
        *[do(raw("read_file", "path=calc.py&")) for _ in range(4)],
        say(FAMILIES["hermes"]),
        DONE,
        settings={"limits": {"repeats": 20, "idle_steps": 30}},
        told=("return a - b",),
    ),
    _case("edits in native, then words", do(edit(OLD, NEW)), DONE, runs=("done",), after={"calc.py": MENDED}),
]
