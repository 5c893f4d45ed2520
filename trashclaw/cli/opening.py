"""What to open, as the options and the place say it."""

from __future__ import annotations

import argparse

from trashclaw.cli.place import Place
from trashclaw.session.build import Opening
from trashclaw.session.fork_point import ForkPoint


def make_opening(
    options: argparse.Namespace,
    place: Place,
    *,
    can_ask: bool,
    resume: str | ForkPoint | None = None,
    model: tuple[str, str] | None = None,
) -> Opening:
    """Return what a session needs to open; `can_ask` says whether a person sits in front of it."""
    return Opening(
        root=place.root,
        settings=place.loaded.settings,
        is_trusted=place.is_trusted,
        # Where nobody can be asked, the flags alone say what may happen.
        is_read_only=options.trust == "off" or (can_ask and not place.is_trusted),
        project=place.project,
        added=place.added,
        notices=place.notices,
        can_ask=can_ask,
        resume=resume,
        is_stored=not options.no_session,
        model=model,
        is_model_named=bool(options.model or options.provider or options.base_url),
        is_mode_named=options.mode is not None,
    )
