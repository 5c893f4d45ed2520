"""Fragments: the parts of the system prompt that come from files and memory, bounded, each with where it came from."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from itertools import groupby
from operator import attrgetter

from trashclaw.agent.tokens import count_roughly
from trashclaw.protocol.context_events import PromptFragment

INSTRUCTIONS, MEMORY, TASKS = "instructions", "memory", "tasks"
_TAGS = {INSTRUCTIONS: "instructions", MEMORY: "memory", TASKS: "earlier-sessions"}
_TAG = re.compile(rf"<(?=\s*/?\s*(?:{'|'.join([*_TAGS.values(), 'note'])})\b)", re.IGNORECASE)
_UNSAFE = re.compile(r'[\x00-\x1f\x7f<>"]')
_NOTE_TOKENS = 40
"""What it takes to say that something was cut."""


_LEAST_TOKENS = 64
"""A smaller share is not worth its tag."""


@dataclass(frozen=True, slots=True)
class Source:
    """A text that shall stand in the system prompt."""

    name: str
    """`instructions`, `memory` or `tasks`."""

    source: str
    """The file, as a person would write its path."""

    text: str
    digest: str = ""
    """SHA-256 of the file."""

    readable_as: str = ""
    """Its path for `read_file`; empty: the model cannot read it."""

    first_line: int = 1
    is_list: bool = False
    """A list whose first lines are left out rather than its last ones."""


def share_out(wanted: Sequence[int], budget: int) -> list[int]:
    """Return how much each gets: all that it wants where that is no more than its share, else as much as the others."""
    shares = [0] * len(wanted)
    left = budget
    order = sorted(range(len(wanted)), key=lambda place: wanted[place])
    for done, place in enumerate(order):
        shares[place] = min(wanted[place], left // (len(order) - done))
        left -= shares[place]
    return shares


def crowded_out(sources: Sequence[Source], budget_tokens: int) -> list[Source]:
    """Return the last files of instructions, as far as there are so many that the words around them fill the room."""
    sources = [source for source in sources if source.text.strip()]
    files = [source for source in sources if source.name == INSTRUCTIONS]
    most = max(1, budget_tokens // _LEAST_TOKENS - (len(sources) - len(files)))
    return files[most:]


def with_fragments(base: str, sources: Sequence[Source], budget_tokens: int) -> tuple[str, tuple[PromptFragment, ...]]:
    """Return a system prompt with the sources behind it, in their order, and where each of them stands.

    `budget_tokens` is for all together, by a rough count; what stands in a text cannot end its tag.
    """
    sources = [source for source in sources if source.text.strip()]
    crowded = crowded_out(sources, budget_tokens)
    sources = [source for source in sources if source not in crowded]
    shares = share_out([count_roughly(source.text) for source in sources], budget_tokens)
    system, fragments = base, []
    for name, group in groupby(zip(sources, shares, strict=True), key=lambda pair: pair[0].name):
        system += f"\n\n{_opening_words(name)}"
        if name == INSTRUCTIONS and crowded:
            system += f"\n[{len(crowded)} further files are left out for want of room]"
        for source, share in group:
            body, left_out = _bounded(source, share)
            tag = _TAGS[name]
            block = f'<{tag} from="{_UNSAFE.sub("?", source.source)}">\n{_TAG.sub("< ", body)}\n</{tag}>'
            start = len(system) + 1
            system += f"\n{block}"
            fragments.append(
                PromptFragment(
                    name=name,
                    source=source.source,
                    start=start,
                    end=len(system),
                    left_out_chars=left_out,
                    digest=source.digest,
                )
            )
    return system, tuple(fragments)


def _opening_words(name: str) -> str:
    return files("trashclaw.agent").joinpath(f"prompts/{name}.md").read_text(encoding="utf-8").strip()


def _bounded(source: Source, share_tokens: int) -> tuple[str, int]:
    """Return as much of a text as its share allows, with a word about the rest, and how many characters that is."""
    text = source.text
    if count_roughly(text) <= share_tokens:
        return text, 0
    room = max(0, share_tokens - _NOTE_TOKENS)
    kept = _tail(text, room) if source.is_list else _head(text, room)
    left_out = len(text) - len(kept)
    if source.is_list:
        return f"[{left_out} characters of older entries are left out]\n{kept}".rstrip(), left_out
    line = source.first_line + kept.count("\n") + 1
    rest = (
        f'; read_file with path "{source.readable_as}" and offset {line} shows the rest' if source.readable_as else ""
    )
    return f"{kept}\n[cut: {left_out} of {len(text)} characters are left out{rest}]".lstrip(), left_out


def _head(text: str, tokens: int) -> str:
    """Return the first lines that there is room for; of a first line that is too long, its beginning."""
    size = _fitting(text, tokens)
    end = text.rfind("\n", 0, size + 1)
    return text[:end] if end > 0 else text[:size]


def _tail(text: str, tokens: int) -> str:
    start = len(text) - _fitting(text[::-1], tokens)
    end = text.find("\n", start)
    return text[end + 1 :] if end >= 0 else ""


def _fitting(text: str, tokens: int) -> int:
    """Return how many of the first characters are no more than so many tokens."""
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if count_roughly(text[:middle]) <= tokens else (low, middle - 1)
    return low


def tokens_of(system: str, fragment: PromptFragment) -> int:
    """Return about how many tokens a fragment takes."""
    return count_roughly(system[fragment.start : fragment.end])


def in_order(sources: Sequence[Source]) -> list[Source]:
    """Return the sources with those of the same text left out but for the first."""
    known: dict[str, Source] = {}
    for source in sources:
        known.setdefault(" ".join(source.text.split()), source)
    return sorted(known.values(), key=lambda source: list(_TAGS).index(attrgetter("name")(source)))
