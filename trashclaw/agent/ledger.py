"""The ledger: what has actually been sent, and where two consecutive requests first differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from trashclaw.agent.messages import Message, Request, Role
from trashclaw.protocol.tools import ToolSpec

_SHOWN_CHARS = 24
_BEFORE_CHARS = 8
_NAMES_AT_MOST = 5
_FIELDS = ("text", "thought", "call_id", "tool_name", "thought_field")

Messages = tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class Break:
    """The place where a request stopped being a continuation of the one before."""

    place: int
    """Index of the first message that differs; -1 for the tool list."""

    cause: str
    lost_messages: int
    """How many messages of the last request, from the first difference on, the server cannot go on with."""

    again: Messages = ()
    """What has to be read again, as far as it is known: of the first message only what follows the difference."""


@dataclass(frozen=True, slots=True)
class Entry:
    """How a request stands to the one before."""

    found: Break | None = None
    is_anew: bool = True
    """It need not go on: it is the first one, or a new beginning was announced."""

    doubts: tuple[str, ...] = ()
    """What is not in the messages and may be at the head of the prompt all the same, and has changed."""


class Ledger:
    """Holds the last request, and compares the next one with it."""

    def __init__(self) -> None:
        self.entry = Entry()
        """The request that was recorded last."""

        self._messages: Messages = ()
        self._tools: tuple[ToolSpec, ...] | None = None
        self._offered: tuple[ToolSpec, ...] = ()
        self._think: bool | str | None = None
        self._model = ""
        self._is_rebased = False

    @property
    def sent(self) -> tuple[Message, ...] | None:
        """The messages that the next request has to begin with; `None` where it may begin as it likes."""
        return None if self._is_rebased or self._tools is None else self._messages

    def rebase(self) -> None:
        """Expect a new beginning: the window was compacted, or the model changed."""
        self._is_rebased = True

    def rewind(self, messages: Messages) -> None:
        """Expect a request that begins with these messages: the conversation was rewound to them."""
        if not self._is_rebased:
            self._messages = messages

    def record(self, request: Request, offered: tuple[ToolSpec, ...] | None = None, *, model: str = "") -> Break | None:
        """Enter a request as the dialect renders it; return the break if it does not begin with the one before.

        `offered` are the tools, where the dialect has written them into a message; `model` is who answers.
        """
        offered = request.tools if offered is None else offered
        if self._is_rebased or self._tools is None:
            self.entry = Entry()
        else:
            self.entry = Entry(self._compare(request, offered), False, self._doubts(request, model))
        self._messages, self._tools, self._offered = request.messages, request.tools, offered
        self._think, self._model, self._is_rebased = request.think, model, False
        return self.entry.found

    def check_aside(self, request: Request) -> Break | None:
        """Return the break if a request beside the conversation does not begin with the whole of the last one."""
        return None if self.sent is None else self._compare(request, self._offered)

    def _compare(self, request: Request, offered: tuple[ToolSpec, ...]) -> Break | None:
        sent, now = self._messages, request.messages
        if self._tools is not request.tools and self._tools != request.tools:
            return Break(-1, _of_tools(self._tools or (), request.tools), len(sent), now[: len(sent)])
        for place, old in enumerate(sent):
            new = now[place] if place < len(now) else None
            if new is not None and (new is old or new == old):
                continue
            again = () if new is None else (_behind(old, new), *now[place + 1 : len(sent)])
            cause = _of_message(sent, now, place)
            if place == 0 and offered != self._offered:
                cause = _of_tools(self._offered, offered)
            return Break(place, cause, len(sent) - place, again)
        return None

    def _doubts(self, request: Request, model: str) -> tuple[str, ...]:
        doubts = []
        if model != self._model:
            doubts.append(f"the model changed from {visible(self._model)} to {visible(model)}")
        if request.think != self._think:
            doubts.append(f"thinking was switched from {_worded(self._think)} to {_worded(request.think)}")
        return tuple(doubts)


def visible(text: str) -> str:
    """Return a text in which nothing acts: control characters and those that turn text around are written out."""
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode() for one in text)


def shared_count(earlier: Sequence[Message], later: Sequence[Message]) -> int:
    """Return how many messages two requests have in common at their beginning."""
    count = 0
    for old, new in zip(earlier, later, strict=False):
        if old is not new and old != new:
            break
        count += 1
    return count


def _of_message(sent: Messages, now: Messages, place: int) -> str:
    old = sent[place]
    name = f"message {place} ({old.role})"
    if place >= len(now) or (place + 1 < len(sent) and now[place] == sent[place + 1]):
        return f"{name} is gone"
    if place + 1 < len(now) and now[place + 1] == old:
        return f"a message ({now[place].role}) was put in before {name}"
    what = "the system prompt" if place == 0 and old.role is Role.SYSTEM else name
    return f"{what} changed{_difference(old, now[place])}"


def _difference(old: Message, new: Message) -> str:
    """Say where and how two messages differ first."""
    if old.role is not new.role:
        return f": its role was {old.role} and is {new.role}"
    for field in _FIELDS:
        before, after = str(getattr(old, field)), str(getattr(new, field))
        if before != after:
            at = _first_difference(before, after)
            where = f" at character {at}" if field == "text" else f" in its {field}, at character {at}"
            return f"{where}: {_cutting(before, at)} became {_cutting(after, at)}"
    names = [", ".join(call.name for call in message.calls) or "none" for message in (old, new)]
    return f" in its calls: {visible(names[0])} became {visible(names[1])}" if names[0] != names[1] else " in its calls"


def _first_difference(before: str, after: str) -> int:
    end = min(len(before), len(after))
    if before[:end] == after[:end]:
        return end
    low = 0
    while end - low > 1:
        middle = (low + end) // 2
        low, end = (middle, end) if before[:middle] == after[:middle] else (low, middle)
    return low


def _cutting(text: str, at: int) -> str:
    first, last = max(0, at - _BEFORE_CHARS), at + _SHOWN_CHARS
    head, tail = "..." if first else "", "..." if last < len(text) else ""
    return f'"{head}{visible(text[first:last])}{tail}"'


def _behind(old: Message, new: Message) -> Message:
    """Return what of a changed message follows the difference."""
    if old.role is not new.role or old.text == new.text:
        return new
    return replace(new, text=new.text[_first_difference(old.text, new.text) :])


def _of_tools(old: tuple[ToolSpec, ...], new: tuple[ToolSpec, ...]) -> str:
    before, after = {tool.name: tool for tool in old}, {tool.name: tool for tool in new}
    came = [name for name in after if name not in before]
    went = [name for name in before if name not in after]
    changed = [name for name in after if name in before and after[name] != before[name]]
    told = [f"{names} {word}" for word, names in (("came", _names(came)), ("went", _names(went))) if names]
    told += [f"{_names(changed)} changed"] if changed else []
    return f"the tool list changed: {'; '.join(told) or 'its order'}"


def _names(names: list[str]) -> str:
    more = f" and {len(names) - _NAMES_AT_MOST} more" if len(names) > _NAMES_AT_MOST else ""
    return ", ".join(visible(name) for name in names[:_NAMES_AT_MOST]) + more


def _worded(think: bool | str | None) -> str:
    if isinstance(think, str):
        return visible(think)
    return "the model's choice" if think is None else "on" if think else "off"
