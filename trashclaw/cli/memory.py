"""`trashclaw memory`: what is remembered in this folder and everywhere, and changes to it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from trashclaw.cli.place import find_folder
from trashclaw.config.paths import workspace_state
from trashclaw.directives.unseen import without_unseen
from trashclaw.faces.visible import visible_line
from trashclaw.policy.secrets import Secrets
from trashclaw.protocol.errors import UsageError
from trashclaw.protocol.ops import MemoryScope
from trashclaw.session.memory import memories_of, remembered

_USAGE = 'There is: memory list, memory add "TEXT", memory forget NUMBER; for a prompt, put it in quotes.'
_NUMBERS = "`trashclaw memory list` has the numbers; for one of `user`, add --user."


def answer_memory(options: argparse.Namespace) -> int:
    """Carry out `memory list`, `add` or `forget`."""
    words: list[str] = options.rest
    scope = MemoryScope.USER if options.user else MemoryScope.PROJECT
    state = workspace_state(find_folder(options))
    match words:
        case [] | ["list"]:
            _list([scope] if options.user else [MemoryScope.USER, MemoryScope.PROJECT], state)
        case ["add", *text] if text:
            clean = Secrets().redact(without_unseen(" ".join(text))[0]).text
            _say(f"remembered: {memories_of(scope, state).add(clean)}")
        case ["add"]:
            raise UsageError("What is there to remember?", 'trashclaw memory add "TEXT"')
        case ["forget", number] if number.isdecimal() and len(number) < 7:
            _say(f"forgotten: {_forget(int(number), scope, state)}")
        case ["forget", *_]:
            raise UsageError("Which entry shall be forgotten?", f"Name one by its number. {_NUMBERS}")
        case _:
            raise UsageError(f"`trashclaw memory {' '.join(words)}` is not known.", _USAGE)
    return 0


def _list(scopes: Sequence[MemoryScope], state: Path) -> None:
    count = 0
    for scope in scopes:
        memories = memories_of(scope, state)
        for entry in remembered(scope, memories):
            _say(f"{entry.scope:<7} {entry.number:>3}  {entry.tokens:>4} tokens  {entry.text}")
            count += 1
        sys.stderr.write(visible_line(f"{scope:<7} is kept in {memories.file}") + "\n")
    if not count:
        sys.stderr.write('Nothing is remembered yet: trashclaw memory add "TEXT"\n')


def _forget(number: int, scope: MemoryScope, state: Path) -> str:
    try:
        return memories_of(scope, state).forget(number)
    except UsageError as error:
        raise UsageError(error.text, _NUMBERS) from error


def _say(text: str) -> None:
    sys.stdout.write(visible_line(text) + "\n")
