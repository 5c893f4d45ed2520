"""Garbage: nothing is looked for while a session is opened and shown, and what it brought is passed over then."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterator

import pytest

from trashclaw.cli import garbage


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    threshold = gc.get_threshold()
    yield
    gc.set_threshold(*threshold)
    gc.unfreeze()
    gc.enable()


async def until_due() -> None:
    for _ in range(3):
        await asyncio.sleep(0)


async def test_the_first_session_is_passed_over_once_it_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(garbage, "SHOWN_S", 0.0)
    gc.unfreeze()
    garbage.put_off()
    with garbage.while_opening():
        assert not gc.isenabled()
    assert not gc.isenabled()
    brought_later = [[number] for number in range(10_000)]
    await until_due()
    assert gc.isenabled()
    assert gc.get_freeze_count() >= len(brought_later)
    assert gc.get_threshold() == garbage.SELDOM


async def test_another_session_makes_the_first_one_count_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(garbage, "SHOWN_S", 0.0)
    gc.freeze()
    gc.enable()
    with garbage.while_opening():
        assert not gc.isenabled()
        assert gc.get_freeze_count() == 0
    await until_due()
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0


async def test_a_session_that_does_not_open_leaves_nothing_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(garbage, "SHOWN_S", 0.0)
    garbage.put_off()
    with pytest.raises(OSError, match="no"), garbage.while_opening():
        raise OSError("no")
    await until_due()
    assert gc.isenabled()
