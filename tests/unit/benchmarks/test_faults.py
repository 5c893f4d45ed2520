"""The fault scripts stay playable, and their judge sees what is wrong."""

from __future__ import annotations

import os
import sys
from collections import Counter
from dataclasses import replace

import pytest

from benchmarks.fault_world import FILES, Case, Scripted, Seen, World
from benchmarks.faults import LEAST, SECTIONS, Verdict, all_cases, judge
from benchmarks.measuring import scratch

PLAYED = (
    "in the text: hermes",
    "typed: a job",
    "a comma at the end",
    "a command cut off",
    "asked again: right",
    "CRLF is kept",
    "syntax: refused, then mended",
    "the same failing command",
    "never closed",
    "dropped in words: taken up",
    "a call that is nothing",
)
CASES = {case.name: case for case in all_cases()}


def played(case: Case) -> Verdict:
    """Play a case alone."""
    with scratch() as folder, World(folder) as world:
        return judge(case, world.play(case))


def test_there_are_enough_cases_of_every_section_and_none_is_there_twice() -> None:
    names = Counter((case.section, case.name) for case in all_cases())
    assert max(names.values()) == 1
    counts = Counter(case.section for case in all_cases())
    assert set(counts) == set(SECTIONS)
    assert min(counts.values()) >= 8
    assert counts.total() >= LEAST


@pytest.mark.skipif(sys.platform != "linux", reason="commands run in the sandbox of Linux")
@pytest.mark.parametrize("name", PLAYED)
def test_a_fault_ends_right(name: str) -> None:
    verdict = played(CASES[name])
    assert verdict.is_right, verdict.faults


@pytest.mark.skipif(os.name != "posix", reason="the world of the cases is POSIX")
def test_the_judge_sees_what_is_wrong() -> None:
    steps = ({"calls": [{"name": "write_file", "arguments": {"path": "a.txt", "content": "one\n"}}]}, {"text": "Done."})
    case = Case(section="healing", name="judged", model=Scripted(steps), after={"a.txt": b"one\n"}, runs=("done",))
    with scratch() as folder, World(folder) as world:
        seen = world.play(case)
    assert judge(case, seen).is_right
    wrong = {
        "corrupt": [
            replace(case, after={}),
            replace(case, after={"a.txt": b"two\n"}),
            replace(case, after={"calc.py": None}),
        ],
        "wrong": [
            replace(case, code=1),
            replace(case, stop="stalled"),
            replace(case, said="No."),
            replace(case, error="no luck"),
            replace(case, runs=("failed",)),
            replace(case, rungs=("typed",)),
            replace(case, told=("nothing of the kind",)),
            replace(case, untold=("Created a.txt",)),
            replace(case, notices=("loop",)),
            replace(case, requests=1),
        ],
    }
    for kind, cases in wrong.items():
        for one in cases:
            verdict = judge(one, seen)
            assert getattr(verdict, kind) and not verdict.is_right, one


def test_the_judge_sees_crashes_and_hangs() -> None:
    case = Case(section="healing", name="judged", model=Scripted(()), stop="no turn")
    files = dict(FILES)
    assert judge(case, Seen(code=0, files=files)).is_right
    assert judge(case, Seen(code=None, files=files)).is_hung
    assert judge(case, Seen(code=-11, files=files)).crashed
    assert judge(case, Seen(code=0, err="Traceback (most recent call last)", files=files)).crashed
    assert judge(case, Seen(code=0, files=files, left=["process x"])).wrong
    assert judge(case, Seen(code=0, files=files | {"calc.py": b"x"})).corrupt


def test_a_case_leaves_nothing_in_its_place() -> None:
    case = Case(section="healing", name="left", model=Scripted(({"text": "Done."},)))
    with scratch() as folder, World(folder) as world:
        assert judge(case, world.play(case)).is_right
        assert not list(folder.glob("healing-*"))
