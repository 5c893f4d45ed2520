"""Part of the exam: how long a prompt may really be, proven by a word at its head."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

from trashclaw.agent.messages import ModelProfile
from trashclaw.exam.asking import Examiner
from trashclaw.exam.canary import ANSWER_TOKENS, Probe, Scale, probe
from trashclaw.exam.result import WindowMarks, WindowVerdict

_SHARE = 0.9
"""How much of the claimed window the longest prompt fills: there must be room for the answer, and estimates err."""

_FIRST = 2048
_LONGEST = 262_144
_SHORTEST = 256
_WORTH = 1.05
"""By how much a window must be larger than what is proven to be worth another prompt."""

_TOO_SLOW = "Longer prompts were not tried: to read them would take too long here."
_CUT_SHARE = 0.85
"""A prompt of which the server has read less than this share was cut."""


@dataclass(slots=True)
class _Findings:
    proven: int = 0
    failed: int | None = None
    verdict: WindowVerdict = WindowVerdict.UNKNOWN
    has_recalled: bool = False
    hint: int = 0
    """What the server itself says that it can read, after it refused a prompt or cut one; 0 if it says nothing."""

    error: str = ""
    note: str = ""


async def examine_window(
    examiner: Examiner,
    chance: random.Random,
    scale: Scale,
    profile: ModelProfile,
    *,
    told_tokens: int,
    read_tokens_per_s: float | None,
    is_stepwise: bool,
) -> WindowMarks:
    """Send longer and longer prompts, or one as long as the time allows, until one is cut or refused.

    `profile` is that of the loaded model, `told_tokens` the window that was told before.
    """
    found = _Findings()
    for size in sizes(profile, is_stepwise=is_stepwise):
        possible = min(size, _readable(read_tokens_per_s, examiner.left_s))
        if possible < size:
            found.note = _TOO_SLOW
        if possible < _SHORTEST or (possible < size and found.proven):
            break
        if not await _probed(examiner, chance, scale, possible, found) or possible < size:
            break
    await _prove_hint(examiner, chance, scale, found)
    return WindowMarks(
        told_tokens=told_tokens,
        claimed_tokens=profile.limit_tokens,
        is_claim_assumed=profile.is_limit_assumed,
        proven_tokens=found.proven,
        failed_tokens=found.failed,
        has_recalled=found.has_recalled,
        verdict=found.verdict,
        error=found.error,
        note=found.note,
    )


def sizes(profile: ModelProfile, *, is_stepwise: bool) -> Iterator[int]:
    """Yield how many tokens the prompts have: doubled each time, or only the last one.

    Where the server does not tell its window, the steps go on past what is assumed.
    """
    last = int(profile.limit_tokens * _SHARE) - ANSWER_TOKENS
    if is_stepwise:
        size = _FIRST
        while size < (_LONGEST if profile.is_limit_assumed else last):
            yield size
            size *= 2
    if not (is_stepwise and profile.is_limit_assumed):
        yield max(_SHORTEST, last)


def _readable(tokens_per_s: float | None, left_s: float) -> int:
    """Return how many tokens can be read in half of the time that is left."""
    return _LONGEST if tokens_per_s is None else min(_LONGEST, int(tokens_per_s * left_s / 2))


async def _prove_hint(examiner: Examiner, chance: random.Random, scale: Scale, found: _Findings) -> None:
    """Send a prompt that just fits what the server says it can read, if that is more than what is proven."""
    size = int(found.hint * _SHARE) - ANSWER_TOKENS
    if found.failed is None or not max(_SHORTEST, found.proven * _WORTH) < size < found.failed:
        return
    again = _Findings()
    if await _probed(examiner, chance, scale, size, again):
        found.proven, found.has_recalled = again.proven, again.has_recalled


async def _probed(examiner: Examiner, chance: random.Random, scale: Scale, size: int, found: _Findings) -> bool:
    """Send one prompt and note what came of it; return whether a longer one is worth sending."""
    sent = await probe(examiner, chance, scale.chars(size))
    if sent.answer.overflow is not None:
        found.failed = sent.answer.overflow.prompt_tokens or size
        found.verdict = WindowVerdict.REFUSED
        limit = found.hint = sent.answer.overflow.limit or 0
        found.note = f"The server names a window of {limit} tokens." if limit else ""
        return False
    if sent.answer.error:
        found.error = sent.answer.error
        return False
    read = sent.read_tokens
    is_cut = read is not None and scale.is_measured and read < _CUT_SHARE * scale.tokens(sent.chars)
    if sent.has_recalled or (read is not None and scale.is_measured and not is_cut):
        found.proven, found.has_recalled = read or scale.tokens(sent.chars), sent.has_recalled
        found.verdict = WindowVerdict.HELD
        return True
    return _lost(sent, read, size, is_cut, found)


def _lost(sent: Probe, read: int | None, size: int, is_cut: bool, found: _Findings) -> bool:
    """Note a prompt whose head was not told, and of which nobody says that it was read."""
    if is_cut:
        found.failed, found.verdict, found.hint = size, WindowVerdict.CUT, read or 0
        found.note = f"Of about {size} tokens the server has read {read}."
    else:
        found.note = "The word was not told, and the server does not say how much it has read."
    return False
