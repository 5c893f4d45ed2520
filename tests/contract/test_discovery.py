"""Servers are found by what they say, not by their ports, and what was tried is told."""

from __future__ import annotations

import socket
from contextlib import AsyncExitStack

import pytest

from tests.support.fake_ollama import FakeModel, FakeOllama
from tests.support.fake_openai import FakeOpenAI
from tests.support.loopback import LoopbackServer, Received, Wire
from trashclaw.protocol.errors import ServerUnreachable, UsageError
from trashclaw.providers.catalog import DEFAULT_PLACES, Place, discover
from trashclaw.providers.listing import FoundModel, list_models

# A busy machine may need longer than the half second of a real search.
LIMIT_S = 5.0


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def serving(path: str, answer: object) -> LoopbackServer:
    async def handle(received: Received, wire: Wire) -> None:
        if received.path == path:
            await wire.reply(200, answer)
        else:
            await wire.reply(404, b"<html>not found</html>")

    return LoopbackServer(handle)


LMSTUDIO = {
    "models": [
        {"type": "llm", "key": "qwen3", "size_bytes": 5, "loaded_instances": [{"id": "qwen3"}], "capabilities": {}},
        {"type": "embedding", "key": "nomic"},
    ]
}
VLLM = {"data": [{"id": "Qwen/Qwen3-8B", "owned_by": "vllm", "max_model_len": 4096}]}


async def test_every_kind_of_server_is_told_by_what_it_says() -> None:
    async with AsyncExitStack() as stack:
        models = (FakeModel(), FakeModel("big:cloud"), FakeModel("nomic-embed-text:latest", family="nomic-bert"))
        ollama = await stack.enter_async_context(_Lenient(models=models))
        llamacpp = await stack.enter_async_context(FakeOpenAI())
        lmstudio = await stack.enter_async_context(serving("/api/v1/models", LMSTUDIO))
        vllm = await stack.enter_async_context(serving("/v1/models", VLLM))
        ollama.loaded["qwen3:8b"] = 4096
        # The places are mixed up on purpose.
        urls = [vllm.url, llamacpp.url, ollama.url, lmstudio.url]
        search = await discover([Place("ollama", url) for url in urls], limit_s=LIMIT_S)
    assert [(found.provider, found.base_url) for found in search.found] == list(
        zip(["vllm", "llamacpp", "ollama", "lmstudio"], urls, strict=True)
    )
    assert search.found[2].models == (
        FoundModel("qwen3:8b", is_remote=False, size_bytes=5_200_000_000, is_loaded=True),
        FoundModel("big:cloud", is_remote=True, size_bytes=5_200_000_000, is_loaded=False),
    )
    assert search.found[3].models == (FoundModel("qwen3", size_bytes=5, is_loaded=True, has_tools=False),)
    assert not search.tried


async def test_what_was_tried_and_failed_is_told() -> None:
    async with serving("/", b"hello") as website:
        closed = f"http://127.0.0.1:{free_port()}"
        search = await discover([Place("llamacpp", website.url), Place("vllm", closed)], limit_s=LIMIT_S)
    assert not search.found
    assert [(tried.provider, tried.url, tried.reason) for tried in search.tried] == [
        ("llamacpp", website.url, "something answers that is no model server"),
        ("vllm", closed, "nobody listens there"),
    ]


async def test_who_listens_and_says_nothing_is_not_waited_for() -> None:
    async def silent(received: Received, wire: Wire) -> None:
        await wire.hung_up.wait()

    async with LoopbackServer(silent) as mute:
        search = await discover([Place("lmstudio", mute.url)], limit_s=0.01)
    assert [tried.reason for tried in search.tried] == ["no answer in time"]


async def test_an_address_in_the_form_of_ollama_host_is_understood() -> None:
    async with _Lenient() as ollama:
        port = ollama.url.rpartition(":")[2]
        search = await discover([Place("ollama", f"0.0.0.0:{port}"), Place("ollama", "ftp://x")], limit_s=LIMIT_S)
    assert [found.base_url for found in search.found] == [f"http://127.0.0.1:{port}"]
    assert [tried.reason for tried in search.tried] == ["'ftp://x' is no address of Ollama."]


def test_the_usual_places_are_all_on_this_machine() -> None:
    assert [place.base_url.rpartition(":")[2] for place in DEFAULT_PLACES] == ["11434", "1234", "9931", "8080", "8000"]
    assert all(place.base_url.startswith("http://127.0.0.1:") for place in DEFAULT_PLACES)


async def test_models_are_listed_by_provider() -> None:
    async with _Lenient() as ollama, FakeOpenAI() as llamacpp:
        assert [model.name for model in await list_models("ollama", ollama.url)] == ["qwen3:8b"]
        assert [model.name for model in await list_models("llamacpp", llamacpp.url + "/v1")] == ["tiny"]
        with pytest.raises(UsageError):
            await list_models("scripted", "")
    with pytest.raises(ServerUnreachable):
        await list_models("vllm", f"http://127.0.0.1:{free_port()}")


class _Lenient(FakeOllama):
    """Ollama as a stranger meets it: an unknown path is a 404, and no mistake of the test."""

    async def _handle(self, received: Received, wire: Wire) -> None:
        if received.path.startswith("/api/v") and received.path != "/api/version":
            await wire.reply(404, b"404 page not found")
        else:
            await super()._handle(received, wire)
