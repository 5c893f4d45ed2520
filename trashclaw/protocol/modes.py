"""Modes: how much happens without a question. Apart from everything else, so that `--help` need not load it."""

from __future__ import annotations

from enum import StrEnum


class Mode(StrEnum):
    """How much happens without a question; each allows more than the one before."""

    PLAN = "plan"
    REVIEW = "review"
    ACCEPT = "accept"
    AUTO = "auto"
