"""The archive: everything that may leave the window, under a number by which it is brought back."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from trashclaw.protocol import events as ev
from trashclaw.protocol.ids import ItemId
from trashclaw.protocol.items import AgentMessage, Item, Thought, ToolRun, UserMessage

RECALLED = "recalled"
"""The key in a result's metadata: the number of what a run brought back."""

LONG_CHARS = 300
"""A longer text in the arguments of an old call is left out of the window."""

_SHARED = "is_shared"
"""The key in a result's metadata: the person's own command, and whether the model is shown what it printed."""

_HITS_AT_MOST = 20
_SEARCHED_CHARS = 20_000_000
_EXCERPT_CHARS = 160
_VALUE_CHARS = 60
_ARGUMENTS_CHARS = 120


class KeptKind(StrEnum):
    """What sort of thing is kept."""

    RUN = "tool_run"
    ATTACHMENT = "attachment"
    THOUGHT = "thought"
    MESSAGE = "agent_message"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Kept:
    """Something that can be brought back."""

    number: int
    kind: KeptKind
    item_id: ItemId
    title: str
    """One line: of a run, its tool and its arguments, shortened."""

    text: str
    """All of it: of a run its result, and before it each argument that is long."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A place where a text was found."""

    kept: Kept
    line: int
    """Counted from 1."""

    excerpt: str


class Archive:
    """A fold of the log that never forgets: rewinds and compactions leave it as it is.

    Every tool run that the model may see, every attachment of a person's message, every thought and every message of
    the model's, and every note to it gets a whole number, from 1, in the order of completion.
    """

    def __init__(self) -> None:
        self._kept: list[Kept] = []
        self._numbers: dict[ItemId, int] = {}
        self._runs: dict[ItemId, ToolRun] = {}
        self._rewound: set[ItemId] = set()
        self._said: ItemId | None = None
        self._beside: set[ItemId] = set()
        self._notes = 0

    def __len__(self) -> int:
        """Return how many numbers are taken."""
        return len(self._kept)

    @property
    def note_id(self) -> ItemId:
        """The id under which the last note is kept."""
        return ItemId(f"note-{self._notes}")

    def apply(self, event: ev.Event) -> None:
        """Fold one event in."""
        if isinstance(event, ev.StepStarted):
            self._said = None
        if isinstance(event, ev.ItemCompleted) and event.item.item_id not in self._numbers:
            self._keep(event.item)
        elif isinstance(event, ev.Notice) and event.to_model:
            self._notes += 1
            self._add(self.note_id, KeptKind.NOTE, "a note to you", event.text)

    def forget(self, count: int) -> None:
        """Find all but the first so many no more by their text: the conversation was rewound over them.

        Their numbers stay taken.
        """
        self._rewound.update(kept.item_id for kept in self._kept[count:])

    def number_of(self, item_id: ItemId) -> int | None:
        """Return the number of an item, if it has one."""
        return self._numbers.get(item_id)

    def find(self, number: int) -> Kept | None:
        """Return what has a number."""
        return self._kept[number - 1] if 1 <= number <= len(self._kept) else None

    def run(self, item_id: ItemId) -> ToolRun | None:
        """Return a tool run as it ended."""
        return self._runs.get(item_id)

    def is_beside_calls(self, item_id: ItemId) -> bool:
        """Whether a message of the model's only went with the calls of its step."""
        return item_id in self._beside

    def search(self, query: str) -> tuple[Hit, ...]:
        """Return where all words of a query stand in one text, the newest first, at most one place each and 20 in all.

        `|` parts alternatives; a quoted or unquoted run of words that stands so in a text is found at its own place.
        """
        wanted = [words for part in query.split("|") if (words := part.strip(" \"'").casefold().split())]
        hits: list[Hit] = []
        for kept in self._searchable():
            if (hit := _hit(kept, wanted)) is not None:
                hits.append(hit)
            if len(hits) == _HITS_AT_MOST:
                break
        return tuple(hits)

    def _searchable(self) -> Iterator[Kept]:
        """Yield what may be found, the newest first; what was brought back is found where it first stood."""
        room = _SEARCHED_CHARS
        for kept in reversed(self._kept):
            run = self._runs.get(kept.item_id)
            is_copy = run is not None and run.result is not None and RECALLED in run.result.metadata
            if is_copy or kept.item_id in self._rewound:
                continue
            room -= len(kept.text)
            if room < 0:
                return
            yield kept

    def _keep(self, item: Item) -> None:
        if isinstance(item, ToolRun):
            if _is_private(item):
                return
            self._runs[item.item_id] = item
            self._beside.update([self._said] if self._said is not None else [])
            given = arguments_of(item)
            self._add(item.item_id, KeptKind.RUN, _title(item, given), _whole_text(item, given))
        elif isinstance(item, UserMessage) and item.attached:
            self._add(item.item_id, KeptKind.ATTACHMENT, "what came with the message", item.attached)
        elif isinstance(item, Thought) and item.text:
            self._add(item.item_id, KeptKind.THOUGHT, "your thought", item.text)
        elif isinstance(item, AgentMessage) and item.text.strip():
            self._said = item.item_id
            self._add(item.item_id, KeptKind.MESSAGE, "your words", item.text)

    def _add(self, item_id: ItemId, kind: KeptKind, title: str, text: str) -> None:
        number = len(self._kept) + 1
        self._kept.append(Kept(number, kind, item_id, title, text))
        self._numbers[item_id] = number


def title_of(run: ToolRun) -> str:
    """Return the tool and its arguments in one line, or the person's command; long ones are left out."""
    return _title(run, arguments_of(run))


def _title(run: ToolRun, given: Mapping[str, object]) -> str:
    if run.result is not None and _SHARED in run.result.metadata:
        return one_line(run.title or run.call.name, _ARGUMENTS_CHARS)
    shown: list[str] = []
    for value in given.values():
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
        if len(text) <= LONG_CHARS and value is not None:
            shown.append(one_line(text, _VALUE_CHARS))
    return one_line(" ".join([run.call.name, *shown]), _ARGUMENTS_CHARS)


def arguments_of(run: ToolRun) -> Mapping[str, object]:
    """Return the arguments of a call by name, without one where they are no object; none where they cannot be read."""
    try:
        given = json.loads(run.call.arguments)
    except (ValueError, RecursionError):
        return {}
    return given if isinstance(given, dict) else {"": given}


def one_line(text: str, limit_chars: int) -> str:
    """Return a text on one line, cut at a limit."""
    line = " ".join(text[: limit_chars * 2].split())
    return line if len(line) <= limit_chars else f"{line[:limit_chars]}..."


def _is_private(run: ToolRun) -> bool:
    """Whether the person ran it for themselves: the model may not see it."""
    return run.result is not None and run.result.metadata.get(_SHARED) is False


def _whole_text(run: ToolRun, given: Mapping[str, object]) -> str:
    result = run.result.text if run.result is not None else ""
    texts = [(name, _as_text(value)) for name, value in given.items()]
    long = [f"{name or 'arguments'}:\n{text}\n" for name, text in texts if len(text) > LONG_CHARS]
    return "\n".join([*long, f"result:\n{result}"]) if long else result


def _as_text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=1, default=str)


def _hit(kept: Kept, wanted: list[list[str]]) -> Hit | None:
    for words in wanted:
        phrase, folded = " ".join(words), f"{kept.title}\n{kept.text}".casefold()
        if phrase not in folded and not all(word in folded for word in words):
            continue
        lines = kept.text.split("\n")
        for number, line in enumerate(lines, 1):
            low = line.casefold()
            if phrase in low or (phrase not in folded and words[0] in low):
                start = max(0, low.find(phrase if phrase in low else words[0]) - _EXCERPT_CHARS // 4)
                return Hit(kept, number, one_line(line[start:], _EXCERPT_CHARS))
        return Hit(kept, 1, one_line(lines[0], _EXCERPT_CHARS))
    return None
