"""1,000 edits made from real changes of public sources, quoted as models quote: do they land, and land right?

The changes are those between releases of packages (fetched with pip, nothing is kept), or with `--git PATH` those of
the commits of a repository, as often as wished. The old text is the changed lines with 0 to 3 lines around them, or as
many as make it unique; each kind of drift of `edit_drifts` gets an equal share. Right is the file with this one change
and no other byte changed: the lines around it and what drifted keep the file's own form, and what came new has the form
that it has in the real change. Anything else that is written is wrong, be it a blank.

Then the same texts are looked for where they must not be found: in the file without them, in the real file after the
change, and in a file that has them twice. Where a file has them once and nearly so once more, either the right place
changes or none.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path

from benchmarks.edit_drifts import KINDS, Case
from benchmarks.edit_sources import RELEASES, Hunk, from_packages, from_repository, hunks_of
from benchmarks.measuring import Figure, scratch
from trashclaw.protocol.errors import ToolError
from trashclaw.tools.editing.replace import replace
from trashclaw.workspace.diff import split_lines

SEED = 4
PER_FILE = 3
TARGET = 0.95
RIGHT, REFUSED, WRONG = "right", "refused", "WRONG"


def measure(runs: int, repositories: Sequence[Path] = (), *, show: bool = False, seed: int = SEED) -> list[Figure]:
    """Make as many edits."""
    source = random.Random(seed)
    hunks = _gather(repositories, source)
    landed: dict[str, Counter[str]] = {kind: Counter() for kind in KINDS}
    attacks: dict[str, Counter[str]] = {}
    waiting = iter(hunks * 3)
    for number in range(runs):
        kind = list(KINDS)[number % len(KINDS)]
        made = next(((hunk, case) for hunk in waiting if (case := KINDS[kind](hunk, source)) is not None), None)
        if made is None:
            raise RuntimeError("There are not enough changes; give more repositories or fewer runs.")
        hunk, case = made
        verdict, said = judge(case)
        landed[kind][verdict] += 1
        if show and verdict != RIGHT:
            _show(f"{kind}: {verdict} ({said})", hunk, case)
        for name, attack in _attacks(hunk, case, source, is_elided=kind == "elided middle"):
            verdict, said = judge(attack)
            attacks.setdefault(name, Counter())[verdict] += 1
            if show and verdict == WRONG:
                _show(f"{name}, {kind}: {verdict} ({said})", hunk, attack)
    return [_figure(runs, landed, f"seed {seed}; {len(hunks)} changes to choose from"), _attack_figure(attacks)]


def judge(case: Case) -> tuple[str, str]:
    """Make one edit and tell what came of it, and how the place was found or why not."""
    try:
        done = replace(case.text, case.old, case.new, "file")
    except ToolError as refusal:
        return REFUSED, refusal.text
    if done.text == case.expected:
        return (RIGHT if case.expected != case.text else REFUSED), done.note
    return (REFUSED if done.text == case.text else WRONG), done.note


def _gather(repositories: Sequence[Path], source: random.Random) -> list[Hunk]:
    hunks: list[Hunk] = []
    with scratch() as folder:
        changes = [from_repository(one) for one in repositories] or [from_packages(folder, RELEASES)]
        for change in changes:
            for path, before, after in change:
                found = [hunk for hunk in hunks_of(path, before, after, source) if hunk.gone != hunk.come]
                hunks += source.sample(found, min(PER_FILE, len(found)))
    source.shuffle(hunks)
    return hunks


def _attacks(hunk: Hunk, case: Case, source: random.Random, *, is_elided: bool) -> Iterable[tuple[str, Case]]:
    """Give files in which the old text is not, or not once.

    What lies beyond an elided middle tells twins apart, so with that there is no file with twins.
    """
    lines = split_lines(case.text)
    end = hunk.start + len(hunk.old)
    region = lines[hunk.start : end]
    text = "".join(lines[: hunk.start] + lines[end:])
    if not _has(text, hunk):
        yield "removed", Case(text, case.old, case.new, text)
    if not _has(hunk.after, hunk):
        yield "changed since", Case(hunk.after, case.old, case.new, hunk.after)
    at = source.choice([place for place in range(len(lines) + 1) if not hunk.start < place < end])
    twice = "".join([*lines[:at], *region, *lines[at:]])
    if not is_elided and twice.count(case.old) != 1:
        yield "twice", Case(twice, case.old, case.new, twice)
    near = _nearly("".join(region), source)
    if near is not None:
        place = [*lines[:at], near, *lines[at:]]
        grown = split_lines(case.expected)
        shift = len(grown) - len(lines) if at >= end else 0
        wanted = "".join([*grown[: at + shift], near, *grown[at + shift :]])
        if case.old not in near:
            yield "twice, once nearly", Case("".join(place), case.old, case.new, wanted)


def _has(text: str, hunk: Hunk) -> bool:
    """Tell whether the old text, before it drifted, is there, however it is indented and whatever blanks are in it."""
    return "".join("".join(hunk.old).split()) in "".join(text.split())


def _nearly(region: str, source: random.Random) -> str | None:
    """Return lines in which one word has another letter at its end or an other number."""
    words = list(re.finditer(r"[A-Za-z]{3,}|[0-9]+", region))
    if not words:
        return None
    word = source.choice(words)
    other = str(int(word[0]) + 1) if word[0].isdigit() else word[0][:-1] + ("x" if word[0][-1] != "x" else "y")
    return region[: word.start()] + other + region[word.end() :]


def _figure(runs: int, landed: dict[str, Counter[str]], origin: str) -> Figure:
    total = sum(landed.values(), Counter[str]())
    notes = [
        f"{kind}: {count[RIGHT]} right, {count[REFUSED]} refused, {count[WRONG]} wrong"
        for kind, count in landed.items()
    ]
    return Figure(
        name=f"{runs} edits from real changes with drifted search text",
        target="95 % land right, 0 land wrong",
        measured=f"{100 * total[RIGHT] / runs:.1f} % right, {total[REFUSED]} refused, {total[WRONG]} wrong",
        is_pass=total[RIGHT] >= TARGET * runs and not total[WRONG],
        notes=(*notes, origin),
    )


def _attack_figure(attacks: dict[str, Counter[str]]) -> Figure:
    wrong = sum(count[WRONG] for count in attacks.values())
    total = sum(sum(count.values()) for count in attacks.values())
    notes = tuple(
        f"{name}: {count[REFUSED]} refused, {count[RIGHT]} right, {count[WRONG]} wrong"
        for name, count in attacks.items()
    )
    return Figure(
        name=f"{total} edits whose text is gone, changed since, or there twice",
        target="0 land wrong",
        measured=f"{wrong} wrong",
        is_pass=not wrong,
        notes=notes,
    )


def _show(title: str, hunk: Hunk, case: Case) -> None:
    print(f"=== {title}: {hunk.path}:{hunk.start + 1}\n--- old\n{case.old}\n--- new\n{case.new}\n--- real")
    lines = split_lines(hunk.before)
    print("".join(islice(lines, max(0, hunk.start - 2), hunk.start + len(hunk.old) + 2)))


def main() -> int:
    """Print the figures; with `--check`, exit 1 when one misses its target."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.edits", description=__doc__)
    parser.add_argument("--runs", type=int, default=1_000, metavar="N", help="how many edits (default 1000)")
    parser.add_argument("--git", type=Path, action="append", default=[], metavar="PATH", help="take its commits")
    parser.add_argument("--seed", type=int, default=SEED, metavar="N", help=f"chooses changes and drifts ({SEED})")
    parser.add_argument("--show", action="store_true", help="print each edit that did not land, or landed wrong")
    parser.add_argument("--check", action="store_true", help="exit 1 when a target is missed")
    options = parser.parse_args()
    figures = measure(options.runs, options.git, show=options.show, seed=options.seed)
    for figure in figures:
        print(f"{figure.verdict}  {figure.name}: {figure.measured} (target {figure.target})")
        for note in figure.notes:
            print(f"      {note}")
    return 1 if options.check and not all(figure.is_pass for figure in figures) else 0


if __name__ == "__main__":
    sys.exit(main())
