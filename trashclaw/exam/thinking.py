"""Part of the exam: does the model think first, where do the thoughts come, and can they be switched off."""

from __future__ import annotations

from trashclaw.exam.asking import Answer, Examiner
from trashclaw.exam.result import ThinkingMarks

QUESTION = "What is 17 + 25? Answer with the number alone."
_LONGEST = 1024
_TAGS = (
    "<think>",
    "</think>",
    "<thinking>",
    "<thought>",
    "<reasoning>",
    "<reflection>",
    "<seed:think>",
    "[THINK]",
    "<|START_THINKING|>",
    "<|channel|>analysis",
    "<|channel>thought",
    "◁think▷",
)
"""Beginnings, or ends, of thoughts that stand in the text."""

_ROOM_LEAST, _ROOM_MOST = 1024, 4096


async def examine_thinking(examiner: Examiner) -> ThinkingMarks:
    """Ask a simple question as the model likes it, then without thinking, and settle how the rest is asked."""
    first = await examiner.ask(QUESTION, max_tokens=_LONGEST)
    place = _place(first)
    if first.error or not place:
        return ThinkingMarks(error=first.error, note=_unfinished(first))
    tokens = _tokens(first)
    before = examiner.think
    examiner.think = False
    second = await examiner.ask(QUESTION, max_tokens=_LONGEST)
    can_stop = None if second.error else not _place(second)
    if not can_stop:
        examiner.think = before
        examiner.thought_tokens = min(_ROOM_MOST, max(_ROOM_LEAST, 4 * tokens))
    note = _unfinished(first) or ("" if can_stop is not False else "It thinks even when asked not to.")
    return ThinkingMarks(
        thinks=True, place=place, can_stop=can_stop, tokens=tokens, error=second.error[:400], note=note
    )


def _place(answer: Answer) -> str:
    """Return where the thoughts of an answer came, empty if there are none."""
    if answer.thought.strip():
        return f"field {answer.thought_field}"[:80]
    head = answer.text.lstrip()
    for tag in _TAGS:
        # An end without a beginning: the server's template has put the beginning into the prompt.
        if head.startswith(tag) or (tag == "</think>" and tag in head):
            return f"tag {tag}"
    return ""


def _tokens(answer: Answer) -> int:
    """Return about how many tokens of the answer were thoughts: the server counts them with the rest."""
    written = len(answer.thought) + len(answer.text)
    share = len(answer.thought) / written if answer.thought and written else 1.0
    return round(answer.usage.completion_tokens * share) if answer.usage else written // 4


def _unfinished(answer: Answer) -> str:
    return f"It did not come to an end within {_LONGEST} tokens." if answer.is_cut else ""
