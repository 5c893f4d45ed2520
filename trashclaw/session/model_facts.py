"""What is known of a model before anybody talks to it: its window, its speed, whether it fits, its exam."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from trashclaw.exam.result import ExamResult
from trashclaw.exam.stored import load_exam
from trashclaw.protocol.errors import ProviderError
from trashclaw.providers.memory_fit import TellsMemory, size_text
from trashclaw.providers.pace_memory import PaceMemory

if TYPE_CHECKING:
    from trashclaw.agent.messages import ModelProfile
    from trashclaw.agent.ports import Provider

PACE_NAME = "reading_pace.json"
"""The file in the state folder that keeps how fast each model reads."""


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """What is known; `None` for what nobody has told or measured yet."""

    is_remote: bool
    limit_tokens: int | None
    """The window that a session would have."""

    read_tokens_per_s: float | None
    write_tokens_per_s: float | None
    """Both as an exam or an earlier session has measured them here."""

    weights_bytes: int | None
    fits: bool | None
    """Whether weights and window fit into the memory that is free."""

    exam: ExamResult | None

    @property
    def size_text(self) -> str:
        """The size of the weights for a person; empty where it is not known."""
        return size_text(self.weights_bytes) if self.weights_bytes else ""


async def facts_of(provider: Provider, profile: ModelProfile, state: Path) -> ModelFacts:
    """Return what is known of a model that a server offers; nothing is loaded for it."""
    weights, fits = await _memory(provider)
    exam, pace = await asyncio.to_thread(_measured, profile, state)
    speed = exam.speed if exam is not None else None
    return ModelFacts(
        is_remote=profile.is_remote,
        limit_tokens=None if profile.is_limit_assumed else profile.limit_tokens,
        read_tokens_per_s=pace or (speed.read_tokens_per_s if speed else None),
        write_tokens_per_s=speed.write_tokens_per_s if speed else None,
        weights_bytes=weights,
        fits=fits,
        exam=exam,
    )


async def _memory(provider: Provider) -> tuple[int | None, bool | None]:
    if not isinstance(provider, TellsMemory):
        return None, None
    try:
        fit = await provider.memory_fit()
    except ProviderError:
        return None, None
    return fit.weights_bytes, fit.fits()


def _measured(profile: ModelProfile, state: Path) -> tuple[ExamResult | None, float | None]:
    pace = PaceMemory(state / PACE_NAME).read(f"{profile.provider} {profile.model}")
    return load_exam(state, profile), pace.tokens_per_s if pace is not None else None
