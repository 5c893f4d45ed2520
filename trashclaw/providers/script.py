"""The form of a script file: what a scripted model is, and what it answers, one step a request.

model: small
limit_tokens: 8192
has_tools: false        # a request with tools is refused
has_thinking: false     # by default: whether a step has a thought
can_constrain: true     # a schema is taken; what a step says is not held to it
can_continue: true      # an answer that was cut is gone on with
is_remote: false        # as if it ran on another machine
wait_ahead: idle        # what is sent ahead is read when this gate opens
wait_summary: slow      # its summaries come when this gate opens
steps:
  - {text: "One moment.", calls: [{name: read_file, arguments: {path: a.py}}]}
  - {expect: "def add", text: "Done."}
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import Field, JsonValue, ValidationError, model_validator

from trashclaw.agent.messages import EndReason
from trashclaw.protocol.base import Frozen, Text
from trashclaw.protocol.errors import ConfigError
from trashclaw.protocol.usage import Usage

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails


class FaultKind(StrEnum):
    """How a scripted request fails."""

    UNREACHABLE = "unreachable"
    HTTP = "http"
    MODEL_NOT_FOUND = "model_not_found"
    OVERFLOW = "overflow"
    DROPPED = "dropped"
    EMPTY = "empty"
    UNREADABLE = "unreadable"
    TOOLS_UNSUPPORTED = "tools_unsupported"


class Fault(Frozen):
    """A failure in place of an answer; `dropped` and `unreadable` come after the step's thought, text and calls."""

    kind: FaultKind
    status: int = 500
    text: Text = ""
    prompt_tokens: int | None = None
    limit: int | None = None

    @property
    def is_late(self) -> bool:
        """Whether it comes after what the step says."""
        return self.kind in {FaultKind.DROPPED, FaultKind.UNREADABLE}


class ScriptedCall(Frozen):
    """A tool call; a string as `arguments` is sent as it stands, so that it may be broken JSON."""

    name: Text
    arguments: dict[str, JsonValue] | Text = Field(default_factory=dict)

    def arguments_text(self) -> str:
        """Return the JSON text that is streamed."""
        if isinstance(self.arguments, str):
            return self.arguments
        return json.dumps(self.arguments, ensure_ascii=False)


class ScriptedStep(Frozen):
    """The answer to one request. A step with nothing in it is an empty reply."""

    thought: Text = ""
    text: Text = ""
    calls: tuple[ScriptedCall, ...] = ()
    usage: Usage | None = None
    end: Literal[EndReason.STOP, EndReason.LENGTH] = EndReason.STOP
    error: Fault | None = None

    expect: Text = ""
    """Must be in the last message of the request."""

    wait: str = ""
    """Gate that must open before the answer begins."""

    wait_file: Path | None = None
    """File that must exist before the answer begins; a relative path starts at the script's folder."""

    hold: bool | str = False
    """After thought and text: stay open until cancelled, or until the gate of this name opens."""

    tokens_per_s: float | None = Field(default=None, gt=0)

    def gate_names(self) -> tuple[str, ...]:
        """Return the gates this step waits for."""
        names = (self.wait, self.hold if isinstance(self.hold, str) else "")
        return tuple(name for name in names if name)


class Script(Frozen):
    """What a scripted model is and what it says, in order."""

    model: Text = "scripted"
    limit_tokens: int = Field(default=32768, gt=0)
    tokens_per_s: float | None = Field(default=None, gt=0)
    """Pace of every step that names none; `None` is as fast as possible."""

    has_tools: bool = True
    """`false`: a request with tools is refused, as by servers whose model knows none."""

    has_thinking: bool | None = None
    """`null`: whether a step has a thought."""

    can_constrain: bool = False
    """It takes a schema; its steps are not held to one."""

    can_continue: bool = False
    """It goes on with an answer that was cut: its next step is the rest."""

    first_ahead_tokens: int = 0
    """See `ModelProfile.first_ahead_tokens`."""

    is_remote: bool = False
    """As if it ran on another machine."""

    summaries: tuple[Text, ...] = ()
    """What it answers, one after the other, when it is asked to sum up the conversation; no steps are played for it."""

    wait_summary: str = ""
    """Gate that must open before a summary begins."""

    wait_ahead: str = ""
    """Gate that must open before what is sent ahead is read. Reading it plays no step."""

    steps: tuple[ScriptedStep, ...]
    folder: Path = Path()
    """Where the script was read from; set by `load_script`."""

    @model_validator(mode="before")
    @classmethod
    def _no_null_steps(cls, data: object) -> object:
        """Read an empty entry (`-`) as an empty reply."""
        if isinstance(data, Mapping) and isinstance(data.get("steps"), list):
            return {**data, "steps": [{} if step is None else step for step in data["steps"]]}
        return data


def load_script(path: Path) -> Script:
    """Read a script from a YAML file.

    Raises:
        ConfigError: it cannot be read, is no YAML, or a key is wrong; the text names file and key.
    """
    import yaml

    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: the script cannot be read ({error}).") from error
    except yaml.YAMLError as error:
        raise ConfigError(f"{path}: the script is no YAML: {error}") from error
    if not isinstance(data, dict):
        raise ConfigError(f"{path}: a script is a mapping.", "It begins with `steps:`.")
    try:
        return Script.model_validate({**data, "folder": path.parent})
    except ValidationError as error:
        raise _config_error(path, error.errors()[0]) from error


def _config_error(path: Path, detail: ErrorDetails) -> ConfigError:
    """Return a message that names the key, as in `steps.2.calls.0.name`."""
    location = detail["loc"]
    key = ".".join(str(piece) for piece in location)
    hint = ""
    if detail["type"] == "extra_forbidden":
        known = {*Script.model_fields, *ScriptedStep.model_fields, *ScriptedCall.model_fields, *Fault.model_fields}
        close = get_close_matches(str(location[-1]), sorted(known), n=1)
        hint = f"Did you mean `{close[0]}`?" if close else ""
        return ConfigError(f"{path}: there is no key `{key}` in a script.", hint)
    return ConfigError(f"{path}: {key}: {detail['msg']}.", hint)
