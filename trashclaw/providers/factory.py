"""Providers by name; each is imported only when it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path

from trashclaw.agent.ports import Provider
from trashclaw.protocol.errors import UsageError
from trashclaw.providers.patience import Timeouts


@dataclass(frozen=True, slots=True)
class ProviderOptions:
    """What a person may set about the way to a model; durations in seconds, `None` for no limit."""

    num_ctx: int | None = None
    keep_alive: str | float = "30m"
    api_key: str | None = None
    timeouts: Timeouts = field(default_factory=Timeouts)
    max_retries: int = 2
    think_tokens: int | None = None
    """Longest thought, in tokens, for servers that keep to one."""

    pace_file: Path | None = None
    """Where it is kept how fast each model reads; `None` if nowhere."""


def make_provider(name: str, model: str, base_url: str, options: ProviderOptions | None = None) -> Provider:
    """Return the provider called `name`; nothing is sent or started yet.

    `model` is a name, a GGUF file for `embedded`, or a script for `scripted`; empty is the server's first. An empty
    `base_url` is the server's usual address on this machine.

    Raises:
        UsageError: there is no such provider, or its address, file or model cannot be used.
    """
    makers = _makers()
    if name not in makers:
        close = get_close_matches(name, makers, n=1)
        hint = f"Did you mean {close[0]!r}?" if close else f"Choose one of: {', '.join(makers)}."
        raise UsageError(f"There is no provider {name!r}.", hint)
    return makers[name](name, model, base_url, options or ProviderOptions())


_Maker = Callable[[str, str, str, ProviderOptions], Provider]


def _makers() -> dict[str, _Maker]:
    return {
        "ollama": _ollama,
        "lmstudio": _compatible,
        "llamacpp": _compatible,
        "vllm": _compatible,
        "openai": _compatible,
        "embedded": _embedded,
        "scripted": _scripted,
    }


def _ollama(name: str, model: str, base_url: str, options: ProviderOptions) -> Provider:
    from trashclaw.providers.ollama import OllamaProvider
    from trashclaw.providers.prompt_pace import PromptPace

    provider = OllamaProvider(
        model,
        base_url,
        num_ctx=options.num_ctx,
        keep_alive=options.keep_alive,
        api_key=options.api_key,
        timeouts=options.timeouts,
        asks_again=options.max_retries > 0,
        pace=PromptPace(options.pace_file),
    )
    return _retrying(provider, options)


def _compatible(name: str, model: str, base_url: str, options: ProviderOptions) -> Provider:
    from trashclaw.providers.openai_compat import OpenAICompatProvider
    from trashclaw.providers.prompt_pace import PromptPace
    from trashclaw.providers.server_traits import TRAITS

    traits = TRAITS[name]
    if not base_url and not traits.default_url:
        raise UsageError(f"The provider {name!r} needs an address.", "Give it with --base-url http://HOST:PORT")
    provider = OpenAICompatProvider(
        base_url or traits.default_url,
        model,
        traits,
        api_key=options.api_key,
        timeouts=options.timeouts,
        asks_again=options.max_retries > 0,
        pace=PromptPace(options.pace_file),
        think_tokens=options.think_tokens,
        num_ctx=options.num_ctx,
    )
    return _retrying(provider, options)


def _embedded(name: str, model: str, base_url: str, options: ProviderOptions) -> Provider:
    from trashclaw.providers.embedded import EmbeddedProvider
    from trashclaw.providers.prompt_pace import PromptPace

    if not model:
        raise UsageError("The embedded engine needs a model file.", "Give it with --model FILE.gguf")
    return EmbeddedProvider(
        model_path=Path(model).expanduser(),
        n_ctx=options.num_ctx,
        timeouts=options.timeouts,
        asks_again=options.max_retries > 0,
        pace=PromptPace(options.pace_file),
        think_tokens=options.think_tokens,
    )


def _scripted(name: str, model: str, base_url: str, options: ProviderOptions) -> Provider:
    from trashclaw.providers.script import load_script
    from trashclaw.providers.scripted import ScriptedProvider

    if not model:
        raise UsageError("The scripted provider needs a script.", "Give it with --model SCRIPT.yaml")
    # Not tried again: each request plays a step, so an error in the script is meant.
    return ScriptedProvider(load_script(Path(model).expanduser()))


def _retrying(provider: Provider, options: ProviderOptions) -> Provider:
    from trashclaw.providers.retry import RetryingProvider, RetryPolicy

    policy = RetryPolicy(max_retries=options.max_retries, loading_limit_s=options.timeouts.load_s)
    return RetryingProvider(provider, policy)
