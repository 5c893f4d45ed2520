"""Finds the place of an old text whose context has a slip of the pen, where no other place is nearly as like."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from difflib import SequenceMatcher

from trashclaw.tools.editing.matching import Place, Solid, Unsure, letters
from trashclaw.tools.editing.typography import plain_keys

MOST_OLD_LINES = 500
MOST_REPEATS = 100
MOST_CANDIDATES = 20
MOST_COMPARED = 6
COMPARED_CHARS = 300
LEAST_LETTERS = 12
LEAST_TELLING = 5
STRONG_LETTERS = 30
MARGIN = 0.5
"""How much worse a second place must be, in lines that are wholly different."""

FEWER_MARGIN = 0.2
"""The same where the second place has fewer lines that are just as they were written."""

_TOKEN = re.compile(r"\w+|[^\w\s]")
_COMMENT = re.compile(r"(?:^|(?<=\s))(?:# |// |-- )")
_WORD = re.compile(r"[^\W\d_]+|\d+|[^\w\s]")
_LETTERS = re.compile(r"[\W_]+")
_NAMING = re.compile(
    r"\W*(?:(?:async|export|default|public|private|protected|static|pub|inline|local|abstract|final|override) )*"
    r"(?:def|class|func|function|fn|interface|struct|enum|type|trait|impl|module|namespace|const|var|let|case|when|use"
    r"|import|from|include|require|package|test|it|describe)\b|#{2,} |\[|-{3}|={3}|<\w|\w[\w ]*:$|[A-Z][A-Z_]+ ="
)
"""How a line begins that gives a thing its name, or is a heading."""

_PART = re.compile(r"[A-Z]?[a-z]+|[A-Z]+|[0-9]+")


def find_similar(file: Solid, old: Solid, kept: Collection[int]) -> Place | None:
    """Return the place that an old text means when lines that an edit only keeps differ by slips.

    `kept` are the solid old lines that the edit does not change; all others must be the file's.

    Raises:
        Unsure: another place is nearly as like.
    """
    if not 2 <= len(old) <= MOST_OLD_LINES:
        return None
    have, want = plain_keys(file.bodies), plain_keys(old.bodies)
    costs = {first: _cost(have, want, first) for first in _candidates(have, want)}
    exact = {first: len(want) - len(_differing(have, want, first)) for first in costs}
    most = max(exact.values(), default=0)
    alone = [first for first, count in exact.items() if count == most]
    fitting = [first for first in costs if _fits(have, want, first, kept, is_alone=alone == [first])]
    if not fitting:
        return None
    best = min(fitting, key=lambda first: costs[first])
    for first, cost in costs.items():
        margin = FEWER_MARGIN if exact[first] < exact[best] else MARGIN
        if first != best and (cost - costs[best] < margin or first in fitting):
            raise Unsure("another place is nearly as like")
    return Place(best, len(old))


def _candidates(have: Sequence[str], want: Sequence[str]) -> list[int]:
    """Return where the old text would begin, judged by lines that it shares with the file."""
    places: dict[str, list[int]] = {line: [] for line in want if letters([line]) > 2}
    for at, line in enumerate(have):
        if line in places and len(places[line]) <= MOST_REPEATS:
            places[line].append(at)
    votes: Counter[int] = Counter()
    for at, line in enumerate(want):
        found = places.get(line, ())
        if len(found) <= MOST_REPEATS:
            votes.update(place - at for place in found)
    most = len(have) - len(want)
    ranked = sorted((first for first in votes if 0 <= first <= most), key=lambda first: (-votes[first], first))
    return ranked[:MOST_CANDIDATES]


def _differing(have: Sequence[str], want: Sequence[str], first: int) -> list[int]:
    return [at for at, line in enumerate(want) if have[first + at] != line]


def _cost(have: Sequence[str], want: Sequence[str], first: int) -> float:
    """Return how unlike a place is: 1 for each line that has nothing in common."""
    differing = _differing(have, want, first)
    compared = sum(_unlikeness(have[first + at], want[at]) for at in differing[:MOST_COMPARED])
    return compared + len(differing[MOST_COMPARED:])


def _unlikeness(one: str, other: str) -> float:
    return 1 - SequenceMatcher(None, one[:COMPARED_CHARS], other[:COMPARED_CHARS], autojunk=False).ratio()


def _fits(have: Sequence[str], want: Sequence[str], first: int, kept: Collection[int], *, is_alone: bool) -> bool:
    """Tell whether a place may be meant; `is_alone`: no other has as many lines that are just as they were written."""
    differing = _differing(have, want, first)
    if len(differing) > max(1, len(want) // 4) or any(at not in kept for at in differing):
        return False
    same = [line for at, line in enumerate(want) if at not in differing]
    counts = Counter(have)
    telling = max((letters([line]) for line in same if counts[line] == 1), default=0)
    is_strong = len(same) > 1 and letters(same) >= STRONG_LETTERS and (is_alone or telling >= LEAST_LETTERS)
    if letters(same) < LEAST_LETTERS or not (is_strong or telling > LEAST_TELLING):
        return False
    return all(is_slip(want[at], have[first + at], have, is_strong=is_strong) for at in differing)


def is_slip(old: str, real: str, have: Sequence[str], *, is_strong: bool) -> bool:
    """Tell whether an old line is the file's but for a slip: blanks, a kind of quote, a letter, a word of a comment.

    Where all else is strong evidence for the place, a slip may be in shorter words, and two may be in one line; but not
    in a line that gives a thing its name, which may be all that tells two things apart.
    """
    if max(len(old), len(real)) > COMPARED_CHARS:
        return False
    if _without_form(old) == _without_form(real):
        return True
    is_free = is_strong and not (_NAMING.match(old) or _NAMING.match(real))
    if _is_reworded(old, real, least_words=2 if is_free else 4):
        return True
    one, other = _TOKEN.findall(old), _TOKEN.findall(real)
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    slips = [(one[a:b], other[c:d]) for kind, a, b, c, d in matcher.get_opcodes() if kind != "equal"]
    if len(slips) > (3 if is_free else 1):
        return False
    same = letters([old]) - letters(["".join(here) for here, _ in slips])
    least = 2 if same >= STRONG_LETTERS else 4
    return all(_is_misspelt(here, there, have, least if is_free else 0) for here, there in slips)


def _without_form(line: str) -> str:
    return "".join(line.split()).replace("'", '"')


def _is_reworded(old: str, real: str, *, least_words: int) -> bool:
    """Tell whether one word of a comment of some differs, and nothing else."""
    one, other = _COMMENT.search(old), _COMMENT.search(real)
    if one is None or other is None or old[: one.end()] != real[: other.end()]:
        return False
    words, own = _WORD.findall(old[one.end() :]), _WORD.findall(real[other.end() :])
    if len(words) != len(own) or sum(word.isalpha() for word in own) < least_words:
        return False
    pairs = [(here, there) for here, there in zip(words, own, strict=True) if here != there]
    return len(pairs) == 1 and all(word.isalpha() for word in pairs[0])


def _is_misspelt(old: Sequence[str], real: Sequence[str], have: Sequence[str], least: int) -> bool:
    """Tell whether names are others but for a letter or two of theirs, and not names of the file.

    With `least` above 0 a name of as many letters may be so, and the letter may be its first.
    """
    here, there = "".join(old), "".join(real)
    if any(character.isdigit() for character in set(here) ^ set(there)):
        return False
    if len(old) != 1 or len(real) != 1:
        bare, own = _LETTERS.sub("", here), _LETTERS.sub("", there)
        return least > 0 and len(own) >= 6 and distance(bare, own) <= 1
    head = next((at for at, (a, b) in enumerate(zip(here, there, strict=False)) if a != b), min(len(here), len(there)))
    part = next((found for found in _PART.finditer(there) if found.start() <= head <= found.end()), None)
    if part is None or not part[0].isalpha() or _is_word_of(here, have):
        return False
    size, slips = len(part[0]), distance(here, there)
    if least:
        return slips <= (2 if size >= 6 else 1 if size >= least else 0)
    is_within = part.start() < head < part.end() and not here.startswith(there) and not there.startswith(here)
    return is_within and slips <= (2 if size >= 8 else 1 if size >= 5 else 0)


def _is_word_of(word: str, have: Sequence[str]) -> bool:
    pattern = re.compile(rf"\b{re.escape(word)}\b")
    return any(word in line and pattern.search(line) for line in have)


def distance(one: str, other: str) -> int:
    """Return how many letters are put in, left out, changed or swapped with the next; 3 stands for more than 2."""
    if abs(len(one) - len(other)) > 2 or max(len(one), len(other)) > 100:
        return 3
    rows = [list(range(len(other) + 1))]
    for at, here in enumerate(one, 1):
        row = [at]
        for to, there in enumerate(other, 1):
            cost = min(rows[-1][to] + 1, row[-1] + 1, rows[-1][to - 1] + (here != there))
            if at > 1 and to > 1 and here == other[to - 2] and one[at - 2] == there:
                cost = min(cost, rows[-2][to - 2] + 1)
            row.append(cost)
        rows.append(row)
    return min(3, rows[-1][-1])
