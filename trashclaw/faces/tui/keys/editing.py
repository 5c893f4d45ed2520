"""Keys that editors and panes have from Textual: they cannot be given others, and are told in the help."""

from __future__ import annotations

from trashclaw.faces.tui.keys.names import key_name

_EDITOR: tuple[tuple[str, str], ...] = (
    ("left,right,up,down", "move the cursor"),
    ("ctrl+left,ctrl+right", "a word to the left or right"),
    ("home,ctrl+a", "to the beginning of the line"),
    ("end,ctrl+e", "to the end of the line"),
    ("pageup,pagedown,ctrl+pageup,ctrl+pagedown", "a page up, down, left or right"),
    ("shift+left,shift+right,shift+up,shift+down,shift+home,shift+end", "select"),
    ("ctrl+shift+left,ctrl+shift+right", "select by words"),
    ("f7,ctrl+shift+a", "select everything (F7 in the prompt, the other in a line)"),
    ("backspace", "delete the character before"),
    ("delete,ctrl+d", "delete the character behind"),
    ("ctrl+w,alt+backspace,ctrl+backspace", "delete the word before"),
    ("alt+delete", "delete the word behind"),
    ("ctrl+u,super+backspace", "delete to the beginning of the line"),
    ("ctrl+k", "delete to the end of the line"),
    ("ctrl+shift+k", "delete the line"),
    ("ctrl+x,super+x", "cut"),
    ("ctrl+v", "paste what was cut or copied here; the terminal's own paste works too"),
    ("super+c", "copy"),
    ("super+z,super+y", "undo, redo"),
    ("enter,tab", "take what the list below a word offers"),
)
_READING: tuple[tuple[str, str], ...] = (
    ("up,down,left,right", "scroll by a line"),
    ("pageup,pagedown,ctrl+pageup,ctrl+pagedown", "scroll by a page"),
    ("home,end", "to the top, to the end"),
    ("tab,shift+tab", "to the next or previous thing that takes keys, on screens over the main one"),
    ("super+c", "copy the selection"),
)

INHERITED = frozenset(key for keys, _ in (*_EDITOR, *_READING) for key in keys.split(","))
"""All of them."""


def _rows(table: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    return tuple((", ".join(key_name(key) for key in keys.split(",")), words) for keys, words in table)


EDITOR_KEYS = _rows(_EDITOR)
"""(keys, what they do) in the prompt and in every line to type in."""

PROMPT_KEYS = _rows((("up,down", "earlier and later prompts, from the first and last line"),))
"""(keys, what they do) in the prompt only."""

READING_KEYS = _rows(_READING)
"""(keys, what they do) in whatever is read."""
