"""The table of settings in `docs/configuration.md`, made from the schema.

`python -m tests.support.settings_table` writes it into the page.
"""

from __future__ import annotations

import types
from enum import StrEnum
from typing import Any, Literal, Union, get_args, get_origin

from tests.support.tree import ROOT
from trashclaw.config.load import setting_keys

PAGE = ROOT / "docs" / "configuration.md"
BEGIN, END = "<!-- settings: made by tests/support/settings_table.py -->\n", "\n<!-- end of settings -->"
WORDS = {str: "text", bool: "`true`, `false`", int: "whole number", float: "number", type(None): ""}


def settings_table() -> str:
    """Return a Markdown table: key, what it takes, default, meaning."""
    rows = ["| key | takes | default | meaning |", "|---|---|---|---|"]
    for key, info in setting_keys().items():
        rows.append(f"| `{key}` | {takes(info.annotation)} | {shown(info.default)} | {info.description} |")
    return "\n".join(rows)


def shown(default: Any) -> str:
    """Return a default as it is written in YAML."""
    if default is None or default in ("", ()):
        return "none"
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"


def takes(annotation: Any) -> str:
    """Return what a type takes, in words."""
    origin = get_origin(annotation)
    if origin in (Union, types.UnionType):
        return ", ".join(word for word in map(takes, get_args(annotation)) if word)
    if origin is Literal:
        return ", ".join(f"`{value}`" for value in get_args(annotation))
    if origin is tuple:
        return f"list of {takes(get_args(annotation)[0])}"
    if origin is not None:
        return takes(get_args(annotation)[0])
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return ", ".join(f"`{value}`" for value in annotation)
    return WORDS[annotation]


def page_with(table: str) -> str:
    """Return the page with a table in its place."""
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}{table}{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(page_with(settings_table()), encoding="utf-8")
