"""Typed arguments, and the plain JSON schema of them that every model server understands."""

from __future__ import annotations

import types
from enum import Enum
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, JsonValue, field_validator

NUMBER_LIMIT = 10**12


class Arguments(BaseModel):
    """The arguments of a tool; each field's description is what the model reads."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    @field_validator("*")
    @classmethod
    def _refuse_endless_numbers(cls, value: Any) -> Any:
        """Refuse numbers of hundreds of digits: they would stand in titles and results."""
        if isinstance(value, int) and abs(value) > NUMBER_LIMIT:
            raise ValueError("too large a number")
        return value


_NAMES = {str: "string", int: "integer", bool: "boolean", float: "number"}


def object_schema(arguments: type[BaseModel]) -> dict[str, JsonValue]:
    """Return a flat object schema, required properties first, of type, description, enum and items alone.

    Some servers drop or misread all other words (`anyOf`, `$ref`, `default`, `title`).
    """
    fields = arguments.model_fields
    ordered = sorted(fields, key=lambda name: not fields[name].is_required())
    properties: dict[str, JsonValue] = {}
    for name in ordered:
        described: dict[str, JsonValue] = {**type_schema(fields[name].annotation)}
        if fields[name].description:
            described["description"] = fields[name].description
        properties[name] = described
    required: list[JsonValue] = [name for name in ordered if fields[name].is_required()]
    schema: dict[str, JsonValue] = {"type": "object", "properties": properties}
    return {**schema, "required": required} if required else schema


def type_schema(annotation: Any) -> dict[str, JsonValue]:
    """Return the schema of a type: a plain one, a choice of words, a list, an object, or one of these or nothing."""
    bare = bare_type(annotation)
    if get_origin(bare) is Literal:
        return {"type": "string", "enum": [str(value) for value in get_args(bare)]}
    if get_origin(bare) in (list, tuple):
        return {"type": "array", "items": type_schema(get_args(bare)[0])}
    if isinstance(bare, type) and issubclass(bare, Enum):
        return {"type": "string", "enum": [str(member.value) for member in bare]}
    if isinstance(bare, type) and issubclass(bare, BaseModel):
        return object_schema(bare)
    return {"type": _NAMES[bare]}


def bare_type(annotation: Any) -> Any:
    """Return a type without its `| None`."""
    if get_origin(annotation) in (Union, types.UnionType):
        return next(part for part in get_args(annotation) if part is not types.NoneType)
    return annotation


def expected(arguments: type[BaseModel]) -> str:
    """Return the schema in one line, as `{path: string, offset?: integer}`."""
    fields = arguments.model_fields
    ordered = sorted(fields, key=lambda name: not fields[name].is_required())
    parts = [f"{name}{'' if fields[name].is_required() else '?'}: {_word(fields[name].annotation)}" for name in ordered]
    return "{" + ", ".join(parts) + "}"


def _word(annotation: Any) -> str:
    bare = bare_type(annotation)
    if get_origin(bare) in (list, tuple):
        return f"[{_word(get_args(bare)[0])}]"
    if isinstance(bare, type) and issubclass(bare, BaseModel):
        return expected(bare)
    schema = type_schema(bare)
    choice = schema.get("enum")
    return "|".join(map(str, choice)) if isinstance(choice, list) else str(schema["type"])
