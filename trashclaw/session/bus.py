"""Delivery of envelopes to faces: durable ones always, deltas merged while a face is busy."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from trashclaw.protocol.envelope import Envelope
from trashclaw.protocol.events import Channel, ContextMeasured, ItemCompleted, ItemDelta, Progress
from trashclaw.protocol.ids import ItemId


@dataclass(slots=True)
class _Slot:
    """A place in a queue; for a delta, with the texts that were merged into it."""

    envelope: Envelope
    texts: list[str] = field(default_factory=list)
    is_stale: bool = False
    """A newer gauge has come; this one is not delivered."""

    def take(self) -> Envelope:
        event = self.envelope.event
        if len(self.texts) < 2 or not isinstance(event, ItemDelta):
            return self.envelope
        merged = ItemDelta(item_id=event.item_id, channel=event.channel, text="".join(self.texts))
        return self.envelope.model_copy(update={"event": merged})


class Subscription:
    """One face's view of a session: an async iterator of envelopes that ends when the bus closes."""

    def __init__(self) -> None:
        self._slots: deque[_Slot] = deque()
        self._deltas: dict[tuple[ItemId, Channel], _Slot] = {}
        self._latest: dict[type[Progress] | type[ContextMeasured], _Slot] = {}
        self._ready = asyncio.Event()
        self._is_closed = False

    def push(self, envelope: Envelope) -> None:
        """Queue an envelope, or merge it into one that waits."""
        event = envelope.event
        if isinstance(event, ItemDelta):
            waiting = self._deltas.get((event.item_id, event.channel))
            if waiting is not None:
                waiting.texts.append(event.text)
                return
            slot = _Slot(envelope, [event.text])
            self._deltas[event.item_id, event.channel] = slot
        elif isinstance(event, (Progress, ContextMeasured)):
            if (waiting := self._latest.get(type(event))) is not None:
                waiting.is_stale = True
            slot = self._latest[type(event)] = _Slot(envelope)
        else:
            slot = _Slot(envelope)
            if isinstance(event, ItemCompleted):
                for channel in Channel:
                    self._deltas.pop((event.item.item_id, channel), None)
        self._slots.append(slot)
        self._ready.set()

    def close(self) -> None:
        """End the iteration once everything queued has been read."""
        self._is_closed = True
        self._ready.set()

    def take_waiting(self) -> list[Envelope]:
        """Return everything that waits, without waiting."""
        taken = [slot.take() for slot in self._slots if not slot.is_stale]
        self._slots.clear()
        self._deltas.clear()
        self._latest.clear()
        if not self._is_closed:
            self._ready.clear()
        return taken

    @property
    def has_waiting(self) -> bool:
        """Whether something can be taken now."""
        return bool(self._slots)

    async def wait(self) -> bool:
        """Wait until something can be taken; `False` when nothing will come any more."""
        await self._ready.wait()
        return bool(self._slots) or not self._is_closed

    async def __aiter__(self) -> AsyncIterator[Envelope]:
        while await self.wait():
            for envelope in self.take_waiting():
                yield envelope


class Bus:
    """Passes each envelope to every subscription."""

    def __init__(self) -> None:
        self._subscriptions: list[Subscription] = []

    def subscribe(self) -> Subscription:
        """Return a subscription that sees everything published from now on."""
        subscription = Subscription()
        self._subscriptions.append(subscription)
        return subscription

    def unsubscribe(self, subscription: Subscription) -> None:
        """Stop delivering to a subscription, and close it."""
        subscription.close()
        if subscription in self._subscriptions:
            self._subscriptions.remove(subscription)

    def publish(self, envelope: Envelope) -> None:
        """Queue an envelope with every subscription; returns at once."""
        for subscription in self._subscriptions:
            subscription.push(envelope)

    def close(self) -> None:
        """End every subscription."""
        for subscription in self._subscriptions:
            subscription.close()
        self._subscriptions.clear()
