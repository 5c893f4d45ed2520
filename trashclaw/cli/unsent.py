"""Keeps what a person wrote for a session that was never there: no model was found, or they left before it was."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from trashclaw.protocol.errors import TrashclawError

if TYPE_CHECKING:
    from trashclaw.store.drafts import Draft


class UnsentDrafts:
    """Puts it beside the drafts of the folder's sessions; a run that stores nothing stores no draft."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._options = options

    def keep(self, draft: Draft) -> None:
        """Keep it for the next start; what cannot be kept is let go."""
        if self._options.no_session or self._options.demo:
            return
        from trashclaw.cli.place import find_folder
        from trashclaw.config.paths import workspace_state
        from trashclaw.session.writing import keep_unsent

        try:
            keep_unsent(workspace_state(find_folder(self._options)), draft)
        except TrashclawError:
            return
