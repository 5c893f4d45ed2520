"""Part of the exam: how fast prompts are read and answers are written."""

from __future__ import annotations

import random

from trashclaw.exam.asking import Answer, Examiner
from trashclaw.exam.canary import Probe, Scale, probe, short_probe
from trashclaw.exam.result import SpeedMarks

_SMALL_TOKENS, _TOKENS = 120, 700
_READ_S = 20.0
"""How long the prompt that is measured may take to be read."""

_WRITE = "Count from 1 to 60 in words: one, two, three and so on. Write nothing else."
_WRITE_TOKENS = 96
_LEAST_WRITTEN = 8


async def examine_speed(examiner: Examiner, chance: random.Random, scale: Scale) -> SpeedMarks:
    """Read a short prompt, which loads the model, a longer one that was never seen, and let it count."""
    short = await short_probe(examiner)
    load_s = short.answer.timings.load_s
    if short.answer.error:
        return SpeedMarks(error=short.answer.error)
    small = await probe(examiner, chance, scale.chars(_SMALL_TOKENS))
    first_speed = _reading(small, scale)[0]
    longest = _TOKENS if first_speed is None else min(_TOKENS, int(first_speed * _READ_S))
    read = small
    if not small.answer.error and longest > 2 * _SMALL_TOKENS:
        read = await probe(examiner, chance, scale.chars(longest))
    if read.answer.error:
        return SpeedMarks(error=read.answer.error, load_s=load_s)
    _learn(scale, short, read)
    speed, is_read_by_clock = _reading(read, scale)
    written = await examiner.ask(_WRITE, max_tokens=_WRITE_TOKENS)
    writing, is_written_by_clock = _writing(written)
    return SpeedMarks(
        read_tokens_per_s=_rounded(speed),
        write_tokens_per_s=_rounded(writing),
        load_s=load_s,
        is_by_clock=is_read_by_clock or is_written_by_clock,
        error=written.error,
        note="" if writing is not None or written.error else "It wrote too little to measure how fast.",
    )


def _learn(scale: Scale, short: Probe, long: Probe) -> None:
    if short.read_tokens and long.read_tokens:
        scale.learn((short.chars, short.read_tokens), (long.chars, long.read_tokens))


def _reading(read: Probe, scale: Scale) -> tuple[float | None, bool]:
    """Return the tokens a second that a prompt was read with, and whether that is by our own clock."""
    answer = read.answer
    tokens = read.read_tokens or scale.tokens(read.chars)
    fresh = tokens - ((answer.usage.cached_tokens or 0) if answer.usage else 0)
    spent_s = answer.timings.prefill_s
    is_by_clock = not spent_s
    if is_by_clock:
        spent_s = answer.first_s
    if answer.error or not spent_s or fresh <= 0:
        return None, is_by_clock
    return fresh / spent_s, is_by_clock


def _writing(answer: Answer) -> tuple[float | None, bool]:
    """Return the tokens a second that an answer was written with, and whether that is by our own clock."""
    tokens = answer.usage.completion_tokens if answer.usage else (len(answer.text) + len(answer.thought)) // 4
    spent_s = answer.timings.decode_s
    is_by_clock = not spent_s
    if is_by_clock and answer.first_s is not None:
        spent_s = answer.total_s - answer.first_s
    if answer.error or tokens < _LEAST_WRITTEN or not spent_s or spent_s <= 0:
        return None, is_by_clock
    return tokens / spent_s, is_by_clock


def _rounded(rate: float | None) -> float | None:
    return None if rate is None else min(1e9, round(rate, 1))
