"""One task without a screen: a prompt in, an answer and an exit code out."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import TextIO

from trashclaw.faces.batch.exit_codes import ExitCode, code_of_turn, was_refused
from trashclaw.faces.batch.report import final_answer, manner_line, mended_line, report
from trashclaw.faces.visible import telling_line, visible, visible_line
from trashclaw.protocol import events as ev
from trashclaw.protocol.approvals import Approval, Verdict
from trashclaw.protocol.envelope import Envelope
from trashclaw.protocol.errors import UsageError
from trashclaw.protocol.items import Compaction, Item, ToolRun
from trashclaw.protocol.manners import DialectName, ToolSetName
from trashclaw.protocol.ops import ApprovalAnswer, TurnInterrupt, TurnStart
from trashclaw.session.session import Session

TOLD_CHARS = 300
"""Characters that are told of a note to the model."""


class Output(StrEnum):
    """What standard output carries."""

    TEXT = "text"
    JSON = "json"
    STREAM_JSON = "stream-json"


class BatchRun:
    """Runs one turn and prints what comes of it: results on `out`, the rest on `log`."""

    def __init__(
        self, session: Session, output: Output, out: TextIO, log: TextIO, events: TextIO | None = None
    ) -> None:
        self._session = session
        self._output = output
        self._out = out
        self._log = log
        self._events = events
        self._items: list[Item] = []
        self._done: ev.TurnCompleted | None = None

    async def run(self, prompt: str, attached: str = "") -> ExitCode:
        """Run the turn to its end and return the exit code."""
        subscription = self._session.subscribe()
        for envelope in self._session.started:
            self._print_envelope(envelope)
            self._tell_notice(envelope.event)
            if isinstance(envelope.event, ev.DialectChosen) and _is_unusual(envelope.event):
                self._tell(manner_line(envelope.event))
        self._session.submit(TurnStart(text=prompt, attached=attached))
        with _interrupted_by_signals(self._session):
            while self._done is None and await subscription.wait():
                for envelope in subscription.take_waiting():
                    self._take(envelope)
        await self._session.wait_idle()
        for envelope in subscription.take_waiting():
            self._take(envelope)
        self._session.unsubscribe(subscription)
        return self._close()

    def _take(self, envelope: Envelope) -> None:
        self._print_envelope(envelope)
        match envelope.event:
            case ev.ItemCompleted(item=item):
                self._items.append(item)
                self._tell(_line(item))
            case ev.Notice() as notice:
                self._tell_notice(notice)
            case ev.DialectChosen() as manner:
                self._tell(manner_line(manner))
            case ev.FailureRouted() as failure:
                self._tell(_failure_line(failure))
            case ev.ApprovalRequested(request=request):
                nobody = Approval(verdict=Verdict.REJECTED, note="Nobody can be asked here.", by="policy")
                self._session.submit(ApprovalAnswer(approval_id=request.approval_id, approval=nobody))
            case ev.TurnCompleted() as done:
                self._done = done
            case _:
                pass

    def _close(self) -> ExitCode:
        done = self._done or ev.TurnCompleted(stop_reason=ev.StopReason.ERROR)
        code = code_of_turn(done, self._items)
        if done.error is not None:
            self._tell(f"error: {done.error.text} {done.error.hint}".strip())
        if code is ExitCode.APPROVAL_NEEDED:
            for line in _refusals(self._items):
                self._tell(line)
        self._tell(mended_line(self._items, self._session.transcript.manner))
        answer = final_answer(self._items)
        if self._output is Output.TEXT and answer:
            self._print(visible(answer) if self._out.isatty() else answer)
        elif self._output is Output.JSON:
            told = report(self._session.session_id, self._session.transcript, self._items, done, code)
            self._print(json.dumps(told, ensure_ascii=False, indent=2))
        return code

    def _print_envelope(self, envelope: Envelope) -> None:
        if self._output is Output.STREAM_JSON or self._events is not None:
            line = envelope.model_dump_json(exclude_none=True)
            if self._events is not None:
                self._events.write(line + "\n")
            if self._output is Output.STREAM_JSON:
                self._print(line)

    def _print(self, text: str) -> None:
        self._out.write(text + "\n")
        self._out.flush()

    def _tell_notice(self, event: ev.Event) -> None:
        if isinstance(event, ev.Notice) and event.to_model:
            self._tell(f"  told      the model: {next(iter(event.text.splitlines()), '')[:TOLD_CHARS]}")
        elif isinstance(event, ev.Notice) and event.level is not ev.NoticeLevel.INFO:
            lines = f"{event.level}: {event.text} {event.hint}".strip().splitlines()
            # A report has lines of its own; what else is said is one.
            for line in lines if event.code == "stalled" else [" ".join(lines)]:
                self._tell(line)

    def _tell(self, text: str) -> None:
        if text:
            self._log.write(visible_line(text) + "\n")
            self._log.flush()


def _failure_line(failure: ev.FailureRouted) -> str:
    first = telling_line(failure.lines)
    again = f" (the same, {failure.times} times now)" if failure.times > 1 else ""
    return f"            | {first}{again}" if first or again else ""


def _is_unusual(manner: ev.DialectChosen) -> bool:
    return (manner.dialect, manner.tool_set) != (DialectName.NATIVE, ToolSetName.FULL)


def _line(item: Item) -> str:
    if isinstance(item, Compaction):
        summed = f", {len(item.dropped)} items summed up" if item.dropped else ""
        by = " by the model" if item.dropped and item.is_by_model else ""
        size = f"{item.before_tokens} -> {item.after_tokens} tokens"
        return f"  compacted the window: {size}, {len(item.stubbed)} items as stubs{summed}{by}"
    if not isinstance(item, ToolRun):
        return ""
    code = item.result.exit_code if item.result else None
    tail = f" (exit code {code})" if code else ""
    return f"  {item.status:<9} {item.title}{tail}"


def _refusals(items: list[Item]) -> Iterator[str]:
    for item in items:
        if was_refused(item) and isinstance(item, ToolRun) and item.result:
            said = item.result.metadata.get("effects_refused")
            yield f"refused: {item.title}: {f'what it changed: {said}' if said else item.result.text}"


@contextmanager
def _interrupted_by_signals(session: Session) -> Iterator[None]:
    """Let SIGINT, SIGTERM and SIGHUP interrupt the turn; the log stays whole. A second one ends the program."""
    if sys.platform == "win32":
        yield
        return
    loop = asyncio.get_running_loop()
    known = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.getsignal(number) for number in known if signal.getsignal(number) is not signal.SIG_IGN}

    def put_back() -> None:
        for number, handler in before.items():
            if loop.remove_signal_handler(number):
                signal.signal(number, handler)

    def interrupt() -> None:
        put_back()
        try:
            session.submit(TurnInterrupt())
        except UsageError as error:
            sys.stderr.write(f"{error}\n")

    for number in before:
        loop.add_signal_handler(number, interrupt)
    try:
        yield
    finally:
        put_back()
