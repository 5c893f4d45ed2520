"""Opens the sessions of a face in front of which a person sits."""

from __future__ import annotations

import argparse
import asyncio
from contextlib import ExitStack
from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING

from trashclaw.cli import garbage
from trashclaw.cli.folder_trust import FolderTrust
from trashclaw.cli.place import find_place
from trashclaw.config.paths import state_folder

if TYPE_CHECKING:
    from collections.abc import Callable

    from trashclaw.cli.demo import Demo
    from trashclaw.session.build import Opening
    from trashclaw.session.fork_point import ForkPoint
    from trashclaw.session.model_facts import ModelFacts
    from trashclaw.session.models import ModelSource
    from trashclaw.session.selection import Choice
    from trashclaw.session.session import Session
    from trashclaw.session.transcript import Transcript


class Opener:
    """Opens sessions; once the demo was asked for, it stays the demo, whose repository is gone with `stack`."""

    def __init__(self, options: argparse.Namespace, stack: ExitStack, trust: FolderTrust) -> None:
        self._options = options
        self._stack = stack
        self._trust = trust
        self._demo: Demo | None = None
        self._source: ModelSource | None = None

    async def __call__(
        self,
        *,
        resume: str | ForkPoint | None = None,
        model: tuple[str, str] | None = None,
        is_demo: bool = False,
        show_tail: Callable[[Transcript], object] | None = None,
    ) -> Session:
        # Beside the event loop: these imports take about as long as the whole first picture.
        await asyncio.to_thread(_import_session)
        from trashclaw.session.build import open_session

        opening = replace(await self._opening(resume, model, is_demo=is_demo), show_tail=show_tail)
        with garbage.while_opening():
            return await open_session(opening)

    async def facts(self, choice: Choice) -> ModelFacts | None:
        """Return what is known of a model that could be chosen."""
        from trashclaw.session.models import ModelSource

        if self._source is None:
            place = await asyncio.to_thread(find_place, self._options)
            self._source = ModelSource(place.loaded.settings, state_folder())
        return await self._source.facts(choice)

    async def _opening(
        self, resume: str | ForkPoint | None, model: tuple[str, str] | None, *, is_demo: bool
    ) -> Opening:
        from trashclaw.cli.opening import make_opening

        if is_demo and self._demo is None:
            from trashclaw.cli.demo import open_demo

            self._demo = await asyncio.to_thread(self._stack.enter_context, open_demo(self._options))
            self._trust.is_off = True
        if self._demo is not None:
            return self._demo.opening(can_ask=True)
        place = await asyncio.to_thread(find_place, self._options)
        opening = make_opening(self._options, place, can_ask=True, resume=resume, model=model)
        if self._trust.has_new_trust:
            # The mode that a stored session had was that of a folder without trust.
            self._trust.has_new_trust = False
            return replace(opening, is_mode_named=True)
        return opening


def _import_session() -> None:
    import_module("trashclaw.cli.opening")
