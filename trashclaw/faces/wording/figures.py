"""Figures for people: tokens, seconds, counts; short and aligned."""

from __future__ import annotations


def tokens(count: int) -> str:
    """Return a token count such as `870`, `9.1k` or `131k`."""
    if count < 1000:
        return str(count)
    return f"{count / 1000:.1f}k" if count < 100_000 else f"{count / 1000:.0f}k"


def seconds(duration_s: float) -> str:
    """Return a duration such as `8 ms`, `2.1 s`, `48 s` or `3 min 05 s`."""
    if duration_s < 1:
        return f"{duration_s * 1000:.0f} ms"
    if duration_s < 60:
        return f"{duration_s:.1f} s" if duration_s < 10 else f"{duration_s:.0f} s"
    return f"{int(duration_s // 60)} min {int(duration_s % 60):02d} s"


def counted(count: int, word: str) -> str:
    """Return a count with its word: `1 step`, `2 steps`."""
    return f"{count:,} {word}" if count == 1 else f"{count:,} {word}s"
