"""Messages as a dialect writes them, each written once, however often it is sent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from trashclaw.agent.messages import Message, Role

Messages = tuple[Message, ...]


class Written:
    """Writes the messages of requests that mostly begin with all of the one before."""

    def __init__(self, write: Callable[[Message], Message]) -> None:
        """`write` depends on the message alone."""
        self._write = write
        self._read: Messages = ()
        self._written: Messages = ()

    def of(self, messages: Messages) -> Messages:
        """Return the messages as they are written; those in their old place are not written again."""
        same = 0
        for old, new in zip(self._read, messages, strict=False):
            if old is not new:
                break
            same += 1
        self._read, self._written = messages, (*self._written[:same], *map(self._write, messages[same:]))
        return self._written


def introduced(messages: Messages, tools: str) -> Messages:
    """Return messages whose first one, the system's, also tells of the tools; it is made where there is none."""
    if messages and messages[0].role is Role.SYSTEM:
        text = f"{messages[0].text}\n\n{tools}" if messages[0].text else tools
        return (replace(messages[0], text=text), *messages[1:])
    return (Message(Role.SYSTEM, tools), *messages)
