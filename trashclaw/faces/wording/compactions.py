"""What a compaction did, in a line."""

from __future__ import annotations

from trashclaw.faces.wording.figures import counted, tokens
from trashclaw.protocol.items import Compaction, CompactionTrigger

_WHY = {
    CompactionTrigger.FULL: "",
    CompactionTrigger.OVERFLOW: "the server had refused the request",
    CompactionTrigger.ASKED: "you asked for it",
    CompactionTrigger.AHEAD: "ahead, while nobody waited",
}


def compaction_words(item: Compaction, *, is_undone: bool = False) -> str:
    """Return what a compaction did, in a line."""
    parts = [f"{tokens(item.before_tokens)} -> {tokens(item.after_tokens)} tokens"]
    if item.stubbed:
        parts.append(f"{counted(len(item.stubbed), 'item')} as stubs")
    if item.dropped:
        who = "by the model" if item.is_by_model else "from the log"
        parts.append(f"{counted(len(item.dropped), 'item')} summed up {who}")
    if why := _WHY[item.trigger]:
        parts.append(why)
    return f"{'compaction taken back' if is_undone else 'window compacted'}: {', '.join(parts)}"
