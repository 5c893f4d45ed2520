"""Carries the indentation of new lines over to where the old ones were found: shifted, in tabs, or of another width."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import reduce
from itertools import pairwise
from math import gcd

from trashclaw.tools.editing.matching import BLANKS, Unsure, indent_of

TAB_WIDTHS = (4, 2, 8, 3)
SAMPLED_LINES = 5_000

_Rule = Callable[[str], str | None]


def carry_over(pairs: Sequence[tuple[str, str]], wanted: Iterable[str], near: Sequence[str]) -> dict[str, str]:
    """Return for each indentation of a new line the one that it has in the file.

    `pairs` are the indentations of the old lines and of the file's lines for them; `near` are lines of the file, to see
    how wide a step is there.

    Raises:
        Unsure: the pairs do not agree with each other, or leave open what a new line would get.
    """
    known: dict[str, str] = {}
    for old, real in pairs:
        if known.setdefault(old, real) != real:
            raise Unsure("its lines are indented otherwise among themselves")
    if all(old == real for old, real in known.items()):
        return {indent: indent for indent in wanted}
    if len(set(known.values())) < len(known):
        raise Unsure("lines that differ in indentation there are indented alike in the file")
    missing = [indent for indent in dict.fromkeys(wanted) if indent not in known]
    return known | _extended(known, missing, near)


def _extended(known: Mapping[str, str], missing: Sequence[str], near: Sequence[str]) -> dict[str, str]:
    shifted = _apply(_shift(known), missing)
    scaled = _apply(_scale(known), missing)
    if shifted is not None and _is_plain(shifted, known):
        step = step_of(near)
        if scaled is None or scaled == shifted or all(len(indent) % step == 0 for indent in shifted.values()):
            return shifted
    if scaled is not None and (shifted is None or scaled == shifted):
        return scaled
    return _by_columns(known, missing)


def _apply(rule: _Rule | None, missing: Sequence[str]) -> dict[str, str] | None:
    if rule is None:
        return None
    found = {indent: rule(indent) for indent in missing}
    certain = {indent: real for indent, real in found.items() if real is not None}
    return certain if len(certain) == len(found) else None


def _is_plain(found: Mapping[str, str], known: Mapping[str, str]) -> bool:
    """Tell whether no indentation mixes tabs and blanks that did not before."""
    mixed = any(len(set(indent)) > 1 for pair in known.items() for indent in pair)
    return mixed or all(len(set(real)) < 2 or len(set(indent)) > 1 for indent, real in found.items())


def _shift(known: Mapping[str, str]) -> _Rule | None:
    """Return the rule that puts the same before every indentation, or takes it away."""
    old, real = next(iter(known.items()))
    if real.endswith(old):
        more = real[: len(real) - len(old)]
        return (lambda indent: more + indent) if all(there == more + here for here, there in known.items()) else None
    less = old[: len(old) - len(real)]
    if not all(here == less + there for here, there in known.items()):
        return None
    return lambda indent: indent[len(less) :] if indent.startswith(less) else None


def _scale(known: Mapping[str, str]) -> _Rule | None:
    """Return the rule that doubles or halves the blanks of every indentation."""
    widths = {len(old): len(real) for old, real in known.items()}
    if any("\t" in indent for pair in known.items() for indent in pair) or not any(widths):
        return None
    if all(real == 2 * old for old, real in widths.items()):
        return lambda indent: None if "\t" in indent else indent * 2
    if all(2 * real == old for old, real in widths.items()):
        return lambda indent: None if "\t" in indent or len(indent) % 2 else indent[: len(indent) // 2]
    return None


def _by_columns(known: Mapping[str, str], missing: Sequence[str]) -> dict[str, str]:
    """Carry over by columns, in the width of a tab that fits; all widths that fit must agree."""
    fitting = {width: shift for width in TAB_WIDTHS if (shift := _column_shift(known, width)) is not None}
    if not missing:
        return {}
    if 0 in fitting.values():
        fitting = {width: shift for width, shift in fitting.items() if shift == 0}
    has_tabs = any("\t" in real for real in known.values())
    answers = {width: _in_columns(missing, width, shift, has_tabs) for width, shift in fitting.items()}
    step = reduce(gcd, (len(indent) for indent in (*known, *missing) if "\t" not in indent), 0)
    if any(answer != next(iter(answers.values())) for answer in answers.values()):
        answers = {width: answer for width, answer in answers.items() if width == step and width in (2, 4)}
    answer = next(iter(answers.values()), None)
    if answer is None:
        raise Unsure("how far the new lines are to be indented is not certain")
    return answer


def _column_shift(known: Mapping[str, str], width: int) -> int | None:
    shifts = {_columns(real, width) - _columns(old, width) for old, real in known.items()}
    return shifts.pop() if len(shifts) == 1 else None


def _columns(indent: str, width: int) -> int:
    return len(indent.expandtabs(width))


def _in_columns(missing: Sequence[str], width: int, shift: int, has_tabs: bool) -> dict[str, str] | None:
    found = {}
    for indent in missing:
        columns = _columns(indent, width) + shift
        if columns < 0:
            return None
        found[indent] = "\t" * (columns // width) + " " * (columns % width) if has_tabs else " " * columns
    return found


def step_of(near: Sequence[str]) -> int:
    """Return by how many blanks one level of the file mostly differs from the next; 1 when nothing shows."""
    widths = [len(indent_of(line)) for line in near[:SAMPLED_LINES] if line.strip(BLANKS)]
    steps = Counter(there - here for here, there in pairwise(widths) if there > here)
    return steps.most_common(1)[0][0] if steps else 1
