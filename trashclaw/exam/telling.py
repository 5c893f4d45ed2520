"""An exam in words for a person: what was measured, and what follows from it."""

from __future__ import annotations

from typing import assert_never

from trashclaw.exam.choice import MannerChoice, date_of
from trashclaw.exam.result import (
    CallMarks,
    EditsMarks,
    ExamResult,
    Marks,
    ParallelMarks,
    PartName,
    SchemaMarks,
    SpeedMarks,
    ThinkingMarks,
    WindowMarks,
    WindowVerdict,
)

TITLES = {
    PartName.SPEED: "speed",
    PartName.THINKING: "thinking",
    PartName.CALLS: "native calls",
    PartName.PARALLEL: "parallel calls",
    PartName.JSON_SCHEMA: "JSON schema",
    PartName.EDITS: "edits",
    PartName.WINDOW: "window",
}


def heading(result: ExamResult) -> str:
    """Return a line that names the model, and the extent and day of its exam."""
    digest = f" ({result.digest[:16]})" if result.digest else ""
    parts = result.parts().values()
    day = date_of(max(parts, key=lambda marks: marks.at)) if parts else "never"
    seconds = sum(marks.took_s for marks in parts)
    rest = "" if result.is_whole else ", not complete"
    return f"{result.provider} {result.model}{digest}: {result.depth.value} exam of {day}, {seconds:.0f} s{rest}"


def result_rows(result: ExamResult) -> list[tuple[str, str]]:
    """Return for every part its title and what was found, notes on lines of their own without a title."""
    rows: list[tuple[str, str]] = []
    taken = result.parts()
    for name in PartName:
        marks = taken.get(name)
        rows.append((TITLES[name], describe(marks) if marks is not None else "not examined"))
        if marks is not None and marks.error:
            rows.append(("", f"failed: {marks.error}"))
        if marks is not None and marks.note:
            rows.append(("", marks.note))
    return rows


def choice_rows(choice: MannerChoice) -> list[tuple[str, str]]:
    """Return for everything that is chosen its name, and the choice with its reason."""
    thinks = {None: "as the model likes", True: "on", False: "off"}
    values = {
        "dialect": choice.dialect.value,
        "tool_set": choice.tool_set.value,
        "edit_format": choice.edit_format.value,
        "think": choice.think if isinstance(choice.think, str) else thinks[choice.think],
        "limit_tokens": f"{choice.limit_tokens} tokens",
    }
    titles = {"limit_tokens": "window", "think": "thinking"}
    return [
        (titles.get(name, name.replace("_", " ")), f"{value}, because: {choice.reasons[name]}")
        for name, value in values.items()
    ]


def describe(marks: Marks) -> str:
    """Return what a part found out, in a few words."""
    match marks:
        case SpeedMarks():
            return _speed(marks)
        case ThinkingMarks():
            return _thinking(marks)
        case CallMarks():
            return _calls(marks)
        case ParallelMarks():
            return f"{marks.right} of {marks.asked} in one answer"
        case SchemaMarks():
            return f"kept in {marks.fitted} of {marks.tried} answers" if marks.tried else "nothing found out"
        case EditsMarks():
            return _edits(marks)
        case WindowMarks():
            return _window(marks)
        case _:
            return "nothing found out"


def _speed(marks: SpeedMarks) -> str:
    told = [
        f"{verb} {rate:g} tokens/s"
        for verb, rate in (("reads", marks.read_tokens_per_s), ("writes", marks.write_tokens_per_s))
        if rate is not None
    ]
    if marks.load_s:
        told.append(f"loaded in {marks.load_s:.1f} s")
    return (", ".join(told) or "nothing found out") + (" (by our clock)" if told and marks.is_by_clock else "")


def _thinking(marks: ThinkingMarks) -> str:
    if not marks.thinks:
        return "nothing found out" if marks.error else "does not think first"
    off = {True: "can be switched off", False: "cannot be switched off", None: "switching off not tried"}
    return f"about {marks.tokens} tokens on a simple question, in {marks.place}; {off[marks.can_stop]}"


def _calls(marks: CallMarks) -> str:
    if not marks.tried:
        return "nothing found out"
    in_text = f", {marks.in_text} more written into the text" if marks.in_text else ""
    return f"{marks.native} of {marks.tried}{in_text}"


def _edits(marks: EditsMarks) -> str:
    told = ", ".join(
        f"{one.edit_format.value} {one.landed} of {one.tried}" for one in marks.formats if one.tried or not marks.error
    )
    way = "as native calls" if marks.way == "native" else "as JSON by a schema"
    return f"{told} ({way})" if told else "nothing found out"


def _window(marks: WindowMarks) -> str:
    claimed = f"{marks.claimed_tokens} {'assumed' if marks.is_claim_assumed else 'claimed'}"
    proven = f"{marks.proven_tokens} tokens read whole" if marks.proven_tokens else "nothing proven"
    failed = f"about {marks.failed_tokens}" if marks.failed_tokens is not None else "more"
    match marks.verdict:
        case WindowVerdict.HELD:
            recalled = "" if marks.has_recalled else "; by the server's count, the model did not find the word"
            return f"{proven}, {claimed}{recalled}"
        case WindowVerdict.CUT:
            return f"{proven}, {failed} were cut without a word; {claimed}"
        case WindowVerdict.REFUSED:
            return f"{proven}, {failed} were refused; {claimed}"
        case WindowVerdict.UNKNOWN:
            return f"{proven}; {claimed}"
        case _:
            assert_never(marks.verdict)
