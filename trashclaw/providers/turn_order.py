"""The order of roles that chat templates insist on: many refuse two messages of the user's in a row."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from trashclaw.agent.messages import Message, Role


def join_users(messages: Iterable[Message]) -> list[Message]:
    """Return the messages with neighbouring ones of the user's joined into one, a blank line between them.

    They come about after an interrupted turn, a `!command`, or a compaction. What was sent before stays a prefix of
    what is sent next, up to the end mark of the last message.
    """
    joined: list[Message] = []
    for message in messages:
        if joined and message.role is Role.USER and joined[-1].role is Role.USER:
            joined[-1] = replace(joined[-1], text=f"{joined[-1].text}\n\n{message.text}")
        else:
            joined.append(message)
    return joined
