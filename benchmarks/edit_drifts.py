"""How models quote a text that they want changed: what each kind of drift makes of the old and the new text.

A drift of form (indentation, tabs, quotes, escapes, numbers, a fence) is put over old and new text alike, as a model
does that writes so. A drift of content (blank lines, a typo, a word) is put on lines that the edit keeps, in both
texts; the lines that come new are never touched by it. A slip (a typo, a word of a comment) is made in texts of three
solid lines or more: in less, little would be left to know the place by, and a refusal is right.
"""

from __future__ import annotations

import html
import json
import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from benchmarks.edit_sources import Hunk
from trashclaw.workspace.diff import split_lines

MARKERS = ("...", "# ...", "// ... existing code ...", "/* ... */")
WORDS = ("value", "thing", "always", "current", "maybe", "given", "simple", "before")


@dataclass(frozen=True, slots=True)
class Case:
    """An edit as a model asks for it, and what must come of it."""

    text: str
    old: str
    new: str
    expected: str


Drift = Callable[[Hunk, random.Random], Case | None]
"""Returns `None` where a drift of this kind cannot be."""


def _case(hunk: Hunk, old: Sequence[str], new: Sequence[str]) -> Case:
    return Case(hunk.before, _joined(old), _joined(new), hunk.expected)


def _joined(lines: Sequence[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def _plain(hunk: Hunk) -> Case:
    return _case(hunk, hunk.old, (*hunk.front, *hunk.come, *hunk.back))


def _over(hunk: Hunk, change: Callable[[str], str]) -> Case | None:
    """Put a change over both texts; the old one must differ by it."""
    case = _plain(hunk)
    old = change(case.old)
    return None if old == case.old else replace(case, old=old, new=change(case.new))


def _on_kept(hunk: Hunk, at: int, line: str) -> Case:
    """Write another line for one of those that are kept, counted through front and back."""
    front, back = list(hunk.front), list(hunk.back)
    if at < len(front):
        front[at] = line
    else:
        back[at - len(front)] = line
    return _case(hunk, (*front, *hunk.gone, *back), (*front, *hunk.come, *back))


def _is_telling(hunk: Hunk) -> bool:
    return sum(bool(line.strip()) for line in hunk.old) > 2


def none(hunk: Hunk, source: random.Random) -> Case | None:
    """Quote exactly."""
    return _plain(hunk)


def trailing_blanks(hunk: Hunk, source: random.Random) -> Case | None:
    """Put blanks at the ends of some lines that are kept or go."""
    tails = [source.choice(("", " ", "   ", "\t")) for _ in hunk.old]
    tails[0] = tails[0] or " "
    ended = [line + tail for line, tail in zip(hunk.old, tails, strict=True)]
    front, back = len(hunk.front), len(hunk.old) - len(hunk.back)
    return _case(hunk, ended, (*ended[:front], *hunk.come, *ended[back:]))


def line_ends(hunk: Hunk, source: random.Random) -> Case | None:
    """Quote with other line ends than the file has."""
    case = _plain(hunk)
    if source.random() < 0.5:
        return replace(case, old=case.old.replace("\n", "\r\n"), new=case.new.replace("\n", "\r\n"))
    return replace(case, text=case.text.replace("\n", "\r\n"), expected=case.expected.replace("\n", "\r\n"))


def indentation(hunk: Hunk, source: random.Random) -> Case | None:
    """Leave out the indentation that all lines share, or a part of it, or put some before all."""
    lines = [line for line in (*hunk.old, *hunk.come) if line.strip()]
    shared = min((len(line) - len(line.lstrip(" \t")) for line in lines), default=0)
    if shared and source.random() < 0.7:
        size = source.choice((shared, shared, min(shared, 4)))
        return _over(hunk, lambda text: "".join(line[size:] if line.strip() else line for line in split_lines(text)))
    more = "\t" if any(line.startswith("\t") for line in lines) else source.choice(("    ", "  ", "        "))
    return _over(hunk, lambda text: "".join(more + line if line.strip() else line for line in split_lines(text)))


def tabs(hunk: Hunk, source: random.Random) -> Case | None:
    """Write tabs for blanks in front, or blanks for tabs."""
    if any(line.startswith("\t") for line in (*hunk.old, *hunk.come)):
        width = source.choice((2, 4, 4))
        return _over(hunk, lambda text: _respaced(text, lambda front: front.expandtabs(width)))
    width = 2 if any(re.match(r" {2}\S| {6}\S", line) for line in hunk.old) else 4
    return _over(hunk, lambda text: _respaced(text, lambda front: front.replace(" " * width, "\t")))


def _respaced(text: str, change: Callable[[str], str]) -> str:
    return re.sub(r"^[ \t]+(?=\S)", lambda match: change(match[0]), text, flags=re.MULTILINE)


def quotes(hunk: Hunk, source: random.Random) -> Case | None:
    """Write quotes and dashes of typography for plain ones."""
    if any(not line.isascii() for line in (*hunk.old, *hunk.come)):
        return None
    turn = iter("“”" * 10_000)
    return _over(hunk, lambda text: re.sub('"', lambda _: next(turn), text).replace("'", "’").replace(" - ", " – "))


def escapes(hunk: Hunk, source: random.Random) -> Case | None:
    """Escape quotes, all that JSON escapes, or what HTML escapes."""
    ways: tuple[Callable[[str], str], ...] = (
        lambda text: text.replace('"', '\\"'),
        lambda text: text.replace("\\", "\\\\").replace('"', '\\"'),
        lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
        lambda text: html.escape(text, quote=False),
    )
    return _over(hunk, source.choice(ways))


def blank_lines(hunk: Hunk, source: random.Random) -> Case | None:
    """Lose the blank lines of what is kept, or put one in between two lines of it."""
    front, back = list(hunk.front), list(hunk.back)
    solid = [at for at, line in enumerate(hunk.old) if line.strip()]
    kept = {*range(len(front)), *range(len(hunk.old) - len(back), len(hunk.old))}
    going = [at for at in solid if at not in kept]
    inner = [
        at
        for at, line in enumerate(hunk.old)
        if not line.strip()
        and solid
        and (solid[0] < at < solid[-1] if at in kept else going and going[0] < at < going[-1])
    ]
    if inner and source.random() < 0.7:
        at = source.choice(inner)
        if at < len(front):
            del front[at]
        elif at >= len(hunk.old) - len(back):
            del back[at - len(front) - len(hunk.gone)]
        else:
            gone = [line for here, line in enumerate(hunk.gone, len(front)) if here != at]
            return _case(hunk, (*front, *gone, *back), (*front, *hunk.come, *back))
        return _case(hunk, (*front, *hunk.gone, *back), (*front, *hunk.come, *back))
    side = source.choice((front, back))
    if len(side) < 2:
        return None
    side.insert(source.randrange(1, len(side)), "")
    return _case(hunk, (*front, *hunk.gone, *back), (*front, *hunk.come, *back))


def elided(hunk: Hunk, source: random.Random) -> Case | None:
    """Leave out lines between the change and some that follow or come before, in both texts."""
    lines = [line.removesuffix("\n") for line in split_lines(hunk.before)]
    case = _plain(hunk)
    left, size = source.randint(2, 20), source.randint(1, 3)
    end = hunk.start + len(hunk.old)
    if source.random() < 0.5:
        far = lines[end + left : end + left + size]
        around = ("", far)
    else:
        first = hunk.start - left - size
        far = lines[first : first + size] if first >= 0 else []
        around = ("front", far)
    if not "".join(far).strip():
        return None
    front = far[0][: len(far[0]) - len(far[0].lstrip())]
    marker = f"{front}{source.choice(MARKERS)}\n"
    if around[0]:
        return replace(case, old=_joined(far) + marker + case.old, new=_joined(far) + marker + case.new)
    return replace(case, old=case.old + marker + _joined(far), new=case.new + marker + _joined(far))


def typo(hunk: Hunk, source: random.Random) -> Case | None:
    """Misspell a line that is kept by one letter or two."""
    kept = (*hunk.front, *hunk.back)
    if not _is_telling(hunk):
        return None
    fit = [at for at, line in enumerate(kept) if len(re.findall("[A-Za-z]", line)) > 5]
    if not fit:
        return None
    at = source.choice(fit)
    line = kept[at]
    for _ in range(source.choice((1, 1, 2))):
        place = source.choice([match.start() for match in re.finditer("[A-Za-z]", line)])
        swapped = line[place + 1 : place + 2] + line[place]
        line = line[:place] + source.choice((
            line[place] * 2 + line[place + 1 :],
            line[place + 1 :],
            swapped + line[place + 2 :],
            source.choice("aeinorst") + line[place + 1 :],
        ))  # fmt: skip
    return None if line == kept[at] else _on_kept(hunk, at, line)


def comment_word(hunk: Hunk, source: random.Random) -> Case | None:
    """Write another word in a comment that is kept."""
    kept = (*hunk.front, *hunk.back)
    for at, line in enumerate(kept if _is_telling(hunk) else ()):
        match = re.search(r"(?:^|\s)(?:# |// )(.*)", line)
        words = list(re.finditer(r"[A-Za-z]{3,}", match[1])) if match else []
        if match and len(words) >= 2:
            word = source.choice(words)
            start = match.start(1) + word.start()
            return _on_kept(hunk, at, line[:start] + source.choice(WORDS) + line[start + len(word[0]) :])
    return None


def numbers(hunk: Hunk, source: random.Random) -> Case | None:
    """Put line numbers in front of all lines, in the new text or not."""
    form = source.choice(("{}\t", "{:6d}\t", "{:6d}→", "{}: ", "{} | "))
    case = _plain(hunk)

    def numbered(text: str) -> str:
        return "".join(form.format(at) + line for at, line in enumerate(split_lines(text), hunk.start + 1))

    return replace(case, old=numbered(case.old), new=numbered(case.new) if source.random() < 0.7 else case.new)


def fence(hunk: Hunk, source: random.Random) -> Case | None:
    """Put a fence around both texts."""
    head = source.choice(("```", "```python", "```text"))
    return _over(hunk, lambda text: f"{head}\n{text}```")


def last_newline(hunk: Hunk, source: random.Random) -> Case | None:
    """Lose the last newline of both texts, but not one that is an empty line: without it another edit is meant."""
    if not hunk.old[-1].strip():
        return None
    if not "".join((*hunk.front, *hunk.come, *hunk.back)).strip() and len((*hunk.front, *hunk.come, *hunk.back)):
        return None
    return _over(hunk, lambda text: text.removesuffix("\n"))


KINDS: dict[str, Drift] = {
    "exact": none,
    "trailing blanks": trailing_blanks,
    "line ends": line_ends,
    "indentation shifted": indentation,
    "tabs and blanks": tabs,
    "smart quotes": quotes,
    "escapes": escapes,
    "blank lines": blank_lines,
    "elided middle": elided,
    "typo in a kept line": typo,
    "word of a comment": comment_word,
    "line numbers": numbers,
    "fence": fence,
    "last newline lost": last_newline,
}
