"""Reasoning that a model writes into its answer: the tags of all families, and the way back into a request."""

from __future__ import annotations

from dataclasses import dataclass, replace

from trashclaw.agent.messages import Message


@dataclass(frozen=True, slots=True)
class ThoughtTag:
    """What stands around a thought."""

    opening: str
    closing: str
    is_skipped: bool = False
    """Templates of this family leave old thoughts out: it is not sent back."""


TAGS = (
    ThoughtTag("<think>", "</think>"),
    ThoughtTag("<thinking>", "</thinking>"),
    ThoughtTag("<thought>", "</thought>"),
    ThoughtTag("<reasoning>", "</reasoning>"),
    ThoughtTag("<reflection>", "</reflection>"),
    ThoughtTag("[THINK]", "[/THINK]"),
    ThoughtTag("<seed:think>", "</seed:think>"),
    ThoughtTag("<mm:think>", "</mm:think>"),
    ThoughtTag("◁think▷", "◁/think▷"),
    ThoughtTag("<|START_THINKING|>", "<|END_THINKING|>"),
    ThoughtTag("<|begin_of_thought|>", "<|end_of_thought|>"),
    ThoughtTag("<|inner_prefix|>", "<|inner_suffix|>"),
    ThoughtTag("<|channel>thought", "<channel|>", is_skipped=True),
)
"""A thought comes as a `ThoughtPart` whose field is the opening tag."""

HARMONY = ThoughtTag("<|channel|>analysis<|message|>", "<|end|>", is_skipped=True)
"""Stands for every header of the analysis channel."""

BEGUN_BY_TEMPLATE = TAGS[0]
"""The tag of a thought whose opening was no part of the answer."""

_BY_OPENING = {tag.opening: tag for tag in (*TAGS, HARMONY)}


def with_thought(message: Message) -> Message:
    """Return a message with a thought that came inline written where it came; others as they are."""
    tag = _BY_OPENING.get(message.thought_field)
    if tag is None:
        return message
    if tag.is_skipped or not message.thought:
        return replace(message, thought="", thought_field="")
    after = "\n\n" if message.text else ""
    text = f"{tag.opening}{message.thought}{tag.closing}{after}{message.text}"
    return replace(message, text=text, thought="", thought_field="")
