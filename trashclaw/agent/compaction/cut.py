"""A cut: what a compaction would do to a window, before anybody does it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from trashclaw.agent.archive import Archive
from trashclaw.agent.compaction.layout import Measure
from trashclaw.agent.history import compacted
from trashclaw.agent.records import Record
from trashclaw.protocol.ids import ItemId, new_id
from trashclaw.protocol.items import Compaction, CompactionTrigger


@dataclass(frozen=True, slots=True)
class Cut:
    """What would become a stub and what would be left out of a window, and how large it would be then."""

    stubbed: tuple[ItemId, ...]
    dropped: tuple[ItemId, ...]
    before_tokens: int
    after_tokens: int
    """With the mechanical digest."""

    reread_tokens: int
    """What the server would have to read again: everything behind the first change."""

    digest: str
    """What stands for the steps that are left out, put together from the log; empty where none are."""

    facts: str
    """The same in fewer lines, for behind a summary by the model."""

    paths: tuple[str, ...]
    """The files that a summary must name: those that the steps changed."""

    summary_tokens: int
    """How large a summary may be."""

    records: tuple[Record, ...]
    """The window that it was planned for."""

    archive: Archive
    measure: Measure
    fixed_tokens: int
    """The system prompt, and what is sent beside the messages."""

    @property
    def needs_summary(self) -> bool:
        """Whether steps are left out, for which something has to stand."""
        return bool(self.dropped)

    def beside(self, tokens: int) -> Cut:
        """Return the cut with all sizes of the window as they are with something beside the messages: the tools."""
        return replace(
            self,
            before_tokens=self.before_tokens + tokens,
            after_tokens=self.after_tokens + tokens,
            fixed_tokens=self.fixed_tokens + tokens,
        )

    def item(self, trigger: CompactionTrigger, summary: str | None = None, *, is_by_model: bool = False) -> Compaction:
        """Return the compaction; without a `summary` the mechanical one stands for what is left out."""
        text = self.digest if summary is None or not self.dropped else summary
        made = Compaction(
            item_id=ItemId(new_id("item")),
            summary=text,
            stubbed=self.stubbed,
            dropped=self.dropped,
            before_tokens=self.before_tokens,
            trigger=trigger,
            is_by_model=is_by_model and text is summary,
        )
        return made.model_copy(update={"after_tokens": self.size_after(made)})

    def size_after(self, item: Compaction) -> int:
        """Return the tokens of the window after a compaction."""
        after = compacted(self.records, item, self.archive)
        return self.fixed_tokens + sum(self.measure(record.messages) for record in after)
