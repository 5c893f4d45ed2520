"""What makes a rerun draw the same: a clock, ids and times of day that depend on nothing but their order."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import patch

from trashclaw.faces.tui.keys.rebinding import notice_of

TICK_S = 0.03
NOW_TICK_S = 0.001
_BEGUN = 1_767_268_800.0
"""The first session begins on 1 January 2026 at noon, as it seems."""

_LATER_S = 4_020.0
"""So much later each further one begins."""

_TESTS_TOOK = re.compile(r"\bin[ \u00a0]0\.\d{3}s")
_SCREENS = "trashclaw.faces.tui"


class EvenClock:
    """A clock that moves on by the same step whenever it is read, so that every rerun shows the same durations."""

    def __init__(self, begun_s: float = _BEGUN) -> None:
        self._now_s = begun_s
        self._spent_s = 0.0

    def now(self) -> float:
        """Seconds since the epoch, as it seems; how often it is read shortens nothing that is measured."""
        self._now_s += NOW_TICK_S
        return self._now_s

    def monotonic(self) -> float:
        """Seconds from the start, as it seems."""
        self._spent_s += TICK_S
        return self._spent_s


def evened(svg: str, own: str, shown: str) -> str:
    """Return a picture without what a machine adds to it: the path of its folder, and how fast its Python is."""
    return _TESTS_TOOK.sub("in 0.002s", svg.replace(own, shown))


def hold_paths(stack: ExitStack, own: str, shown: str) -> None:
    """Have the folder of the person's files shown under another name where a sentence about one is wrapped."""

    def told(path: Path, problems: Sequence[str]) -> str:
        return notice_of(path, problems).replace(own, shown)

    stack.enter_context(patch(f"{_SCREENS}.keys.rebinding.notice_of", told))


def hold_time(stack: ExitStack) -> None:
    """Hold time still on the screen, and count ids, until the stack is closed."""
    begun, ids, sessions = count(), count(1), count(1)

    def token(size: int) -> bytes:
        return next(ids).to_bytes(size)

    def stamp(form: str, at: object = None) -> str:
        return f"20260101-12{next(sessions):02}00"

    stack.enter_context(
        patch("trashclaw.session.build.SystemClock", lambda: EvenClock(_BEGUN + next(begun) * _LATER_S))
    )
    stack.enter_context(patch("trashclaw.protocol.ids.os", SimpleNamespace(urandom=token)))
    stack.enter_context(patch("trashclaw.protocol.ids.time", SimpleNamespace(strftime=stamp, gmtime=time.gmtime)))
    for module in ("forking", "library"):
        stack.enter_context(patch(f"trashclaw.session.{module}.time", SimpleNamespace(time=lambda: _BEGUN)))
    for module in ("widgets.status_bar", "widgets.plan_pane"):
        stack.enter_context(patch(f"{_SCREENS}.{module}.monotonic", lambda: 0.0))
    stack.enter_context(patch(f"{_SCREENS}.widgets.status_bar.TICK_S", 3600.0))
    stack.enter_context(patch(f"{_SCREENS}.screens.rewind.clock", lambda at: "14:02"))
    day = SimpleNamespace(localtime=lambda at=_BEGUN: time.gmtime(at), strftime=time.strftime)
    stack.enter_context(patch(f"{_SCREENS}.drawing.session_line.time", day))
