"""A long session made by a script: prompts, tool runs with output, answers in Markdown, a window that is compacted."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path

from trashclaw.protocol import events as ev
from trashclaw.protocol.envelope import Envelope
from trashclaw.protocol.ids import CallId, ItemId, SessionId, TurnId
from trashclaw.protocol.items import AgentMessage, Compaction, Item, Thought, ToolRun, UserMessage
from trashclaw.protocol.manners import DialectName, EditFormat, ToolSetName
from trashclaw.protocol.modes import Mode
from trashclaw.protocol.tools import ToolCall, ToolKind, ToolResult, ToolStatus
from trashclaw.protocol.usage import Timings, Usage
from trashclaw.store.log import Log

SESSION_ID = SessionId("20260101-000000-b167")
END = "This is the end of it all."
_SEED = 5
_COMPACTED_EVERY, _KEPT_TURNS = 100, 10
_TEXT = (
    "order customer price stock basket invoice refund parcel label route token audit module function returns total "
    "the a of which when each value list error test case reads writes before after because instead first last"
)
_WORDS = tuple(_TEXT.split(" "))


class BigLog:
    """Makes the events of a session, turn by turn; the same for the same seed."""

    def __init__(self, model: str) -> None:
        self._source = random.Random(_SEED)
        self._model = model
        self._window: list[list[ItemId]] = []
        self._items = 0

    def events(self, turns: int) -> Iterator[tuple[TurnId | None, ev.Event]]:
        """Yield each event with its turn: five items a turn, and a compaction now and then."""
        yield (
            None,
            ev.SessionStarted(
                workspace="/w",
                provider="scripted",
                model=self._model,
                mode=Mode.REVIEW,
                limit_tokens=32_768,
                system="x",
            ),
        )
        yield (
            None,
            ev.DialectChosen(dialect=DialectName.NATIVE, tool_set=ToolSetName.FULL, edit_format=EditFormat.REPLACE),
        )
        for number in range(1, turns + 1):
            turn_id = TurnId(f"turn_{number:012x}")
            self._window.append([])
            for event in self._turn(number, is_last=number == turns):
                yield turn_id, event

    def _turn(self, number: int, *, is_last: bool) -> Iterator[ev.Event]:
        yield ev.TurnStarted()
        yield from self._whole(UserMessage(item_id=self._id(), text=f"Number {number}: {self._prose(30)}"))
        yield ev.StepStarted(step=1)
        yield from self._whole(Thought(item_id=self._id(), text=self._prose(60), field="thinking"))
        for _ in range(2):
            yield from self._run()
        yield ev.StepCompleted(step=1, usage=Usage(prompt_tokens=9_000, completion_tokens=90), timings=Timings())
        if number % _COMPACTED_EVERY == 0:
            yield from self._compaction()
        yield ev.StepStarted(step=2)
        yield from self._whole(AgentMessage(item_id=self._id(), text=END if is_last else self._markdown(number)))
        yield ev.StepCompleted(step=2, usage=Usage(prompt_tokens=9_900, completion_tokens=200), timings=Timings())
        yield ev.TurnCompleted(stop_reason=ev.StopReason.END_TURN, steps=2, duration_s=9.5)

    def _run(self) -> Iterator[ev.Event]:
        item_id, path = self._id(), f"src/{self._source.choice(_WORDS)}/{self._source.choice(_WORDS)}.py"
        output = "".join(f"{path}:{line}: {self._prose(9)}\n" for line in range(self._source.randint(5, 40)))
        call = ToolCall(
            call_id=CallId(f"call_{item_id}"), name="grep", arguments=json.dumps({"pattern": "x", "path": path})
        )
        run = ToolRun(item_id=item_id, call=call, title=f'grep "x" {path}', tool_kind=ToolKind.SEARCH)
        result = ToolResult(call_id=call.call_id, status=ToolStatus.DONE, text=output, metadata={"lines": 12})
        yield ev.ItemStarted(item=run)
        yield ev.ItemCompleted(
            item=run.model_copy(update={"status": ToolStatus.DONE, "result": result, "duration_s": 0.02})
        )

    def _compaction(self) -> Iterator[ev.Event]:
        dropped = tuple(item_id for items in self._window[:-_KEPT_TURNS] for item_id in items)
        self._window = self._window[-_KEPT_TURNS:]
        yield from self._whole(Compaction(item_id=self._id(), summary=self._prose(200), dropped=dropped))

    def _whole(self, item: Item) -> Iterator[ev.Event]:
        is_written = isinstance(item, (AgentMessage, Thought))
        yield ev.ItemStarted(item=item.model_copy(update={"text": ""}) if is_written else item)
        yield ev.ItemCompleted(item=item)

    def _markdown(self, number: int) -> str:
        code = "\n".join(
            f"    {self._source.choice(_WORDS)} = {self._source.choice(_WORDS)}({line})" for line in range(6)
        )
        rows = "\n".join(f"| {self._source.choice(_WORDS)} | {line} |" for line in range(3))
        return (
            f"## What {number} came to\n\n{self._prose(50)}\n\n- **{self._prose(6)}**\n- `{self._prose(3)}`\n\n"
            f"```python\ndef f():\n{code}\n```\n\n| name | count |\n|---|---|\n{rows}\n\n{self._prose(20)}"
        )

    def _prose(self, words: int) -> str:
        return " ".join(self._source.choices(_WORDS, k=words))

    def _id(self) -> ItemId:
        self._items += 1
        item_id = ItemId(f"item_{self._items:012x}")
        if self._window:
            self._window[-1].append(item_id)
        return item_id


def write_big_log(file: Path, turns: int, model: str) -> int:
    """Write the log of one session; return the number of its envelopes."""
    log = Log(file)
    made = BigLog(model).events(turns)
    seq = 0
    try:
        for seq, (turn_id, event) in enumerate(made, start=1):
            log.append(Envelope(seq=seq, at=1.7e9 + seq, session_id=SESSION_ID, turn_id=turn_id, event=event))
    finally:
        log.close()
    return seq
