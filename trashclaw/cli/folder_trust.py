"""The question whether a folder is trusted: when it is asked, and what becomes of the answer."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING

from trashclaw.config.paths import state_folder

if TYPE_CHECKING:
    from trashclaw.config.trust_question import TrustAnswer, TrustQuestion


class FolderTrust:
    """Asks about the folder of a run; whoever said "later" is asked again only at the next start, or by `/trust`."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._options = options
        self.is_off = options.demo
        """The folder is a throw-away one."""

        self.has_new_trust = False
        """Trust was given and nothing was opened with it yet."""

        self._put_off: Mapping[str, str] | None = None

    async def question(self, *, is_wanted: bool = False) -> TrustQuestion | None:
        """Return what to ask, if anything; `is_wanted`: the person wants to be asked."""
        if self.is_off or (self._options.trust is not None and not is_wanted):
            return None
        question = await asyncio.to_thread(self._look)
        is_settled = not question.is_open or question.project.digests == self._put_off
        return None if is_settled and not is_wanted else question

    async def answer(self, question: TrustQuestion, answer: TrustAnswer) -> None:
        """Store an answer.

        Raises:
            ConfigError: it cannot be stored.
        """
        await asyncio.to_thread(self._store, question, answer)

    def _look(self) -> TrustQuestion:
        from trashclaw.cli.place import find_folder
        from trashclaw.config.trust import TrustStore
        from trashclaw.config.trust_question import ask_about

        return ask_about(find_folder(self._options), TrustStore(state_folder()))

    def _store(self, question: TrustQuestion, answer: TrustAnswer) -> None:
        from trashclaw.config.trust import TrustStore
        from trashclaw.config.trust_question import TrustAnswer

        trust = TrustStore(state_folder())
        match answer:
            case TrustAnswer.TRUST:
                trust.trust(question.project)
                self.has_new_trust = True
                self._options.trust = None
            case TrustAnswer.LOOK_ONLY:
                trust.refuse(question.project)
            case TrustAnswer.LATER:
                self._put_off = question.project.digests
