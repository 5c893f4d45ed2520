"""The slash commands that are built in: one table; what they do is in `actions.py`, by the same name."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Builtin:
    """A slash command of the screen's own."""

    name: str
    argument_hint: str
    description: str
    choices: tuple[tuple[str, str], ...] = ()
    """What can stand behind it, each with what it does, where that is a fixed list."""


PREVIEW, UNDO = "--preview", "--undo"
_COMPACT = ((PREVIEW, "show what would go and what that costs; Enter does it"), (UNDO, "take the last one back"))

BUILTINS: tuple[Builtin, ...] = (
    Builtin("help", "", "every key and every command"),
    Builtin("model", "[name]", "choose another model"),
    Builtin("manner", "", "how the model is talked to and why, and what was mended in its calls"),
    Builtin("clear", "", "start over with an empty context; the old session is kept"),
    Builtin("new", "[prompt]", "start a new session, with a first prompt if one is given"),
    Builtin("resume", "[id]", "go on with an earlier session"),
    Builtin("diff", "", "show everything this session changed"),
    Builtin("undo", "", "bring files back to before the last turn that changed any"),
    Builtin("redo", "", "bring back what was undone last"),
    Builtin("rewind", "", "go back to an earlier point: conversation, files, or both"),
    Builtin("plan", "[prompt]", "mode plan: look and propose, change nothing"),
    Builtin("mode", "[plan|review|accept|auto]", "choose how much happens without a question"),
    Builtin("trust", "", "ask again whether this folder is trusted, and show what that loads"),
    Builtin("policy", "", "the sandbox, the rules that hold, and what you allowed for this session"),
    Builtin("remember", "[--user] text", "tell the model now and in later sessions here; --user: everywhere"),
    Builtin("memory", "[forget [--user] number]", "what is remembered, and what it costs; forget takes an entry out"),
    Builtin("context", "", "what fills the model's window"),
    Builtin("compact", "[--preview|--undo]", "make room in the model's window", _COMPACT),
    Builtin("theme", "[name]", "choose another theme"),
    Builtin("export", "[file]", "write the conversation to a Markdown file"),
    Builtin("quit", "", "leave; the session can be resumed"),
)
RESERVED = frozenset(builtin.name for builtin in BUILTINS)
"""Names that a command file cannot take."""


def parse(text: str) -> tuple[str, str] | None:
    """Return (name, arguments) of a typed slash command; a path such as `/usr/bin` is none."""
    if not text.startswith("/") or text.startswith("//"):
        return None
    name, _, arguments = text[1:].partition(" ")
    first, _, rest = name.partition("\n")
    if not first or "/" in first:
        return None
    return first, (rest + " " + arguments if rest else arguments).strip()
