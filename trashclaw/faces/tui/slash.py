"""The slash commands that are built in: one table; what they do is in `commands/`, by the same name."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trashclaw.faces.tui.app import TrashclawApp
    from trashclaw.faces.tui.commands.room import CommandRoom
    from trashclaw.faces.tui.tab import Tab


@dataclass(frozen=True, slots=True)
class Builtin:
    """A slash command of the screen's own."""

    name: str
    room: str
    """The module of `commands/` that does it, in its method `do_NAME`."""

    argument_hint: str
    description: str
    choices: tuple[tuple[str, str], ...] = ()
    """What can stand behind it, each with what it does, where that is a fixed list."""


PREVIEW, UNDO = "--preview", "--undo"
_COMPACT = ((PREVIEW, "show what would go and what that costs, and do it from there"), (UNDO, "take the last one back"))
_KEYS = (("edit", "open keymap.yaml in $EDITOR"), ("reload", "take keymap.yaml over as it is"))

BUILTINS: tuple[Builtin, ...] = (
    Builtin("help", "screen", "", "every key and every command"),
    Builtin("model", "model", "[name]", "choose another model"),
    Builtin("manner", "model", "", "how the model is talked to and why, and what was mended in its calls"),
    Builtin("clear", "sessions", "", "start over with an empty context; the old session is kept"),
    Builtin("new", "sessions", "[prompt]", "start a new session, with a first prompt if one is given"),
    Builtin("tab", "sessions", "[prompt]", "start a new session in a tab of its own"),
    Builtin("close", "sessions", "", "close this tab; its session is kept"),
    Builtin("resume", "sessions", "[id]", "go on with an earlier session"),
    Builtin("sessions", "sessions", "[words]", "all sessions: find, preview, rename, fork, export, replay, delete"),
    Builtin("fork", "sessions", "", "go on with a copy of this session in a tab of its own; this one stays as it is"),
    Builtin("tree", "sessions", "", "the forks of this session, and where it was forked from"),
    Builtin("replay", "sessions", "[id]", "play a session as it happened, with pause, step and speed"),
    Builtin("rename", "sessions", "[title]", "give this session a title"),
    Builtin("diff", "history", "", "show everything this session changed"),
    Builtin("undo", "history", "", "bring files back to before the last turn that changed any"),
    Builtin("redo", "history", "", "bring back what was undone last"),
    Builtin("rewind", "history", "", "go back to an earlier point: conversation, files, or both"),
    Builtin("plan", "modes", "[prompt]", "mode plan: look and propose, change nothing"),
    Builtin("mode", "modes", "[plan|review|accept|auto]", "choose how much happens without a question"),
    Builtin("trust", "modes", "", "ask again whether this folder is trusted, and show what that loads"),
    Builtin("policy", "modes", "", "the sandbox, the rules that hold, and what you allowed for this session"),
    Builtin("remember", "memory", "[--user] text", "tell the model now and in later sessions here; --user: everywhere"),
    Builtin(
        "memory",
        "memory",
        "[forget [--user] number]",
        "what is remembered, and what it costs; forget takes an entry out",
    ),
    Builtin("context", "model", "", "what fills the model's window"),
    Builtin("compact", "model", "[--preview|--undo]", "make room in the model's window", _COMPACT),
    Builtin("transcript", "screen", "", "the conversation on the whole screen, all of it open"),
    Builtin("theme", "screen", "[name|reload]", "choose a theme, each shown as you go; reload reads its file again"),
    Builtin("settings", "screen", "[words]", "all settings: find, see which layer set them, change"),
    Builtin("keys", "screen", "[edit|reload]", "your own keys: edit keymap.yaml, or take it over", _KEYS),
    Builtin("export", "sessions", "[file]", "write the conversation to a file: .md, .html or .jsonl"),
    Builtin("quit", "sessions", "", "leave; the session can be resumed"),
)
RESERVED = frozenset(builtin.name for builtin in BUILTINS)
"""Names that a command file cannot take."""


def room_of(name: str, app: TrashclawApp, tab: Tab) -> CommandRoom | None:
    """Return what does a built-in command in a tab, loaded when it is first wanted; `None` for other names."""
    module = next((builtin.room for builtin in BUILTINS if builtin.name == name), None)
    if module is None:
        return None
    room: CommandRoom = import_module(f"{__package__}.commands.{module}").Commands(app, tab)
    return room
