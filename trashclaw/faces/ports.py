"""What a face needs of whoever starts it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from trashclaw.config.setting_files import SettingsView
    from trashclaw.config.trust_question import TrustAnswer, TrustQuestion
    from trashclaw.session.fork_point import ForkPoint
    from trashclaw.session.model_facts import ModelFacts
    from trashclaw.session.selection import Choice
    from trashclaw.session.session import Session
    from trashclaw.session.transcript import Transcript
    from trashclaw.store.drafts import Draft


class SessionOpener(Protocol):
    """Opens a session: a new one, a stored one, or the demo."""

    async def __call__(
        self,
        *,
        resume: str | ForkPoint | None = None,
        model: tuple[str, str] | None = None,
        is_demo: bool = False,
        show_tail: Callable[[Transcript], object] | None = None,
    ) -> Session:
        """Open it: `resume` is a session id or its end, or a place at which to fork; `model` a (provider, name) pair.

        `show_tail` hears how a long stored session ends, for the eye alone, while the whole is still read.

        Raises:
            TrashclawError: it cannot be opened; `ServerUnreachable` carries what was tried.
        """
        ...


class TrustSource(Protocol):
    """Knows what to ask about the folder, and keeps the answer."""

    async def question(self, *, is_wanted: bool = False) -> TrustQuestion | None:
        """Return what to ask, if anything; `is_wanted`: also where an answer holds."""
        ...

    async def answer(self, question: TrustQuestion, answer: TrustAnswer) -> None:
        """Store an answer.

        Raises:
            ConfigError: it cannot be stored.
        """
        ...


class UnsentKeeper(Protocol):
    """Keeps what was written for a session that was never there."""

    def keep(self, draft: Draft) -> None:
        """Keep it for the next start, before the program ends; what cannot be kept is let go."""
        ...


class ModelScout(Protocol):
    """Knows what there is to know of a model before a session talks to it."""

    async def facts(self, choice: Choice) -> ModelFacts | None:
        """Return its window, its speed, whether it fits; `None` where its server does not say."""
        ...


class SettingsSource(Protocol):
    """Knows the settings that hold in the folder, and the files that they can be written to."""

    async def read(self) -> SettingsView:
        """Return them as they are now.

        Raises:
            TrashclawError: a file of them is wrong.
        """
        ...
