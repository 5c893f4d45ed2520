"""The host gate on the wire: what it lets through, what it refuses, and what it does with requests that are none."""

from __future__ import annotations

import asyncio
import stat
import sys
from base64 import b64encode
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from tests.support.loopback_hosts import listening
from trashclaw.protocol.errors import UsageError, WorkspaceError
from trashclaw.sandbox.host_gate import GateLimits, HostGate
from trashclaw.sandbox.host_pass import Pass

no_unix_sockets = pytest.mark.skipif(sys.platform == "win32", reason="no Unix sockets there")

SHORT = GateLimits(head_s=0.2, connect_s=5, idle_s=5, half_closed_s=2)


class Names:
    """Looks names up in a table, and keeps which were asked for."""

    def __init__(self, **table: str) -> None:
        self.table = table
        self.asked: list[str] = []

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append(host)
        if host not in self.table:
            raise OSError(-2, "Name or service not known")
        return self.table[host].split()


@pytest.fixture
def names() -> Names:
    return Names(**{"api.example.com": "127.0.0.1", "metadata.example.com": "169.254.169.254"})


@pytest.fixture
async def gate(names: Names) -> AsyncIterator[HostGate]:
    gate = HostGate(resolve=names, limits=SHORT)
    yield gate
    await gate.aclose()


async def say(gate: HostGate, data: bytes, *, ends: bool = False) -> bytes:
    """Send bytes to the gate and return all that comes back."""
    reader, writer = await asyncio.open_connection("127.0.0.1", await gate.listen_on_loopback())
    try:
        writer.write(data)
        if ends:
            writer.write_eof()
        return await asyncio.wait_for(reader.read(), 20)
    finally:
        writer.close()


def with_pass(granted: Pass, *lines: str, body: bytes = b"") -> bytes:
    """Return a request with the credentials of a pass."""
    credentials = b64encode(f"{granted.token}:x".encode()).decode()
    return "\r\n".join([*lines, f"Proxy-Authorization: Basic {credentials}", "", ""]).encode() + body


async def test_a_tunnel_carries_both_ways_and_the_bytes_out_are_counted(names: Names) -> None:
    told: list[tuple[str, int]] = []
    gate = HostGate(resolve=names, on_egress=lambda host, count: told.append((host, count)), limits=SHORT)
    async with listening(b"answer") as host:
        granted = await gate.admit([f"api.example.com:{host.port}", f"127.0.0.1:{host.port}"])
        request = with_pass(granted, f"CONNECT api.example.com:{host.port} HTTP/1.1")
        answer = await say(gate, request + b"twelve bytes", ends=True)
    await gate.aclose()
    assert answer == b"HTTP/1.1 200 Connection established\r\n\r\nanswer"
    assert host.received == [b"twelve bytes"]
    assert granted.sent == {"api.example.com": 12} and told == [("api.example.com", 12)]
    assert granted.denied == ()


async def test_a_plain_request_is_written_anew_for_the_host_that_was_judged(gate: HostGate) -> None:
    async with listening(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\nok") as host:
        granted = await gate.admit([f"api.example.com:{host.port}", f"127.0.0.1:{host.port}"])
        answer = await say(
            gate,
            with_pass(
                granted,
                f"POST http://API.example.com.:{host.port}/a?b=c#d HTTP/1.1",
                "Host: other.example",
                "Connection: X-Secret, Content-Length",
                "X-Secret: 1",
                "Upgrade: websocket",
                "Content-Length: 4",
                body=b"bodyGET http://api.example.com/smuggled HTTP/1.1\r\n\r\n",
            ),
        )
    sent = host.received[0]
    assert sent.startswith(b"POST /a?b=c HTTP/1.1\r\nhost: api.example.com:%d\r\n" % host.port)
    assert sent.endswith(b"connection: close\r\n\r\nbody")
    for hidden in (b"other.example", b"smuggled", granted.token.encode(), b"authorization", b"x-secret", b"upgrade"):
        assert hidden not in sent.lower()
    assert answer == b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok"


async def test_a_chunked_body_ends_where_it_ends(gate: HostGate) -> None:
    async with listening(b"HTTP/1.1 204 No Content\r\n\r\n") as host:
        granted = await gate.admit([f"127.0.0.1:{host.port}"])
        body = b"5;ext=1\r\nhello\r\n0\r\nTrailer: x\r\n\r\nGET / HTTP/1.1\r\n\r\n"
        lines = (f"POST http://127.0.0.1:{host.port}/ HTTP/1.1", "Transfer-Encoding: chunked")
        await say(gate, with_pass(granted, *lines, body=body))
    assert host.received[0].endswith(b"\r\n\r\n5\r\nhello\r\n0\r\n\r\n")


async def test_what_is_not_granted_is_refused_with_the_way_to_ask_for_it(gate: HostGate, names: Names) -> None:
    granted = await gate.admit([])
    plain = await say(gate, with_pass(granted, "GET http://secret-data.example.com/ HTTP/1.1"))
    tunnel = await say(gate, with_pass(granted, "CONNECT other.example:2222 HTTP/1.1"))
    again = await say(gate, with_pass(granted, "CONNECT OTHER.example.:2222 HTTP/1.1"))
    assert plain.startswith(b"HTTP/1.1 403 ")
    text = 'trashclaw\'s sandbox does not let this command reach {}; ask for it with hosts: ["{}"]'
    assert text.format("secret-data.example.com", "secret-data.example.com") in plain.decode()
    assert text.format("other.example:2222", "other.example:2222") in tunnel.decode()
    assert again == tunnel
    assert granted.denied == ("secret-data.example.com", "other.example:2222")
    assert names.asked == [], "a name that is not granted must not even be looked up"


@pytest.mark.parametrize("rules", [["*"], ["metadata.example.com"], ["*:*"]])
async def test_a_granted_name_does_not_lead_to_addresses_that_are_not_public(gate: HostGate, rules: list[str]) -> None:
    granted = await gate.admit(rules)
    answer = await say(gate, with_pass(granted, "GET http://metadata.example.com/latest HTTP/1.1"))
    assert answer.startswith(b"HTTP/1.1 403 ") and b"169.254.169.254, which is not public" in answer
    assert granted.denied == ("metadata.example.com",)


async def test_a_name_is_looked_up_once_and_the_judged_address_is_used() -> None:
    async with listening(b"here") as host:

        class Rebinding(Names):
            async def __call__(self, name: str, port: int) -> Sequence[str]:
                self.asked.append(name)
                return ["10.255.255.1", "127.0.0.1"] if len(self.asked) == 1 else ["10.255.255.1"]

        names = Rebinding()
        gate = HostGate(resolve=names, limits=SHORT)
        granted = await gate.admit([f"api.example.com:{host.port}", f"127.0.0.1:{host.port}"])
        answer = await say(gate, with_pass(granted, f"CONNECT api.example.com:{host.port} HTTP/1.1"), ends=True)
        await gate.aclose()
    assert answer.endswith(b"here") and names.asked == ["api.example.com"]


async def test_without_a_good_token_nobody_gets_through(gate: HostGate) -> None:
    granted, other = await gate.admit(["*"]), await gate.admit([])
    for request in (b"CONNECT api.example.com:443 HTTP/1.1\r\n\r\n", b"GET http://api.example.com/ HTTP/1.1\r\n\r\n"):
        assert (await say(gate, request)).startswith(b"HTTP/1.1 407 ")
    granted.close()
    assert (await say(gate, with_pass(granted, "CONNECT api.example.com:443 HTTP/1.1"))).startswith(b"HTTP/1.1 407 ")
    assert (await say(gate, with_pass(other, "CONNECT api.example.com:443 HTTP/1.1"))).startswith(b"HTTP/1.1 403 ")


async def test_closing_a_pass_ends_its_connections(gate: HostGate) -> None:
    async with listening(b"", holds=True) as host:
        granted = await gate.admit([f"127.0.0.1:{host.port}"])
        talk = asyncio.create_task(say(gate, with_pass(granted, f"CONNECT 127.0.0.1:{host.port} HTTP/1.1")))
        await host.connected.wait()
        granted.close()
        assert (await talk).startswith(b"HTTP/1.1 200 "), "the connection ends, or this would wait for ever"


@pytest.mark.parametrize(
    "request_line",
    [
        "GET / HTTP/1.1",
        "GET https://api.example.com/ HTTP/1.1",
        "GET http://user:pw@api.example.com/ HTTP/1.1",
        "GET http://api.example.com@other.example/ HTTP/1.1",
        "GET http://api.example.com:80:80/ HTTP/1.1",
        "GET http://api.example.com:0/ HTTP/1.1",
        "GET http:///path HTTP/1.1",
        "GET http://2130706433/ HTTP/1.1",
        "GET http://api.example.com/\x00 HTTP/1.1",
        "GET http://api.example.com/a b HTTP/1.1",
        "GET http://api.example.com/ HTTP/2.0",
        "GET http://api.example.com\\@other.example/ HTTP/1.1",
        "GET http://ä.example/ HTTP/1.1",
        "CONNECT api.example.com HTTP/1.1",
        "CONNECT api.example.com: HTTP/1.1",
        "CONNECT user@api.example.com:443 HTTP/1.1",
        "CONNECT [::1:443 HTTP/1.1",
        "CONNECT [fe80::1%lo]:443 HTTP/1.1",
        "CONNECT http://api.example.com:443 HTTP/1.1",
        "GET http://api.example.com/ HTTP/1.1\nX: y",
        "GET http://api.example.com/ HTTP/1.1\r\nHost: a\r\nHost: b",
        "GET http://api.example.com/ HTTP/1.1\r\n folded: x",
        "GET http://api.example.com/ HTTP/1.1\r\nX : y",
        "GET http://api.example.com/ HTTP/1.1\r\nX: a\x00b",
        "POST http://api.example.com/ HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2",
        "POST http://api.example.com/ HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked",
        "POST http://api.example.com/ HTTP/1.1\r\nContent-Length: +1",
        "POST http://api.example.com/ HTTP/1.1\r\nTransfer-Encoding: gzip, chunked",
        "POST http://api.example.com/ HTTP/1.0\r\nTransfer-Encoding: chunked",
        "CONNECT api.example.com:443 HTTP/1.1\r\nContent-Length: 4",
    ],
)
async def test_a_request_that_could_be_read_in_two_ways_is_refused(
    gate: HostGate, names: Names, request_line: str
) -> None:
    granted = await gate.admit(["*"])
    answer = await say(gate, with_pass(granted, request_line))
    assert answer.startswith(b"HTTP/1.1 400 "), answer
    assert names.asked == [] and granted.sent == {}


async def test_a_head_that_is_huge_or_drips_is_cut_off(gate: HostGate) -> None:
    huge = b"GET http://api.example.com/ HTTP/1.1\r\n" + b"X: " + b"y" * 100_000
    assert (await say(gate, huge)).startswith(b"HTTP/1.1 400 ")
    many = b"GET http://api.example.com/ HTTP/1.1\r\n" + b"X: y\r\n" * 200 + b"\r\n"
    assert b"too many headers" in await say(gate, many)
    assert await say(gate, b"GET http://api.exa") == b"", "a head that never ends is not waited for"


async def test_a_host_that_is_not_there_is_told(gate: HostGate) -> None:
    granted = await gate.admit(["nobody.example.com", "127.0.0.1:9"])
    assert b"Name or service not known" in await say(
        gate, with_pass(granted, "CONNECT nobody.example.com:443 HTTP/1.1")
    )
    refused = await say(gate, with_pass(granted, "GET http://127.0.0.1:9/ HTTP/1.1"))
    assert refused.startswith(b"HTTP/1.1 502 ") and granted.denied == ()


@no_unix_sockets
async def test_the_socket_is_for_this_user_only_and_works(gate: HostGate, tmp_path: Path) -> None:
    path = tmp_path / "gate"
    path.write_text("left behind by a killed run", encoding="utf-8")
    await gate.listen_at(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    reader, writer = await asyncio.open_unix_connection(path)
    writer.write(b"CONNECT api.example.com:443 HTTP/1.1\r\n\r\n")
    assert (await reader.read()).startswith(b"HTTP/1.1 407 ")
    writer.close()


@no_unix_sockets
async def test_a_path_that_is_too_long_for_a_socket_is_told(gate: HostGate, tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError) as caught:
        await gate.listen_at(tmp_path / ("x" * 120))
    assert "TRASHCLAW_HOME" in caught.value.hint


async def test_what_is_no_rule_is_not_admitted(gate: HostGate) -> None:
    with pytest.raises(UsageError):
        await gate.admit(["https://api.example.com"])


async def test_the_environment_leads_programs_to_the_gate(gate: HostGate) -> None:
    granted, local = await gate.admit(["api.example.com"]), await gate.admit(["localhost:8000"])
    env = granted.environment(3128)
    for name in ("HTTP_PROXY", "https_proxy", "ALL_PROXY", "npm_config_proxy", "CARGO_HTTP_PROXY", "PIP_PROXY"):
        assert env[name] == f"http://{granted.token}:x@127.0.0.1:3128"
    assert env["NO_PROXY"] == env["no_proxy"] == "localhost,127.0.0.1,::1"
    assert local.environment(3128)["NO_PROXY"] == "", "what leads to this machine goes through the gate as well"
