"""Sessions made of events alone: a history that lives, the log that it came from, and what was really said in it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from trashclaw.agent.compaction import Cut, Marks, plan_cut
from trashclaw.agent.history import History
from trashclaw.agent.messages import Message
from trashclaw.agent.summarising import joined
from trashclaw.protocol import events as ev
from trashclaw.protocol.ids import CallId, ItemId
from trashclaw.protocol.items import (
    AgentMessage,
    Compaction,
    CompactionTrigger,
    Item,
    Thought,
    ToolRun,
    UserMessage,
)
from trashclaw.protocol.plan import Plan
from trashclaw.protocol.tools import ToolCall, ToolResult, ToolStatus


def measure(messages: Iterable[Message]) -> int:
    """Return the size of messages: a token for each four characters, and a few for each message and call."""
    return sum(
        4
        + (len(message.text) + len(message.thought)) // 4
        + sum(8 + len(call.arguments) // 4 for call in message.calls)
        for message in messages
    )


@dataclass
class MadeSession:
    """Grows event by event."""

    history: History = field(default_factory=lambda: History("You are a test. " * 20))
    log: list[ev.Event] = field(default_factory=list)
    windows: list[tuple[Message, ...]] = field(default_factory=list)
    """What was to be sent after each event."""

    runs: dict[ItemId, ToolRun] = field(default_factory=dict)
    words: list[tuple[ItemId, str]] = field(default_factory=list)
    """What the person said, as far as it was not rewound."""

    attached: dict[ItemId, str] = field(default_factory=dict)
    private: dict[ItemId, ToolRun] = field(default_factory=dict)
    """What the model may not see."""

    steps: int = 0
    _ids: int = 0

    def take(self, event: ev.Event) -> None:
        """Let something happen."""
        self.log.append(event)
        self.history.apply(event)
        self.windows.append(self.history.messages)

    def complete(self, item: Item) -> None:
        """Complete an item."""
        self.take(ev.ItemCompleted(item=item))

    def say(self, text: str, attached: str = "") -> ItemId:
        """Let the person say something."""
        item_id = self._new("u")
        self.words.append((item_id, text))
        if attached:
            self.attached[item_id] = attached
        self.complete(UserMessage(item_id=item_id, text=text, attached=attached))
        return item_id

    def step(
        self,
        *results: str,
        text: str = "",
        thought: str = "",
        tool: str = "read_file",
        arguments: Mapping[str, Any] | None = None,
        metadata: Mapping[str, Any] | None = None,
        note: str = "",
    ) -> list[ItemId]:
        """Take a step with one call for each result; return the ids of its runs."""
        self.steps += 1
        self.take(ev.StepStarted(step=self.steps))
        if thought:
            self.complete(Thought(item_id=self._new("t"), text=thought, field="thinking"))
        if text:
            self.complete(AgentMessage(item_id=self._new("a"), text=text))
        given = {"path": "src/db.py"} if arguments is None else dict(arguments)
        made = [self._run(result, tool, given, dict(metadata or {})) for result in results]
        self.take(ev.StepCompleted(step=self.steps))
        if note:
            self.take(ev.Notice(code="check", text=note, to_model=True))
        return made

    def share(self, output: str) -> ItemId:
        """Let the person show the output of a command."""
        return self._run(output, "shell", {}, {"is_shared": True}, title="! ls")

    def keep_private(self, output: str) -> ItemId:
        """Let the person run a command for themselves."""
        item_id = self._run(output, "shell", {}, {"is_shared": False}, title="! pass")
        self.private[item_id] = self.runs.pop(item_id)
        return item_id

    def refuse(self, text: str) -> None:
        """Let the person say what is too large to be sent at all, once the turn before has ended."""
        self.take(ev.TurnCompleted(stop_reason=ev.StopReason.END_TURN))
        self.take(ev.TurnStarted())
        self.say(text)
        self.words.pop()
        self.take(ev.StepStarted(step=1))
        error = ev.ErrorInfo(code="context_overflow", text="It does not fit.")
        self.take(ev.TurnCompleted(stop_reason=ev.StopReason.ERROR, error=error))

    def plan(self, limit_tokens: int, marks: Marks | None = None) -> Cut | None:
        """Plan a compaction."""
        return plan_cut(self.history, Plan(), measure, limit_tokens, marks or Marks())

    def compact(
        self,
        limit_tokens: int,
        marks: Marks | None = None,
        trigger: CompactionTrigger = CompactionTrigger.FULL,
        words: str | None = None,
    ) -> Compaction | None:
        """Compact, where enough can be freed; with `words` of the model's, where steps are left out."""
        cut = self.plan(limit_tokens, marks)
        if cut is None:
            return None
        summary = joined(words, cut) if words is not None else None
        item = cut.item(trigger, summary, is_by_model=summary is not None)
        self.complete(item)
        return item

    def rewind(self, item_id: ItemId) -> None:
        """Go back to before a message of the person's."""
        places = [place for place, (said, _) in enumerate(self.words) if said == item_id]
        self.words = self.words[: places[0]]
        self.take(ev.ConversationRewound(item_id=item_id))

    def replayed(self, log: Iterable[ev.Event] | None = None) -> History:
        """Return what a log folds to, written and read again."""
        history = History("You are a test. " * 20)
        for event in self.log if log is None else log:
            history.apply(type(event).model_validate_json(event.model_dump_json()))
        return history

    def _run(
        self, result: str, tool: str, arguments: Mapping[str, Any], metadata: dict[str, Any], title: str = ""
    ) -> ItemId:
        item_id = self._new("r")
        call = ToolCall(call_id=CallId(item_id), name=tool, arguments=json.dumps(arguments))
        answer = ToolResult(call_id=call.call_id, status=ToolStatus.DONE, text=result, metadata=metadata)
        run = ToolRun(item_id=item_id, call=call, title=title or tool, status=ToolStatus.DONE, result=answer)
        self.runs[item_id] = run
        self.complete(run)
        return item_id

    def _new(self, prefix: str) -> ItemId:
        self._ids += 1
        return ItemId(f"{prefix}{self._ids}")
