"""What can be done with a block, for the bottom edge of the conversation."""

from __future__ import annotations

from collections.abc import Sequence

from trashclaw.faces.tui.turns import own_message_before
from trashclaw.faces.tui.widgets.block import Block
from trashclaw.faces.tui.widgets.block_words import code_words, named_places, source_words


def block_actions(block: Block) -> Sequence[tuple[str, str]]:
    """Return (action id, word) for what its keys do, the most wanted first."""
    is_own = own_message_before([block.entry], 0) is not None
    wanted = [
        ("block.open", "fold" if block.is_open else "open", block.can_fold),
        ("block.copy", "copy", bool(source_words(block))),
        ("block.edit", "edit", is_own),
        ("block.retry", "retry", not is_own),
        ("block.file", "file", bool(named_places(block))),
        ("block.code", "code", bool(code_words(block))),
        ("block.fork", "fork", True),
        ("transcript.search", "search", True),
    ]
    return [(action_id, word) for action_id, word, is_possible in wanted if is_possible]
