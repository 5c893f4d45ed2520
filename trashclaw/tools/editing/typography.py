"""Quotes, dashes and blanks of typography, and the plain characters that stand for them."""

from __future__ import annotations

from collections.abc import Iterable

from trashclaw.tools.editing.matching import BLANKS, Unsure, indent_of

PLAIN = {
    **dict.fromkeys("“”„‟«»″", '"'),
    **dict.fromkeys("‘’‚‛′", "'"),
    **dict.fromkeys("‐‑‒–—―−", "-"),
    **dict.fromkeys("\u00a0\u2007\u2009\u202f\u3000", " "),
    "…": "...",
}
"""One plain form for each; what is typographic and what is not is told by this table alone."""

_TABLE = str.maketrans(PLAIN)


def plain(text: str) -> str:
    """Return a text with plain characters for typographic ones."""
    return text if text.isascii() else text.translate(_TABLE)


def plain_keys(bodies: Iterable[str]) -> list[str]:
    """Return lines in plain characters without their indentation."""
    return [plain(body).strip(BLANKS) for body in bodies]


def learn(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return which typographic characters of old lines are plain ones in the file's lines for them.

    Raises:
        Unsure: one of them stands for this here and for that there.
    """
    learned: dict[str, str] = {}
    for old, real in pairs:
        if old.isascii():
            continue
        for character, own in _aligned(old.strip(BLANKS), real.strip(BLANKS)):
            if character in PLAIN and learned.setdefault(character, own) != own:
                raise Unsure(f"{character!r} stands for different characters of the file")
    return learned


def undo(line: str, learned: dict[str, str]) -> str:
    """Return a new line with the file's characters for those that were learned.

    Raises:
        Unsure: it has a typographic character of which nothing was learned, while of others something was.
    """
    if line.isascii() or all(own == character for character, own in learned.items()):
        return line
    if strange := sorted({character for character in line if character in PLAIN} - set(learned)):
        raise Unsure(f"whether {strange[0]!r} is meant in new_text is not certain")
    return "".join(learned.get(character, character) for character in line)


def keep_own(old: str, real: str, new: str) -> str:
    """Return a new line with the file's own characters where it begins and ends as the old line does.

    `old` and `real` differ in typography alone (and in indentation, which is the new line's).
    """
    old_body, new_body = old.strip(BLANKS), new.strip(BLANKS)
    own = [piece for _, piece in _aligned(old_body, real.strip(BLANKS))]
    most = min(len(old_body), len(new_body))
    head = next((at for at in range(most) if old_body[at] != new_body[at]), most)
    tail = next((at for at in range(most - head) if old_body[-1 - at] != new_body[-1 - at]), most - head)
    middle = new_body[head : len(new_body) - tail]
    return "".join([indent_of(new), *own[:head], middle, *own[len(own) - tail :]])


def _aligned(old: str, real: str) -> list[tuple[str, str]]:
    """Return for each character of an old line what the file has for it; the two are the same in plain characters."""
    found: list[tuple[str, str]] = []
    at = 0
    waiting = ""
    for character in old:
        wanted = plain(character)
        piece = ""
        while len(wanted) > len(waiting) and at < len(real):
            piece, waiting, at = piece + real[at], waiting + plain(real[at]), at + 1
        found.append((character, piece))
        waiting = waiting[len(wanted) :]
    return found
