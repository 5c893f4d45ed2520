"""The manner that follows from settings, exam and profile: a pure function, with its reasons in words."""

from __future__ import annotations

import time
from dataclasses import dataclass

from trashclaw.agent.messages import ModelProfile
from trashclaw.config.schema import MannerSettings
from trashclaw.exam.result import EditMarks, ExamResult, Marks, WindowVerdict, works
from trashclaw.protocol.manners import DialectName, EditFormat, ToolSetName

NANO_BELOW_TOKENS, LEAN_BELOW_TOKENS = 8_000, 16_000
"""Windows smaller than these hold only the nano, or the lean, tool set."""

FULL_PROMPT_TOKENS = 2_500
"""System prompt and schemas of the full tool set, at most."""

SLOW_READ_S = 30.0
"""A model that needs longer than this to read the full prompt gets the lean one."""

SLOW_THOUGHT_S = 30.0
"""A model that thinks longer than this about a simple question is asked not to, where that works."""

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_SIZES = (ToolSetName.NANO, ToolSetName.LEAN, ToolSetName.FULL)


@dataclass(frozen=True, slots=True)
class MannerChoice:
    """How a model is to be talked to."""

    dialect: DialectName
    tool_set: ToolSetName
    edit_format: EditFormat
    think: bool | str | None
    limit_tokens: int
    """The window to reckon with."""

    can_constrain: bool
    """Whether answers are held to a schema: what was proven, else what the server is known for."""

    reasons: dict[str, str]
    """Why, in words, by the name of the field above."""

    @property
    def reason(self) -> str:
        """All reasons in one line."""
        return "; ".join(f"{name.replace('_', ' ')}: {why}" for name, why in self.reasons.items())


def choose_manner(
    result: ExamResult | None, profile: ModelProfile, settings: MannerSettings, think: bool | str | None = None
) -> MannerChoice:
    """Return how to talk to a model; `think` is the person's own setting of it, `None` where there is none."""
    can_constrain, why_constrain = _constrain(result, profile)
    dialect, why_dialect = _dialect(result, profile, settings, can_constrain, why_constrain)
    limit_tokens, why_limit = _limit(result, profile)
    tool_set, why_set = _tool_set(result, dialect, limit_tokens, settings)
    edit_format, why_format = _edit_format(result, settings)
    thinks, why_think = _think(result, think)
    reasons = {
        "dialect": why_dialect,
        "tool_set": why_set,
        "edit_format": why_format,
        "think": why_think,
        "limit_tokens": why_limit,
    }
    return MannerChoice(dialect, tool_set, edit_format, thinks, limit_tokens, can_constrain, reasons)


def date_of(marks: Marks) -> str:
    """Return the day of a part, such as `21 Nov 2026`."""
    day = time.localtime(marks.at)
    return f"{day.tm_mday} {_MONTHS[day.tm_mon - 1]} {day.tm_year}"


def _constrain(result: ExamResult | None, profile: ModelProfile) -> tuple[bool, str]:
    marks = result.json_schema if result else None
    if marks is not None and marks.tried and not marks.error:
        words = f"exam of {date_of(marks)}: JSON schema kept {marks.fitted} of {marks.tried}"
        return works(marks.fitted, marks.tried), words
    words = "can hold an answer to a schema" if profile.can_constrain else "cannot hold an answer to a schema"
    return profile.can_constrain, f"this kind of server {words}"


def _dialect(
    result: ExamResult | None, profile: ModelProfile, settings: MannerSettings, can_constrain: bool, why_constrain: str
) -> tuple[DialectName, str]:
    if settings.dialect != "auto":
        return DialectName(settings.dialect), "setting manner.dialect"
    marks = result.calls if result else None
    if marks is not None and marks.tried and not marks.error:
        words = f"exam of {date_of(marks)}: native calls {marks.native} of {marks.tried}"
        if marks.in_text:
            words += f", {marks.in_text} more in the text"
        has_native = works(marks.native, marks.tried)
    else:
        words = "not examined; the server " + ("takes tools" if profile.has_tools else "takes no tools for this model")
        has_native = profile.has_tools
    if has_native:
        return DialectName.NATIVE, words
    dialect = DialectName.TYPED if can_constrain else DialectName.TEXT
    return dialect, f"{words}; {why_constrain}"


def _limit(result: ExamResult | None, profile: ModelProfile) -> tuple[int, str]:
    marks = result.window if result else None
    told = profile.limit_reason or ("assumed" if profile.is_limit_assumed else "told by the server")
    if marks is None:
        return profile.limit_tokens, told
    limit_tokens = profile.limit_tokens
    if marks.told_tokens == limit_tokens and 0 < marks.claimed_tokens < limit_tokens:
        limit_tokens = marks.claimed_tokens
        told = f"exam of {date_of(marks)}: the loaded model was given {limit_tokens} of {profile.limit_tokens}"
    if not marks.proven_tokens:
        return limit_tokens, told
    proven = f"exam of {date_of(marks)}: {marks.proven_tokens} tokens were read whole"
    failed = marks.failed_tokens
    has_failed = marks.verdict in (WindowVerdict.CUT, WindowVerdict.REFUSED)
    # What was found with another window says nothing of this one.
    if has_failed and failed is not None and marks.proven_tokens < failed <= limit_tokens:
        return marks.proven_tokens, f"{proven}, {failed} were not"
    if profile.is_limit_assumed and marks.proven_tokens > profile.limit_tokens:
        return marks.proven_tokens, proven
    return limit_tokens, f"{told}; {proven}"


def _tool_set(
    result: ExamResult | None, dialect: DialectName, limit_tokens: int, settings: MannerSettings
) -> tuple[ToolSetName, str]:
    if settings.tool_set != "auto":
        return ToolSetName(settings.tool_set), "setting manner.tool_set"
    by_window = ToolSetName.FULL
    if limit_tokens < LEAN_BELOW_TOKENS:
        by_window = ToolSetName.NANO if limit_tokens < NANO_BELOW_TOKENS else ToolSetName.LEAN
    words = f"window of {limit_tokens:,} tokens"
    weakness = _weakness(result, dialect) if result else ""
    if weakness and _SIZES.index(by_window) > _SIZES.index(ToolSetName.LEAN):
        return ToolSetName.LEAN, weakness
    return by_window, words


def _weakness(result: ExamResult, dialect: DialectName) -> str:
    """Return what of the exam speaks against the full tool set; empty if nothing does."""
    speed, calls, edits = result.speed, result.calls, result.edits
    if speed and speed.read_tokens_per_s and FULL_PROMPT_TOKENS / speed.read_tokens_per_s > SLOW_READ_S:
        return f"exam of {date_of(speed)}: it reads {speed.read_tokens_per_s:g} tokens/s, so a short prompt"
    if (
        calls
        and calls.tried
        and not calls.error
        and dialect is DialectName.NATIVE
        and not works(calls.native, calls.tried)
    ):
        return f"exam of {date_of(calls)}: native calls {calls.native} of {calls.tried}"
    if edits and not edits.error and edits.formats and not any(one.landed for one in edits.formats):
        return f"exam of {date_of(edits)}: no edit landed"
    return ""


def _edit_format(result: ExamResult | None, settings: MannerSettings) -> tuple[EditFormat, str]:
    if settings.edit_format != "auto":
        return EditFormat(settings.edit_format), "setting manner.edit_format"
    marks = result.edits if result else None
    best = best_format(marks.formats) if marks else None
    if marks is None or best is None:
        return EditFormat.REPLACE, "not examined" if marks is None else f"exam of {date_of(marks)}: no edit landed"
    return best.edit_format, f"exam of {date_of(marks)}: {best.landed} of {best.tried} edits landed"


def best_format(formats: tuple[EditMarks, ...]) -> EditMarks | None:
    """Return the format that landed most; on a tie the one that is named first in `EditFormat`, so `replace`."""
    order = list(EditFormat)
    landed = [one for one in formats if one.tried and one.landed]
    return min(landed, key=lambda one: (-one.landed / one.tried, order.index(one.edit_format)), default=None)


def _think(result: ExamResult | None, think: bool | str | None) -> tuple[bool | str | None, str]:
    if think is not None:
        return think, "setting server.think"
    marks, speed = (result.thinking, result.speed) if result else (None, None)
    if marks is None or not marks.thinks:
        return None, "not examined" if marks is None or marks.error else "it does not think"
    rate = speed.write_tokens_per_s if speed else None
    told = f"exam of {date_of(marks)}: about {marks.tokens} tokens of thought on a simple question"
    if marks.can_stop and rate and marks.tokens / rate > SLOW_THOUGHT_S:
        return False, f"{told}, at {rate:g} tokens/s"
    return None, told
