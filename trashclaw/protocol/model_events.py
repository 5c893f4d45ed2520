"""Events about the model and what it is told: how it is talked to, which one is asked, and what leaves the machine."""

from __future__ import annotations

from typing import Literal

from trashclaw.protocol.base import Frozen, Text
from trashclaw.protocol.ids import ItemId
from trashclaw.protocol.manners import DialectName, EditFormat, ToolSetName


class DialectChosen(Frozen):
    """How the model is talked to from now on, and why."""

    type: Literal["dialect.chosen"] = "dialect.chosen"
    dialect: DialectName
    tool_set: ToolSetName
    edit_format: EditFormat
    think: bool | str | None = None
    reason: Text = ""


class FailureRouted(Frozen):
    """A command failed; the model has read these lines, and has to say something to them before it tries again."""

    type: Literal["failure.routed"] = "failure.routed"
    item_id: ItemId
    tool: Text
    exit_code: int | None = None
    lines: tuple[Text, ...] = ()
    """The first lines of standard error, three at most."""

    times: int = 1
    """How often the same failure has come in this turn."""


class RouteChosen(Frozen):
    type: Literal["route.chosen"] = "route.chosen"
    provider: Text
    model: Text
    reason: Text = ""


class EgressRecorded(Frozen):
    type: Literal["egress.recorded"] = "egress.recorded"
    host: Text
    sent_bytes: int
    purpose: Text = ""
