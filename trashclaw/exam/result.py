"""What an exam found out: one value for each part, stored as JSON and read back with suspicion."""

from __future__ import annotations

import math
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BeforeValidator, ConfigDict, Field

from trashclaw.protocol.base import Frozen, Text
from trashclaw.protocol.manners import EditFormat

VERSION = 1
ENOUGH = 2 / 3
"""The share of tries that must succeed for a way to count as one that works."""

_LARGEST = 10**10


def _bounded(value: object) -> object:
    """Bring a number of a server's, or of a file's, into sensible bounds."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return value
    return 0 if math.isnan(value) else max(0, min(_LARGEST, value))


Count = Annotated[int, BeforeValidator(_bounded)]
Seconds = Annotated[float, BeforeValidator(_bounded)]
Rate = Annotated[float, BeforeValidator(_bounded)]
Words = Annotated[Text, Field(max_length=600)]


class PartName(StrEnum):
    """The parts of an exam, in the order in which they are taken; also the fields of `ExamResult`."""

    SPEED = "speed"
    THINKING = "thinking"
    CALLS = "calls"
    PARALLEL = "parallel"
    JSON_SCHEMA = "json_schema"
    EDITS = "edits"
    WINDOW = "window"


class Depth(StrEnum):
    """How much time an exam may take."""

    QUICK = "quick"
    FULL = "full"


class Marks(Frozen):
    """What every part of an exam has."""

    model_config = ConfigDict(allow_inf_nan=False)

    at: Seconds = 0.0
    """When the part ended, in seconds since the epoch."""

    took_s: Seconds = 0.0
    error: Words = ""
    """Why the part could not be taken to its end: the server's fault or the time, not the model's answer."""

    note: Words = ""
    """What else a person should know."""


class ThinkingMarks(Marks):
    """Whether the model thinks before it answers."""

    thinks: bool = False
    place: Words = ""
    """The field, or the inline tag, that the thoughts came in."""

    can_stop: bool | None = None
    """Whether it answers without thinking when asked to; `None`: it does not think, or that was not found out."""

    tokens: Count = 0
    """Tokens of thought on a simple question, about."""


class SpeedMarks(Marks):
    """How fast prompts are read and answers are written, in tokens a second; `None`: not found out."""

    read_tokens_per_s: Rate | None = None
    write_tokens_per_s: Rate | None = None
    load_s: Seconds | None = None
    """Seconds to load the model, where the first request had to."""

    is_by_clock: bool = False
    """The server gives no figures: these are by our own clock, network and queue included."""


class CallMarks(Marks):
    """Tool calls, one task each."""

    tried: Count = 0
    native: Count = 0
    """How many came as native calls with the right name and arguments."""

    in_text: Count = 0
    """How many others stood in the text, right but for that."""


class ParallelMarks(Marks):
    """Two files to read, wanted in one answer."""

    asked: Count = 2
    right: Count = 0
    """How many right calls came in the one answer."""


class SchemaMarks(Marks):
    """Answers held to a JSON schema that nobody meets by chance."""

    tried: Count = 0
    fitted: Count = 0


class EditMarks(Frozen):
    """One edit format."""

    edit_format: EditFormat
    tried: Count = 0
    landed: Count = 0
    """How many gave exactly the text that was wanted."""


class EditsMarks(Marks):
    """The edit formats, each on the same changes."""

    way: Literal["native", "schema"] = "native"
    """Whether the edits came as native calls, or as an answer by a JSON schema."""

    formats: tuple[EditMarks, ...] = Field(default=(), max_length=8)


class WindowVerdict(StrEnum):
    """What became of long prompts."""

    HELD = "held"
    """All of every prompt was read."""

    CUT = "cut"
    """The server dropped the head of a prompt without a word."""

    REFUSED = "refused"
    """A prompt within the window that the server claims was refused as too long."""

    UNKNOWN = "unknown"
    """Nothing was proven: the word was not told, and the server does not count."""


class WindowMarks(Marks):
    """A word at the head of a long prompt, asked back at its end."""

    told_tokens: Count = 0
    """The window that the server told before the exam."""

    claimed_tokens: Count = 0
    """The window that the server told when the model was loaded."""

    is_claim_assumed: bool = False
    proven_tokens: Count = 0
    """The longest prompt that was read whole."""

    failed_tokens: Count | None = None
    """The shortest prompt that was cut or refused."""

    has_recalled: bool = False
    """Whether the word came back from the longest prompt that was read whole."""

    verdict: WindowVerdict = WindowVerdict.UNKNOWN


MARKS: dict[PartName, type[Marks]] = {
    PartName.SPEED: SpeedMarks,
    PartName.THINKING: ThinkingMarks,
    PartName.CALLS: CallMarks,
    PartName.PARALLEL: ParallelMarks,
    PartName.JSON_SCHEMA: SchemaMarks,
    PartName.EDITS: EditsMarks,
    PartName.WINDOW: WindowMarks,
}
"""The marks of each part."""


class ExamResult(Frozen):
    """What is known of a model from its exams; a part is `None` when it was never taken."""

    version: Literal[1] = 1
    provider: Words
    model: Words
    digest: Words = ""
    depth: Depth = Depth.QUICK
    speed: SpeedMarks | None = None
    thinking: ThinkingMarks | None = None
    calls: CallMarks | None = None
    parallel: ParallelMarks | None = None
    json_schema: SchemaMarks | None = None
    edits: EditsMarks | None = None
    window: WindowMarks | None = None

    def parts(self) -> dict[PartName, Marks]:
        """Return the parts that were taken, in their order."""
        found = {name: getattr(self, name.value) for name in PartName}
        return {name: marks for name, marks in found.items() if marks is not None}

    @property
    def at(self) -> float:
        """When the latest part was taken, in seconds since the epoch; 0 when there is none."""
        return max((marks.at for marks in self.parts().values()), default=0.0)

    @property
    def is_whole(self) -> bool:
        """Whether every part was taken to its end."""
        parts = self.parts()
        return len(parts) == len(PartName) and not any(marks.error for marks in parts.values())

    def filled_from(self, older: ExamResult) -> ExamResult:
        """Return it with what is missing or failed taken from an older result of the same model."""
        known = self.parts()
        better = {
            name.value: marks
            for name, marks in older.parts().items()
            if not marks.error and (name not in known or known[name].error)
        }
        return self.model_copy(update=better)


def works(good: int, tried: int) -> bool:
    """Whether enough of the tries succeeded."""
    return tried > 0 and good / tried >= ENOUGH - 1e-9
