"""The context window: how full it is, and when it must be compacted."""

from __future__ import annotations

from trashclaw.agent.compaction import Cut, Marks, plan_cut
from trashclaw.agent.cutting import IN_A_ROW_AT_MOST
from trashclaw.agent.history import History
from trashclaw.agent.messages import Request
from trashclaw.agent.ports import Emit
from trashclaw.agent.tokens import TokenMeter
from trashclaw.protocol.errors import ContextOverflow
from trashclaw.protocol.events import ContextMeasured, ItemCompleted, ItemStarted, Notice, NoticeLevel
from trashclaw.protocol.items import Compaction, CompactionTrigger
from trashclaw.protocol.plan import Plan

_ANSWER_SHARE = 0.2
_ANSWER_TOKENS = 4096


class ContextWindow:
    """Keeps requests within what the server will really use."""

    def __init__(self, limit_tokens: int, meter: TokenMeter, emit: Emit, marks: Marks | None = None) -> None:
        self.limit_tokens = limit_tokens
        self.is_verified = False
        """Whether the server was asked again after it had loaded the model."""

        self.meter = meter
        self._emit = emit
        self._marks = marks or Marks()

    @property
    def answer_tokens(self) -> int:
        """Room kept for an answer."""
        return min(_ANSWER_TOKENS, int(self.limit_tokens * _ANSWER_SHARE))

    @property
    def high_water_tokens(self) -> int:
        """The size past which a request is compacted first."""
        return int(self.limit_tokens * self._marks.high_water)

    def is_full(self, request: Request) -> bool:
        """Whether a request is past the high-water mark, or leaves no room for an answer."""
        used = self.meter.estimate(request)
        return used > self.limit_tokens * self._marks.high_water or used + self.answer_tokens > self.limit_tokens

    def is_unsure(self, request: Request) -> bool:
        """Whether an exact count may decide otherwise than the estimate what becomes of a request."""
        used, doubt = self.meter.estimate(request), self.meter.doubt(request)
        marks = self.limit_tokens * self._marks.high_water, self.limit_tokens - self.answer_tokens
        return doubt > 0 and used + doubt > min(marks)

    def plan_cut(self, history: History, plan: Plan) -> Cut | None:
        """Plan a compaction; `None` when too little could be freed. Nothing changes before `land`."""
        room = self.limit_tokens - self.meter.tool_tokens
        cut = plan_cut(history, plan, self.meter.estimate_messages, room, self._marks)
        return None if cut is None else cut.beside(self.meter.tool_tokens)

    def land(self, item: Compaction) -> None:
        """Make a compaction that was planned."""
        self._emit(ItemStarted(item=item))
        self._emit(ItemCompleted(item=item))

    def compact(self, history: History, plan: Plan, trigger: CompactionTrigger = CompactionTrigger.FULL) -> bool:
        """Compact the history at once, with a mechanical digest; `False` when too little could be freed.

        Raises:
            ContextOverflow: see `refuse_circle`; not for a compaction that the person asked for.
        """
        if trigger is not CompactionTrigger.ASKED:
            self.refuse_circle(history)
        cut = self.plan_cut(history, plan)
        if cut is None:
            return False
        self.land(cut.item(trigger))
        return True

    def refuse_circle(self, history: History) -> None:
        """Refuse to compact once more right after three compactions in a row of which none made much room.

        One that came down to the middle between the marks did: what fills the window since is work, read once.

        Raises:
            ContextOverflow: nothing but the newest steps is left that could be cut; says what fills the window.
        """
        beside = self.meter.tool_tokens
        middle = beside + (self.limit_tokens - beside) * (self._marks.low_water + self._marks.high_water) / 2
        last = history.cuts.row[-IN_A_ROW_AT_MOST:]
        if len(last) < IN_A_ROW_AT_MOST or min(last) <= middle:
            return
        raise ContextOverflow(
            f"The window of {self.limit_tokens} tokens was compacted {IN_A_ROW_AT_MOST} times running, and is full "
            f"again. {self._filling(history)}",
            "Start afresh with /new, give the model a larger window (--num-ctx), or have it read less at a time.",
            limit=self.limit_tokens,
        )

    def _filling(self, history: History) -> str:
        """Say what fills the window."""
        sizes = [(self.meter.estimate_messages(record.messages), record) for record in history.records]
        pinned = sum(size for size, record in sizes if record.is_pinned)
        fixed = self.meter.estimate_messages([history.system]) + self.meter.tool_tokens
        text = f"In it are {fixed} tokens of instructions and tools, {pinned} of your own messages"
        if not sizes:
            return f"{text}."
        tokens, largest = max(sizes, key=lambda pair: pair[0])
        what = ", ".join(run.title for run in largest.runs[:2]) or "a message"
        return f"{text}; the largest part is {what} with {tokens}."

    def verify(self, loaded_tokens: int, *, was_assumed: bool = False) -> None:
        """Take over what the server really gives once the model is loaded, and tell of it.

        It is never more than before, unless that `was_assumed` and the server tells now.
        """
        self.is_verified = True
        if was_assumed and loaded_tokens > self.limit_tokens:
            text = (
                f"The server gives this model {loaded_tokens:,} tokens of context; {self.limit_tokens:,} were assumed."
            )
            self.limit_tokens = loaded_tokens
            self._emit(Notice(code="window_known", text=text))
        elif loaded_tokens < self.limit_tokens:
            text = f"The server gives this model {loaded_tokens} tokens of context, not {self.limit_tokens}."
            hint = "Free memory, or ask for less with --num-ctx."
            self.limit_tokens = loaded_tokens
            self._emit(Notice(level=NoticeLevel.WARNING, code="window_smaller", text=text, hint=hint))

    def check(self, request: Request, history: History) -> None:
        """Refuse a request, made of a history, that the server would cut.

        Raises:
            ContextOverflow: it does not fit, with room for an answer.
        """
        used = self.meter.estimate(request)
        if used + self.answer_tokens > self.limit_tokens:
            raise ContextOverflow(
                f"The conversation needs {used} tokens and {self.answer_tokens} for an answer; "
                f"the window has {self.limit_tokens}. {self._filling(history)} "
                "Instructions, tools and your own words are never left out.",
                "Start afresh with /new, go back to before long messages with /rewind, ask for less at a time, or give "
                "the model a larger window (--num-ctx).",
                prompt_tokens=used,
                limit=self.limit_tokens,
            )

    def measured(
        self,
        used_tokens: int,
        reused_tokens: int | None,
        *,
        is_estimate: bool = False,
        reread_tokens: int = 0,
        reread_s: float = 0.0,
    ) -> None:
        """Tell how full the window is, and what the session has cost so far in reading again."""
        self._emit(
            ContextMeasured(
                used_tokens=used_tokens,
                limit_tokens=self.limit_tokens,
                reused_tokens=reused_tokens,
                is_estimate=is_estimate,
                reread_tokens=reread_tokens,
                reread_s=round(reread_s, 3),
            )
        )
