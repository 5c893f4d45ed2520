"""What /remember and /memory do."""

from __future__ import annotations

import asyncio

from trashclaw.faces.tui.commands.room import CommandRoom
from trashclaw.protocol import ops
from trashclaw.protocol.errors import UsageError

_DIGITS = 6
_USER = "--user"


class Commands(CommandRoom):
    """What /remember and /memory do, a method each."""

    async def do_remember(self, arguments: str) -> None:
        """Remember something for later sessions."""
        scope, text = _scope(arguments)
        self._submit(ops.MemoryAdd(text=text, scope=scope))

    async def do_memory(self, arguments: str) -> None:
        """Show what is remembered, or forget an entry of it."""
        from trashclaw.faces.tui.screens.memory import memory_page

        word, _, rest = arguments.partition(" ")
        if not word:
            entries = await asyncio.to_thread(self._session.memory.listed)
            self._show(memory_page(entries))
            return
        scope, number = _scope(rest)
        if word != "forget" or not number.isdecimal() or len(number) > _DIGITS:
            raise UsageError(f"/memory {arguments} is not known.", "There is: /memory, /memory forget [--user] NUMBER")
        self._submit(ops.MemoryForget(number=int(number), scope=scope))


def _scope(arguments: str) -> tuple[ops.MemoryScope, str]:
    """Return whose memory is meant, and the rest of the words."""
    word, _, rest = arguments.strip().partition(" ")
    if word == _USER:
        return ops.MemoryScope.USER, rest.strip()
    return ops.MemoryScope.PROJECT, arguments.strip()
