"""The words of the ladder: what repeats and what to do instead, for the model; a report for the person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from trashclaw.agent.repeats import Repetition

_MOST_CHARS = 3_000

_INSTEAD = {
    "same_call": "It will not say anything else. Use what you know, ask for something different, or tell the user what "
    "stands in the way.",
    "cycle": "Another round will end the same way. Say what this circle is about, then do something that is not in it.",
    "growing": "A little more or less of the same does not help. Look in another place, or work with what you have.",
    "failing": "Read what it says, look at the place that it names, and only then try again, or take another way.",
    "edit_undo": "Decide which of the two is right, and why, before you edit again; run the tests or read the code to "
    "find out.",
    "wandering": "You have seen all of it. Say in two sentences what you know, then change something, or answer.",
    "exploring": "Say what you have found out so far, write a plan, and begin, or answer the user.",
    "stalled": "Say in two sentences what is known and what stands in the way, then take another way or ask the user.",
}

_RUNGS = {
    "smaller_tools": "From now on fewer tools are offered, so that the choice is easier.",
    "edit_format": "From now on write your edits in another form, the one that the tools offer now.",
    "thinking": "Your reasoning was switched, to get out of this.",
    "other_model": "Another model takes over here: look at what was done with fresh eyes.",
}

_DONE = {
    "nudge": "the model was told what repeats",
    "smaller_tools": "it was offered fewer tools",
    "edit_format": "it was asked for edits in another form",
    "thinking": "its reasoning was switched",
    "other_model": "another model took over",
}


@dataclass(frozen=True, slots=True)
class Recent:
    """A step, as it is listed."""

    step: int
    titles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong, with all that there is to say about it."""

    kind: str
    repetition: Repetition | None
    idle: int
    explored: int
    recent: tuple[Recent, ...]


def advice(trouble: Trouble, rung: str) -> str:
    """Return what the model is told."""
    is_failing = trouble.kind == "growing" and trouble.repetition is not None and trouble.repetition.is_failing
    instead = _INSTEAD["failing" if is_failing else trouble.kind]
    parts = [_what(trouble), instead, _RUNGS.get(rung, "")]
    return " ".join(part for part in parts if part)[:_MOST_CHARS]


def report(trouble: Trouble, tried: Sequence[tuple[str, int]]) -> str:
    """Return what the person is told of a turn that was stopped, as Markdown."""
    lines = ["**Stopped: nothing new came of the last steps.**", "", _for_person(_what(trouble))]
    if tried:
        lines += ["", "Tried before the stop:", *(f"- step {step}: {_DONE.get(rung, rung)}" for rung, step in tried)]
    if trouble.recent:
        lines += ["", "The last steps:"]
        lines += [f"- step {one.step}: {', '.join(_code(title) for title in one.titles)}" for one in trouble.recent]
    lines += ["", "Say what it misses or how to go on, cut the task smaller, or choose another model with /model."]
    return "\n".join(lines)[:_MOST_CHARS]


def _what(trouble: Trouble) -> str:
    """Say what repeats, with names and numbers."""
    again = trouble.repetition
    if trouble.kind == "edit_undo":
        return f"Your edits take each other back: the files are again as they were before ({_last(trouble)})."
    if again is None:
        return _without_pattern(trouble)
    steps = f"steps {', '.join(map(str, again.steps))}"
    result = "failing the same way each time" if again.is_failing else "with the same result"
    if trouble.kind == "cycle":
        round_of = ", then ".join(_code(what) for what in again.what)
        return f"You have gone {again.times} times round a circle of {again.period} steps, {result}: {round_of}."
    shown = _code(again.what[-1]) if again.what else again.tool
    if trouble.kind == "growing" and again.is_failing:
        return (
            f"You have called {again.tool} {again.times} times with one thing or another changed, and each time it "
            f"failed ({steps}; last: {shown})."
        )
    if trouble.kind == "growing":
        return (
            f"You have called {again.tool} {again.times} times with arguments that hardly differ ({steps}; last: "
            f"{shown}), and nothing new came of it."
        )
    return f"You have called {again.tool} with the same arguments {again.times} times, {result} ({steps}): {shown}."


def _without_pattern(trouble: Trouble) -> str:
    if trouble.kind == "exploring":
        return (
            f"For {trouble.explored} steps you have only looked around, and nothing was changed, planned or answered."
        )
    if trouble.kind == "wandering":
        return f"The last {trouble.idle} steps only looked again at what you had seen already ({_last(trouble)})."
    return f"The last {trouble.idle} steps brought nothing new ({_last(trouble)})."


def _last(trouble: Trouble) -> str:
    titles = [_code(title) for one in trouble.recent[-3:] for title in one.titles[:1]]
    return f"last: {', '.join(titles)}" if titles else "no calls"


def _code(title: str) -> str:
    """Quote a foreign text so that it stays one piece of code in Markdown."""
    return f"`{title.replace('`', chr(39))}`"


def _for_person(text: str) -> str:
    """Say of the model what the model was told of itself."""
    changed = text.replace("You have ", "The model has ", 1)
    changed = changed.replace("Your edits", "Its edits", 1).replace("what you had seen", "what it had seen", 1)
    return changed.replace("you have only", "it has only", 1)
