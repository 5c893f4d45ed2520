"""Prompts of the past: walked with Up and Down from what is being written, and searched."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from trashclaw.store.drafts import Draft

KEPT_AT_MOST = 2_000


class PastPrompts:
    """What was said, the oldest first; every text stands once."""

    def __init__(self) -> None:
        self._drafts: dict[str, Draft] = {}
        self._walked: Sequence[Draft] | None = None
        self._place = 0

    def __len__(self) -> int:
        return len(self._drafts)

    @property
    def is_walked(self) -> bool:
        """Whether one of them is shown in the place of what was being written."""
        return self._walked is not None

    def add(self, draft: Draft) -> None:
        """Take a prompt in as the newest one, and end a walk."""
        self._drafts.pop(draft.text, None)
        self._drafts[draft.text] = draft
        if len(self._drafts) > KEPT_AT_MOST:
            del self._drafts[next(iter(self._drafts))]
        self._walked = None

    def add_missing(self, drafts: Iterable[Draft]) -> None:
        """Take in, as the newest, what is not there yet."""
        for draft in drafts:
            if draft.text not in self._drafts:
                self.add(draft)

    def put_before(self, drafts: Iterable[Draft]) -> None:
        """Take in prompts that were said before those that are there."""
        older = {draft.text: draft for draft in drafts if draft.text not in self._drafts}
        merged = [*older.values(), *self._drafts.values()][-KEPT_AT_MOST:]
        self._drafts = {draft.text: draft for draft in merged}

    def newest_first(self) -> Sequence[Draft]:
        """Return all of them."""
        return list(reversed(self._drafts.values()))

    def step(self, direction: int, writing: Draft) -> Draft | None:
        """Return what is shown after a step (-1: to an older one), or `None` where there is none that way.

        `writing` is what stands in the editor; the walk begins with it and comes back to it.
        """
        if self._walked is None:
            if direction > 0 or not self._drafts:
                return None
            self._walked = [*self._drafts.values(), writing]
            self._place = len(self._walked) - 1
        place = self._place + direction
        if not 0 <= place < len(self._walked):
            return None
        self._place = place
        found = self._walked[place]
        if place == len(self._walked) - 1:
            self._walked = None
        return found

    def stop(self) -> None:
        """End the walk: what is shown is now what is being written."""
        self._walked = None


def search(newest_first: Sequence[Draft], typed: str, limit: int = 300) -> Sequence[Draft]:
    """Return the prompts that hold every word that was typed, then those that hold its letters in order."""
    words = typed.lower().split()
    if not words:
        return newest_first[:limit]
    found: list[Draft] = []
    loose: list[Draft] = []
    letters = "".join(words)
    for draft in newest_first:
        text = draft.text.lower()
        if all(word in text for word in words):
            found.append(draft)
        elif len(found) < limit and _has_in_order(text, letters):
            loose.append(draft)
    return [*found, *loose][:limit]


def _has_in_order(text: str, letters: str) -> bool:
    at = 0
    for letter in letters:
        at = text.find(letter, at) + 1
        if not at:
            return False
    return True
