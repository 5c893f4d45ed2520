"""Addresses are read as Ollama reads them, and what is sent is what every server can parse."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trashclaw.agent.messages import Message, Request, Role
from trashclaw.protocol.errors import UsageError
from trashclaw.protocol.ids import CallId
from trashclaw.protocol.tools import ToolCall
from trashclaw.providers.endpoint import is_loopback
from trashclaw.providers.ollama_host import is_cloud_model, ollama_url
from trashclaw.providers.ollama_models import full_name
from trashclaw.providers.ollama_request import OllamaSettings, keep_alive_value, ollama_body
from trashclaw.providers.openai_request import chat_body, sound_arguments, stream_body
from trashclaw.providers.server_traits import LLAMACPP, OPENAI, VLLM


@pytest.mark.parametrize(
    ("host", "url"),
    [
        (None, "http://127.0.0.1:11434"),
        ("", "http://127.0.0.1:11434"),
        ("0.0.0.0", "http://127.0.0.1:11434"),
        ("0.0.0.0:8000", "http://127.0.0.1:8000"),
        ("[::]:8000", "http://[::1]:8000"),
        (":56789", "http://127.0.0.1:56789"),
        ("1.2.3.4", "http://1.2.3.4:11434"),
        ("http://1.2.3.4", "http://1.2.3.4:80"),
        ("https://example.com", "https://example.com:443"),
        ("https://example.com:56789/path/", "https://example.com:56789/path"),
        ("example.com/", "http://example.com:11434"),
        ("[0001:002:003:0004::1]", "http://[0001:002:003:0004::1]:11434"),
        (' "localhost" ', "http://localhost:11434"),
    ],
)
def test_a_host_is_read_as_ollama_reads_it(host: str | None, url: str) -> None:
    assert ollama_url(host) == url


@pytest.mark.parametrize("host", ["ftp://x", "http://x:port", "x:99999", "[::1"])
def test_what_is_no_host_is_refused(host: str) -> None:
    with pytest.raises(UsageError, match="no address of Ollama"):
        ollama_url(host)


@pytest.mark.parametrize(
    ("url", "is_local"),
    [
        ("http://127.0.0.1:1", True),
        ("http://127.9.9.9", True),
        ("http://[::1]:1", True),
        ("http://localhost:1/v1", True),
        ("http://192.168.1.2", False),
        ("http://127.0.0.1.example.com", False),
        ("http://0.0.0.0", False),
        ("https://api.example.com", False),
    ],
)
def test_only_loopback_is_this_machine(url: str, is_local: bool) -> None:
    assert is_loopback(url) is is_local


@pytest.mark.parametrize(
    ("name", "entry", "is_remote"),
    [
        ("qwen3:8b", {}, False),
        ("gpt-oss:120b-cloud", {}, True),
        ("kimi:cloud", {}, True),
        ("cloud", {}, False),
        ("my-cloud:8b", {}, False),
        ("mine:latest", {"remote_host": "https://ollama.com:443"}, True),
    ],
)
def test_a_model_of_the_cloud_is_known_by_tag_or_host(name: str, entry: dict[str, str], is_remote: bool) -> None:
    assert is_cloud_model(name, entry) is is_remote


def test_a_name_without_a_tag_means_the_latest() -> None:
    names = ["qwen3", "qwen3:8b", "hf.co/user/model", "host:5000/user/model"]
    latest = ["qwen3:latest", "qwen3:8b", "hf.co/user/model:latest", "host:5000/user/model:latest"]
    assert [full_name(name) for name in names] == latest


@pytest.mark.parametrize(("given", "sent"), [("30m", "30m"), ("300", 300), ("-1", -1), (" 5m ", "5m"), (60.5, 60.5)])
def test_a_duration_is_sent_as_ollama_takes_it(given: str | float, sent: str | float) -> None:
    assert keep_alive_value(given) == sent


@pytest.mark.parametrize(
    "arguments", ['{"b": 1,  "a": [1, 2]}', "{}", '{"path": "d\\u00f6ner"}', '{"n": 1e5}', '{ "a" : "ö" }\n']
)
def test_arguments_that_parse_are_sent_byte_for_byte(arguments: str) -> None:
    assert sound_arguments(arguments) == arguments


@pytest.mark.parametrize(
    ("arguments", "sent"),
    [('{"a": "half', {}), ("", {}), ("[1]", {}), ('"text"', {}), ('{"a": NaN}', {}), ('{"a": "\x1b"}', {"a": "\x1b"})],
)
def test_arguments_that_would_fail_every_later_request_are_mended(arguments: str, sent: object) -> None:
    assert json.loads(sound_arguments(arguments)) == sent


@given(st.text())
def test_whatever_a_model_wrote_goes_back_as_a_json_object(arguments: str) -> None:
    assert isinstance(json.loads(sound_arguments(arguments)), dict)


CALL = ToolCall(call_id=CallId("call_ours"), name="run", arguments='{"b":1,"a":2}', provider_id="theirs")
SAID = Message(Role.ASSISTANT, "Look:\n\n", thought="Hm", thought_field="reasoning", calls=(CALL,))
RESULT = Message(Role.TOOL, "ok", call_id="theirs", tool_name="run")


def test_text_before_a_call_loses_the_line_end_that_the_template_adds() -> None:
    for body in (
        chat_body(Request((SAID, RESULT)), "m", LLAMACPP),
        ollama_body(Request((SAID, RESULT)), OllamaSettings("m", 4096)),
    ):
        assert body["messages"][0]["content"] == "Look:\n"
    alone = Request((Message(Role.ASSISTANT, "Look:\n"),))
    assert chat_body(alone, "m", LLAMACPP)["messages"][0]["content"] == "Look:\n"


def test_a_thought_goes_back_under_the_name_it_came_in() -> None:
    assert chat_body(Request((SAID,)), "m", LLAMACPP)["messages"][0]["reasoning"] == "Hm"
    assert ollama_body(Request((SAID,)), OllamaSettings("m", 4096))["messages"][0]["thinking"] == "Hm"
    foreign = Request((Message(Role.ASSISTANT, "Hi", thought="Hm", thought_field="thinking"),))
    assert chat_body(foreign, "m", LLAMACPP)["messages"][0]["reasoning_content"] == "Hm"
    assert "Hm" not in chat_body(foreign, "m", OPENAI)["messages"][0].values()


def test_a_call_and_its_result_share_the_servers_own_id() -> None:
    called, result = chat_body(Request((SAID, RESULT)), "m", LLAMACPP)["messages"]
    assert called["tool_calls"][0]["id"] == result["tool_call_id"] == "theirs"
    assert called["tool_calls"][0]["function"] == {"name": "run", "arguments": '{"b":1,"a":2}'}
    assert result["name"] == "run"


def test_only_servers_that_know_an_extra_are_sent_it() -> None:
    request = Request((Message(Role.USER, "Hi"),), think=False)
    assert stream_body(request, "m", LLAMACPP)["return_progress"] is True
    assert stream_body(request, "m", VLLM)["chat_template_kwargs"] == {"enable_thinking": False}
    assert set(stream_body(request, "m", OPENAI)) == {"model", "messages", "stream", "stream_options"}


def test_a_longer_conversation_begins_with_the_bytes_of_the_shorter() -> None:
    shorter = Request((Message(Role.SYSTEM, "s"), Message(Role.USER, "u")))
    longer = Request((*shorter.messages, SAID, RESULT))
    for bodies in (
        [chat_body(request, "m", LLAMACPP)["messages"] for request in (shorter, longer)],
        [ollama_body(request, OllamaSettings("m", 4096))["messages"] for request in (shorter, longer)],
    ):
        first, second = (json.dumps(messages) for messages in bodies)
        assert second.startswith(first.removesuffix("]"))
