"""What the blocks of a conversation say, for the search and to be copied: a group says what it hides."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from trashclaw.faces.tui.finding import searched_text
from trashclaw.faces.tui.source import FilePlace, code_parts, file_places, source_text
from trashclaw.faces.tui.widgets.block import Block
from trashclaw.faces.tui.widgets.run_group import RunGroup


def searched_words(block: Block) -> str:
    """Return what is looked through; of a group nothing, since its members are looked through."""
    return "" if isinstance(block, RunGroup) else searched_text(block.entry, block.preview)


def source_words(block: Block) -> str:
    """Return the words of a block as they came."""
    return "\n\n".join(filter(None, (source_text(one.entry, one.preview) for one in _blocks(block))))


def code_words(block: Block) -> Sequence[str]:
    """Return the code in a block."""
    return [part for one in _blocks(block) for part in code_parts(one.entry, one.preview)]


def named_places(block: Block) -> Sequence[FilePlace]:
    """Return the places in files that a block names, each once."""
    return tuple(dict.fromkeys(place for one in _blocks(block) for place in file_places(one.entry, one.preview)))


def _blocks(block: Block) -> Iterator[Block]:
    return block.told() if isinstance(block, RunGroup) else iter((block,))
