"""What a session measures of its model: how many calls and edits come out right, in the manner that it is talked to."""

from __future__ import annotations

from collections import deque

from trashclaw.agent.healing.calls import HealedCall
from trashclaw.protocol.items import ToolRun
from trashclaw.protocol.manners import EditFormat, Rung
from trashclaw.protocol.tools import ToolKind, ToolStatus

_CALLS = 6
_BAD_CALLS = 4
_EDITS = 4
_BAD_EDITS = 3

_FORMATS = {"edit_file": EditFormat.REPLACE, "apply_patch": EditFormat.PATCH, "write_file": EditFormat.WHOLE}


class Measurements:
    """Counts since the manner was last changed."""

    def __init__(self) -> None:
        self._calls: deque[bool] = deque(maxlen=_CALLS)
        self._edits: deque[bool] = deque(maxlen=_EDITS)

    def take_call(self, healed: HealedCall) -> None:
        """Count a call: it is bad if it could not be read without asking the model again."""
        is_asked = any(mending.rung is Rung.REASKED for mending in healed.mended)
        self._calls.append(is_asked or (healed.error is not None and not healed.is_cut))

    def take_run(self, run: ToolRun, edit_format: EditFormat) -> None:
        """Count an edit in the chosen format: it is bad if its place was not found or its text could not be read."""
        if run.tool_kind is ToolKind.EDIT and _FORMATS.get(run.call.name) is edit_format:
            is_refused = run.status is ToolStatus.FAILED and run.patch is None
            self._edits.append(is_refused)

    @property
    def calls_fail(self) -> bool:
        """Whether most of the last calls had to be asked for again, or were lost."""
        return sum(self._calls) >= _BAD_CALLS

    @property
    def edits_fail(self) -> bool:
        """Whether most of the last edits found no place."""
        return sum(self._edits) >= _BAD_EDITS

    def forget_calls(self) -> None:
        """Begin anew: the dialect has changed."""
        self._calls.clear()

    def forget_edits(self) -> None:
        """Begin anew: the edit format has changed."""
        self._edits.clear()
