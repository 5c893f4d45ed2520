"""Reads what a program wrote to its terminal: which control sequences, and which of them nobody else would write."""

from __future__ import annotations

import re
from collections import Counter

_SEQUENCE = re.compile(
    r"\x1b\[(?P<private>[<=>?]*)(?P<numbers>[0-9;:]*)(?P<between>[ -/]*)(?P<final>[@-~])"
    r"|\x1b\](?P<osc>[0-9]*)[^\x07\x1b]*(?:\x07|\x1b\\)"
    r"|\x1b(?P<string>[PX^_k])[^\x1b]*\x1b\\"
    r"|\x1b(?P<short>[ -/]*[0-~])"
    r"|(?P<control>[\x00-\x1f\x7f-\x9f])"
)
_MODES = frozenset("hl")


def sequences(output: bytes) -> Counter[str]:
    """Return the kinds of control sequences in the output of a program, each with how often.

    A kind is what a sequence does, without the place or the colour: `CSI m`, `CSI ?1049h`, `OSC 52`, `C0 07`.
    """
    return Counter(_kind(match) for match in _SEQUENCE.finditer(output.decode("utf-8", "replace")))


def plain_text(output: bytes) -> str:
    """Return the output without control sequences, a blank for each: words that were written in one go stay whole."""
    return _SEQUENCE.sub(lambda match: "" if match.group("final") == "m" else " ", output.decode("utf-8", "replace"))


def foreign(output: bytes, usual: Counter[str]) -> list[str]:
    """Return the kinds of sequences that a run with harmless text (`usual`) does not write."""
    return [f"{kind} ({count}x)" for kind, count in sequences(output).items() if kind not in usual]


def _kind(match: re.Match[str]) -> str:
    if match["final"]:
        # What a mode or a report is for stands in its numbers; those of moves and colours are values.
        numbers = match["numbers"] if match["private"] or match["final"] in _MODES else ""
        return f"CSI {match['private']}{numbers}{match['between']}{match['final']}"
    if match["osc"] is not None:
        return f"OSC {match['osc']}"
    if match["string"]:
        return f"string {match['string']}"
    if match["short"]:
        return f"ESC {match['short']}"
    return f"C0 or C1 {ord(match['control']):02x}"
