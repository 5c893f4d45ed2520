"""How the model is talked to, and what was mended in its calls, in words for a person."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rich.text import Text

from trashclaw.faces.tui.drawing.lines import plain, prefixed, wrap
from trashclaw.faces.tui.drawing.look import Look
from trashclaw.protocol.events import DialectChosen
from trashclaw.protocol.items import Mending
from trashclaw.protocol.manners import DialectName, EditFormat, Rung, ToolSetName

CALLS = {
    DialectName.NATIVE: "the server's own tool calls",
    DialectName.TYPED: "every answer held to a schema",
    DialectName.TEXT: "calls written into the text",
}
EDITS = {
    EditFormat.REPLACE: "old text and new text",
    EditFormat.PATCH: "patches",
    EditFormat.WHOLE: "whole files",
}
RUNGS = {
    Rung.FOUND: "found in the text",
    Rung.REPAIRED: "repaired",
    Rung.NAMED: "renamed",
    Rung.TYPED: "converted",
    Rung.REASKED: "asked again",
}
"""What was done on each rung, in a word or two."""

LEAST_ROOM = 16
"""Cells that words need to stand in a column of their own."""

_FIELDS = ("dialect", "tool set", "edit format", "think", "limit tokens")
_FIELD = re.compile(rf"(?:^|; )({'|'.join(_FIELDS)}): ")


def manner_words(manner: DialectChosen | None, look: Look) -> str:
    """Return what is unusual about a manner in a few words: `typed · lean`; nothing where all is as usual."""
    if manner is None:
        return ""
    words = (
        "" if manner.dialect is DialectName.NATIVE else manner.dialect.value,
        "" if manner.tool_set is ToolSetName.FULL else manner.tool_set.value,
        "" if manner.edit_format is EditFormat.REPLACE else EDITS[manner.edit_format],
    )
    return f" {look.signs.dot} ".join(word for word in words if word)


def manner_facts(manner: DialectChosen) -> Sequence[tuple[str, str]]:
    """Return a manner as (name, words) pairs."""
    think = manner.think
    thinking = "as the model does" if think is None else think if isinstance(think, str) else "on" if think else "off"
    return (
        ("dialect", f"{manner.dialect}: {CALLS[manner.dialect]}"),
        ("tool set", manner.tool_set.value),
        ("edit format", f"{manner.edit_format}: {EDITS[manner.edit_format]}"),
        ("thinking", thinking),
    )


def reasons(manner: DialectChosen) -> dict[str, str]:
    """Return the reasons for a manner by what they are about; one that is about all of it goes by an empty name."""
    parts = _FIELD.split(manner.reason)
    found = dict(zip(parts[1::2], parts[2::2], strict=True))
    return {"": parts[0], **found} if parts[0] else found


def change_lines(manner: DialectChosen, width: int, look: Look) -> list[Text]:
    """Return a change of manner with its reasons, a line each."""
    usual = (manner.dialect is DialectName.NATIVE, manner.tool_set is ToolSetName.FULL)
    parts = [(f"{manner.dialect} calls", usual[0]), (f"{manner.tool_set} tools", usual[1])]
    parts.append((f"edits as {EDITS[manner.edit_format]}", manner.edit_format is EditFormat.REPLACE))
    if isinstance(manner.think, bool):
        parts.append((f"thinking {'on' if manner.think else 'off'}", False))
    line = Text("from here on: ", style=look.muted, end="")
    for place, (words, is_usual) in enumerate(parts):
        line.append(", " if place else "", style=look.muted)
        line.append(words, style=look.muted if is_usual else look.text)
    lines = wrap(line, width, look)
    for name, why in reasons(manner).items():
        lines += wrap(plain(f"{name or 'why'}: {why}", look.muted), width, look)
    return lines


def is_marked(mended: Sequence[Mending]) -> bool:
    """Tell whether a call is marked as mended: more than where it stood had to be put right."""
    return any(mending.rung is not Rung.FOUND for mending in mended)


def mending_lines(mended: Sequence[Mending], width: int, look: Look) -> list[Text]:
    """Return what was mended in a call, a rung after the other in the order of the ladder."""
    if not mended:
        return []
    lines = [Text("mended before it ran"[:width], style=look.muted)]
    for rung, words in RUNGS.items():
        own = [mending.text.removeprefix("call found in the text ") for mending in mended if mending.rung is rung]
        head = Text(f"  {words}: ", style=look.muted, end="")
        room = width - head.cell_len
        if own and room < LEAST_ROOM:
            lines += wrap(plain(f"{head.plain}{', '.join(own)}", look.muted), width, look)
        else:
            told = [line for text in own for line in wrap(plain(text, look.muted), room, look)]
            lines += prefixed(head, Text(" " * head.cell_len), told)
    return lines
