"""The register: what was deleted or yanked last; and the operators, which fill it."""

from __future__ import annotations

from dataclasses import dataclass

from trashclaw.faces.tui.vim.lines import clamped, first_word, last_column, line_end, line_start


@dataclass(slots=True)
class Register:
    """A text that `p` puts; one of whole lines ends with a line feed."""

    text: str = ""
    is_lines: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """A text after a change, and where the cursor stands in it."""

    text: str
    at: int


def yank(text: str, start: int, end: int, register: Register, *, is_lines: bool) -> None:
    """Take a part of the text into the register; whole lines are given without the last one's line feed."""
    register.text = f"{text[start:end]}\n" if is_lines else text[start:end]
    register.is_lines = is_lines


def delete(text: str, start: int, end: int, register: Register, *, is_lines: bool) -> Change:
    """Delete a part of the text; whole lines with their line feed, the last ones with the one before them."""
    yank(text, start, end, register, is_lines=is_lines)
    if not is_lines:
        rest = text[:start] + text[end:]
        return Change(rest, clamped(rest, start))
    rest = text[:start] + text[end + 1 :] if end < len(text) else text[: max(0, start - 1)]
    return Change(rest, first_word(rest, min(start, len(rest))))


def change(text: str, start: int, end: int, register: Register, *, is_lines: bool) -> Change:
    """Delete a part of the text to write there; of whole lines an empty one stays."""
    yank(text, start, end, register, is_lines=is_lines)
    return Change(text[:start] + text[end:], start)


def put(text: str, at: int, register: Register, count: int, *, is_before: bool) -> Change | None:
    """p and P: put the register behind or before the cursor."""
    if not register.text:
        return None
    if not register.is_lines:
        place = at if is_before or line_start(text, at) == line_end(text, at) else at + 1
        taken = register.text * count
        made = text[:place] + taken + text[place:]
        return Change(made, clamped(made, place if "\n" in taken else place + len(taken) - 1))
    lines = register.text * count
    if is_before:
        place = line_start(text, at)
        made = text[:place] + lines + text[place:]
        return Change(made, first_word(made, place))
    place = line_end(text, at)
    made = f"{text[:place]}\n{lines.removesuffix(chr(10))}{text[place:]}"
    return Change(made, first_word(made, place + 1))


def join(text: str, at: int, count: int) -> Change | None:
    """J: join lines, with one blank where they met."""
    if line_end(text, at) == len(text):
        return None
    for _ in range(max(1, count - 1)):
        end = line_end(text, at)
        if end == len(text):
            break
        following = text[end + 1 : line_end(text, end + 1)]
        rest = following.lstrip(" \t")
        before = text[line_start(text, at) : end]
        is_apart = bool(before) and not before.endswith((" ", "\t")) and bool(rest) and not rest.startswith(")")
        text = text[:end] + (" " if is_apart else "") + rest + text[end + 1 + len(following) :]
        at = end if is_apart or rest or end == line_start(text, end) else end - 1
    return Change(text, clamped(text, at))


def replace(text: str, at: int, count: int, sign: str) -> Change | None:
    """r: put another character in the place of each of some."""
    if at + count > line_end(text, at):
        return None
    if sign == "\n":
        made = f"{text[:at]}\n{text[at + count :]}"
        return Change(made, at + 1)
    return Change(text[:at] + sign * count + text[at + count :], at + count - 1)


def swap_case(text: str, start: int, end: int) -> str:
    """Return the text with upper and lower case swapped in a part, as long as it was."""
    swapped = "".join(one.swapcase() if len(one.swapcase()) == 1 else one for one in text[start:end])
    return text[:start] + swapped + text[end:]


def toggle(text: str, at: int, count: int) -> Change | None:
    """~: swap the case of some characters, and go behind them."""
    end = min(line_end(text, at), at + count)
    if end == at:
        return None
    made = swap_case(text, at, end)
    return Change(made, min(end, last_column(made, at)))
