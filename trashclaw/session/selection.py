"""Which model a session talks to: what was named, else what is found running on this machine."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from trashclaw.config.schema import Settings
from trashclaw.protocol.errors import ServerUnreachable, UsageError
from trashclaw.providers.catalog import DEFAULT_PLACES, Found, Place, Tried, discover, list_models

NEEDS_FILE = frozenset({"embedded", "scripted"})


@dataclass(frozen=True, slots=True)
class Choice:
    """A model on a server."""

    provider: str
    model: str
    base_url: str | None = None
    is_remote: bool = False
    is_loaded: bool = False

    @property
    def label(self) -> str:
        """How it is told to a person."""
        return f"{self.provider} {self.model}"


class ChoiceNeeded(UsageError):
    """More than one model could be meant; `choices` lists them."""

    code = "choice_needed"

    def __init__(self, choices: Sequence[Choice]) -> None:
        shown = ", ".join(choice.label for choice in choices[:8]) + (", ..." if len(choices) > 8 else "")
        example = choices[0]
        hint = f"Choose one, for example: --provider {example.provider} --model {example.model}"
        super().__init__(f"There are {len(choices)} models to choose from: {shown}.", hint)
        self.choices = tuple(choices)


class NoServer(ServerUnreachable):
    """No model server was found; `tried` says where it was looked for."""

    def __init__(self, tried: Sequence[Tried]) -> None:
        reasons = dict.fromkeys(entry.reason for entry in tried)
        lines = "; ".join(
            f"{', '.join(f'{entry.provider} at {entry.url}' for entry in tried if entry.reason == reason)}: {reason}"
            for reason in reasons
        )
        hint = "Start one (`ollama serve`), name it (--provider, --base-url), or see how it works with --demo."
        super().__init__(f"No model server was found on this machine. Tried {lines}.", hint)
        self.tried = tuple(tried)


class LastChoice:
    """Remembers the model that was chosen last, so that the question comes once."""

    def __init__(self, state: Path) -> None:
        self._file = state / "last_model.json"

    def read(self) -> tuple[str, str] | None:
        """Return (provider, model), or `None`; a damaged file counts as none."""
        try:
            data = json.loads(self._file.read_text(encoding="utf-8"))
            return str(data["provider"]), str(data["model"])
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def write(self, choice: Choice) -> None:
        """Remember a choice; a disk that refuses only means that the question comes again."""
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._file.write_text(json.dumps({"provider": choice.provider, "model": choice.model}), encoding="utf-8")
        except OSError:
            return


async def find_choices(settings: Settings, api_key: str | None) -> list[Choice]:
    """Return the models that could be used: those of the named server, else of every server found here.

    A server that is named by its address alone is asked what kind it is.

    Raises:
        ServerUnreachable: there is no server.
    """
    if settings.provider and settings.provider not in NEEDS_FILE:
        base_url = settings.base_url or usual_url(settings.provider)
        models = await list_models(settings.provider, base_url, api_key)
        return _choices_of(Found(settings.provider, base_url, tuple(models)))
    if settings.base_url:
        search = await discover((Place("openai", settings.base_url),), api_key=api_key)
    else:
        search = await discover(places())
    if not search.found:
        raise NoServer(search.tried)
    return [choice for server in search.found for choice in _choices_of(server)]


def _choices_of(server: Found) -> list[Choice]:
    return [
        Choice(server.provider, model.name, server.base_url, model.is_remote, bool(model.is_loaded))
        for model in server.models
    ]


def places() -> tuple[Place, ...]:
    """Return where model servers are looked for; `OLLAMA_HOST` says where Ollama is, as it does for its own client."""
    host = os.environ.get("OLLAMA_HOST", "")
    return tuple(
        replace(place, base_url=host) if host and place.provider == "ollama" else place for place in DEFAULT_PLACES
    )


def usual_url(provider: str) -> str:
    """Return the address at which a kind of server is expected; empty where there is none."""
    return next((place.base_url for place in places() if place.provider == provider), "")


async def choose(settings: Settings, last: LastChoice, api_key: str | None) -> Choice:
    """Return the model to talk to.

    Raises:
        ChoiceNeeded: more than one could be meant.
        ServerUnreachable: there is no server.
        UsageError: the settings do not go together.
    """
    if settings.provider in NEEDS_FILE and not settings.model:
        raise UsageError(f"--provider {settings.provider} needs a file.", "Name it with --model FILE.")
    if settings.provider and settings.model:
        return Choice(settings.provider, settings.model, settings.base_url or usual_url(settings.provider))
    choices = await find_choices(settings, api_key)
    if settings.model:
        return _named(choices, settings.model)
    local = [choice for choice in choices if not choice.is_remote] or choices
    remembered = last.read()
    for choice in local:
        if (choice.provider, choice.model) == remembered:
            return choice
    if len(local) == 1:
        return local[0]
    if not local:
        hint = "Get one, for example: ollama pull qwen3:8b"
        raise UsageError(f"The server of {settings.provider or 'this machine'} has no model.", hint)
    raise ChoiceNeeded(local)


def _named(choices: Sequence[Choice], model: str) -> Choice:
    for choice in choices:
        if choice.model in (model, f"{model}:latest"):
            return choice
    known = ", ".join(choice.model for choice in choices[:8]) or "none"
    raise UsageError(f"No server here has the model {model!r}.", f"There is: {known}.")
