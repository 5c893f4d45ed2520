"""What scripts of misbehaving models are written with."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from benchmarks.fault_world import Scripted

Step = Mapping[str, Any]

DONE: Step = {"text": "Done."}
TEXT = {"has_tools": False}
"""A model that is talked to in the text dialect."""

TYPED = {"has_tools": False, "can_constrain": True}
"""A model that is talked to in the typed dialect."""

REASKED = {"can_constrain": True}
"""A model that can be asked for the arguments of a call again."""


def script(*steps: Step, **traits: Any) -> Scripted:
    """Return a script."""
    return Scripted(steps, traits)


def say(text: str, **more: Any) -> Step:
    """Return a step of words."""
    return {"text": text, **more}


def do(*calls: Step, text: str = "I go on.", **more: Any) -> Step:
    """Return a step of calls."""
    return {"text": text, "calls": list(calls), **more}


def call(name: str, **arguments: Any) -> Step:
    """Return a call."""
    return {"name": name, "arguments": arguments}


def raw(name: str, text: str) -> Step:
    """Return a call with this very text as its arguments."""
    return {"name": name, "arguments": text}


def read(path: str = "calc.py") -> Step:
    """Return a call that reads a file."""
    return call("read_file", path=path)


def edit(old: str, new: str, path: str = "calc.py", **more: Any) -> Step:
    """Return a call that edits a file."""
    return call("edit_file", path=path, old_text=old, new_text=new, **more)


def write(path: str, content: str) -> Step:
    """Return a call that writes a file."""
    return call("write_file", path=path, content=content)


def bash(command: str, **more: Any) -> Step:
    """Return a call that runs a command."""
    return call("bash", command=command, **more)


def typed(words: str, tool: str = "done", **arguments: Any) -> Step:
    """Return a step whose text is a typed reply."""
    return say(json.dumps({"say": words, "tool": tool, **({"arguments": arguments} if tool != "done" else {})}))


def failed(kind: str, **more: Any) -> dict[str, Any]:
    """Return the error of a step."""
    return {"error": {"kind": kind, **more}}
