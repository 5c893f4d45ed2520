"""The transport of long answers: what httpx uses by itself, with the many small chunks of an answer put together."""

from __future__ import annotations

import ssl
from collections.abc import Iterable
from typing import Any

import httpcore
import httpx

from trashclaw.providers.gathered_chunks import Gathered, Pace


class _Stream(httpcore.AsyncNetworkStream):
    """A connection whose answers come in fewer and larger chunks."""

    def __init__(self, stream: httpcore.AsyncNetworkStream) -> None:
        self._stream = stream
        self._gathered = Gathered()
        self._pace = Pace()

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        while True:
            if self._gathered.is_body:
                await self._pace.wait()
            data = await self._stream.read(max_bytes, timeout)
            self._pace.note(len(data))
            handed = self._gathered.feed(data) if data else self._gathered.flush()
            if handed or not data:
                return handed

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        await self._stream.write(buffer, timeout)

    async def aclose(self) -> None:
        await self._stream.aclose()

    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.AsyncNetworkStream:
        return _Stream(await self._stream.start_tls(ssl_context, server_hostname, timeout))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class _Backend(httpcore.AnyIOBackend):
    """Opens such connections."""

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        return _Stream(await super().connect_tcp(host, port, timeout, local_address, socket_options))

    async def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[Any] | None = None
    ) -> httpcore.AsyncNetworkStream:
        return _Stream(await super().connect_unix_socket(path, timeout, socket_options))


class GatheringTransport(httpx.AsyncHTTPTransport):
    """The transport of httpx over connections that put chunks together; it keeps none for a second request."""

    def __init__(self, *, uds: str | None, verify: bool, trust_env: bool) -> None:
        """`uds` is a Unix socket to go through; with `verify`, certificates are looked at, and with `trust_env` the
        environment may say which ones are trusted."""
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=0)
        super().__init__(uds=uds, limits=limits, verify=verify, trust_env=trust_env)
        # There is no other way to give httpx a connection of ours; without it all works, at a higher cost.
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=httpx.create_ssl_context(verify=verify, trust_env=trust_env),
            max_connections=None,
            max_keepalive_connections=0,
            uds=uds,
            network_backend=_Backend(),
        )
