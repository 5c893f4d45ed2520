"""Chunks put together: an HTTP parser reads of them what it reads of the response itself, faults included."""

from __future__ import annotations

from itertools import pairwise

import h11
from hypothesis import given, settings
from hypothesis import strategies as st

from trashclaw.providers.gathered_chunks import Gathered

HEAD = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
HEADS = (
    HEAD,
    b"HTTP/1.1 100 Continue\r\n\r\n" + HEAD,
    b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n",
    b"HTTP/1.1 200 OK\r\n\r\n",
)
BODY = st.lists(st.sampled_from((b"a", b"\r\n", b"0\r\n\r\n", b"{}\n", b"word " * 9)), min_size=1, max_size=4).map(
    b"".join
)
END = st.sampled_from(
    (b"0\r\n\r\n", b"0\r\nDigest: x\r\n\r\n", b"", b"3\r\nab", b"zz\r\n", b"2\r\nabc\r\n0\r\n\r\n", b"2\r\nab")
)


def read(pieces: list[bytes]) -> tuple[bytes, str, int]:
    """Return the body that h11 finds, how it ended, and how many pieces it came in."""
    parser = h11.Connection(h11.CLIENT)
    parser.send(h11.Request(method="GET", target="/", headers=[("Host", "x")]))
    parser.send(h11.EndOfMessage())
    body, count = b"", 0
    try:
        for piece in [*pieces, b""]:
            parser.receive_data(piece)
            while (event := parser.next_event()) is not h11.NEED_DATA:
                if isinstance(event, h11.Data):
                    body, count = body + bytes(event.data), count + 1
                elif isinstance(event, h11.EndOfMessage):
                    return body, "whole", count
    except h11.RemoteProtocolError:
        return body, "broken", count
    return body, "open", count


def gathered(pieces: list[bytes]) -> list[bytes]:
    """Return what comes out for pieces that came in, without the nothings."""
    gathering = Gathered()
    return list(filter(None, [*map(gathering.feed, pieces), gathering.flush()]))


def cut(data: bytes, cuts: list[int]) -> list[bytes]:
    """Return the pieces of something."""
    places = [0, *sorted(place % (len(data) + 1) for place in cuts), len(data)]
    return [data[first:end] for first, end in pairwise(places) if end > first]


@given(st.sampled_from(HEADS), st.lists(BODY, max_size=6), END, st.lists(st.integers(0, 500), max_size=8))
@settings(deadline=None)
def test_nothing_is_read_otherwise_than_without(head: bytes, bodies: list[bytes], end: bytes, cuts: list[int]) -> None:
    response = head + b"".join(b"%x\r\n%b\r\n" % (len(body), body) for body in bodies) + end
    pieces = cut(response, cuts)
    assert read(gathered(pieces))[:2] == read(pieces)[:2]


def test_chunks_that_came_together_are_one() -> None:
    response = HEAD + b"2\r\nab\r\n" * 500 + b"0\r\n\r\n"
    assert read([response]) == (b"ab" * 500, "whole", 500)
    assert read(gathered([response])) == (b"ab" * 500, "whole", 1)


def test_what_came_of_a_large_chunk_is_handed_on_at_once() -> None:
    gathering = Gathered()
    assert gathering.feed(HEAD + b"fff\r\nbegin") == HEAD + b"5\r\nbegin\r\n"
    assert gathering.feed(b"ning") == b"4\r\nning\r\n"
