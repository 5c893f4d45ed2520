"""The base of every value that crosses a process or a disk, and text that is safe to store."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, JsonValue


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


Text = Annotated[str, BeforeValidator(storable)]
"""Text of foreign origin (a model, a tool, a file, a person); always encodable as UTF-8."""

JsonObject = Annotated[dict[str, JsonValue], BeforeValidator(storable)]
"""A JSON object of foreign origin, with texts as safe as those of `Text`."""
