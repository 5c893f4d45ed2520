"""Hunks among lookalikes: in a file that others changed, a hunk is put at its own lines or nowhere."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import pytest

from trashclaw.protocol.errors import StaleFile
from trashclaw.protocol.patches import Hunk
from trashclaw.workspace.diff import make_hunks, split_lines
from trashclaw.workspace.placing import first_line, put_hunk, turned

ALPHABETS = (
    ["a", "b", "}", ""],
    ["return x", "}", "", "    x = 1", "if a:"],
    ["def f():", "def g():", "    return 1", "    return 2", "", "x = f()"],
    [f"line {number}" for number in range(40)],
)
CASES = 5_000

Line = tuple[str, int]
"""What a line says, and which one it is: two that say the same are two lines."""


def text_of(lines: Sequence[Line]) -> str:
    return "".join(f"{said}\n" for said, _ in lines)


class World:
    """A file in which a hunk landed, and what others make of it."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._words = random.choice(ALPHABETS)
        self._count = 0

    def _line(self) -> Line:
        self._count += 1
        return self._random.choice(self._words), self._count

    def landed(self) -> tuple[list[Line], Hunk] | None:
        """Return the file with the hunk in it, and the hunk that takes it back; `None` if nothing was changed."""
        pick = self._random
        old = [self._line() for _ in range(pick.randint(4, 14))]
        start = pick.randint(0, len(old) - 1)
        end = min(len(old), start + pick.randint(0, 2))
        new = [*old[:start], *(self._line() for _ in range(pick.randint(0, 3))), *old[end:]]
        hunks = make_hunks(split_lines(text_of(old)), split_lines(text_of(new)))
        return (new, turned(hunks[0])) if len(hunks) == 1 else None

    def changed(self, lines: Sequence[Line]) -> list[Line]:
        """Return the file as others left it: with near copies of its parts, and with other and fewer lines."""
        pick, later = self._random, list(lines)
        for _ in range(pick.randint(1, 5)):
            at = pick.randint(0, max(0, len(later) - 1))
            part = later[at : at + pick.randint(1, 8)]
            match pick.choice(("copy", "copy", "change", "remove")):
                case "copy":
                    alike = []
                    for said, _ in part:
                        new, one = self._line()
                        alike.append((said if pick.random() < 0.85 else new, one))
                    place = pick.randint(0, len(later))
                    later[place:place] = alike
                case "change":
                    later[at : at + 1] = [self._line()]
                case _:
                    later[at : at + len(part[:3])] = []
        return later


def own_place(hunk: Hunk, landed: Sequence[Line], later: Sequence[Line]) -> int | None:
    """Return where a hunk's own lines stand together; of one that only adds, the two that it goes between."""
    marks = [line[0] for line in hunk.lines]
    lead = next(at for at, mark in enumerate(marks) if mark != " ")
    trail = next(at for at, mark in enumerate(reversed(marks)) if mark != " ")
    start, size = first_line(hunk), sum(mark != "+" for mark in marks)
    own = [one for _, one in landed[start : start + size]]
    core = own[lead : size - trail] or own[max(0, lead - 1) : lead + 1]
    places = [next((at for at, (_, known) in enumerate(later) if known == one), -1) for one in core]
    if not core or -1 in places or places != list(range(places[0], places[0] + len(places))):
        return None
    return places[0] + (lead > 0 if not own[lead : size - trail] else 0)


@pytest.mark.parametrize("seed", range(4))
def test_no_lookalike_is_ever_taken_for_the_lines_that_landed(seed: int) -> None:
    world_of, found, refused = Random(seed), 0, 0
    for _ in range(CASES):
        world = World(world_of)
        case = world.landed()
        if case is None:
            continue
        landed, hunk = case
        later = world.changed(landed)
        lines = split_lines(text_of(later))
        old = [line[1:] for line in hunk.lines if not line.startswith("+")]
        try:
            result = split_lines(put_hunk("".join(lines), hunk))
        except StaleFile as error:
            assert "several places" in error.text or "not as they landed" in error.text
            refused += 1
            continue
        new = [line[1:] for line in hunk.lines if not line.startswith("-")]
        (start,) = [at for at in range(len(lines) - len(old) + 1) if lines[at : at + len(old)] == old]
        assert result == [*lines[:start], *new, *lines[start + len(old) :]], "all around it stands as it did"
        own = own_place(hunk, landed, later)
        lead = next(at for at, line in enumerate(hunk.lines) if not line.startswith(" "))
        assert own is None or own == start + lead, (text_of(landed), hunk.lines, "".join(lines))
        found += 1
    assert found > CASES // 20
    assert refused > CASES // 2


def test_a_copy_with_all_around_it_is_not_taken_where_the_own_surroundings_were_changed() -> None:
    old = ["one", "two", "three", "four", "five", "six", "seven"]
    new = ["one", "two", "three", "mine", "five", "six", "seven"]
    (hunk,) = make_hunks(split_lines("\n".join(old) + "\n"), split_lines("\n".join(new) + "\n"))
    others = ["one", "two", "other", "mine", "other", "six", "seven", *new]
    with pytest.raises(StaleFile, match="several places"):
        put_hunk("\n".join(others) + "\n", turned(hunk))


def test_a_near_copy_is_not_taken_for_lines_that_are_gone() -> None:
    def function(name: str, value: int) -> list[str]:
        return [f"def {name}():", "    a = 0", f"    b = {value}", "    c = 0", "    return a + b + c", ""]

    old, new = ("\n".join([*function("f", value), *function("g", 2)]) + "\n" for value in (1, 2))
    (hunk,) = make_hunks(split_lines(old), split_lines(new))
    with pytest.raises(StaleFile, match="not as they landed"):
        put_hunk("\n".join(function("g", 2)) + "\n", turned(hunk))
