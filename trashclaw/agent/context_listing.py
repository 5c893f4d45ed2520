"""Lists what fills the window: a row for each item, whose tokens add up to those of the next request."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from trashclaw.agent.archive import KeptKind
from trashclaw.agent.context_report import ContextGroup, ContextReport, ContextRow
from trashclaw.agent.history import History
from trashclaw.agent.ledger import visible
from trashclaw.agent.manner import Manner
from trashclaw.agent.messages import Message, Request
from trashclaw.agent.records import Record
from trashclaw.agent.reuse import Reuse
from trashclaw.agent.window import ContextWindow
from trashclaw.protocol.ids import ItemId

_TITLE_CHARS = 120
_NOTE_BEGIN, _NOTE_END = "\n\n<note>", "</note>"


def make_report(
    history: History, manner: Manner, window: ContextWindow, reuse: Reuse, compactions: int
) -> ContextReport:
    """Return what fills the window; `compactions` is how many there were in the session."""
    meter, profile = window.meter, manner.profile
    used = meter.estimate(manner.dialect.render(Request(history.messages, manner.tools)))
    rows = [*_Listing(history, manner, window).rows()]
    return ContextReport(
        model=profile.model,
        limit_tokens=window.limit_tokens,
        limit_reason=profile.limit_reason,
        used_tokens=used,
        is_estimate=not meter.has_counted,
        answer_tokens=window.answer_tokens,
        high_water_tokens=window.high_water_tokens,
        rows=_scaled(rows, used),
        reused_tokens=reuse.reused_tokens,
        reread_tokens=reuse.reread_tokens,
        reread_s=reuse.reread_s,
        read_tokens_per_s=reuse.speed.tokens_per_s,
        breaks=tuple(reuse.causes),
        compactions=compactions,
    )


@dataclass(frozen=True, slots=True)
class _Listing:
    """The rows, each as large as it would be alone."""

    history: History
    manner: Manner
    window: ContextWindow

    def rows(self) -> Iterator[ContextRow]:
        yield from self._head()
        said: dict[ItemId, str] = {}
        for record in self.history.records:
            if record.is_step:
                yield from self._step(record)
            elif record.is_digest:
                text = record.messages[0].text
                yield self._row(ContextGroup.SUMMARIES, text, text.removeprefix("<summary>"))
            elif record.is_attachment:
                yield self._attachment(record, said)
            elif record.is_pinned:
                said |= dict.fromkeys(record.item_ids, _title(record.messages[0].text))
                yield from self._words(record.messages[0].text)
            else:
                text = record.messages[0].text
                title = text.removeprefix("<note>").removesuffix(_NOTE_END)
                yield self._row(ContextGroup.NOTES, text, title)

    def _head(self) -> Iterator[ContextRow]:
        """Yield the system prompt, with each part that came from a file on its own, and the tools."""
        text = self.history.system.text
        own, place = "", 0
        parts: list[ContextRow] = []
        for fragment in sorted(self.history.fragments, key=lambda fragment: fragment.start):
            start, end = max(place, fragment.start), min(len(text), fragment.end)
            if start < end:
                own += text[place:start]
                title = f"{fragment.name}: {fragment.source}" if fragment.source else fragment.name
                parts.append(self._row(ContextGroup.INSTRUCTIONS, text[start:end], title, is_pinned=True))
                place = end
        yield self._row(ContextGroup.SYSTEM_PROMPT, own + text[place:], "system prompt", is_pinned=True)
        for tool in self.manner.tools:
            told = tool.name + tool.description + json.dumps(tool.parameters)
            yield self._row(ContextGroup.TOOLS, told, tool.name, is_pinned=True)
        yield from parts

    def _words(self, text: str) -> Iterator[ContextRow]:
        words, begin, note = text.rpartition(_NOTE_BEGIN)
        if not (begin and note.endswith(_NOTE_END)):
            words, note = text, ""
        yield self._row(ContextGroup.YOUR_WORDS, words, is_pinned=True)
        if note:
            yield self._row(ContextGroup.NOTES, note, note.removesuffix(_NOTE_END), is_pinned=True)

    def _attachment(self, record: Record, said: dict[ItemId, str]) -> ContextRow:
        (item_id,) = record.item_ids
        is_stub = item_id not in record.shown
        number = self.history.archive.number_of(item_id)
        if (run := self.history.archive.run(item_id)) is not None:
            group = ContextGroup.RESULTS_STUBS if is_stub else ContextGroup.RESULTS_WHOLE
            return self._row(group, record.messages[0], run.title, number=number, is_stub=is_stub)
        title = f"came with: {said.get(item_id, '')}".removesuffix(": ")
        return self._row(ContextGroup.ATTACHMENTS, record.messages[0], title, number=number, is_stub=is_stub)

    def _step(self, record: Record) -> Iterator[ContextRow]:
        first, *results = record.messages
        archive = self.history.archive
        if first.thought:
            number = archive.number_of(record.thought_id) if record.thought_id is not None else None
            yield self._row(ContextGroup.REASONING, first.thought, number=number)
        if first.text.strip():
            yield self._row(ContextGroup.ANSWERS, first.text, number=self._number_of_words(record))
        for run, call in zip(record.runs, first.calls, strict=False):
            number, is_short = archive.number_of(run.item_id), run.item_id not in record.called
            told = call.name + call.arguments
            yield self._row(ContextGroup.CALLS, told, run.title, number=number, is_stub=is_short)
        for run, result in zip(record.runs, results, strict=False):
            is_stub = run.result is not None and run.item_id not in record.shown
            group = ContextGroup.RESULTS_STUBS if is_stub else ContextGroup.RESULTS_WHOLE
            number = archive.number_of(run.item_id)
            yield self._row(group, result, run.title, number=number, is_stub=is_stub)

    def _number_of_words(self, record: Record) -> int | None:
        archive = self.history.archive
        numbers = [archive.number_of(item_id) for item_id in record.item_ids]
        kept = [archive.find(number) for number in numbers if number is not None]
        return next((one.number for one in kept if one is not None and one.kind is KeptKind.MESSAGE), None)

    def _row(
        self,
        group: ContextGroup,
        content: str | Message,
        title: str = "",
        *,
        number: int | None = None,
        is_stub: bool = False,
        is_pinned: bool = False,
    ) -> ContextRow:
        # Of whole messages the meter remembers the size; results are most of a window.
        text, meter = content if isinstance(content, str) else content.text, self.window.meter
        tokens = meter.count(text) if isinstance(content, str) else meter.estimate_messages((content,))
        return ContextRow(group, _title(title or text), tokens, number, is_stub, is_pinned)


def _title(text: str) -> str:
    """Return the first line of a text in which there is something, so that nothing in it acts."""
    line = next((line.strip() for line in text.splitlines() if line.strip()), "")
    return visible(line if len(line) <= _TITLE_CHARS else f"{line[:_TITLE_CHARS]}...")


def _scaled(rows: Sequence[ContextRow], total: int) -> tuple[ContextRow, ...]:
    """Return the rows with tokens that add up to a total, each with its share of what templates put around it."""
    weight = sum(row.tokens for row in rows)
    if not weight:
        return tuple(replace(row, tokens=total if place == 0 else 0) for place, row in enumerate(rows))
    whole = [row.tokens * total // weight for row in rows]
    rests = sorted(range(len(rows)), key=lambda place: -(rows[place].tokens * total % weight))
    for place in rests[: total - sum(whole)]:
        whole[place] += 1
    return tuple(replace(row, tokens=tokens) for row, tokens in zip(rows, whole, strict=True))
