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
    words = f"{manner.dialect} calls, {manner.tool_set} tools, edits as {EDITS[manner.edit_format]}"
    words += "" if not isinstance(manner.think, bool) else f", thinking {'on' if manner.think else 'off'}"
    lines = wrap(plain(f"From here on: {words}.", look.text), width, look)
    for name, why in reasons(manner).items():
        lines += wrap(plain(f"{name or 'why'}: {why}", look.muted), width, look)
    return lines


def mending_lines(mended: Sequence[Mending], width: int, look: Look) -> list[Text]:
    """Return what was mended in a call, a rung after the other in the order of the ladder."""
    if not mended:
        return []
    lines = [Text("mended before it ran", style=look.muted)]
    for rung, words in RUNGS.items():
        own = [mending.text for mending in mended if mending.rung is rung]
        head = Text(f"  {words}: ", style=look.muted, end="")
        room = max(8, width - head.cell_len)
        told = [line for text in own for line in wrap(plain(text, look.muted), room, look)]
        lines += prefixed(head, Text(" " * head.cell_len), told)
    return lines
