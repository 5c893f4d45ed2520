"""Reads what a program asks of the host gate, strictly: what two readers could understand differently is refused."""

from __future__ import annotations

import re
from asyncio import IncompleteReadError, LimitOverrunError, StreamReader
from base64 import b64decode
from binascii import Error as NoBase64
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from trashclaw.sandbox.host_rules import Target, host_name, port_number

HEAD_LIMIT_BYTES = 32_768
HEADER_COUNT = 100
CHUNK_BYTES = 65_536

_TOKEN = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(rb"[\t\x20-\x7e\x80-\xff]*")
_PATH = re.compile(rb"[\x21-\x7e]*")
_LENGTH = re.compile(rb"[0-9]{1,18}")
_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,15})(?:[ \t]*;[\t\x20-\x7e]*)?\r\n")
_ONE_HOP = frozenset(
    b"connection keep-alive proxy-connection proxy-authorization proxy-authenticate te trailer".split()
    + b"upgrade host http2-settings".split()
)

Header = tuple[bytes, bytes]


class BadRequest(Exception):
    """What came is no request that the gate understands; the text says why."""


@dataclass(frozen=True, slots=True)
class ProxyRequest:
    """What a program asks for."""

    method: bytes
    target: Target
    path: bytes
    """Of a plain request, with its query; empty for a tunnel."""

    headers: tuple[Header, ...]
    """As they came, names in lower case."""

    length: int | None
    """Bytes of the body; `None`: it comes in chunks."""

    version: bytes = b"HTTP/1.1"

    @property
    def is_tunnel(self) -> bool:
        """Whether it wants a line to the host, and not an answer of it."""
        return self.method == b"CONNECT"

    @property
    def token(self) -> str:
        """The name in its credentials for the gate; empty without any."""
        return _token(self.headers)

    def head_for_host(self) -> bytes:
        """Return the head as it is sent on: for the host that was judged, and without what was meant for us."""
        named = {
            name.strip().lower() for key, value in self.headers if key == b"connection" for name in value.split(b",")
        }
        kept = [header for header in self.headers if header[0] not in _ONE_HOP and header[0] not in named - _FRAMING]
        host = f"[{self.target.host}]" if ":" in self.target.host else self.target.host
        authority = host if self.target.port == 80 else f"{host}:{self.target.port}"
        lines = [b" ".join((self.method, self.path, self.version)), b"host: " + authority.encode("ascii")]
        return b"\r\n".join([*lines, *(b": ".join(header) for header in kept), b"connection: close", b"", b""])


_FRAMING = frozenset({b"content-length", b"transfer-encoding"})


async def read_request(reader: StreamReader) -> ProxyRequest | None:
    """Read one head; `None` if nothing came at all.

    Raises:
        BadRequest: it is none, or could be understood in two ways.
    """
    head = await _read_head(reader)
    if head is None:
        return None
    line, headers = _parse_head(head)
    parts = line.split(b" ")
    if len(parts) != 3 or not _TOKEN.fullmatch(parts[0]) or parts[2] not in (b"HTTP/1.1", b"HTTP/1.0"):
        raise BadRequest("the first line is no request")
    method, where, version = parts
    length = _body_length(headers, version)
    if method == b"CONNECT":
        if length != 0:
            raise BadRequest("a tunnel has no body")
        return ProxyRequest(method, _authority(where, None), b"", headers, 0)
    target, path = _absolute(where)
    return ProxyRequest(method, target, path, headers, length, version)


async def read_body(reader: StreamReader, length: int | None) -> AsyncIterator[bytes]:
    """Yield the body in pieces as they are sent on, framed again where it comes in chunks; never a byte behind it.

    Raises:
        BadRequest: it ends too early, or a chunk is none.
    """
    if length is None:
        async for piece in _read_chunks(reader):
            yield piece
        return
    while length > 0:
        data = await reader.read(min(length, CHUNK_BYTES))
        if not data:
            raise BadRequest("the body ended too early")
        length -= len(data)
        yield data


async def read_answer_head(reader: StreamReader) -> bytes | None:
    """Read the head of a host's answer, and return it with `connection: close` in the place of what it said about that.

    `None`: it is none that we understand, or there is none.
    """
    try:
        head = await _read_head(reader)
        if head is None:
            return None
        line, headers = _parse_head(head)
    except BadRequest:
        return None
    if not re.match(rb"HTTP/1\.[01] [1-5][0-9][0-9]( |$)", line):
        return None
    dropped = {b"connection", b"keep-alive", b"proxy-connection", b"upgrade", b"proxy-authenticate"}
    kept = [b": ".join(header) for header in headers if header[0] not in dropped]
    closing = [] if is_interim(line) else [b"connection: close"]
    return b"\r\n".join([line, *kept, *closing, b"", b""])


def is_interim(head: bytes) -> bool:
    """Tell whether another head follows this one (`100 Continue`)."""
    return head[9:10] == b"1"


async def _read_head(reader: StreamReader) -> bytes | None:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except IncompleteReadError as error:
        if error.partial:
            raise BadRequest("the request ended too early") from error
        return None
    except LimitOverrunError as error:
        raise BadRequest("its head is too long") from error
    if len(head) > HEAD_LIMIT_BYTES:
        raise BadRequest("its head is too long")
    return head[:-4]


def _parse_head(head: bytes) -> tuple[bytes, tuple[Header, ...]]:
    line, *rest = head.split(b"\r\n")
    if len(rest) > HEADER_COUNT:
        raise BadRequest("it has too many headers")
    headers = []
    for text in rest:
        name, colon, value = text.partition(b":")
        if not colon or not _TOKEN.fullmatch(name) or not _VALUE.fullmatch(value):
            raise BadRequest("a header is none")
        headers.append((name.lower(), value.strip(b" \t")))
    return line, tuple(headers)


def _body_length(headers: Sequence[Header], version: bytes) -> int | None:
    lengths = [value for name, value in headers if name == b"content-length"]
    codings = [value for name, value in headers if name == b"transfer-encoding"]
    if len(lengths) + len(codings) > 1:
        raise BadRequest("the length of its body is told twice")
    if sum(name == b"host" for name, _ in headers) > 1:
        raise BadRequest("it names two hosts")
    if codings:
        if codings[0].lower() != b"chunked" or version != b"HTTP/1.1":
            raise BadRequest("its body comes in a way that is not known here")
        return None
    if lengths and not _LENGTH.fullmatch(lengths[0]):
        raise BadRequest("the length of its body is no number")
    return int(lengths[0]) if lengths else 0


async def _read_chunks(reader: StreamReader) -> AsyncIterator[bytes]:
    while True:
        found = _CHUNK.fullmatch(await _line(reader))
        if found is None:
            raise BadRequest("a chunk of its body is none")
        size = int(found[1], 16)
        if size == 0:
            break
        yield b"%x\r\n" % size
        async for piece in read_body(reader, size):
            yield piece
        if await _exactly(reader, 2) != b"\r\n":
            raise BadRequest("a chunk of its body is longer than it said")
        yield b"\r\n"
    for _ in range(HEADER_COUNT):
        if await _line(reader) == b"\r\n":
            yield b"0\r\n\r\n"
            return
    raise BadRequest("it has too many headers behind its body")


async def _line(reader: StreamReader) -> bytes:
    try:
        return await reader.readuntil(b"\r\n")
    except (IncompleteReadError, LimitOverrunError) as error:
        raise BadRequest("the body ended too early") from error


async def _exactly(reader: StreamReader, count: int) -> bytes:
    try:
        return await reader.readexactly(count)
    except IncompleteReadError as error:
        raise BadRequest("the body ended too early") from error


def _absolute(where: bytes) -> tuple[Target, bytes]:
    scheme, separator, rest = where.partition(b"://")
    if not separator or not _PATH.fullmatch(where):
        raise BadRequest("it names no host: set the proxy of this program, and its port, as the environment says")
    if scheme.lower() != b"http":
        raise BadRequest("only http:// is asked for this way; the rest goes through a tunnel (CONNECT)")
    end = re.search(rb"[/?#]", rest)
    authority, path = (rest[: end.start()], rest[end.start() :]) if end else (rest, b"")
    path = path.partition(b"#")[0]
    return _authority(authority, 80), path if path.startswith(b"/") else b"/" + path


def _authority(text: bytes, port_if_none: int | None) -> Target:
    """Read `host:port`; a name and password in front of it, or anything else, is refused."""
    try:
        authority = text.decode("ascii")
    except UnicodeDecodeError as error:
        raise BadRequest("its host is not in ASCII") from error
    host, port = authority, ""
    if authority.startswith("["):
        host, closing, port = authority[1:].partition("]")
        if not closing or ":" not in host:
            raise BadRequest("its host is no name and no address")
    elif ":" in authority:
        host, _, port = authority.partition(":")
        port = ":" + port
    number = port_number(port[1:]) if port.startswith(":") else (port_if_none if not port else None)
    name = host_name(host)
    if name is None or number is None:
        raise BadRequest("its host is no name and no address, or its port is none")
    return Target(name, number)


def _token(headers: Sequence[Header]) -> str:
    for name, value in headers:
        scheme, _, credentials = value.partition(b" ")
        if name == b"proxy-authorization" and scheme.lower() == b"basic":
            try:
                return b64decode(credentials.strip(), validate=True).decode("ascii").partition(":")[0]
            except (NoBase64, UnicodeDecodeError):
                return ""
    return ""
