"""Redaction: what tools, files and commands brought is freed of secrets before it is stored, folded or told.

The words of the person and of the model stay as they are; a patch is redacted where it is shown, never where it lands.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Iterator, Mapping

from pydantic import JsonValue

from trashclaw.agent.ports import Redactor
from trashclaw.policy.private_keys import open_key
from trashclaw.protocol import events as ev
from trashclaw.protocol.ids import ItemId
from trashclaw.protocol.items import Item, ToolRun, UserMessage
from trashclaw.protocol.patches import FileChange, Hunk, Patch
from trashclaw.protocol.tools import ToolResult, ToolStatus

HELD_CHARS = 8_192
"""What is held back of output that has no line end; more is told in pieces."""

PIECE_S = 0.01
"""So long is looked for secrets before others have their turn."""

_KEPT_CHARS = 4_096
_BETWEEN = re.compile(r"[^A-Za-z0-9_.=+/-](?=[A-Za-z0-9_.=+/-]*\Z)")
_GIVING = re.compile(r"pass|secret|token|key|credential|authorization|://|---", re.IGNORECASE)


class EventRedaction:
    """Turns each event into what may leave the session."""

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor
        self._held: dict[ItemId, str] = {}
        self._known: dict[str, str] = {}
        """What has been looked at ahead of its event."""

    def remember(self, event: ev.Event) -> None:
        """Take in an event of the log: what its placeholders stood for is gone."""
        if isinstance(event, ev.ItemCompleted):
            for text in _texts_of(event.item):
                self._redactor.reserve(text)
        elif isinstance(event, ev.SessionStarted):
            self._redactor.reserve(event.system)

    async def prepare(self, patch: Patch | None, metadata: Mapping[str, JsonValue]) -> None:
        """Look for secrets in what a tool is about to tell, in pieces: with thousands of files it takes long."""
        began = time.monotonic()
        for text in _texts_ahead(patch, metadata):
            if text not in self._known:
                self._known[text] = self._redactor.redact(text).text
            if time.monotonic() - began > PIECE_S:
                await asyncio.sleep(0)
                began = time.monotonic()

    def patch(self, patch: Patch) -> Patch:
        """Return a patch as it may be shown."""
        return patch.model_copy(update={"changes": tuple(map(self._change, patch.changes))})

    def clean(self, event: ev.Event) -> list[ev.Event]:
        """Return what to tell in place of an event: nothing yet for held output, and what was held before its end."""
        match event:
            case ev.ItemDelta(channel=ev.Channel.OUTPUT):
                return self._stream(event)
            case ev.ItemStarted(item=ToolRun() as run):
                return [event.model_copy(update={"item": self._run(run)})]
            case ev.ItemCompleted(item=ToolRun() as run):
                told = [*self._rest(run.item_id), event.model_copy(update={"item": self._run(run)})]
                self._known.clear()
                return told
            case ev.ItemStarted(item=UserMessage() as message) | ev.ItemCompleted(item=UserMessage() as message):
                attached = self._foreign(message.attached)
                return [event.model_copy(update={"item": message.model_copy(update={"attached": attached})})]
            case ev.ApprovalRequested(request=request):
                patch, title = self._patch(request.patch), self._text(request.title)
                update = {"patch": patch, "title": title, "warning": self._text(request.warning)}
                return [event.model_copy(update={"request": request.model_copy(update=update)})]
            case ev.HunksReverted(patch=patch):
                return [event.model_copy(update={"patch": self._patch(patch)})]
            case ev.Notice():
                return [event.model_copy(update={"text": self._text(event.text), "hint": self._text(event.hint)})]
            case ev.TurnCompleted(error=ev.ErrorInfo() as error):
                clean = error.model_copy(update={"text": self._text(error.text), "hint": self._text(error.hint)})
                return [event.model_copy(update={"error": clean})]
            case ev.FailureRouted():
                return [event.model_copy(update={"lines": tuple(map(self._text, event.lines))})]
            case ev.DialectChosen():
                return [event.model_copy(update={"reason": self._text(event.reason)})]
            case ev.EgressRecorded():
                return [event.model_copy(update={"host": self._text(event.host)})]
            case _:
                return [event]

    def _text(self, text: str) -> str:
        if not text or text in self._known:
            return self._known.get(text, text)
        return self._redactor.redact(text).text

    def _foreign(self, text: str) -> str:
        """Redact what came from files or commands: a placeholder in there was written by somebody else."""
        self._redactor.reserve(text)
        return self._text(text)

    def _run(self, run: ToolRun) -> ToolRun:
        result = self._result(run.result) if run.result is not None else None
        update = {"title": self._text(run.title), "patch": self._patch(run.patch), "result": result}
        return run.model_copy(update=update)

    def _result(self, result: ToolResult) -> ToolResult:
        redact = self._foreign if result.status is ToolStatus.DONE else self._text
        return result.model_copy(
            update={
                "text": redact(result.text),
                "stdout": result.stdout and redact(result.stdout),
                "stderr": result.stderr and redact(result.stderr),
                "metadata": {name: self._value(value) for name, value in result.metadata.items()},
            }
        )

    def _value(self, value: JsonValue) -> JsonValue:
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, list):
            return [self._value(entry) for entry in value]
        if isinstance(value, dict):
            return {name: self._value(entry) for name, entry in value.items()}
        return value

    def _patch(self, patch: Patch | None) -> Patch | None:
        return None if patch is None else self.patch(patch)

    def _change(self, change: FileChange) -> FileChange:
        hunks, warning = tuple(map(self._hunk, change.hunks)), self._text(change.warning)
        if hunks == change.hunks and warning == change.warning:
            return change
        return change.model_copy(update={"hunks": hunks, "warning": warning})

    def _hunk(self, hunk: Hunk) -> Hunk:
        bodies, text = _bodies(hunk)
        clean, what = self._text(text), self._text(hunk.what)
        if clean == text and what == hunk.what:
            return hunk
        cleaned = clean.split("\n")
        if len(cleaned) != len(bodies):
            cleaned = [self._text(body) for body in bodies]
        ends = (line[len(body) :] for line, body in zip(hunk.lines, bodies, strict=True))
        lines = tuple(body + end for body, end in zip(cleaned, ends, strict=True))
        return hunk.model_copy(update={"lines": lines, "what": what})

    def _stream(self, event: ev.ItemDelta) -> list[ev.Event]:
        """Tell whole lines, and of the last one what no secret can begin in."""
        text = self._held.pop(event.item_id, "") + event.text
        at = _safe_end(text)
        if text[at:]:
            self._held[event.item_id] = text[at:]
        return [event.model_copy(update={"text": self._text(text[:at])})] if at else []

    def _rest(self, item_id: ItemId) -> list[ev.Event]:
        held = self._held.pop(item_id, "")
        if not held:
            return []
        return [ev.ItemDelta(item_id=item_id, channel=ev.Channel.OUTPUT, text=self._text(held))]


def _safe_end(text: str) -> int:
    """Return up to where output can be told: what comes next can make no secret of it."""
    if (key := open_key(text)) is not None:
        return key
    start = max(text.rfind("\n"), text.rfind("\r")) + 1
    if _GIVING.search(text, start):
        end = start
    else:
        word = max(start, text.rfind(" ") + 1, text.rfind("\t") + 1)
        end = word if any(char.isalnum() or char == "-" for char in text[word:]) else len(text)
    return end if len(text) - end <= HELD_CHARS else _forced_end(text)


def _forced_end(text: str) -> int:
    """Return where an endless line is cut: between two words, if there are any."""
    end = len(text) - _KEPT_CHARS
    between = _BETWEEN.search(text, end - _KEPT_CHARS, end)
    return between.end() if between is not None else end


def _bodies(hunk: Hunk) -> tuple[list[str], str]:
    """Return a hunk's lines without their ends, alone and as one text."""
    bodies = [line.rstrip("\r\n") for line in hunk.lines]
    return bodies, "\n".join(bodies)


def _texts_ahead(patch: Patch | None, value: object) -> Iterator[str]:
    """Yield the texts of a patch, and those in the values of an object."""
    for hunk in patch.hunks if patch is not None else ():
        yield _bodies(hunk)[1]
    if isinstance(value, str):
        yield value
    elif isinstance(value, (Mapping, list, tuple)):
        for entry in value.values() if isinstance(value, Mapping) else value:
            yield from _texts_ahead(None, entry)


def _texts_of(item: Item) -> tuple[str, ...]:
    if isinstance(item, ToolRun) and item.result is not None:
        return (item.result.text, item.result.stdout or "", item.result.stderr or "")
    return (item.attached,) if isinstance(item, UserMessage) else ()
