"""What a server's refusal means: the many forms and phrasings of errors, read into our own tree."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from trashclaw.protocol.errors import (
    AnswerUnreadable,
    ContextOverflow,
    ModelNotFound,
    ProviderError,
    ServerFailed,
    ToolsUnsupported,
)
from trashclaw.providers.wire_values import as_count

_TEXT_LIMIT = 500
_MAX_NESTING = 5

_OVERFLOW_SIZES = tuple(
    re.compile(pattern, re.IGNORECASE | re.DOTALL)
    for pattern in (
        r"request \((?P<prompt>\d+) tokens\) exceeds the available context size \((?P<limit>\d+)",
        r"maximum context length is (?P<limit>\d+) tokens.*?\((?P<prompt>\d+) in the messages",
        r"maximum context length is (?P<limit>\d+) tokens.*?(?:requested|has|contains)\D*(?P<prompt>\d+)",
        r"n_keep: (?P<prompt>\d+)\s*>=\s*n_ctx: (?P<limit>\d+)",
        r"n_keep \((?P<prompt>\d+)\)\s*>=\s*n_ctx \((?P<limit>\d+)\)",
        r"keep the first (?P<prompt>\d+) tokens when context the overflows",
        r"requested tokens \((?P<prompt>\d+)\) exceed context window of (?P<limit>\d+)",
        r"prompt \(length (?P<prompt>\d+)\) is longer than the maximum model length of (?P<limit>\d+)",
    )
)
_OVERFLOW_WORDS = (
    "exceeds the available context size",
    "context size has been exceeded",
    "exceed context window",
    "exceeds the context window",
    "maximum context length",
    "maximum model length",
    "tokens to keep from the initial prompt",
    "when context the overflows",
    "cannot truncate prompt with n_keep",
    "longer than the context length",
    "context length exceeded",
    "context_length_exceeded",
    "exceed_context_size_error",
    "prompt is too long",
    "input is too long",
    "input length exceeds",
)
_NO_MODEL = re.compile(
    r"model\b.{0,300}?(?:not found|does not exist|is not available)|no such model|model_not_found"
    r"|invalid model (?:identifier|name)|no models? (?:is )?loaded",
    re.IGNORECASE | re.DOTALL,
)


_NO_TOOLS = re.compile(
    r"does not support (?:tools|(?:tool|function)[ _-]call)|tools? (?:use|call\w*) (?:is|are) not supported"
    r"|requires? --(?:enable-auto-tool-choice|jinja)",
    re.IGNORECASE,
)
_NO_THINKING = re.compile(r"does not support thinking", re.IGNORECASE)
_UNREADABLE = re.compile(
    r"output that does not match the expected|failed to parse (?:input at pos|model output|the model's)"
    r"|error parsing tool call|XML syntax error on line \d+",
    re.IGNORECASE,
)


class ThinkingUnsupported(ServerFailed):
    """The model does not take `think`."""


class ServerBusy(ServerFailed):
    """The server asks us to come back: it is loading, full, or limits its callers."""

    def __init__(self, text: str, hint: str = "", status: int | None = 503, retry_after_s: float | None = None) -> None:
        super().__init__(text, hint, status)
        self.retry_after_s = retry_after_s
        self.is_loading = "loading model" in text.lower()


@dataclass(frozen=True, slots=True)
class _Complaint:
    """The pieces of an error object, whatever it was wrapped in."""

    text: str
    kind: str = ""
    prompt_tokens: int | None = None
    limit: int | None = None
    status: int | None = None
    sign_in_url: str = ""


def refusal(
    body: object, *, status: int | None, model: str = "", server: str = "The server", retry_after: str | None = None
) -> ProviderError:
    """Return the error that a refusal means.

    `body` is what came: bytes, text, or decoded JSON; the error may be an object, a string, or JSON inside a string.
    `status` is the HTTP status, or `None` for an error in the middle of a stream.
    """
    complaint = _read(body)
    said = f"{server} says: {complaint.text}" if complaint.text else f"{server} answered with status {status}."
    overflow = _overflow(complaint, said)
    if overflow is not None:
        return overflow
    if _NO_MODEL.search(f"{complaint.kind} {complaint.text}") and status in {None, 400, 404}:
        return ModelNotFound(said if not model else f"{server} does not have the model {model!r}: {complaint.text}")
    if _UNREADABLE.search(complaint.text):
        return AnswerUnreadable(said, "The model wrote a call that the server cannot read.")
    if _NO_TOOLS.search(complaint.text):
        return ToolsUnsupported(said, "Choose a model that can call tools.")
    if _NO_THINKING.search(complaint.text):
        return ThinkingUnsupported(said, "", status)
    status = status or complaint.status
    if status in {429, 503}:
        return ServerBusy(said, "", status, _seconds(retry_after))
    return ServerFailed(said, _hint(status, complaint), status)


def _overflow(complaint: _Complaint, said: str) -> ContextOverflow | None:
    """Return the overflow that a complaint speaks of, with the sizes it tells."""
    searched = f"{complaint.kind} {complaint.text}"
    if not any(words in searched.lower() for words in _OVERFLOW_WORDS):
        return None
    prompt_tokens, limit = complaint.prompt_tokens, complaint.limit
    if prompt_tokens is None:
        for pattern in _OVERFLOW_SIZES:
            if match := pattern.search(searched):
                found = match.groupdict()
                prompt_tokens, limit = int(found["prompt"]), _number(found.get("limit"))
                break
    return ContextOverflow(said, prompt_tokens=prompt_tokens, limit=limit)


def _hint(status: int | None, complaint: _Complaint) -> str:
    if complaint.sign_in_url:
        return f"Sign in at {complaint.sign_in_url}"
    if status in {401, 403}:
        return "It wants an API key, or another one."
    if status == 404:
        return "The address may be wrong: give the base URL, with or without /v1."
    return ""


def _read(body: object, depth: int = 0) -> _Complaint:
    """Unwrap an error down to its message."""
    if isinstance(body, bytes):
        body = body.decode("utf-8", "replace")
    if isinstance(body, str):
        inner = _decoded(body) if depth < _MAX_NESTING else None
        return _Complaint(_short(body)) if inner is None else _read(inner, depth + 1)
    if not isinstance(body, Mapping):
        return _Complaint("" if body is None else _short(str(body)))
    if body.get("error") is not None and depth < _MAX_NESTING:
        found = _read(body["error"], depth + 1)
        return replace(found, sign_in_url=str(body.get("signin_url") or found.sign_in_url))
    message = body.get("message") or body.get("detail") or ""
    inner = _decoded(message) if isinstance(message, str) and depth < _MAX_NESTING else None
    if inner is not None:
        return _read(inner, depth + 1)
    code = body.get("code")
    return _Complaint(
        text=_short(message if isinstance(message, str) else json.dumps(message)),
        kind=" ".join(str(word) for word in (body.get("type"), code) if isinstance(word, str)),
        prompt_tokens=_number(body.get("n_prompt_tokens")),
        limit=_number(body.get("n_ctx")),
        status=_number(code),
    )


def _decoded(text: str) -> Mapping[str, object] | None:
    """Return the JSON object that a string holds, if it holds one."""
    if not text.lstrip().startswith("{"):
        return None
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _number(value: object) -> int | None:
    if isinstance(value, str):
        return int(value) if value.isdecimal() and len(value) < 12 else None
    return as_count(value)


def _seconds(retry_after: str | None) -> float | None:
    """Read a Retry-After header given in seconds; a date is ignored."""
    try:
        seconds = float(retry_after or "")
    except ValueError:
        return None
    return seconds if 0 <= seconds < 86400 else None


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _TEXT_LIMIT else f"{text[:_TEXT_LIMIT]}..."
