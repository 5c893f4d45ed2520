"""Pieces of calls find their calls, however a server numbers them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trashclaw.providers.call_assembly import CallAssembly

Piece = Mapping[str, Any]


def piece(arguments: object = "", name: str | None = None, **fields: object) -> Piece:
    function: dict[str, object] = {"arguments": arguments}
    return {"function": function | ({} if name is None else {"name": name}), **fields}


def assembled(*pieces: Piece) -> list[tuple[str, str, str]]:
    """Return name, id and arguments of each call, held to the rule that the name comes once and first."""
    assembly = CallAssembly()
    calls: dict[int, tuple[str, str, str]] = {}
    for one in pieces:
        for part in assembly.add(one):
            name, provider_id, arguments = calls.get(part.index, ("", "", ""))
            assert bool(part.name) is (part.index not in calls)
            calls[part.index] = (name + part.name, provider_id + part.provider_id, arguments + part.arguments)
    assert len(assembly) == len(calls)
    assert sorted(calls) == list(range(len(calls)))
    return [calls[index] for index in sorted(calls)]


@pytest.mark.parametrize(
    "pieces",
    [
        pytest.param(
            [
                piece("{", "a", index=0, id="x"),
                piece("}", index=0),
                piece("{", "b", index=1, id="y"),
                piece("}", index=1),
            ],
            id="index, id once (llama.cpp)",
        ),
        pytest.param(
            [piece("{", "a", index=0, id="x"), piece("}", "a", index=0, id="x"), piece("{}", "b", index=1, id="y")],
            id="id and name in every piece (llama-cpp-python)",
        ),
        pytest.param(
            [piece("", "a", index=0, id="x"), piece("{}", None, index=0, id=None), piece("{}", "b", index=1, id="y")],
            id="null id later (LM Studio)",
        ),
        pytest.param(
            [piece("{}", "a", index=0, id="x"), piece("{}", "b", index=0, id="y")],
            id="whole calls, index always 0",
        ),
        pytest.param(
            [
                piece("{", "a", index=0, id="x"),
                piece("}", index=0),
                piece("{", "b", index=0, id="y"),
                piece("}", index=0),
            ],
            id="pieces, index always 0",
        ),
        pytest.param(
            [piece("{", "a", id="x"), piece("}"), piece("{", "b", id="y"), piece("}")],
            id="no index",
        ),
        pytest.param(
            [piece("{", "a", id="x"), piece("}", id="x"), piece("{", "b", id="y"), piece("}", id="y")],
            id="no index, id in every piece",
        ),
        pytest.param(
            [
                piece("{", "a", index=0, id="x"),
                piece("{", "b", index=1, id="y"),
                piece("}", index=0),
                piece("}", index=1),
            ],
            id="interleaved",
        ),
        pytest.param(
            [piece({}, "a", index=0, id="x"), piece({}, "b", index=1, id="y")],
            id="arguments as an object",
        ),
        pytest.param(
            [
                piece("{", None, index=0, id="x"),
                piece("", "a", index=0),
                piece("}", index=0),
                piece("{}", "b", index=1, id="y"),
            ],
            id="name after the first arguments",
        ),
    ],
)
def test_two_calls_come_out_as_two(pieces: list[Piece]) -> None:
    assert assembled(*pieces) == [("a", "x", "{}"), ("b", "y", "{}")]


def test_calls_with_neither_index_nor_id_are_told_by_their_names() -> None:
    assert assembled(piece("{", "a"), piece("}"), piece("{}", "a")) == [("a", "", "{}"), ("a", "", "{}")]


def test_two_calls_with_one_id_are_told_by_their_index() -> None:
    found = assembled(piece("{}", "a", index=0, id="call_0"), piece("{}", "b", index=1, id="call_0"))
    assert found == [("a", "call_0", "{}"), ("b", "call_0", "{}")]


def test_a_call_that_never_gets_a_name_is_no_call() -> None:
    assert assembled(piece("{}", index=0, id="x")) == []


NAMES = st.none() | st.sampled_from(["", "a", "b"])
FUNCTIONS = st.fixed_dictionaries({}, optional={"name": NAMES, "arguments": st.none() | st.text(max_size=4)})


@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(["index", "id", "function", "type"]),
            st.none() | st.integers(0, 2) | st.text(max_size=3) | FUNCTIONS,
        ),
        max_size=8,
    )
)
def test_no_stream_of_pieces_is_a_reason_to_fail(pieces: list[Piece]) -> None:
    assembled(*pieces)
