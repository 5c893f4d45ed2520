"""The real llama.cpp server with tiny weights: calls in its text, answers held to a schema, no end."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from benchmarks.fault_cases_dialects import MENDED, NEW, OLD
from benchmarks.fault_world import Case, Directed
from tests.support.tinymodel.director import Call, Say

DONE = Say("Done.")


@dataclass(frozen=True)
class Held:
    """Where the answer is held to a schema, this one value of it; else words."""

    value: Mapping[str, Any]
    words: str = "Done."

    def apply(self, body: dict[str, Any]) -> dict[str, Any]:
        """Return the request with a schema that leaves one answer."""
        if "response_format" not in body:
            return Say(self.words).apply(body)
        schema = {"name": "one", "strict": True, "schema": {"const": dict(self.value)}}
        return body | {"response_format": {"type": "json_schema", "json_schema": schema}}


@dataclass(frozen=True)
class Endless:
    """Words that never come to an end."""

    def apply(self, body: dict[str, Any]) -> dict[str, Any]:
        """Return the request with a grammar of nothing else."""
        return body | {"tool_choice": "none", "grammar": 'root ::= "la " root'}


def _case(name: str, *steps: Any, **more: Any) -> Case:
    return Case(section="engine", name=name, model=Directed(steps), **more)


def _typed(say: str, tool: str = "done", **arguments: Any) -> Held:
    return Held({"say": say, "tool": tool, **({"arguments": arguments} if arguments else {})})


_EDIT = {"path": "calc.py", "old_text": OLD, "new_text": NEW}
_FLAWED = {"file_path": "calc.py", "old_string": OLD, "new_string": NEW}
_READ: dict[str, Any] = {"name": "read_file", "arguments": {"path": "calc.py"}}
_HERMES = f"<tool_call>\n{json.dumps(_READ)}\n</tool_call>"
_FOUND = {"runs": ("done",), "rungs": ("found",), "told": ("return a - b",), "untold": ("tool_call",)}
_TYPED = {"manner": {"dialect": "typed"}}
_BROKEN = '<tool_call>\n{"name": "read_file", "arguments": {"path": "cal}}\n</tool_call>'

CASES = [
    _case("a native call", Call("edit_file", _EDIT), DONE, runs=("done",), rungs=(), after={"calc.py": MENDED}),
    _case("other names for the arguments", Call("edit_file", _FLAWED), DONE, runs=("done",), after={"calc.py": MENDED}),
    _case("no such tool", Call("teleport", {"to": "Mars"}), DONE, runs=("failed",), told=("There is no tool named",)),
    _case("a call that the server left in the text", Say(_HERMES), DONE, **_FOUND),
    _case("a call without its end", Say(_HERMES.removesuffix("\n</tool_call>")), DONE, **_FOUND),
    _case("another family's call", Say(f"[TOOL_CALLS]read_file[ARGS]{json.dumps(_READ['arguments'])}"), DONE, **_FOUND),
    _case("the text dialect", Say(_HERMES), DONE, settings={"manner": {"dialect": "text"}}, **_FOUND),
    _case(
        "the typed dialect",
        _typed("I mend it.", "edit_file", **_EDIT),
        _typed("Done."),
        settings=_TYPED,
        runs=("done",),
        after={"calc.py": MENDED},
    ),
    _case(
        "the typed dialect, and no such file",
        _typed("I look.", "read_file", path="none.py"),
        _typed("Done."),
        settings=_TYPED,
        runs=("failed",),
        told=("none.py does not exist",),
    ),
    _case(
        "asked again, held to the schema",
        Say(_BROKEN),
        Held(_READ["arguments"]),
        runs=("done",),
        rungs=("found", "reasked"),
        told=("return a - b",),
    ),
    _case(
        "a thought, then a call in the text",
        Say(_HERMES, thought="I ponder the sums"),
        DONE,
        runs=("done",),
        untold=("I ponder",),
    ),
    _case("words without end", Endless(), Endless(), said=None, stop="limit", code=3, options=("--max-tokens", "300")),
]
