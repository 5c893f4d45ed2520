"""A thought between tags in front of an answer that is no free text: it is taken off before the answer is read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from trashclaw.agent.dialects.marks import overlap
from trashclaw.agent.dialects.port import Reading
from trashclaw.agent.dialects.thinking import TAGS, ThoughtTag
from trashclaw.agent.messages import EndPart, Part, TextPart, ThoughtPart


class AfterThought:
    """Gives thoughts that come first, and lets another reading have all that follows them, tags or not."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._held = ""
        """What may be the beginning of a tag; blanks in front of it are left out."""

        self._tag: ThoughtTag | None = None
        self._is_over = False
        self._has_words = False

    def feed(self, part: Part) -> Iterable[Part]:
        """Take a part and return what is certain by now."""
        if not isinstance(part, TextPart) or self._is_over:
            return self._reading.feed(part)
        self._held += part.text
        return [*self._taken()]

    def finish(self, end: EndPart) -> Iterable[Part]:
        """Return what was held back, and the end."""
        held, self._held = self._held, ""
        rest: list[Part] = []
        if held and self._tag is None:
            rest += self._reading.feed(TextPart(held))
        elif held and self._tag is not None:
            rest += self._thought(held, self._tag)
        return [*rest, *self._reading.finish(end)]

    def _taken(self) -> Iterator[Part]:
        while self._held:
            if self._tag is None:
                bare = self._held.lstrip()
                self._tag = next((tag for tag in TAGS if bare.startswith(tag.opening)), None)
                if self._tag is None and any(tag.opening.startswith(bare) for tag in TAGS):
                    self._held = bare
                    return
                if self._tag is None:
                    yield from self._rest()
                    return
                self._held, self._has_words = bare[len(self._tag.opening) :], False
            elif not self._has_words and self._held.lstrip().startswith("{"):
                # The template has opened a thought, and the schema has left no room for one.
                yield from self._rest()
            else:
                text, closing, after = self._held.partition(self._tag.closing)
                kept = 0 if closing else overlap(text, (self._tag.closing,))
                yield from self._thought(text[: len(text) - kept], self._tag)
                self._held = after if closing else text[len(text) - kept :]
                if not closing:
                    return
                self._tag = None

    def _rest(self) -> Iterable[Part]:
        held, self._held = self._held, ""
        self._is_over = True
        return self._reading.feed(TextPart(held))

    def _thought(self, text: str, tag: ThoughtTag) -> Iterator[Part]:
        """Yield a piece of a thought; one of blanks alone is none."""
        self._has_words = self._has_words or bool(text.strip())
        if text and self._has_words:
            yield ThoughtPart(text, tag.opening)
