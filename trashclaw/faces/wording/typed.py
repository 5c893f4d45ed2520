"""What typed words mean: a slash command, a shell command, or something to say to the model."""

from __future__ import annotations

from trashclaw.protocol import ops


def parse_command(text: str) -> tuple[str, str] | None:
    """Return (name, arguments) of a typed slash command; a path such as `/usr/bin` is none."""
    if not text.startswith("/") or text.startswith("//"):
        return None
    name, _, arguments = text[1:].partition(" ")
    first, _, rest = name.partition("\n")
    if not first or "/" in first:
        return None
    return first, (rest + " " + arguments if rest else arguments).strip()


def op_of_words(text: str, *, is_running: bool, is_follow_up: bool = False) -> ops.Op:
    """Return the op that typed words stand for; while a turn runs they steer it, or wait for its end."""
    if text.startswith("!!"):
        return ops.ShellRun(command=text[2:].strip(), is_shared=False)
    if text.startswith("!"):
        return ops.ShellRun(command=text[1:].strip())
    if not is_running:
        return ops.TurnStart(text=text)
    return ops.TurnFollowUp(text=text) if is_follow_up else ops.TurnSteer(text=text)
