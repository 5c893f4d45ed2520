"""The base of every value that crosses a process or a disk, and text that is safe to store."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler, JsonValue
from pydantic_core import CoreSchema, core_schema


class Frozen(BaseModel):
    """An immutable value with no unknown fields; its validator is built at first use, so that imports stay cheap."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


def storable(text: object) -> object:
    """Replace lone surrogates, which neither JSON nor a terminal can carry, with U+FFFD; in lists and objects too."""
    if isinstance(text, Mapping):
        return {storable(key): storable(value) for key, value in text.items()}
    if isinstance(text, (list, tuple)):
        return [storable(value) for value in text]
    if not isinstance(text, str) or text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


class _Storable:
    """Makes a value storable before it is validated; what comes as JSON is, or it could not have been read."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        inner = handler(source)
        return core_schema.json_or_python_schema(
            json_schema=inner, python_schema=core_schema.no_info_before_validator_function(storable, inner)
        )


Text = Annotated[str, _Storable()]
"""Text of foreign origin (a model, a tool, a file, a person); always encodable as UTF-8."""

JsonObject = Annotated[dict[str, JsonValue], _Storable()]
"""A JSON object of foreign origin, with texts as safe as those of `Text`."""
