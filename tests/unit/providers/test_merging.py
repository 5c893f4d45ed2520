"""Parts that came together: neighbours of one kind are one, nothing is lost, and what came before an error is told."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from trashclaw.agent.messages import CallPart, Part, ProgressPart, TextPart, ThoughtPart
from trashclaw.protocol.errors import StreamBroken
from trashclaw.protocol.events import Phase
from trashclaw.providers.merging import merged


def test_neighbours_of_one_kind_are_one_and_count_as_many() -> None:
    progress = ProgressPart(Phase.DECODING)
    parts = [
        ThoughtPart("I ", "reasoning"),
        ThoughtPart("see", "reasoning"),
        ThoughtPart("!", "thinking"),
        TextPart("a"),
        TextPart("b"),
        progress,
        TextPart("c"),
    ]
    assert list(merged(parts)) == [
        ThoughtPart("I see", "reasoning", 2),
        ThoughtPart("!", "thinking"),
        TextPart("ab", 2),
        progress,
        TextPart("c"),
    ]


def test_pieces_of_one_call_are_one_and_another_call_is_not() -> None:
    parts = [
        CallPart(0, name="bash", provider_id="c1", arguments='{"a'),
        CallPart(0, arguments='": 1'),
        CallPart(0, arguments="}"),
        CallPart(1, name="bash", provider_id="c2", arguments="{}"),
    ]
    whole = CallPart(0, name="bash", provider_id="c1", arguments='{"a": 1}', tokens=3)
    assert list(merged(parts)) == [whole, parts[-1]]


def test_what_came_before_an_error_is_told_first() -> None:
    def failing() -> Iterator[Part]:
        yield TextPart("a")
        yield TextPart("b")
        raise StreamBroken("Gone.")

    told: list[Part] = []
    with pytest.raises(StreamBroken):
        told.extend(merged(failing()))
    assert told == [TextPart("ab", 2)]
