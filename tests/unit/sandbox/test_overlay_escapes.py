"""A good part of the attempts to escape, each looked at from outside; all of them: `python -m benchmarks.escapes`."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from benchmarks.escapes import CASES, run_attempts
from trashclaw.sandbox.overlay.probe import probe

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Linux namespaces")


async def test_no_attempt_succeeds_and_each_has_a_message(tmp_path: Path) -> None:
    if reason := await probe(tmp_path):
        pytest.skip(reason)
    outcomes = await asyncio.to_thread(run_attempts, "overlay", CASES[::2])
    assert len(outcomes) >= 60
    assert [str(outcome) for outcome in outcomes if outcome.gains] == []
    assert [outcome.case.name for outcome in outcomes if not outcome.message] == []


def test_every_attempt_has_a_name_of_its_own() -> None:
    names = [case.name for case in CASES]
    assert len(names) >= 60
    assert sorted(set(names)) == sorted(names)
