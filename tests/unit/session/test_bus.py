"""Delivery: durable events always and in order, deltas and gauges merged while a face is busy."""

from __future__ import annotations

import asyncio

from trashclaw.protocol import events as ev
from trashclaw.protocol.envelope import Envelope
from trashclaw.protocol.ids import ItemId, SessionId
from trashclaw.protocol.items import AgentMessage
from trashclaw.session.bus import Bus, Subscription

A, B = ItemId("a"), ItemId("b")


def envelope(event: ev.Event, seq: int | None = None) -> Envelope:
    return Envelope(seq=seq, at=0.0, session_id=SessionId("s"), event=event)


def delta(item_id: ItemId, text: str, channel: ev.Channel = ev.Channel.TEXT) -> Envelope:
    return envelope(ev.ItemDelta(item_id=item_id, channel=channel, text=text))


def notice(seq: int) -> Envelope:
    return envelope(ev.Notice(code="n", text=str(seq)), seq)


def told(subscription: Subscription) -> list[str]:
    """Name what waits, in short."""
    names = []
    for waiting in subscription.take_waiting():
        match waiting.event:
            case ev.ItemDelta(item_id=item_id, text=text):
                names.append(f"{item_id}:{text}")
            case ev.Progress(done=done):
                names.append(f"progress {done}")
            case _:
                names.append(f"{waiting.event.type} {waiting.seq}")
    return names


def test_deltas_of_one_item_and_channel_are_merged_where_the_first_stood() -> None:
    bus = Bus()
    subscription = bus.subscribe()
    for entry in (
        delta(A, "1"),
        delta(B, "x"),
        notice(1),
        delta(A, "2"),
        delta(A, "t", ev.Channel.THOUGHT),
        delta(A, "3"),
    ):
        bus.publish(entry)
    assert told(subscription) == ["a:123", "b:x", "notice 1", "a:t"]


def test_what_was_taken_is_never_changed_any_more() -> None:
    bus = Bus()
    subscription = bus.subscribe()
    bus.publish(delta(A, "1"))
    assert told(subscription) == ["a:1"]
    bus.publish(delta(A, "2"))
    assert told(subscription) == ["a:2"]


def test_a_delta_never_crosses_the_completion_of_its_item() -> None:
    bus = Bus()
    subscription = bus.subscribe()
    bus.publish(delta(A, "1"))
    bus.publish(envelope(ev.ItemCompleted(item=AgentMessage(item_id=A, text="1")), 1))
    bus.publish(delta(A, "late"))
    assert told(subscription) == ["a:1", "item.completed 1", "a:late"]


def test_only_the_newest_gauge_is_delivered_and_in_its_place() -> None:
    bus = Bus()
    subscription = bus.subscribe()
    bus.publish(envelope(ev.Progress(phase=ev.Phase.DECODING, done=1)))
    bus.publish(notice(1))
    bus.publish(envelope(ev.Progress(phase=ev.Phase.DECODING, done=2)))
    assert told(subscription) == ["notice 1", "progress 2"]


def test_a_slow_face_loses_no_durable_event_and_holds_up_no_other() -> None:
    bus = Bus()
    slow, quick = bus.subscribe(), bus.subscribe()
    for seq in range(1, 2001):
        bus.publish(notice(seq))
        bus.publish(delta(A, "x"))
        assert len(quick.take_waiting()) == 2
    waiting = slow.take_waiting()
    assert [entry.seq for entry in waiting if entry.seq] == list(range(1, 2001))
    assert len(waiting) == 2001


async def test_the_iteration_ends_when_the_bus_closes_with_everything_read() -> None:
    bus = Bus()
    subscription = bus.subscribe()
    bus.publish(notice(1))
    reading = asyncio.create_task(collect(subscription))
    await asyncio.sleep(0)
    bus.publish(notice(2))
    bus.close()
    assert await reading == [1, 2]
    assert not await subscription.wait()


async def collect(subscription: Subscription) -> list[int | None]:
    return [entry.seq async for entry in subscription]


async def test_an_ended_subscription_hears_nothing_more() -> None:
    bus = Bus()
    subscription = bus.subscribe()
    bus.unsubscribe(subscription)
    bus.publish(notice(1))
    bus.unsubscribe(subscription)
    assert await collect(subscription) == []
