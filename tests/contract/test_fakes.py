"""The fakes are strict: what the real server would not understand fails the test that sent it."""

from __future__ import annotations

import asyncio
import json
import urllib.request
from typing import Any

import httpx
import pytest

from tests.support.fake_ollama import FakeOllama, OllamaStep
from tests.support.loopback import in_thread

GOOD: dict[str, Any] = {
    "model": "qwen3:8b",
    "messages": [{"role": "user", "content": "Hi"}],
    "stream": True,
    "options": {"num_ctx": 4096},
    "truncate": False,
    "shift": False,
}
CALL = {"id": "call_1", "function": {"name": "run", "arguments": {}}}


async def post(url: str, path: str, body: object) -> httpx.Response:
    async with httpx.AsyncClient() as client:
        return await client.post(url + path, json=body)


async def test_a_good_request_is_answered() -> None:
    async with FakeOllama([OllamaStep(text="Hi there")]) as ollama:
        answer = await post(ollama.url, "/api/chat", GOOD)
    lines = [json.loads(line) for line in answer.content.splitlines()]
    assert [line["message"]["content"] for line in lines] == ["Hi", " there", ""]
    assert [line["done"] for line in lines] == [False, False, True]


@pytest.mark.parametrize(
    "change",
    [
        {"tool_choice": "auto"},
        {"max_tokens": 4},
        {"options": {"num_ctx": "4096"}},
        {"options": {"num_ctx": 4096, "max_tokens": 4}},
        {"options": {}},
        {"truncate": True},
        {"shift": True},
        {"stream": False},
        {"keep_alive": "300"},
        {"think": "yes"},
        {"messages": [{"role": "user", "content": ["parts"]}]},
        {"messages": [{"role": "developer", "content": "Hi"}]},
        {"messages": [{"role": "tool", "content": "?", "tool_name": "run", "tool_call_id": "call_1"}]},
        {"messages": [{"role": "assistant", "tool_calls": [{"function": {"name": "run", "arguments": "{}"}}]}]},
        {"messages": [{"role": "assistant", "tool_calls": [{**CALL, "type": "function"}]}]},
        {"messages": [{"role": "assistant", "tool_calls": [CALL]}, {"role": "tool", "tool_call_id": "call_1"}]},
        {"tools": [{"type": "function", "function": {"name": "run", "parameters": {"type": "string"}}}]},
    ],
)
async def test_what_ollama_would_not_understand_fails_the_test(change: dict[str, Any]) -> None:
    ollama = FakeOllama([OllamaStep(text="Hi")])
    with pytest.raises((AssertionError, ValueError)):
        async with ollama:
            answer = await post(ollama.url, "/api/chat", GOOD | change)
            assert answer.status_code == 599


async def test_an_unknown_path_fails_the_test() -> None:
    with pytest.raises(AssertionError, match="Ollama has no POST /v1/chat/completions"):
        async with FakeOllama() as ollama:
            await post(ollama.url, "/v1/chat/completions", GOOD)


def test_a_fake_runs_beside_a_test_that_is_not_asynchronous() -> None:
    gate = asyncio.Event()
    ollama = FakeOllama([OllamaStep(text="Hi", wait="go")], gates={"go": gate})
    with in_thread(ollama) as loop:
        with urllib.request.urlopen(ollama.url + "/api/version", timeout=10) as answer:
            assert json.load(answer) == {"version": "0.33.3"}
        loop.call_soon_threadsafe(gate.set)
        request = urllib.request.Request(ollama.url + "/api/chat", json.dumps(GOOD).encode())
        with urllib.request.urlopen(request, timeout=10) as answer:
            assert b'"Hi"' in answer.read()
