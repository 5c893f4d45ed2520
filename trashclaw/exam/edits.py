"""Part of the exam: small changes to a small file in each edit format, judged by making them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import ValidationError

from trashclaw.exam.asking import Answer, Examiner
from trashclaw.exam.offered import ToolClass, arguments_for, read_object, spec_of
from trashclaw.exam.result import EditMarks, EditsMarks
from trashclaw.protocol.errors import ToolError, TrashclawError
from trashclaw.protocol.manners import EditFormat
from trashclaw.tools.apply_patch import ApplyPatch, ApplyPatchArguments
from trashclaw.tools.edit_file import EditFile, EditFileArguments
from trashclaw.tools.write_file import WriteFile, WriteFileArguments

PATH = "src/shop.py"
SAMPLE = '''\
"""Prices of the shop."""

RATE = 0.19


def price_with_tax(price):
    return price + RATE


def total(prices, discount):
    full = sum(prices)
    return full + discount
'''
_TOKENS = 500
_SHOWN = "This is the file {path}:\n\n```python\n{sample}```\n\n{task} Change nothing else. {how}"

Way = Literal["native", "schema"]


@dataclass(frozen=True, slots=True)
class Change:
    """A change to the sample, with what comes of it."""

    task: str
    old: str
    new: str

    @property
    def wanted(self) -> str:
        """The sample after it."""
        return SAMPLE.replace(self.old, self.new, 1)


CHANGES = (
    Change(
        "In the function total, replace the line `return full + discount` by `return full - discount`.",
        "return full + discount",
        "return full - discount",
    ),
    Change(
        "In the function price_with_tax, replace `return price + RATE` by `return price * (1 + RATE)`.",
        "return price + RATE",
        "return price * (1 + RATE)",
    ),
    Change(
        'Below the line `RATE = 0.19` add the line `CURRENCY = "EUR"`.',
        "RATE = 0.19\n",
        'RATE = 0.19\nCURRENCY = "EUR"\n',
    ),
)


@dataclass(frozen=True, slots=True)
class Format:
    """How one edit format is asked for, and how an answer in it is carried out."""

    edit_format: EditFormat
    tool: ToolClass
    how: str
    make: Callable[[Mapping[str, Any]], str]
    """Return the sample after the edit with these arguments.

    Raises:
        TrashclawError: it cannot be carried out.
        ValidationError: an argument is missing, or of another type.
    """


async def examine_edits(examiner: Examiner, *, way: Way, changes: int) -> EditsMarks:
    """Have each of the first `changes` changes made in every format."""
    marks: list[EditMarks] = []
    notes: list[str] = []
    for form in formats():
        tried = landed = 0
        for change in CHANGES[:changes]:
            answer = await _ask(examiner, form, change, way)
            if answer.error:
                marks.append(EditMarks(edit_format=form.edit_format, tried=tried, landed=landed))
                return EditsMarks(way=way, formats=tuple(marks), error=answer.error)
            tried += 1
            fault = _judge(answer, form, change, way)
            landed += not fault
            notes += [f"{form.edit_format.value}: {fault}"] if fault else []
        marks.append(EditMarks(edit_format=form.edit_format, tried=tried, landed=landed))
    return EditsMarks(way=way, formats=tuple(marks), note=" ".join(dict.fromkeys(notes))[:500])


async def _ask(examiner: Examiner, form: Format, change: Change, way: Way) -> Answer:
    spec = spec_of(form.tool)
    if way == "native":
        how = f"Call {spec.name}. {form.how}"
        text = _SHOWN.format(path=PATH, sample=SAMPLE, task=change.task, how=how)
        return await examiner.ask(text, max_tokens=_TOKENS, tools=(spec,))
    arguments = json.dumps(spec.parameters)
    how = f"{form.how} Answer with the JSON arguments of {spec.name} alone ({spec.description}): {arguments}"
    text = _SHOWN.format(path=PATH, sample=SAMPLE, task=change.task, how=how)
    return await examiner.ask(text, max_tokens=_TOKENS, schema=_required(spec.parameters))


def _required(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return a tool's schema with what must be given alone, and closed."""
    required = list(parameters.get("required", ()))
    properties = {name: parameters["properties"][name] for name in required}
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def _judge(answer: Answer, form: Format, change: Change, way: Way) -> str:
    """Return what is wrong with an answer; empty if the edit gives exactly what was wanted."""
    if answer.refusal:
        return answer.refusal
    arguments: Mapping[str, Any] | None
    if way == "native":
        calls = answer.calls or answer.calls_in_text
        arguments = arguments_for(calls[0], form.tool) if calls else None
    else:
        arguments = read_object(answer.text)
    if arguments is None:
        return "the answer was cut." if answer.is_cut else "there was no edit in the answer."
    try:
        made = form.make(arguments)
    except TrashclawError as error:
        return f"{error.text[:120].rstrip('.')}."
    except ValidationError:
        return "an argument was missing, or of another type."
    return "" if made.rstrip() == change.wanted.rstrip() else "something else was changed."


def formats() -> tuple[Format, ...]:
    """Return the edit formats, the one that is preferred first."""
    return (
        Format(EditFormat.REPLACE, EditFile, "Copy old_text exactly from the file.", _replaced),
        Format(EditFormat.PATCH, ApplyPatch, "Give a patch of the file.", _patched),
        Format(EditFormat.WHOLE, WriteFile, "Give the whole text of the changed file.", _whole),
    )


def _replaced(arguments: Mapping[str, Any]) -> str:
    from trashclaw.tools.editing.replace import replace

    given = EditFileArguments.model_validate(arguments)
    _refuse_other(given.path)
    text = SAMPLE
    for edit in given.all_edits:
        if not edit.old_text:
            raise ToolError("old_text was empty")
        text = replace(text, edit.old_text, edit.new_text, PATH, replace_all=bool(given.replace_all)).text
    return text


def _patched(arguments: Mapping[str, Any]) -> str:
    from trashclaw.tools.patching.placing import place_chunks
    from trashclaw.tools.patching.reading import read_patch
    from trashclaw.tools.patching.sections import Action

    sections = read_patch(ApplyPatchArguments.model_validate(arguments).patch)
    if len(sections) != 1 or sections[0].action is not Action.UPDATE or sections[0].to is not None:
        raise ToolError("the patch did something else than to change the file")
    _refuse_other(sections[0].path)
    return place_chunks(SAMPLE, sections[0].chunks, PATH).text


def _whole(arguments: Mapping[str, Any]) -> str:
    given = WriteFileArguments.model_validate(arguments)
    _refuse_other(given.path)
    return given.content


def _refuse_other(path: str) -> None:
    if path.strip().removeprefix("./") != PATH:
        raise ToolError("another file was named")
