"""All families of calls in a text, as data."""

from __future__ import annotations

import re
from functools import cache

from trashclaw.agent.dialects.marks import THOUGHT_MARKS, Kind, Mark, Marks, Place
from trashclaw.agent.dialects.text import json_families, tag_families, token_families
from trashclaw.agent.dialects.text.calls import Family

_RESULTS = (
    "<tool_response>",
    "<tool_result>",
    "<tool_results>",
    "<function_results>",
    "<function_response>",
    "<|tool_response|>",
    "<|tool_response>",
    "<start_function_response>",
    "<|observation|>",
    "[TOOL_RESULTS]",
    "<|START_TOOL_RESULT|>",
    "<|start_header_id|>",
    "<|im_start|>",
    "<｜tool▁outputs▁begin｜>",
    "<｜tool▁output▁begin｜>",
    "Observation:",
)
_ENDS = (
    "<|im_end|>",
    "<|eot_id|>",
    "<|eom_id|>",
    "</s>",
    "<|end|>",
    "<|return|>",
    "<|call|>",
    "<end_of_turn>",
    "<turn|>",
    "<｜end▁of▁sentence｜>",
    "<|endoftext|>",
    "</tool_call>",
    "</tool_calls>",
    "</function>",
    "</seed:tool_call>",
    "</minimax:tool_call>",
    "]<]minimax[>[</tool_call>",
    "</function_calls>",
    "</tool_use>",
    "</function_call>",
    "</TOOLCALL>",
    "</tools>",
    "</tool>",
    "<tool_call|>",
    "<end_function_call>",
    "[END_TOOL_REQUEST]",
    "<|END_ACTION|>",
    "<|tools_suffix|>",
    "<|/tool_call|>",
    "<|tool_call_end|>",
    "<|tool_calls_section_end|>",
    "<｜tool▁call▁end｜>",
    "<｜tool▁calls▁end｜>",
)
_LEFT_OVER = "]};,`"
_CUT = re.compile(r"\s*(?:[\[\]{<(\"].*|[\w.:\[\]-]*\s*(?:<.*)?)", re.DOTALL)
_SHORT_CHARS = 64


@cache
def families() -> tuple[Family, ...]:
    """Return all families."""
    return (*tag_families.families(), *token_families.families(), *json_families.families())


@cache
def marks(*, is_strict: bool, has_calls: bool = True) -> Marks:
    """Return the marks that count: strictly, those that are made for calls, and those alone at a line's start."""
    chosen: list[Mark] = []
    for family in families() if has_calls else ():
        for mark in family.marks:
            if is_strict and family.is_explicit:
                chosen.append(mark)
            elif not is_strict:
                is_anywhere = family.is_explicit and mark.place is Place.LINE
                place = Place.ANYWHERE if is_anywhere else mark.place
                chosen.append(Mark(mark.text, mark.kind, place, mark.is_plausible))
    results = (Mark(text, Kind.RESULT) for text in _RESULTS) if has_calls else ()
    return Marks((*THOUGHT_MARKS, *chosen, *results))


def family_at(text: str, *, is_strict: bool) -> Family | None:
    """Return the family whose mark begins a text."""
    if text.startswith(("<|channel|>", "<|start|>")):
        return next(family for family in families() if family.name == "harmony")
    for family in families():
        if family.is_explicit or not is_strict:
            for mark in family.marks:
                if text.startswith(mark.text):
                    return family
    return None


def is_call_begun(text: str, family: Family) -> bool:
    """Whether a text in which no call can be read yet may be the beginning of one, rather than words about it."""
    if not family.is_explicit:
        return len(text) <= _SHORT_CHARS
    mark = next((mark.text for mark in family.marks if text.startswith(mark.text)), "")
    return _CUT.fullmatch(text, len(mark)) is not None


def skip_noise(text: str, place: int) -> int:
    """Return the place behind end tokens and closing tags that follow a call."""
    while True:
        while place < len(text) and text[place].isspace():
            place += 1
        rest = text[place : place + 64]
        found = next((word for word in _ENDS if rest.startswith(word)), None)
        if found is not None:
            place += len(found)
        elif rest[:1] and rest[0] in _LEFT_OVER and not rest.startswith("]<]") and not re.match(r"`+\w", rest):
            place += 1
        else:
            return len(text) if rest and any(word.startswith(rest) for word in _ENDS) else place
