"""The formats of documents, chosen by the ending of a file's name."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from trashclaw.protocol.errors import UsageError


class Format(StrEnum):
    """What a document is written as; the value is the ending of its file."""

    MARKDOWN = "md"
    HTML = "html"
    JSONL = "jsonl"


MEANINGS = {
    Format.MARKDOWN: "Markdown, to read and to paste",
    Format.HTML: "one page for a browser, with nothing outside it",
    Format.JSONL: "every event as a line of JSON",
}


def format_of(file: Path) -> Format:
    """Return the format that the ending of a file's name stands for.

    Raises:
        UsageError: it stands for none.
    """
    try:
        return Format(file.suffix.lower().removeprefix("."))
    except ValueError:
        endings = ", ".join(f".{kind.value} ({meaning})" for kind, meaning in MEANINGS.items())
        raise UsageError(f"{file.name} ends in no known format.", f"There is {endings}.") from None
