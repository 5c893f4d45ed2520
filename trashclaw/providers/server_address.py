"""The address of a server that speaks the OpenAI API."""

from __future__ import annotations

from urllib.parse import urlsplit

from trashclaw.protocol.errors import UsageError


def root_url(base_url: str) -> str:
    """Return a base URL, given with or without `/v1` and scheme, as the address that `/v1/...` is added to.

    Raises:
        UsageError: it has no host.
    """
    url = base_url.strip() if "://" in base_url else f"http://{base_url.strip()}"
    try:
        is_address = bool(urlsplit(url).hostname) and urlsplit(url).port != 0
    except ValueError:
        is_address = False
    if not is_address:
        raise UsageError(f"{base_url!r} is no address of a server.", "Write it as http://127.0.0.1:8080")
    return url.rstrip("/").removesuffix("/v1").rstrip("/")
