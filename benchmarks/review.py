"""How long the person waits on a review of 2,000 files with 20,000 hunks: for it to open, and after a key.

The real app runs without a terminal over a state that is handed to it. What is counted is processor time, from the key
to the end of all work that it leads to, the rows that are drawn included; nothing else works meanwhile.
"""

from __future__ import annotations

import asyncio
import gc
import sys
from collections.abc import Callable, Iterator
from statistics import median
from time import process_time

from textual.events import Key
from textual.message import Message
from textual.pilot import Pilot

from benchmarks.measuring import Figure, run
from trashclaw.config.resources import theme_files
from trashclaw.faces.tui import messages as msg
from trashclaw.faces.tui.app import TrashclawApp
from trashclaw.faces.tui.screens.review import ReviewScreen
from trashclaw.faces.tui.themes import ThemeShelf
from trashclaw.protocol.approvals import ApprovalRequest
from trashclaw.protocol.ids import ApprovalId, CallId, HunkId, ItemId
from trashclaw.protocol.patches import ChangeKind, FileChange, Hunk, Patch
from trashclaw.session.session import Session
from trashclaw.session.transcript import Transcript

FILES, HUNKS = 2_000, 10
LIMIT_MS = 100.0
PANE, OPEN = "in its pane", "open"
KEYS = {
    "space": "a hunk off or on",
    "right_square_bracket": "next hunk",
    "right_curly_bracket": "next file",
    "f": "a file off or on",
    "pagedown": "a page down",
    "v": "one column or two",
}


def make_patch(files: int) -> Patch:
    """Return a patch of so many files with ten hunks each, of ten lines of Python."""
    return Patch(changes=tuple(_change(file) for file in range(files)))


def _change(file: int) -> FileChange:
    hunks = tuple(_hunk(file * HUNKS + place + 1, 1 + 40 * place) for place in range(HUNKS))
    return FileChange(path=f"src/pkg_{file % 40}/mod_{file}.py", kind=ChangeKind.MODIFIED, hunks=hunks)


def _hunk(number: int, at: int) -> Hunk:
    return Hunk(hunk_id=HunkId(str(number)), before=at, after=at, lines=tuple(_lines(number)))


def _lines(number: int) -> Iterator[str]:
    for line in range(3):
        yield f"     value_{line} = compute({line}, name)\n"
    for line in range(2):
        yield f"-    total = total + item_{number} * {line}\n"
    for line in range(2):
        yield f"+    total += item_{number} * {line + 1}\n"
    for line in range(3):
        yield f"     print(value_{line}, 'of', name)\n"


async def _nothing(
    *,
    resume: str | None = None,
    model: tuple[str, str] | None = None,
    is_demo: bool = False,
    show_tail: Callable[[Transcript], object] | None = None,
) -> Session:
    await asyncio.Event().wait()
    raise AssertionError


def _request(files: int) -> ApprovalRequest:
    return ApprovalRequest(
        approval_id=ApprovalId("approval_1"),
        item_id=ItemId("item_1"),
        call_id=CallId("call_1"),
        tool="bash",
        title="$ ruff format .",
        rule="mode review: what a command changed is asked about",
        command="ruff format .",
        patch=make_patch(files),
    )


async def _spent(files: int, runs: int) -> dict[str, float]:
    """Return the milliseconds of showing the change in its pane, of opening the review, and of each key in it."""
    request = _request(files)
    spent: dict[str, list[float]] = {name: [] for name in (PANE, OPEN, *KEYS.values())}
    for _ in range(runs + 1):
        app = TrashclawApp(_nothing, ThemeShelf(theme_files()), grace_s=0.0)
        async with app.run_test(size=(140, 40)) as pilot:
            news = msg.StateChanged(Transcript(approvals={request.approval_id: request}))
            spent[PANE].append(await _timed(pilot, news))
            spent[OPEN].append(await _timed(pilot, Key("enter", None)))
            if not isinstance(app.screen, ReviewScreen):
                raise RuntimeError("The review did not open.")
            for key, name in KEYS.items():
                spent[name].append(await _timed(pilot, Key(key, " " if key == "space" else None)))
    return {name: median(found[1:]) for name, found in spent.items()}


async def _timed(pilot: Pilot[str], message: Message) -> float:
    """Post a key or news and return the processor time, in milliseconds, until all is drawn that comes of it."""
    await pilot.pause()
    gc.collect()
    began = process_time()
    pilot.app.screen.post_message(message) if isinstance(message, msg.StateChanged) else pilot.app.post_message(message)
    await pilot.pause()
    pilot.app.screen._compositor.render_strips()
    return (process_time() - began) * 1000


def measure(runs: int) -> list[Figure]:
    """Show, open and press in a fresh app each time."""
    small = asyncio.run(_spent(2, runs))
    big = asyncio.run(_spent(FILES, runs))
    slowest = max(big, key=lambda name: big[name])
    added = max(big, key=lambda name: big[name] - small[name])
    more = big[added] - small[added]
    return [
        Figure(
            name=f"review of {FILES:,} files with {FILES * HUNKS:,} hunks: opening it, and every key",
            target=f"{LIMIT_MS:g} ms or less beyond a review of 2 files",
            measured=f"at most {more:.0f} ms more ({added}); longest {big[slowest]:.0f} ms ({slowest})",
            is_pass=more <= LIMIT_MS,
            notes=(
                f"processor time, median of {runs} fresh apps; 140x40 cells, the real screen without a terminal",
                "garbage is collected before each; a collection that falls into it adds some 80 ms",
                *(f"{name}: {value:.0f} ms, with 2 files {small[name]:.0f} ms" for name, value in big.items()),
            ),
        )
    ]


if __name__ == "__main__":
    sys.exit(run(measure, runs=5, description=__doc__))
