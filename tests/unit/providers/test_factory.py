"""Providers are made by name, and nothing is imported for one that is not asked for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from trashclaw.cli.options import PROVIDERS
from trashclaw.protocol.errors import UsageError
from trashclaw.providers.factory import ProviderOptions, make_provider
from trashclaw.providers.ollama import OllamaProvider
from trashclaw.providers.openai_compat import OpenAICompatProvider
from trashclaw.providers.retry import RetryingProvider
from trashclaw.providers.scripted import ScriptedProvider


def test_every_server_is_made_with_its_usual_address() -> None:
    for name in ("ollama", "lmstudio", "llamacpp", "vllm"):
        provider = make_provider(name, "", "", ProviderOptions(num_ctx=4096, max_retries=0))
        assert isinstance(provider, RetryingProvider)
        assert isinstance(provider.wrapped, OllamaProvider if name == "ollama" else OpenAICompatProvider)


def test_a_misspelt_provider_gets_the_nearest_name() -> None:
    with pytest.raises(UsageError, match="There is no provider 'olama'") as caught:
        make_provider("olama", "", "")
    assert caught.value.hint == "Did you mean 'ollama'?"
    with pytest.raises(UsageError) as caught:
        make_provider("zzz", "", "")
    assert caught.value.hint == f"Choose one of: {', '.join(PROVIDERS)}."


@pytest.mark.parametrize("name", ["openai", "scripted", "embedded"])
def test_what_a_provider_cannot_do_without_is_asked_for(name: str) -> None:
    with pytest.raises(UsageError) as caught:
        make_provider(name, "", "")
    assert "Give it with --" in caught.value.hint


def test_a_script_is_played_from_its_beginning(tmp_path: Path) -> None:
    (tmp_path / "play.yaml").write_text("steps: [{text: one}, {text: two}]")
    provider = make_provider("scripted", str(tmp_path / "play.yaml"), "")
    assert isinstance(provider, ScriptedProvider)
    assert provider.position == 0


def test_making_providers_imports_no_http() -> None:
    source = """
import sys
from trashclaw.providers import factory, scripted
for name in ("ollama", "llamacpp"):
    factory.make_provider(name, "", "")
print(sorted({"httpx", "ollama", "yaml", "textual"} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"
