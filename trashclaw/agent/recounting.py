"""Recounting: what the server counted in the last steps of a log, so that a resumed session knows it too."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from trashclaw.agent.history import History
from trashclaw.agent.manner import Manner
from trashclaw.agent.messages import Message, Request
from trashclaw.agent.records import Record
from trashclaw.agent.tokens import goes_on
from trashclaw.protocol import events as ev
from trashclaw.protocol.usage import Usage

_STEPS = 8
"""The last ones; from so many nearly all is learned that there is to learn."""


@dataclass(frozen=True, slots=True)
class _Step:
    """A step: what was in the window when it was asked for, as so many records of a list that only grew since."""

    system: Message
    records: list[Record]
    count: int
    usage: Usage

    @property
    def messages(self) -> tuple[Message, ...]:
        return (self.system, *(message for record in self.records[: self.count] for message in record.messages))


class CountedSteps:
    """Folds the events of a session into its last counted steps of one model in one manner."""

    def __init__(self) -> None:
        self._steps: deque[_Step] = deque(maxlen=_STEPS)
        self._model: tuple[str, str] = ("", "")
        self._manner: ev.DialectChosen | None = None

    def apply(self, event: ev.Event, history: History) -> None:
        """Fold one event in, before the history does."""
        match event:
            case ev.SessionStarted():
                self._take_model(event.provider, event.model)
            case ev.SettingsChanged():
                self._take_model(event.provider or self._model[0], event.model)
            case ev.DialectChosen():
                told = event.model_copy(update={"reason": ""})
                if told != self._manner:
                    self._steps.clear()
                self._manner = told
            case ev.StepCompleted() if event.usage.prompt_tokens > 0 and not event.usage.is_estimate:
                self._steps.append(_Step(history.system, history.records, len(history.records), event.usage))
            case _:
                pass

    def requests(self, manner: Manner) -> Iterator[tuple[Request, Usage]]:
        """Yield what was sent, the oldest first, with what the server said of it.

        Where a question beside the conversation was counted with a step, the count is too large: no request that goes
        on from it counts less, so that one is left out.
        """
        kept: list[tuple[Request, Usage]] = []
        for step in self._steps:
            sent = manner.dialect.render(Request(step.messages, manner.tools))
            while kept and goes_on(sent, kept[-1][0]) and step.usage.prompt_tokens < kept[-1][1].prompt_tokens:
                kept.pop()
            kept.append((sent, step.usage))
        yield from kept

    def _take_model(self, provider: str, model: str) -> None:
        if (provider, model) != self._model:
            self._steps.clear()
        self._model = provider, model
