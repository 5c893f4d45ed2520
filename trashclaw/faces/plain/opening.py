"""What is asked on the way to a session, as plain lines: whether the folder is trusted, and which model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trashclaw.config.trust import Standing
from trashclaw.config.trust_question import TrustAnswer, TrustQuestion
from trashclaw.faces.visible import visible_line
from trashclaw.protocol.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trashclaw.faces.plain.keyboard import Keyboard
    from trashclaw.faces.plain.voice import Voice
    from trashclaw.faces.ports import TrustSource
    from trashclaw.session.selection import Choice

_ANSWERS = {"y": TrustAnswer.TRUST, "yes": TrustAnswer.TRUST, "n": TrustAnswer.LOOK_ONLY, "no": TrustAnswer.LOOK_ONLY}


async def ask_trust(trust: TrustSource, keyboard: Keyboard, voice: Voice) -> None:
    """Ask whether the folder is trusted, if that is not known; where nobody can answer it is not."""
    question = await trust.question()
    if question is None:
        return
    voice.say(trust_lines(question))
    while (text := await keyboard.message()) is not None and text.strip():
        answer = _ANSWERS.get(text.strip().lower())
        if answer is not None and (answer is not TrustAnswer.TRUST or question.can_be_trusted):
            await trust.answer(question, answer)
            return
        voice.say([f"{visible_line(text.strip())} is no answer.", _ways(question)])
    await trust.answer(question, TrustAnswer.LATER)


async def choose_model(choices: Sequence[Choice], keyboard: Keyboard, voice: Voice) -> tuple[str, str]:
    """Ask which model to begin with.

    Raises:
        UsageError: nobody chose one.
    """
    voice.say(["Which model?", *(f"  {place}: {visible_line(one.label)}" for place, one in enumerate(choices, 1))])
    while True:
        voice.say([f"Answer: a number from 1 to {len(choices)}."])
        text = await keyboard.message()
        if text is None:
            raise UsageError("No model was chosen.", "Name one: --provider NAME --model NAME")
        words = text.strip()
        if words.isdecimal() and len(words) < 5 and 1 <= int(words) <= len(choices):
            chosen = choices[int(words) - 1]
            return chosen.provider, chosen.model


def trust_lines(question: TrustQuestion) -> Sequence[str]:
    """Return the question: what trusting the folder would load, and how to answer."""
    lines = [f"Question: Do you trust {visible_line(str(question.project.root))}?"]
    lines += [f"  warning: {visible_line(question.warning)}"] if question.warning else []
    if question.standing is Standing.CHANGED:
        lines.append("  What it brings is not what you answered for.")
    for file in question.project.files:
        change = question.changes.get(file.path)
        notes = [change.value if change else "", f"not loaded: {file.problem}" if file.problem else ""]
        told = ", ".join(note for note in (visible_line(file.path), *map(visible_line, notes)) if note)
        lines.append(f"  {file.kind.value}: {told}")
    if not question.project.files:
        lines.append("  It brings no settings, rules, commands or instructions of its own.")
    lines += [f"  setting: {visible_line(line)}" for line in question.setting_lines]
    return [*lines, _ways(question)]


def _ways(question: TrustQuestion) -> str:
    yes = "y trust it, " if question.can_be_trusted else ""
    return f"Answer: {yes}n look only, or an empty line to be asked again next time."
