"""Part of the exam: is an answer held to a JSON schema while it is decoded."""

from __future__ import annotations

from typing import Any

from trashclaw.exam.asking import Examiner
from trashclaw.exam.offered import read_object
from trashclaw.exam.result import SchemaMarks

QUESTIONS = ("Tell me something about the weather.", "Name a colour and say why you like it.")
"""Nothing in them speaks of JSON: what fits the schema was made by it."""

_TOKENS = 160


def answer_schema(number: int) -> dict[str, Any]:
    """Return a schema whose words nobody writes by chance."""
    kinds = (("ferry", "tram"), ("quartz", "basalt"))[number % 2]
    return {
        "type": "object",
        "properties": {
            f"kind_{number}": {"type": "string", "enum": list(kinds)},
            "is_final": {"type": "boolean"},
        },
        "required": [f"kind_{number}", "is_final"],
        "additionalProperties": False,
    }


async def examine_schema(examiner: Examiner) -> SchemaMarks:
    """Ask for words, with a schema that allows none but its own."""
    tried = fitted = 0
    note = ""
    for number, question in enumerate(QUESTIONS):
        schema = answer_schema(number)
        answer = await examiner.ask(question, max_tokens=_TOKENS, schema=schema)
        if answer.error:
            return SchemaMarks(tried=tried, fitted=fitted, error=answer.error)
        is_fitting = fits(read_object(answer.text), schema)
        if answer.is_cut and not is_fitting:
            note = f"An answer was not whole within {_TOKENS} tokens, and does not count."
            continue
        tried += 1
        fitted += is_fitting
    if fitted < tried:
        note = "The server let the model write what the schema does not allow."
    return SchemaMarks(tried=tried, fitted=fitted, note=note)


def fits(value: dict[str, Any] | None, schema: dict[str, Any]) -> bool:
    """Whether an answer is what one of our schemas allows."""
    if value is None or set(value) != set(schema["required"]):
        return False
    kind, is_final = (value[name] for name in schema["required"])
    return kind in schema["properties"][schema["required"][0]]["enum"] and isinstance(is_final, bool)
