"""Refusals are understood in all the phrasings that servers have for them."""

from __future__ import annotations

import json

import pytest

from trashclaw.protocol.errors import ContextOverflow, ModelNotFound, ServerFailed
from trashclaw.providers.refusals import ServerBusy, refusal

LLAMACPP = {
    "code": 400,
    "message": "request (20008 tokens) exceeds the available context size (4096 tokens), try increasing it",
    "type": "exceed_context_size_error",
    "n_prompt_tokens": 20008,
    "n_ctx": 4096,
}


@pytest.mark.parametrize(
    ("body", "prompt_tokens", "limit"),
    [
        ({"error": LLAMACPP}, 20008, 4096),
        ({"error": json.dumps({"error": LLAMACPP})}, 20008, 4096),
        ({"error": {"message": LLAMACPP["message"]}}, 20008, 4096),
        ({"error": {"message": "the request exceeds the available context size. try increasing it"}}, None, None),
        ({"error": {"code": 500, "message": "Context size has been exceeded.", "type": "server_error"}}, None, None),
        (
            {
                "error": {
                    "message": "This model's maximum context length is 4096 tokens. However, you requested 20013 tokens"
                    " (20008 in the messages, 5 in the completion). Please reduce the length.",
                    "code": "context_length_exceeded",
                }
            },
            20008,
            4096,
        ),
        (
            {
                "object": "error",
                "message": "This model's maximum context length is 8192 tokens. However, your request"
                " has 9000 input tokens. Please reduce the length of the input messages.",
                "code": 400,
            },
            9000,
            8192,
        ),
        (
            {
                "error": "The number of tokens to keep from the initial prompt is greater than the context length"
                " (n_keep: 13055>= n_ctx: 4096). Try to load the model with a larger context length"
            },
            13055,
            4096,
        ),
        ({"error": "Trying to keep the first 5000 tokens when context the overflows. However, ..."}, 5000, None),
        ({"error": {"message": "Cannot truncate prompt with n_keep (5000) >= n_ctx (4096)"}}, 5000, 4096),
        ({"error": {"message": "Requested tokens (20013) exceed context window of 4096"}}, 20013, 4096),
        ({"error": "the prompt is longer than the context length currently available to the model; ..."}, None, None),
        ({"error": {"message": "no", "code": "context_length_exceeded"}}, None, None),
        ("The decoder prompt (length 5000) is longer than the maximum model length of 4096.", 5000, 4096),
    ],
)
def test_an_overflow_is_known_by_any_of_its_names(body: object, prompt_tokens: int | None, limit: int | None) -> None:
    for form in (body, json.dumps(body).encode() if not isinstance(body, str) else body.encode()):
        error = refusal(form, status=400)
        assert isinstance(error, ContextOverflow)
        assert (error.prompt_tokens, error.limit) == (prompt_tokens, limit)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (404, {"error": "model 'qwen9' not found"}),
        (404, {"error": 'model "qwen9" not found, try pulling it first'}),
        (400, {"error": {"code": 400, "message": "model 'nope' not found", "type": "invalid_request_error"}}),
        (404, {"object": "error", "message": "The model `x` does not exist.", "type": "NotFoundError"}),
        (404, {"error": {"message": "The model does not exist", "code": "model_not_found"}}),
        (400, {"error": "No models loaded. Please load a model in the developer page."}),
        (None, {"error": "model 'qwen9' not found"}),
    ],
)
def test_a_missing_model_is_known_by_any_of_its_names(status: int | None, body: object) -> None:
    assert isinstance(refusal(body, status=status), ModelNotFound)


def test_a_wrong_path_is_no_missing_model() -> None:
    body = {"error": {"message": "File Not Found", "type": "not_found_error", "code": 404}}
    error = refusal(body, status=404)
    assert isinstance(error, ServerFailed)
    assert "with or without /v1" in error.hint
    assert not error.is_retryable


def test_a_busy_server_says_when_to_come_back() -> None:
    error = refusal({"error": "queue full"}, status=503, retry_after="7")
    assert isinstance(error, ServerBusy)
    assert (error.retry_after_s, error.is_retryable, error.is_loading) == (7.0, True, False)
    date = refusal({"error": "slow down"}, status=429, retry_after="Fri, 20 Nov 2026 18:00:00 GMT")
    assert isinstance(date, ServerBusy)
    assert date.retry_after_s is None


def test_a_server_that_loads_its_model_is_known() -> None:
    body = {"error": {"code": 503, "message": "Loading model", "type": "unavailable_error"}}
    error = refusal(body, status=503)
    assert isinstance(error, ServerBusy)
    assert error.is_loading


def test_signing_in_is_offered_where_a_model_wants_it() -> None:
    error = refusal({"error": "unauthorized", "signin_url": "https://ollama.com/connect?x"}, status=401)
    assert error.hint == "Sign in at https://ollama.com/connect?x"


def test_an_error_within_a_stream_keeps_the_status_it_names() -> None:
    error = refusal({"error": {"code": 500, "message": "boom", "type": "server_error"}}, status=None, server="vLLM")
    assert isinstance(error, ServerFailed)
    assert (error.status, error.text) == (500, "vLLM says: boom")


@pytest.mark.parametrize("body", [None, b"", b"\xff\xfe", "{", "[" * 5000, {"error": {}}, {"error": None}, [], 7, "{}"])
def test_no_body_is_too_strange(body: object) -> None:
    error = refusal(body, status=418)
    assert isinstance(error, ServerFailed)
    assert error.status == 418
    assert len(error.text) < 600


def test_errors_wrapped_without_end_are_unwrapped_only_so_far() -> None:
    body: object = "deep"
    for _ in range(50):
        body = {"error": body}
    assert isinstance(refusal(body, status=500), ServerFailed)
