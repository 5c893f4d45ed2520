"""What the frame around the prompt says: the kind of what is being written, and what Enter does with it."""

from __future__ import annotations

from typing import NamedTuple

from trashclaw.faces.tui.keymap import hints
from trashclaw.faces.visible import visible_line

LONG_LINES = 4
"""Lines from which on it is said where the cursor is."""

_NAME_CHARS = 40


class FrameState(NamedTuple):
    """What the frame depends on."""

    text_start: str = ""
    """The first two characters of the draft."""

    mode: str = ""
    """Vim's mode, empty without vim's keys."""

    line: int = 1
    line_count: int = 1
    is_turn_running: bool = False
    missing: tuple[str, ...] = ()
    """What is mentioned and not there."""

    @property
    def is_shell(self) -> bool:
        """Whether a command of the person's own is being written."""
        return self.text_start.startswith("!")


def sign_of(state: FrameState, *, is_ascii: bool) -> str:
    """Return the sign before the prompt."""
    if state.is_shell:
        return "$ "
    return "> " if is_ascii else "❯ "


def frame_name(state: FrameState) -> str:
    """Return what stands in the upper border, as safe text for a title; empty for words to the model."""
    parts = [state.mode]
    if state.text_start.startswith("!!"):
        parts.append("shell, the model is not told")
    elif state.is_shell:
        parts.append("shell, the model reads the output")
    return "  ".join(filter(None, parts))


def frame_hint(state: FrameState) -> str:
    """Return what stands in the lower border, escaped for a title."""
    parts: list[str] = []
    if state.missing:
        name = visible_line(state.missing[0])
        shown = name if len(name) <= _NAME_CHARS else f"…{name[-_NAME_CHARS:]}"
        more = f" and {len(state.missing) - 1} more" if len(state.missing) > 1 else ""
        parts.append(f"not here: {shown}{more}")
    if state.line_count >= LONG_LINES:
        parts.append(f"line {state.line} of {state.line_count}")
    if state.is_turn_running and state.text_start.strip() and not state.is_shell:
        parts.append(hints(("prompt.send", "steers"), ("prompt.tab", "queues")))
    return "   ".join(filter(None, parts)).replace("[", "\\[")
