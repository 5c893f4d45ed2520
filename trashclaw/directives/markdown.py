"""Markdown with YAML front-matter: the form of everything that people define in prose."""

from __future__ import annotations

from dataclasses import dataclass

from trashclaw.directives.strict_yaml import Document, read_mapping
from trashclaw.protocol.errors import ConfigError

FENCE = "---"


@dataclass(frozen=True, slots=True)
class MarkdownFile:
    """A Markdown text, divided into what is said of it and what it says."""

    front: Document
    body: str
    """The text below the front-matter, with `\\n` line ends and no blank edges."""


def parse_markdown(text: str, source: str) -> MarkdownFile:
    """Divide a Markdown text; without front-matter, all of it is body.

    Raises:
        ConfigError: the front-matter does not end, or is no plain YAML mapping.
    """
    lines = text.replace("\r\n", "\n").split("\n")
    if lines[0].rstrip() != FENCE:
        return MarkdownFile(Document(source, {}, {}), "\n".join(lines).strip())
    end = next((index for index, line in enumerate(lines) if index and line.rstrip() == FENCE), None)
    if end is None:
        raise ConfigError(f"{source}, line 1: the front-matter has no closing {FENCE} line.")
    front = read_mapping("\n".join(lines[1:end]), source, first_line=2)
    return MarkdownFile(front, "\n".join(lines[end + 1 :]).strip())
