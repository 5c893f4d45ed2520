"""The guard of edits: syntax first, then the project's formatter; its linter once they have landed."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from trashclaw.tools.checking.diagnostics import Linter
from trashclaw.tools.checking.formatting import Formatter
from trashclaw.tools.checking.syntax_guard import SyntaxGuard

_REMEMBERED = 50


@dataclass(frozen=True, slots=True)
class _Checked:
    """What is kept of an edit until it has landed."""

    before: str | None
    remarks: tuple[str, ...]


class ProjectGuard:
    """Looks at edits as the project itself would; each part may be missing."""

    def __init__(
        self, syntax: SyntaxGuard | None = None, formatter: Formatter | None = None, linter: Linter | None = None
    ) -> None:
        self._syntax = syntax
        self._formatter = formatter
        self._linter = linter
        self._checked: OrderedDict[str, _Checked] = OrderedDict()

    async def check(self, name: str, before: str | None, after: str) -> str:
        """Return the text to propose: `after`, or what the project's formatter makes of it. Touches nothing.

        Raises:
            ToolError: the edit brings errors of syntax; the same edit passes when it is asked for again.
        """
        self._checked.pop(name, None)
        remarks = []
        insisted = await asyncio.to_thread(self._syntax.check, name, before, after) if self._syntax else ""
        text = after
        if insisted:
            remarks.append(insisted)
        elif self._formatter is not None:
            text, program = await self._formatter.format(name, before, after)
            if program:
                remarks.append(f"{name} was formatted with {program}: read it again before you copy text from it")
        self._checked[name] = _Checked(before, tuple(remarks))
        while len(self._checked) > _REMEMBERED:
            self._checked.popitem(last=False)
        return text

    async def after(self, names: Sequence[str]) -> str:
        """Return remarks on the files that an edit has just changed, and what the linter newly says of them."""
        checked = {name: self._checked.pop(name) for name in names if name in self._checked}
        told = [f"Note: {remark}." for one in checked.values() for remark in one.remarks]
        if self._linter is not None and (found := await self._linter.lint({n: c.before for n, c in checked.items()})):
            told.append(found)
        return "\n".join(told)
