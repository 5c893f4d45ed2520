"""Parts of an answer that came together are one part: what is behind costs as much for a token as for a hundred."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from trashclaw.agent.messages import CallPart, Part, TextPart, ThoughtPart
from trashclaw.protocol.errors import ProviderError


def merged(parts: Iterable[Part]) -> Iterator[Part]:
    """Yield parts with neighbours of one kind put together; when `parts` fails, what came before it is yielded first.

    Raises:
        ProviderError: as `parts`.
    """
    run: list[Part] = []
    try:
        for part in parts:
            if run and not _goes_on(run[0], part):
                yield _joined(run)
                run = []
            run.append(part)
    except ProviderError:
        if run:
            yield _joined(run)
        raise
    if run:
        yield _joined(run)


def _goes_on(first: Part, part: Part) -> bool:
    match first, part:
        case TextPart(), TextPart():
            return True
        case ThoughtPart(field=one), ThoughtPart(field=other):
            return one == other
        case CallPart(index=one), CallPart(index=other, name="", provider_id="", mended=""):
            return one == other
        case _:
            return False


def _joined(run: list[Part]) -> Part:
    first = run[0]
    if len(run) == 1:
        return first
    tokens = len(run)
    match first:
        case TextPart():
            return TextPart("".join(part.text for part in run if isinstance(part, TextPart)), tokens)
        case ThoughtPart():
            text = "".join(part.text for part in run if isinstance(part, ThoughtPart))
            return ThoughtPart(text, first.field, tokens)
        case CallPart():
            arguments = "".join(part.arguments for part in run if isinstance(part, CallPart))
            return CallPart(first.index, first.name, first.provider_id, arguments, first.mended, tokens)
        case _:
            raise AssertionError("only pieces go on")
