"""Faults of models and servers, played through the real batch command: each ends right, or with a clear error.

`python -m benchmarks.faults` prints a line for each; `--only TEXT` plays those whose section or name holds it.
Always looked at: no traceback, no error of our own making, the invariants of the stored log, every file that a case
does not name, temporary files, and processes that are still there.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module

from benchmarks.fault_world import FILES, Case, Seen, World
from benchmarks.measuring import Figure, scratch
from trashclaw.protocol import events as ev
from trashclaw.protocol.items import AgentMessage, ToolRun
from trashclaw.session.invariants import check

SECTIONS = (
    "dialects",
    "healing",
    "edits",
    "guards",
    "failures",
    "loops",
    "thinking",
    "servers",
    "wire",
    "resuming",
    "hostile",
    "engine",
)
"""Each is a module `fault_cases_...`."""

LEAST = 80
OUR_ERRORS = frozenset({"tool", "workspace", "outside_workspace", "unsuitable_file", "stale_file", "git_failed"})
"""What a tool run may fail with: anything else is a fault of the tool's."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is wrong with the end of a case, by kind."""

    case: Case
    seen: Seen
    corrupt: tuple[str, ...]
    crashed: tuple[str, ...]
    wrong: tuple[str, ...]

    @property
    def is_hung(self) -> bool:
        """Whether it had to be ended."""
        return self.seen.code is None

    @property
    def is_right(self) -> bool:
        """Whether all is as it must be."""
        return not (self.is_hung or self.corrupt or self.crashed or self.wrong)

    @property
    def row(self) -> str:
        """The line of the table."""
        done = _done(self.seen)
        ended = f"exit {self.seen.code}, {done.stop_reason if done else 'no turn'}"
        if done is not None and done.error is not None:
            ended += f" ({done.error.code})"
        verdict = "right" if self.is_right else "HUNG" if self.is_hung else "WRONG"
        return f"| {self.case.section} | {self.case.name} | {ended} | {verdict} | {self.seen.seconds:.1f} s |"

    @property
    def faults(self) -> tuple[str, ...]:
        """Everything that is wrong, in words."""
        return (*self.crashed, *self.corrupt, *self.wrong)


def all_cases() -> list[Case]:
    """Return every case, in the order of the sections."""
    return [case for section in SECTIONS for case in import_module(f"benchmarks.fault_cases_{section}").CASES]


def judge(case: Case, seen: Seen) -> Verdict:
    """Hold what came of a case to what must come of it."""
    wrong = tuple(_wrong(case, seen)) if seen.code is not None else ()
    return Verdict(case, seen, tuple(_corrupt(case, seen)), tuple(_crashed(seen)), wrong)


def verdicts(cases: Sequence[Case]) -> Iterator[Verdict]:
    """Play cases, and give each verdict as it is known."""
    with scratch() as folder, World(folder) as world:
        for case, seen in world.play_all(list(cases)):
            yield judge(case, seen)


def measure(runs: int) -> list[Figure]:
    """Play about so many cases, spread over all sections, or all there are."""
    cases = all_cases()
    step = max(1, len(cases) // runs)
    return [_figure(list(verdicts(cases[::step])))]


def _figure(found: Sequence[Verdict]) -> Figure:
    right = sum(verdict.is_right for verdict in found)
    kinds = {
        "corrupt": sum(bool(verdict.corrupt) for verdict in found),
        "hung": sum(verdict.is_hung for verdict in found),
        "crashed": sum(bool(verdict.crashed) for verdict in found),
    }
    told = ", ".join(f"{count} {kind}" for kind, count in kinds.items())
    sections = ", ".join(f"{name} {count}" for name, count in Counter(one.case.section for one in found).items())
    bad = [f"{one.case.section}, {one.case.name}: {'; '.join(one.faults)[:300]}" for one in found if not one.is_right]
    return Figure(
        name=f"fault scripts ({len(found)}), through the real batch command",
        target=f"right end or clear error: all of at least {LEAST}; none corrupt, hung or crashed",
        measured=f"{right} of {len(found)} right, {told}",
        is_pass=right == len(found),
        notes=(f"cases: {sections}", f"slowest: {max(one.seen.seconds for one in found):.0f} s", *bad),
    )


def _done(seen: Seen) -> ev.TurnCompleted | None:
    return next((one.event for one in reversed(seen.log) if isinstance(one.event, ev.TurnCompleted)), None)


def _items(seen: Seen) -> list[object]:
    return [one.event.item for one in seen.log if isinstance(one.event, ev.ItemCompleted)]


def _corrupt(case: Case, seen: Seen) -> Iterator[str]:
    """Files that hold what they must not, and a log that does not hold."""
    expected = {**FILES, **case.files, **case.after}
    for path in sorted({*expected, *seen.files}):
        if seen.files.get(path) != expected.get(path):
            yield f"{path} holds {seen.files.get(path)!r:.200}, not {expected.get(path)!r:.200}"
    if seen.code is not None:
        yield from check(seen.log)


def _crashed(seen: Seen) -> Iterator[str]:
    if seen.code is not None and (seen.code < 0 or seen.code not in {0, 1, 2, 3, 4, 5, 130}):
        yield f"exit code {seen.code}"
    for word in ("Traceback", "Exception ignored", "never awaited", "\x1b"):
        if word in seen.err:
            yield f"standard error holds {word!r}: {seen.err[-300:]!r}"
    done = _done(seen)
    if done is not None and done.error is not None and done.error.code == "internal":
        yield done.error.text
    for item in _items(seen):
        if isinstance(item, ToolRun) and item.result is not None:
            error = item.result.metadata.get("error")
            if error is not None and error not in OUR_ERRORS:
                yield f"{item.title}: {error}"


def _wrong(case: Case, seen: Seen) -> Iterator[str]:
    """Yield what else is not as it must be."""
    yield from seen.trouble
    yield from (f"left behind: {left}" for left in seen.left)
    done = _done(seen)
    stop = done.stop_reason if done else "no turn"
    said = next((item.text for item in reversed(_items(seen)) if isinstance(item, AgentMessage)), "")
    error = f"{done.error.text} {done.error.hint}" if done is not None and done.error is not None else ""
    if (seen.code, stop) != (case.code, case.stop):
        yield f"it ended with {seen.code} {stop} ({error or seen.err[-200:]}), not {case.code} {case.stop}"
    if case.said is not None and case.stop == "end_turn" and said != case.said:
        yield f"it said {said[:200]!r}"
    if case.error and not (case.error in seen.err and (done is None or case.error in error)):
        yield f"the error is {error!r}, and standard error {seen.err[-300:]!r}"
    yield from _wrong_calls(case, seen)
    yield from _wrong_words(case, seen)


def _wrong_calls(case: Case, seen: Seen) -> Iterator[str]:
    runs = [item for item in _items(seen) if isinstance(item, ToolRun)]
    statuses = tuple(run.status.value for run in runs)
    rungs = tuple(mending.rung.value for run in runs for mending in run.mended)
    told = [run.result.text[:300] for run in runs if run.result is not None]
    if case.runs is not None and statuses != case.runs:
        yield f"the calls ended as {statuses}, not {case.runs}: {told}"
    if case.rungs is not None and rungs != case.rungs:
        yield f"mended as {rungs}, not {case.rungs}: {[mending.text for run in runs for mending in run.mended]}"


def _wrong_words(case: Case, seen: Seen) -> Iterator[str]:
    items = _items(seen)
    notices = [one.event for one in seen.log if isinstance(one.event, ev.Notice)]
    read = [item.result.text for item in items if isinstance(item, ToolRun) and item.result is not None]
    read += [notice.text for notice in notices if notice.to_model]
    words = "\n".join([*read, *(item.text for item in items if isinstance(item, AgentMessage))])
    codes = {notice.code for notice in notices}
    for text in case.told:
        if text not in "\n".join(read):
            yield f"the model was not told {text!r} but {[text[-200:] for text in read]}"
    yield from (f"{text!r} is among the words" for text in case.untold if text in words)
    yield from (f"no notice {code} among {sorted(codes)}" for code in case.notices if code not in codes)
    if case.requests is not None and len(seen.sent) != case.requests:
        yield f"{len(seen.sent)} requests came, not {case.requests}"
    last = seen.sent[-1] if seen.sent else ""
    yield from (f"{text!r} is not in the last request: {last[-600:]}" for text in case.sent if text not in last)
    yield from (f"{text!r} was sent" for text in case.unsent if any(text in body for body in seen.sent))


def main() -> int:
    """Print the table, what is wrong, and the total."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", metavar="TEXT", help="cases whose section or name holds it")
    parser.add_argument("--check", action="store_true", help="exit 1 when one is not right")
    options = parser.parse_args()
    print("| section | case | ended | verdict | time |\n|---|---|---|---|---|")
    found = []
    for verdict in verdicts([case for case in all_cases() if options.only in f"{case.section} {case.name}"]):
        found.append(verdict)
        print(verdict.row, *(f"      {fault}" for fault in verdict.faults), sep="\n", flush=True)
    figure = _figure(found)
    print(f"\n{figure.measured}")
    return 1 if options.check and not figure.is_pass else 0


if __name__ == "__main__":
    sys.exit(main())
