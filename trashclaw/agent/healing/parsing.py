"""The first rung: a text that is JSON as it stands."""

from __future__ import annotations

import json
import re
from typing import Any

from trashclaw.agent.healing.bones import distinct
from trashclaw.agent.healing.literals import Unclear

_LOST = re.compile(r"[^\\]*+(?:\\[^bf][^\\]*+)*\\[bf]", re.DOTALL)


def parse(raw: str) -> Any:
    """Return the value of a JSON text; control characters inside strings are let through, as servers do send them.

    Raises:
        Unclear: it is no JSON, a name comes twice with different values, or a backslash seems to be lost: nobody
            means a backspace or a form feed, but `\\b` of a regular expression and `\\f` of a path.
    """
    try:
        value = json.loads(raw, strict=False, parse_constant=_refuse, object_pairs_hook=distinct)
    except (ValueError, RecursionError) as error:
        raise Unclear(str(error) or "nested too deeply") from error
    if _LOST.match(raw):
        raise Unclear("\\b and \\f stand for a backspace and a form feed; write a backslash itself as \\\\")
    return value


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")


def parse_object(raw: str) -> tuple[dict[str, Any] | None, str]:
    """Parse the arguments' text; one without anything in it is an empty object.

    Returns:
        The object and an empty string, or `None` and what is wrong.
    """
    if not raw.strip():
        return {}, ""
    try:
        value = parse(raw)
    except Unclear as why:
        return None, str(why)
    if not isinstance(value, dict):
        return None, f"it is a JSON {type(value).__name__}"
    return value, ""
