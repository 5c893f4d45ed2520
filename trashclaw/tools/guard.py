"""The port of what looks at a file's new text before an edit is proposed, and at the files once it has landed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class EditGuard(Protocol):
    """Keeps broken syntax out of files, and tells what checks say of the files that an edit changed."""

    async def check(self, name: str, before: str | None, after: str) -> str:
        """Return the text to propose for a file: `after`, or what a formatter makes of it.

        `name` is the path as the workspace shows it, `before` the present text (`None`: no file yet). Touches nothing.

        Raises:
            ToolError: the edit brings errors of syntax; the same edit passes when it is asked for again.
        """
        ...

    async def after(self, names: Sequence[str]) -> str:
        """Return what there is to say of files that an edit has just changed; empty when there is nothing."""
        ...
