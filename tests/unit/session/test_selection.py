"""Which model a session talks to."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.fake_ollama import FakeModel, FakeOllama
from tests.support.fake_openai import FakeOpenAI
from trashclaw.config.schema import Settings
from trashclaw.protocol.errors import ServerUnreachable, UsageError
from trashclaw.session.selection import Choice, ChoiceNeeded, LastChoice, NoServer, Tried, choose, usual_url

QWEN, LLAMA, CLOUD = FakeModel("qwen3:8b"), FakeModel("llama3.2:latest"), FakeModel("big:cloud")


async def chosen(folder: Path, **settings: str | None) -> Choice:
    return await choose(Settings.model_validate(settings), LastChoice(folder), None)


async def test_the_only_model_is_taken_without_a_question(tmp_path: Path) -> None:
    async with FakeOllama(models=(QWEN,)) as ollama:
        choice = await chosen(tmp_path, provider="ollama", base_url=ollama.url)
    assert (choice.provider, choice.model, choice.base_url) == ("ollama", "qwen3:8b", ollama.url)


async def test_several_models_are_a_question_and_the_answer_is_remembered(tmp_path: Path) -> None:
    async with FakeOllama(models=(QWEN, LLAMA)) as ollama:
        with pytest.raises(ChoiceNeeded) as error:
            await chosen(tmp_path, provider="ollama", base_url=ollama.url)
        assert [choice.model for choice in error.value.choices] == ["qwen3:8b", "llama3.2:latest"]
        assert "--model qwen3:8b" in error.value.hint
        LastChoice(tmp_path).write(error.value.choices[1])
        assert (await chosen(tmp_path, provider="ollama", base_url=ollama.url)).model == "llama3.2:latest"


async def test_a_model_that_leaves_the_machine_is_never_chosen_by_itself(tmp_path: Path) -> None:
    async with FakeOllama(models=(CLOUD, QWEN)) as ollama:
        assert (await chosen(tmp_path, provider="ollama", base_url=ollama.url)).model == "qwen3:8b"


async def test_an_address_alone_is_asked_what_kind_of_server_it_is(tmp_path: Path) -> None:
    async with FakeOpenAI() as server:
        choice = await chosen(tmp_path, base_url=server.url)
    assert (choice.provider, choice.base_url) == ("llamacpp", server.url)


async def test_an_address_where_nobody_listens_is_told(tmp_path: Path) -> None:
    with pytest.raises(ServerUnreachable, match="nobody listens there"):
        await chosen(tmp_path, base_url="http://127.0.0.1:9")


def test_places_with_the_same_reason_are_told_together() -> None:
    tried = [Tried("a", "http://x:1", "no"), Tried("b", "http://x:2", "slow"), Tried("c", "http://x:3", "no")]
    assert NoServer(tried).text.endswith("Tried a at http://x:1, c at http://x:3: no; b at http://x:2: slow.")


async def test_a_server_without_models_says_how_to_get_one(tmp_path: Path) -> None:
    async with FakeOllama(models=()) as ollama:
        with pytest.raises(UsageError, match="no model") as error:
            await chosen(tmp_path, provider="ollama", base_url=ollama.url)
    assert "ollama pull" in error.value.hint


@pytest.mark.parametrize("provider", ["embedded", "scripted"])
async def test_what_runs_from_a_file_needs_its_name(tmp_path: Path, provider: str) -> None:
    with pytest.raises(UsageError, match="needs a file"):
        await chosen(tmp_path, provider=provider)


async def test_what_is_named_is_taken_unasked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OLLAMA_HOST", "127.0.0.1:5555")
    choice = await chosen(tmp_path, provider="ollama", model="qwen3:8b")
    assert (choice.model, choice.base_url) == ("qwen3:8b", "127.0.0.1:5555")
    assert usual_url("lmstudio").endswith(":1234")


@pytest.mark.parametrize("content", ["", "nonsense", "[]", '{"provider": "ollama"}'])
def test_a_damaged_memory_of_the_last_choice_is_none(tmp_path: Path, content: str) -> None:
    (tmp_path / "last_model.json").write_text(content)
    assert LastChoice(tmp_path).read() is None
