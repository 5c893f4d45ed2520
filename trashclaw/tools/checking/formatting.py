"""Formats a proposed text with the project's own formatter, so that what is reviewed is what lands."""

from __future__ import annotations

import asyncio
import re

from trashclaw.languages.projects import Work, choose_tool
from trashclaw.tools.checking.runs import CheckRunner
from trashclaw.tools.checking.syntax_guard import is_sound

LIMIT_CHARS = 2_000_000
GROWTH = 2
GROWTH_CHARS = 10_000
"""A formatter may make a text `GROWTH` times as long, and so much longer still; more is none of a formatter's."""

_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
"""What no text has (NUL, escapes and the like), unless it was there before."""


class Formatter:
    """Formats files that were formatted before, and new ones."""

    def __init__(self, runner: CheckRunner) -> None:
        self._runner = runner

    async def format(self, name: str, before: str | None, after: str) -> tuple[str, str]:
        """Return the text to propose, and the formatter's name if the text is another than `after`.

        It stays `after` where the project has no formatter for it, where the old text was not formatted, and where
        the formatter fails, takes too long, would break the syntax or gives something that is no text of this file.
        """
        if not after.strip() or max(len(after), len(before or "")) > LIMIT_CHARS:
            return after, ""
        chosen = await asyncio.to_thread(choose_tool, self._runner.root, name, Work.FORMAT)
        if chosen is None:
            return after, ""
        inputs, line = {"new": after}, f'{chosen.line} < "$new" > "$formatted"'
        outputs: tuple[str, ...] = ("formatted",)
        if before is not None and before.strip():
            inputs["old"] = before
            outputs = (*outputs, "kept")
            line = f'{chosen.line} < "$old" > "$kept" && {line}'
        done = await self._runner.run(line, f"{chosen.tool.program} {name}", inputs, outputs)
        if done is None or done.is_stopped or done.result.exit_code != 0:
            return after, ""
        if "old" in inputs and done.outputs.get("kept") != before:
            return after, ""
        text = done.outputs.get("formatted", "")
        if text == after or not _is_likely(after, text) or (is_sound(name, after) and not is_sound(name, text)):
            return after, ""
        return text, chosen.tool.program


def _is_likely(text: str, formatted: str) -> bool:
    """Tell whether what a program gave can be this text in another form."""
    if not formatted.strip() or len(formatted) > GROWTH * len(text) + GROWTH_CHARS:
        return False
    return set(_CONTROL.findall(formatted)) <= set(_CONTROL.findall(text))
