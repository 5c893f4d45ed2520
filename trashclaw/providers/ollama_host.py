"""Where Ollama is, read as its own client reads `OLLAMA_HOST`, and which of its models run elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from trashclaw.protocol.errors import UsageError

DEFAULT_URL = "http://127.0.0.1:11434"
_DEFAULT_PORT = 11434
_SCHEME_PORTS = {"http": 80, "https": 443}
_ANY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}


def ollama_url(host: str | None) -> str:
    """Return the base URL that a value of `OLLAMA_HOST` (or a `--base-url`) means.

    Without a scheme the port is 11434, with one it is the scheme's own; an address that means "all interfaces" to a
    server is loopback for a client; a path is kept, a trailing slash is not.

    Raises:
        UsageError: it is no address.
    """
    text = (host or "").strip().strip("\"'")
    scheme, separator, rest = text.partition("://")
    if not separator:
        scheme, rest = "http", text
    if scheme not in _SCHEME_PORTS:
        raise UsageError(f"{host!r} is no address of Ollama.", "It begins with http:// or https://, or is HOST:PORT.")
    try:
        parts = urlsplit(f"{scheme}://{rest}")
        name, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise UsageError(f"{host!r} is no address of Ollama ({error}).", f"The usual one is {DEFAULT_URL}") from error
    name = _ANY_ADDRESS.get(name, name)
    if ":" in name:
        name = f"[{name}]"
    port = port or (_SCHEME_PORTS[scheme] if separator else _DEFAULT_PORT)
    return f"{scheme}://{name}:{port}{parts.path.rstrip('/')}"


def is_cloud_model(name: str, entry: Mapping[str, Any]) -> bool:
    """Tell whether a model runs on Ollama's computers and not here; `entry` is from `/api/tags` or `/api/show`."""
    tag = name.rpartition(":")[2] if ":" in name else ""
    return tag == "cloud" or tag.endswith("-cloud") or bool(entry.get("remote_host") or entry.get("remote_model"))
