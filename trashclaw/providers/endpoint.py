"""The way to a model server over HTTP: small questions, and long answers read line by line."""

from __future__ import annotations

import asyncio
import importlib
import ipaddress
import json
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from urllib.request import getproxies

from trashclaw.protocol.errors import (
    ModelNotFound,
    ProviderError,
    ServerFailed,
    ServerTooSlow,
    ServerUnreachable,
    UsageError,
)
from trashclaw.providers.answer import Answer
from trashclaw.providers.patience import Patience, Timeouts, sent_too_late
from trashclaw.providers.refusals import refusal

if TYPE_CHECKING:
    import httpx

_MAX_BODY_BYTES = 16 * 2**20
_ERROR_BODY_LIMIT_S = 10.0
_WRITE_LIMIT_S = 120.0
_RACE_S = 2.0
"""A connection that is closed this soon, without a byte, was closed before the request came to it."""


def is_loopback(url: str) -> bool:
    """Tell whether what is sent to `url` stays on this machine."""
    host = urlsplit(url).hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Endpoint:
    """One model server: its address, key and limits, and the errors it raises in our own words."""

    def __init__(
        self,
        base_url: str,
        *,
        server: str = "The server",
        uds: str | None = None,
        api_key: str | None = None,
        timeouts: Timeouts | None = None,
        start_hint: str = "Is it running?",
        model_hint: str = "",
        asks_again: bool = True,
    ) -> None:
        """Keep the address; nothing is opened, and `httpx` is imported at the first request.

        `uds` is the path of a Unix socket to go through instead of the network. The hints say what to do when nobody
        answers, and when the server does not have a model, whose name takes the place of `{model}`. `asks_again` lets a
        request be sent a second time when the server hangs up on it at once.
        """
        self.base_url = base_url.rstrip("/")
        self.server = server
        self.timeouts = timeouts or Timeouts()
        self._uds = uds
        self._start_hint = start_hint
        self._model_hint = model_hint
        self._asks_again = asks_again
        self._headers = {"Content-Type": "application/json"}
        if api_key:
            self._headers["Authorization"] = f"Bearer {api_key}"
        self._client: httpx.AsyncClient | None = None

    @property
    def is_local(self) -> bool:
        """Whether what is sent here stays on this machine."""
        return self._uds is not None or is_loopback(self.base_url)

    async def aclose(self) -> None:
        """Close every connection."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    async def ask(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, *, limit_s: float = 10.0, model: str = ""
    ) -> Any:
        """Ask a small question and return the decoded JSON of the answer.

        Raises:
            ProviderError: nobody answers in time, the server refuses, or the answer is no JSON.
        """
        await self._open()
        deadline = time.monotonic() + limit_s
        late = f"did not answer within {limit_s:g} s"
        try:
            response = await self._send(method, path, body, limit_s)
        except TimeoutError as error:
            raise self.unreachable(late) from error
        try:
            async with asyncio.timeout(max(0.0, deadline - time.monotonic())):
                content = await self._read(response)
            if response.status_code >= 300:
                raise self._refused(response, content, model)
            return json.loads(content)
        except TimeoutError as error:
            raise self.unreachable(late) from error
        except (ValueError, RecursionError) as error:
            raise ServerFailed(f"{self.server} at {self.base_url}{path} did not answer in JSON.") from error
        finally:
            await response.aclose()

    @asynccontextmanager
    async def answer(self, path: str, body: Mapping[str, Any], model: str = "") -> AsyncIterator[Answer]:
        """Send a request on a fresh connection and give its answer to read; leaving closes the connection.

        Sent again once, at once, if the server hung up at once without a byte. A refusal that took its time is not to
        be retried: the server, or one behind it, may have read the prompt, or be reading it still.

        Raises:
            ProviderError: nobody answers, the server refuses, or (while reading) `StreamBroken` or `ServerTooSlow`.
        """
        await self._open()
        patience = Patience(self.timeouts, self.server)
        try:
            response = await self._send("POST", path, body, patience.left_s())
        except TimeoutError as error:
            raise patience.error() from error
        try:
            if response.status_code >= 300:
                is_early = patience.is_early
                refused = self._refused(response, await self._error_body(response), model)
                raise sent_too_late(refused, is_early=is_early)
            yield Answer(response, patience)
        finally:
            await response.aclose()

    async def _send(
        self, method: str, path: str, body: Mapping[str, Any] | None, limit_s: float | None
    ) -> httpx.Response:
        """Return the response once its head has come, with its body still to read.

        Raises:
            TimeoutError: it has not come within `limit_s`.
        """
        client = await self._open()
        import httpx

        # Lone surrogates cannot be sent; a question mark in their place is better than no request.
        content = None if body is None else json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
        try:
            request = client.build_request(method, f"{self.base_url}{path}", content=content, headers=self._headers)
        except (httpx.InvalidURL, ValueError) as error:
            raise UsageError(f"{self.base_url!r} is no address of a server ({error}).") from error
        began, tries_left = time.monotonic(), 1 if self._asks_again else 0
        async with asyncio.timeout(limit_s):
            while True:
                try:
                    return await client.send(request, stream=True)
                except httpx.UnsupportedProtocol as error:
                    raise UsageError(
                        f"{self.base_url!r} is no address of a server.", "It begins with http://"
                    ) from error
                except httpx.HTTPError as error:
                    is_race = isinstance(error, (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError))
                    if not (is_race and tries_left and time.monotonic() - began < _RACE_S):
                        raise self._failed(error) from error
                    tries_left -= 1

    def _failed(self, error: httpx.HTTPError) -> ProviderError:
        """Return the error for a request that got no answer; without a connection alone it may be sent again."""
        import httpx

        match error:
            case httpx.ConnectTimeout():
                late = self.unreachable(f"did not take a connection within {self.timeouts.connect_s:g} s")
                late.hint = f"{late.hint} Allow it more with server.connect_timeout_s.".strip()
                return late
            case httpx.ConnectError():
                return self.unreachable(f"cannot be reached ({_reason(error)})")
            case httpx.WriteTimeout():
                return ServerTooSlow(f"{self.server} did not take the request within {_WRITE_LIMIT_S:g} s.")
            case _:
                lost = self.unreachable(f"hung up before it answered ({_reason(error)})")
                lost.is_retryable = False
                return lost

    async def _error_body(self, response: httpx.Response) -> bytes:
        """Return what a refusal says, or nothing if that does not come in time."""
        try:
            async with asyncio.timeout(_ERROR_BODY_LIMIT_S):
                return await self._read(response)
        except TimeoutError:
            return b""

    async def _read(self, response: httpx.Response) -> bytes:
        import httpx

        body = bytearray()
        try:
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > _MAX_BODY_BYTES:
                    raise ServerFailed(f"{self.server} at {self.base_url} sent an answer without end.")
            return bytes(body)
        except httpx.HTTPError as error:
            raise self.unreachable(f"hung up in the middle of an answer ({_reason(error)})") from error

    async def _open(self) -> httpx.AsyncClient:
        """Return the client, made at first use; it keeps no connection for a second request.

        llama.cpp promises to keep connections and then closes them, which loses the next request.
        """
        if self._client is None:
            await asyncio.to_thread(importlib.import_module, "httpx")
        import httpx

        if self._client is None:
            from trashclaw.providers.transport import GatheringTransport

            is_tls = self.base_url.startswith("https:")
            # A proxy from the environment must never see what is meant for this machine. For another one there may be
            # one, which httpx goes through by itself.
            is_direct = self.is_local or not getproxies()
            verify = is_tls and self._uds is None
            self._client = httpx.AsyncClient(
                transport=GatheringTransport(uds=self._uds, verify=verify, trust_env=not self.is_local)
                if is_direct
                else None,
                limits=httpx.Limits(max_connections=None, max_keepalive_connections=0),
                verify=is_tls,
                trust_env=not self.is_local,
                timeout=httpx.Timeout(connect=self.timeouts.connect_s, read=None, write=_WRITE_LIMIT_S, pool=None),
            )
        return self._client

    def unreachable(self, what: str) -> ServerUnreachable:
        """Return the error for a server that is not there, with what to do about it."""
        return ServerUnreachable(f"{self.server} at {self._uds or self.base_url} {what}.", self._start_hint)

    def refusal(
        self, content: object, status: int | None, model: str = "", retry_after: str | None = None
    ) -> ProviderError:
        """Return the error that a refusal means, with what to do about it."""
        error = refusal(content, status=status, model=model, server=self.server, retry_after=retry_after)
        if isinstance(error, ModelNotFound) and not error.hint:
            error.hint = self._model_hint.format(model=model)
        return error

    def _refused(self, response: httpx.Response, content: bytes, model: str) -> ProviderError:
        return self.refusal(content, response.status_code, model, response.headers.get("retry-after"))


def _reason(error: Exception) -> str:
    return str(error) or type(error).__name__
