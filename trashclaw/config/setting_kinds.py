"""What can be typed for each setting, and what a typed text means."""

from __future__ import annotations

import types
from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union, get_args, get_origin

from trashclaw.protocol.errors import ConfigError

if TYPE_CHECKING:
    from pydantic import ValidationError

    from trashclaw.config.editing import Value
    from trashclaw.config.schema import Settings

NONE = "none"
_PLAIN = {"a valid integer": "a whole number", "a valid number": "a number", "a valid boolean": "on or off"}


class Kind(StrEnum):
    """How a setting is given its value."""

    SWITCH = "switch"
    CHOICE = "choice"
    LIST = "list"
    NUMBER = "number"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class SettingKind:
    """What a setting takes."""

    kind: Kind
    choices: tuple[str, ...] = ()
    """The words of a choice."""

    is_optional: bool = False
    """Whether `none` is a value."""


def kind_of(key: str) -> SettingKind:
    """Return what the setting of a dotted key takes."""
    from trashclaw.config.load import setting_keys

    parts = _parts(setting_keys()[key].annotation)
    is_optional = type(None) in parts
    parts = [part for part in parts if part is not type(None)]
    words = [word for part in parts for word in _words(part)]
    if parts == [bool]:
        return SettingKind(Kind.SWITCH, is_optional=is_optional)
    if words:
        choices = [*(["on", "off"] if bool in parts else []), *words, *([NONE] if is_optional else [])]
        return SettingKind(Kind.CHOICE, tuple(choices), is_optional)
    if any(get_origin(part) is tuple for part in parts):
        return SettingKind(Kind.LIST)
    is_number = any(part in (int, float) for part in parts)
    return SettingKind(Kind.NUMBER if is_number else Kind.TEXT, is_optional=is_optional)


def value_typed(settings: Settings, key: str, text: str) -> Value:
    """Return the value that a typed text stands for; the other settings are those that hold.

    Raises:
        ConfigError: it is not usable; the text says why.
    """
    from trashclaw.config.tightening import value_of

    value = value_of(settings_with(settings, key, _raw(kind_of(key), text.strip())), key)
    if isinstance(value, Enum):
        return str(value.value)
    return list(value) if isinstance(value, tuple) else value


def settings_with(settings: Settings, key: str, value: Any) -> Settings:
    """Return settings in which one has another value.

    Raises:
        ConfigError: it is not usable; the text says why.
    """
    from pydantic import ValidationError

    tree: dict[str, Any] = settings.model_dump(mode="json")
    *sections, name = key.split(".")
    branch = tree
    for section in sections:
        branch = branch[section]
    branch[name] = value
    try:
        return type(settings).model_validate(tree)
    except ValidationError as error:
        raise ConfigError(_reasons(error, key)) from error


def text_of(value: object) -> str:
    """Return a value as a person types it."""
    if value is None:
        return NONE
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, (tuple, list)):
        return ", ".join(str(part) for part in value)
    return str(value.value) if isinstance(value, Enum) else str(value)


def _raw(kind: SettingKind, text: str) -> Any:
    if kind.is_optional and text.lower() in ("", NONE):
        return None
    if kind.kind is Kind.SWITCH or (kind.kind is Kind.CHOICE and "on" in kind.choices):
        return {"on": True, "yes": True, "true": True, "off": False, "no": False, "false": False}.get(
            text.lower(), text
        )
    return text


def _reasons(error: ValidationError, key: str) -> str:
    """Return in words why a value is not usable."""
    told = []
    for mistake in error.errors():
        words = mistake["msg"].removeprefix("Value error, ").removeprefix("Input ").partition(", unable")[0]
        for stiff, plain in _PLAIN.items():
            words = words.replace(stiff, plain)
        told.append(words)
    return f"{key}: {', or '.join(dict.fromkeys(told))}."


def _parts(annotation: Any) -> list[Any]:
    """Return the types that a value may have, without what only checks it."""
    if get_origin(annotation) is Annotated:
        return _parts(get_args(annotation)[0])
    if get_origin(annotation) in (Union, types.UnionType):
        return [part for member in get_args(annotation) for part in _parts(member)]
    return [annotation]


def _words(part: Any) -> list[str]:
    if get_origin(part) is Literal:
        return [str(word) for word in get_args(part)]
    if isinstance(part, type) and issubclass(part, Enum):
        return [str(member.value) for member in part]
    return []
