"""The reference in docs/protocol.md, read out of the source of `trashclaw/protocol/`."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from types import ModuleType
from typing import Any, get_args

from trashclaw.protocol import (
    approvals,
    change_events,
    checkpoints,
    envelope,
    errors,
    events,
    items,
    manners,
    model_events,
    modes,
    ops,
    patches,
    plan,
    tools,
    usage,
)
from trashclaw.protocol.base import Frozen

VALUE_MODULES = (
    envelope,
    items,
    tools,
    patches,
    approvals,
    manners,
    modes,
    plan,
    usage,
    checkpoints,
    change_events,
    model_events,
    events,
)


@dataclass(frozen=True, slots=True)
class Member:
    """A field of a value: how it is written in the source, and what is said of it there."""

    name: str
    type: str
    default: str
    doc: str

    @property
    def shown(self) -> str:
        """The field as one piece of code."""
        return f"`{self.name}: {self.type}{f' = {self.default}' if self.default else ''}`"


def members(kind: type) -> list[Member]:
    """Return the fields of a class in the order of its source, without the one that names the class."""
    body = _definition(kind).body
    found = []
    for place, node in enumerate(body):
        if not isinstance(node, ast.AnnAssign) or not isinstance(node.target, ast.Name):
            continue
        behind = body[place + 1] if place + 1 < len(body) else None
        doc = _text(behind)
        default = "" if node.value is None else ast.unparse(node.value).replace("Field(default_factory=dict)", "{}")
        if not ast.unparse(node.annotation).startswith("Literal["):
            found.append(Member(node.target.id, ast.unparse(node.annotation), default, doc))
    return found


def _definition(kind: type) -> ast.ClassDef:
    tree = ast.parse(inspect.getsource(inspect.getmodule(kind) or kind))
    return next(node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == kind.__name__)


def _text(node: ast.stmt | None) -> str:
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
        return " ".join(node.value.value.split())
    return ""


def doc_of(kind: type) -> str:
    """Return the first paragraph of a class's own docstring, or nothing."""
    return " ".join((ast.get_docstring(_definition(kind)) or "").split("\n\n")[0].split())


def union(alias: Any) -> tuple[type, ...]:
    """Return the members of a union, annotated or not."""
    parts = get_args(alias)
    return tuple(get_args(parts[0])) if len(parts) == 2 and not isinstance(parts[1], type) else tuple(parts)


def ops_table() -> str:
    """Return every op with its fields."""
    return _rows("op", union(ops.Op))


def events_table() -> str:
    """Return every event with its fields, the durable ones first."""
    durable = _rows("durable event", union(events.DurableEvent))
    return f"{durable}\n\n{_rows('ephemeral event', union(events.EphemeralEvent))}"


def _rows(head: str, kinds: tuple[type, ...]) -> str:
    lines = [f"| {head} | fields | what |", "|---|---|---|"]
    for kind in kinds:
        name = kind.model_fields["type"].default if issubclass(kind, Frozen) else kind.__name__
        shown = "<br>".join(member.shown.replace("|", "\\|") for member in members(kind)) or "-"
        lines.append(f"| `{name}` | {shown} | {_explained(kind)} |")
    return "\n".join(lines)


def _explained(kind: type) -> str:
    told = [doc_of(kind), *(f"`{member.name}`: {member.doc}" for member in members(kind) if member.doc)]
    return " ".join(part for part in told if part).replace("|", "\\|")


def values_text() -> str:
    """Return the values that ops and events carry, and the words they choose from."""
    told = {*union(ops.Op), *union(events.Event)}
    kinds = [kind for module in VALUE_MODULES for kind in _classes(module) if kind not in told]
    records = [kind for kind in kinds if issubclass(kind, Frozen)]
    words = [kind for kind in kinds if issubclass(kind, StrEnum)]
    lines = ["| value | fields | what |", "|---|---|---|"]
    for kind in records:
        shown = "<br>".join(member.shown.replace("|", "\\|") for member in members(kind))
        lines.append(f"| `{kind.__name__}` | {shown} | {_explained(kind)} |")
    lines += ["", "| words | one of | what |", "|---|---|---|"]
    lines += [f"| `{kind.__name__}` | {', '.join(f'`{word}`' for word in kind)} | {doc_of(kind)} |" for kind in words]
    return "\n".join(lines)


def _classes(module: ModuleType) -> Iterator[type]:
    for kind in vars(module).values():
        if isinstance(kind, type) and kind.__module__ == module.__name__:
            yield kind


def errors_table() -> str:
    """Return every error with its code."""
    lines = ["| error | code | what |", "|---|---|---|"]
    for kind in _classes(errors):
        if issubclass(kind, errors.TrashclawError):
            base = kind.__bases__[0].__name__
            of = "" if base == "Exception" else f" (a {base})"
            lines.append(f"| `{kind.__name__}` | `{kind.code}` | {doc_of(kind)}{of} |")
    return "\n".join(lines)
