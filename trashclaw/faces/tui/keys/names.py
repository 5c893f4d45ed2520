"""The names of keys: as Textual has them, as a person reads them, and as a person may write them."""

from __future__ import annotations

import difflib

NO_KEY = "no-key"
"""What an action is bound to that has no key; nothing sends it."""

_SHOWN = {
    "right_square_bracket": "]",
    "left_square_bracket": "[",
    "right_curly_bracket": "}",
    "left_curly_bracket": "{",
    "question_mark": "?",
    "slash": "/",
    "at": "@",
    "underscore": "_",
    "backslash": "\\",
    "comma": ",",
    "full_stop": ".",
    "colon": ":",
    "semicolon": ";",
    "plus": "+",
    "minus": "-",
    "asterisk": "*",
    "exclamation_mark": "!",
    "number_sign": "#",
    "dollar_sign": "$",
    "percent_sign": "%",
    "ampersand": "&",
    "equals_sign": "=",
    "less_than_sign": "<",
    "greater_than_sign": ">",
    "circumflex_accent": "^",
    "grave_accent": "`",
    "vertical_line": "|",
    "tilde": "~",
    "apostrophe": "'",
    "quotation_mark": '"',
    "left_parenthesis": "(",
    "right_parenthesis": ")",
    "escape": "Esc",
    "pageup": "PageUp",
    "pagedown": "PageDown",
}
_MODIFIERS = ("ctrl", "alt", "shift", "super")
_WORDS = ("up", "down", "left", "right", "home", "end", "pageup", "pagedown", "insert", "delete", "backspace")
_KEYS = (*_WORDS, "enter", "escape", "tab", "space", *(f"f{number}" for number in range(1, 25)))
_OTHERS = {"esc": "escape", "return": "enter", "del": "delete", "ins": "insert", "bksp": "backspace"}
_OTHER_MODIFIERS = {"control": "ctrl", "c": "ctrl", "option": "alt", "meta": "alt", "cmd": "super"}
_OF_CHARACTER = {shown: name for name, shown in _SHOWN.items() if len(shown) == 1} | {" ": "space"}
_SAME = {"ctrl+i": "Tab", "ctrl+m": "Enter", "ctrl+left_square_bracket": "Esc", "ctrl+h": "Backspace"}
"""Keys that many terminals cannot tell from others."""


def key_name(key: str) -> str:
    """Return one key as a person reads it."""
    parts = [_SHOWN.get(part) or (part if len(part) == 1 else part.capitalize()) for part in key.split("+")]
    if len(parts) > 1:
        parts[-1] = parts[-1].upper() if len(parts[-1]) == 1 else parts[-1]
    return "+".join(parts)


def parse_key(word: str) -> str:
    """Return Textual's name of a key that a person wrote: `Ctrl+J`, `esc`, `]`, `F4`.

    Raises:
        ValueError: there is no such key; the text says so, and names a near one.
    """
    stripped = word.strip()
    *modifiers, last = [stripped] if len(stripped) == 1 else stripped.removesuffix("+").split("+")
    last = "+" if stripped.endswith("++") else last
    named = [_OTHER_MODIFIERS.get(part.strip().lower(), part.strip().lower()) for part in modifiers]
    for part in named:
        if part not in _MODIFIERS:
            raise ValueError(f"{part} is no modifier; there are {', '.join(_MODIFIERS)}")
    if len(set(named)) < len(named):
        raise ValueError("a modifier stands there twice")
    key = _base(last.strip() or last, is_alone=not named)
    full = "+".join([*(part for part in _MODIFIERS if part in named), key])
    if full in _SAME:
        raise ValueError(f"a terminal sends {key_name(full)} as {_SAME[full]}, and they cannot be told apart")
    return full


def is_text(key: str) -> bool:
    """Tell whether a key types a character."""
    return len(key) == 1 or key == "space" or len(_SHOWN.get(key, "")) == 1


def _base(word: str, *, is_alone: bool) -> str:
    if len(word) == 1:
        name = _OF_CHARACTER.get(word, word)
        if not word.isprintable() or (not word.isalnum() and name == word):
            raise ValueError(f"{word!r} is no key that can be bound")
        return name if is_alone else name.lower()
    low = _OTHERS.get(word.lower(), word.lower())
    if low in _KEYS or low in _SHOWN:
        return low
    near = difflib.get_close_matches(low, [*_KEYS, *_SHOWN], n=1)
    raise ValueError(f"there is no key {word[:40]}{f'; did you mean {near[0]}?' if near else ''}")
