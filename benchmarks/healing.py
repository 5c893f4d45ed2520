"""Heals 2,000 valid calls of the real tools that were spoilt as models do, and counts what came out.

Exact: the very arguments that were spoilt, without asking the model. Asked: refused, and the model would be asked.
Wrong: other arguments that the tool takes, which must never be.
"""

from __future__ import annotations

import copy
import json
import random
import sys
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from benchmarks.healing_calls import make_call, make_tool_list
from benchmarks.healing_faults import KINDS, NAMED, TOOL_NAMES
from benchmarks.healing_misuse import other_tool_name
from benchmarks.measuring import Figure, run
from trashclaw.agent.healing.calls import DraftCall, HealedCall
from trashclaw.agent.healing.toolbox import Toolbox

CALLS = 2_000
SEED = 20_261_121
TARGET_PERCENT = 95.0
VERDICTS = ("exact", "asked", "wrong")


@dataclass(frozen=True, slots=True)
class Spoilt:
    """A call, and what a model made of it."""

    kind: str
    name: str
    arguments: dict[str, Any]
    asked_name: str
    raw: str
    fault: str


def spoil(count: int, seed: int = SEED) -> Iterator[Spoilt]:
    """Yield spoilt calls; each kind has an equal share, and each fault an equal one of its kind's."""
    source = random.Random(seed)
    kinds = list(KINDS)
    for at in range(count):
        kind = kinds[at % len(kinds)]
        fault = KINDS[kind][at // len(kinds) % len(KINDS[kind])]
        raw = ""
        while not raw:
            name, arguments = make_call(source)
            raw = fault(name, copy.deepcopy(arguments), source)
            if kind != TOOL_NAMES and raw == json.dumps(arguments, ensure_ascii=False):
                raw = ""
        asked = other_tool_name(name, source) if kind == TOOL_NAMES else name
        yield Spoilt(kind, name, arguments, asked, raw, fault.__name__)


def verdict(spoilt: Spoilt, healed: HealedCall) -> str:
    """Return `exact`, `asked` or `wrong`; arguments that are left out and their defaults are the same."""
    if healed.error is not None:
        return "asked"
    is_same = json.dumps(dict(healed.arguments), sort_keys=True) == json.dumps(spoilt.arguments, sort_keys=True)
    return "exact" if is_same and healed.call.name == spoilt.name else "wrong"


def heal(spoilt: Spoilt, box: Toolbox) -> HealedCall:
    """Heal a spoilt call, without asking."""
    return box.heal(DraftCall(spoilt.asked_name, "", [spoilt.raw]))


def measure(runs: int) -> list[Figure]:
    """Count over `runs` times 2,000 calls, each time with other ones."""
    box = Toolbox(make_tool_list())
    counts: Counter[tuple[str, str]] = Counter()
    faults: Counter[str] = Counter()
    wrong: list[str] = []
    for number in range(runs):
        for spoilt in spoil(CALLS, SEED + number):
            healed = heal(spoilt, box)
            found = verdict(spoilt, healed)
            counts[spoilt.kind, found] += 1
            faults[spoilt.fault] += found == "asked"
            if found == "wrong":
                wrong.append(f"{spoilt.kind}: {spoilt.raw[:300]!r} became {dict(healed.arguments)!r:.300}")
    percent = _percent(counts, KINDS)
    notes = [
        *(f"{kind}: {', '.join(f'{counts[kind, found]} {found}' for found in VERDICTS)}" for kind in KINDS),
        f"the {len(NAMED)} first kinds alone: {_percent(counts, NAMED):.1f} % exact",
        "asked, by fault: " + ", ".join(f"{fault} {count}" for fault, count in faults.most_common() if count),
    ]
    return [
        Figure(
            f"calls healed to the exact value without asking, of {runs * CALLS:,}",
            f">= {TARGET_PERCENT:.0f} %, 0 wrong",
            f"{percent:.1f} %, {len(wrong)} wrong",
            percent >= TARGET_PERCENT and not wrong,
            (*notes, *wrong[:20]),
        )
    ]


def _percent(counts: Counter[tuple[str, str]], kinds: Collection[str]) -> float:
    total = sum(counts[kind, found] for kind in kinds for found in VERDICTS)
    return 100 * sum(counts[kind, "exact"] for kind in kinds) / total


if __name__ == "__main__":
    sys.exit(run(measure, runs=1, description=__doc__))
