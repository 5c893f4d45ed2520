"""`recall`: brings back whole what left the window, by its number, or finds the number of a text."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Sequence
from typing import Any

from pydantic import Field, field_validator

from trashclaw.agent.archive import RECALLED, Archive, Hit, Kept, KeptKind
from trashclaw.agent.ports import Narrator, Outcome, Proposal
from trashclaw.agent.records import outline
from trashclaw.protocol.errors import ToolError
from trashclaw.protocol.patches import Patch
from trashclaw.protocol.tools import ToolKind
from trashclaw.tools.base import TypedTool
from trashclaw.tools.schema import Arguments
from trashclaw.tools.truncate import clip

PAGE_CHARS = 16_000
"""No page is larger."""

_LEAST_PAGE_CHARS = 600
_CHARS_A_TOKEN = 3
_PAGE_SHARE = 0.1
_NUMBER = re.compile(r"\s*(?:recall|id|number|no\.?)?\s*#?\s*(\d{1,9})\s*", re.IGNORECASE)


def page_chars(limit_tokens: int) -> int:
    """Return how much one call shows in a window of so many tokens: about a tenth of it."""
    return min(PAGE_CHARS, max(_LEAST_PAGE_CHARS, int(limit_tokens * _PAGE_SHARE * _CHARS_A_TOKEN)))


class RecallArguments(Arguments):
    id: int | None = Field(default=None, description="its number")
    query: str | None = None
    offset: int | None = Field(default=None, description="character to start at")

    @field_validator("id", mode="before")
    @classmethod
    def _take_number(cls, given: Any) -> Any:
        """Read the number as our stubs write it: `#12`, `recall 12`."""
        found = _NUMBER.fullmatch(given) if isinstance(given, str) else None
        return int(found[1]) if found else given


class Recall(TypedTool[RecallArguments]):
    """Shows what is in the archive; changes nothing."""

    name = "recall"
    description = "Show what was left out, or find it."
    kind = ToolKind.READ
    other_names = ("recall_result", "remember", "retrieve", "expand", "get_result", "show_result")
    example = '{"id": 12}'
    arguments = RecallArguments

    def __init__(self, archive: Archive, page: Callable[[], int]) -> None:
        """`page` gives the most characters that one call may show."""
        super().__init__()
        self._archive = archive
        self._page = page

    async def propose(self, arguments: RecallArguments) -> Proposal:
        if arguments.id is None and not (arguments.query or "").strip():
            raise ToolError("recall needs the number of what was left out, or words to find it by.", self.lesson)
        what = f"{arguments.id}" if arguments.id is not None else f'"{arguments.query}"'
        page = f" from character {arguments.offset}" if arguments.offset else ""
        return Proposal(title=f"recall {what}{page}", payload=arguments)

    async def execute(self, proposal: Proposal, accepted: Patch | None, narrator: Narrator) -> Outcome:
        arguments: RecallArguments = proposal.payload
        if arguments.id is None:
            return await self._find(arguments.query or "")
        kept = self._archive.find(arguments.id)
        if kept is None:
            raise ToolError(
                f"Nothing has the number {arguments.id}.",
                "The numbers stand in the lines of what was left out, as #12. To find one: recall with query.",
            )
        return self._show(kept, max(0, arguments.offset or 0))

    def _show(self, kept: Kept, start: int) -> Outcome:
        total = len(kept.text)
        if 0 < total <= start:
            return Outcome(f"[#{kept.number} has {total} characters; offset={start} is past its end]")
        end = _end_of_page(kept.text, start, self._page())
        run = self._archive.run(kept.item_id)
        what = outline(run) if run is not None else kept.title
        is_run = kept.kind is KeptKind.RUN
        head = f"[#{kept.number} {what}{', as it was then; a file may have changed since' if is_run else ''}]"
        rest = f"\n[characters {start}-{end} of {total}; go on with id={kept.number}, offset={end}]"
        metadata = {RECALLED: kept.number, **self._sources([kept])}
        return Outcome(f"{head}\n{kept.text[start:end]}{rest if end < total else ''}", metadata=metadata)

    async def _find(self, query: str) -> Outcome:
        # Beside the event loop: megabytes are looked through.
        hits = await asyncio.to_thread(self._archive.search, query)
        if not hits:
            return Outcome(f"[nothing that was said or read holds {clip(query, 80)!r}; try fewer words, or one alone]")
        lines, room = ["[found, the newest first; recall with id shows one whole]"], self._page()
        for hit in hits:
            line = _told(hit)
            room -= len(line) + 1
            if room < 0 and len(lines) > 1:
                break
            lines.append(line)
        return Outcome("\n".join(lines), metadata={"found": len(hits), **self._sources([hit.kept for hit in hits])})

    def _sources(self, shown: Sequence[Kept]) -> dict[str, Any]:
        """Return where texts came from that nobody here wrote; it holds for what is brought back, too."""
        sources: set[str] = set()
        for kept in shown:
            run = self._archive.run(kept.item_id)
            came_from = run.result.metadata.get("came_from") if run is not None and run.result is not None else None
            sources.update(map(str, came_from) if isinstance(came_from, list) else ())
        return {"came_from": sorted(sources)} if sources else {}


def _told(hit: Hit) -> str:
    return f"#{hit.kept.number} {hit.kept.title}, line {hit.line}: {hit.excerpt}"


def _end_of_page(text: str, start: int, limit: int) -> int:
    """Return where a page ends: behind a line's end, where there is one in its second half."""
    end = start + limit
    if end >= len(text):
        return len(text)
    cut = text.rfind("\n", start + limit // 2, end)
    return cut + 1 if cut >= 0 else end
