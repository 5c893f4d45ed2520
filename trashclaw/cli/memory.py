"""`trashclaw memory`: what is remembered in this folder and everywhere, and changes to it."""

from __future__ import annotations

import argparse
import sys

from trashclaw.cli.place import find_folder
from trashclaw.config.paths import workspace_state
from trashclaw.directives.unseen import without_unseen
from trashclaw.faces.visible import visible_line
from trashclaw.policy.secrets import Secrets
from trashclaw.protocol.errors import UsageError
from trashclaw.protocol.ops import MemoryScope
from trashclaw.session.memory import memories_of, remembered

_USAGE = 'There is: memory list, memory add "TEXT", memory forget NUMBER; for a prompt, put it in quotes.'


def answer_memory(options: argparse.Namespace) -> int:
    """Carry out `memory list`, `add` or `forget`."""
    words: list[str] = options.rest
    scope = MemoryScope.USER if options.user else MemoryScope.PROJECT
    state = workspace_state(find_folder(options))
    match words:
        case [] | ["list"]:
            scopes = [scope] if options.user else [MemoryScope.USER, MemoryScope.PROJECT]
            entries = [entry for one in scopes for entry in remembered(one, memories_of(one, state))]
            for entry in entries:
                _say(f"{entry.scope:<7} {entry.number:>3}  {entry.tokens:>4} tokens  {entry.text}")
            if not entries:
                sys.stderr.write("Nothing is remembered yet.\n")
        case ["add", *text] if text:
            clean = Secrets().redact(without_unseen(" ".join(text))[0]).text
            _say(f"remembered: {memories_of(scope, state).add(clean)}")
        case ["forget", number] if number.isdecimal() and len(number) < 7:
            _say(f"forgotten: {memories_of(scope, state).forget(int(number))}")
        case _:
            raise UsageError(f"`trashclaw memory {' '.join(words)}` is not known.", _USAGE)
    return 0


def _say(text: str) -> None:
    sys.stdout.write(visible_line(text) + "\n")
