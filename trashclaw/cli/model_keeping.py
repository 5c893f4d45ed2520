"""`trashclaw models pull`, `load` and `unload`: what Ollama has, and has in memory."""

from __future__ import annotations

import shutil
import sys
from contextlib import aclosing
from typing import TYPE_CHECKING

from trashclaw.faces.batch.exit_codes import ExitCode
from trashclaw.faces.visible import visible_line
from trashclaw.protocol.errors import UsageError
from trashclaw.session.selection import usual_url

if TYPE_CHECKING:
    from trashclaw.agent.ports import Provider
    from trashclaw.config.schema import Settings
    from trashclaw.providers.ollama import OllamaProvider
    from trashclaw.providers.ollama_pull import PullStep


async def pull_model(settings: Settings, name: str, api_key: str | None) -> int:
    """Have Ollama get a model; its steps go to standard error.

    Raises:
        ProviderError: Ollama is not there, or cannot get it.
        UsageError: another kind of server is meant.
    """
    from trashclaw.providers.ollama_pull import pull

    if settings.provider not in (None, "ollama"):
        raise UsageError(f"{settings.provider} gets no models.", "Pull one with Ollama, or give the server a file.")
    url = settings.base_url or usual_url("ollama")
    shown = ""
    async with aclosing(pull(url, name, api_key, connect_s=settings.server.connect_timeout_s)) as steps:
        async for step in steps:
            shown = _show(step, shown)
    _end_line(shown)
    sys.stdout.write(visible_line(f"{name} is there. Its exam: trashclaw models exam {name}") + "\n")
    return ExitCode.DONE


def keeper(provider: Provider, model: str) -> OllamaProvider:
    """Return the provider that loads and unloads.

    Raises:
        UsageError: this server does that by itself.
    """
    from trashclaw.providers.ollama import OllamaProvider
    from trashclaw.providers.retry import RetryingProvider

    inner = provider.wrapped if isinstance(provider, RetryingProvider) else provider
    if not isinstance(inner, OllamaProvider):
        raise UsageError(f"The server of {model} loads its models by itself.", "Only Ollama is told to.")
    return inner


def _show(step: PullStep, shown: str) -> str:
    """Tell a step: in place on a terminal, else a line for each new word of the server's. Return what is shown."""
    words = step.status
    if not sys.stderr.isatty():
        if words and words != shown:
            sys.stderr.write(visible_line(f"  {words}") + "\n")
        return words
    if step.total_bytes:
        done = min(100, 100 * (step.done_bytes or 0) // step.total_bytes)
        words = f"{words}, {done} % of {step.total_bytes / 1e9:.2f} GB"
    width = max(20, shutil.get_terminal_size().columns - 1)
    sys.stderr.write(f"\r\x1b[K{visible_line('  ' + words)[:width]}")
    sys.stderr.flush()
    return words


def _end_line(shown: str) -> None:
    if shown and sys.stderr.isatty():
        sys.stderr.write("\n")
