"""Another model in a running session: opened, talked to in its own manner, and told."""

from __future__ import annotations

from collections.abc import Callable

from trashclaw.agent.agent import Agent
from trashclaw.agent.manner import Manner
from trashclaw.agent.messages import ModelProfile
from trashclaw.protocol import events as ev
from trashclaw.session.journal import Journal
from trashclaw.session.models import ModelSource, notices_about, take_leave

ChooseManner = Callable[[ModelProfile], tuple[Manner, str]]
"""Returns how a model is talked to, and why so."""


class ModelSwitch:
    """Goes on with another model."""

    def __init__(self, agent: Agent, models: ModelSource, journal: Journal, choose: ChooseManner) -> None:
        self._agent = agent
        self._models = models
        self._journal = journal
        self._choose = choose

    async def to(self, name: str) -> None:
        """Switch to a model, given as `model` or `provider/model`.

        Raises:
            ProviderError, UsageError: it cannot be opened; nothing has changed.
        """
        provider, profile = await self._models.switch(name)
        agent, transcript = self._agent, self._journal.transcript
        old, agent.provider = agent.provider, provider
        agent.manner, reason = self._choose(profile)
        profile = agent.manner.profile
        agent.failed_dialects.clear()
        agent.measurements.forget_calls()
        agent.measurements.forget_edits()
        agent.window.limit_tokens, agent.window.is_verified = profile.limit_tokens, False
        agent.window.meter.forget()
        agent.ledger.rebase()
        changed = ev.SettingsChanged(
            mode=transcript.mode, model=profile.model, provider=profile.provider, limit_tokens=profile.limit_tokens
        )
        self._journal.emit(changed)
        self._journal.emit(agent.manner.told(reason))
        for notice in notices_about(profile):
            self._journal.emit(notice)
        await take_leave(old)
