"""The command line: options, subcommands, and the settings that options stand for."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from trashclaw import __version__
from trashclaw.faces.batch.exit_codes import MEANINGS
from trashclaw.protocol.errors import UsageError
from trashclaw.protocol.manners import DialectName, ToolSetName
from trashclaw.protocol.modes import Mode

if TYPE_CHECKING:
    from trashclaw.session.fork_point import ForkPoint

COMMANDS = ("run", "chat", "sessions", "replay", "models", "doctor", "config", "policy", "memory")
PROVIDERS = ("ollama", "lmstudio", "llamacpp", "vllm", "openai", "embedded", "scripted")
FORMATS = ("md", "html", "jsonl")
DIALECTS = ("auto", *(dialect.value for dialect in DialectName))
TOOL_SETS = ("auto", *(tool_set.value for tool_set in ToolSetName))
BACKENDS = ("auto", "overlay", "bubblewrap", "sandlock", "sandbox-exec", "ask-first")
_WITH_VALUE_HINT = "`trashclaw --help` shows what there is."
_BELONGING: tuple[tuple[tuple[str, ...], tuple[str, ...], str], ...] = (
    (
        ("policy",),
        ("about_tool", "about_host", "about_path"),
        "--tool, --host and --path belong to `trashclaw policy check`.",
    ),
    (("models",), ("quick", "full"), "--quick and --full belong to `trashclaw models exam`."),
    (("memory",), ("user",), "--user belongs to `trashclaw memory`."),
    (("sessions",), ("format", "out", "yes"), "--format, -o and --yes belong to `trashclaw sessions`."),
    (("replay",), ("speed",), "--speed belongs to `trashclaw replay`."),
)
"""Options with the commands that they belong to."""

DESCRIPTION = """\
A full-screen coding assistant for models that run on your own hardware.

  trashclaw [PROMPT]           full-screen app in this repository; PROMPT starts the first turn
  trashclaw --batch [PROMPT]   one task without a screen; the prompt comes from standard input when "-" or absent
  trashclaw run "TASK"         the same as --batch "TASK"
  trashclaw chat               the full-screen app
  trashclaw sessions [list]    what can be resumed here; also: show ID, search WORDS, rename ID TITLE,
                               export ID, delete ID
  trashclaw replay ID          show a stored session again, or one that was exported as FILE.jsonl
  trashclaw models [list]      the models found here; also: show MODEL, exam [MODEL], pull, load, unload
  trashclaw doctor             what works here, what does not, and the next thing to type; --model NAME examines it
  trashclaw config [show|path] the settings, and which layer set each of them
  trashclaw policy [show]      the rules that hold; also: check 'COMMAND', test FILE, audit
  trashclaw memory [list]      what is remembered here; also: add "TEXT", forget NUMBER, with --user for everywhere

`trashclaw COMMAND --help` tells more of a command.
"""


class _Parser(argparse.ArgumentParser):
    """An argument parser whose mistakes are errors of ours."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message[:1].upper()}{message[1:]}.", _WITH_VALUE_HINT)


def make_parser() -> argparse.ArgumentParser:
    """Return the parser for all options; the subcommand and the prompt are told apart afterwards."""
    codes = ", ".join(f"{code.value} {meaning}" for code, meaning in MEANINGS.items())
    parser = _Parser(
        prog="trashclaw",
        description=DESCRIPTION,
        epilog=f"Exit codes: {codes}.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("words", nargs="*", metavar="PROMPT", help=argparse.SUPPRESS)
    parser.add_argument("-V", "--version", action="version", version=f"trashclaw {__version__}")
    _add_model(parser.add_argument_group("model and server"))
    _add_abilities(parser.add_argument_group("abilities, off unless named"))
    _add_run(parser.add_argument_group("run"))
    _add_session(parser.add_argument_group("session and place"))
    _add_stored(parser.add_argument_group("sessions and replay"))
    _add_policy(parser.add_argument_group("policy check"))
    _add_exam(parser.add_argument_group("models exam"))
    _add_memory(parser.add_argument_group("memory"))
    return parser


def _add_stored(group: Any) -> None:
    group.add_argument("--format", choices=FORMATS, metavar="NAME", help=f"what to export as: {', '.join(FORMATS)}")
    group.add_argument(
        "-o", dest="out", type=Path, metavar="FILE", help="export to this file; its ending is the format"
    )
    group.add_argument("--yes", action="store_true", help="delete without a question")
    group.add_argument("--speed", type=float, metavar="N", help="replay so many times as fast as it was; 0: at once")


def _add_policy(group: Any) -> None:
    group.add_argument("--tool", dest="about_tool", metavar="NAME", help="what is said of this tool")
    group.add_argument("--host", dest="about_host", metavar="HOST", help="and of reaching this host")
    group.add_argument("--path", dest="about_path", metavar="PATH", help="and of changing this file")


def _add_memory(group: Any) -> None:
    group.add_argument("--user", action="store_true", help="what holds in every folder, not in this one alone")


def _add_exam(group: Any) -> None:
    group.add_argument("--quick", action="store_true", help="one try of what takes long")
    group.add_argument("--full", action="store_true", help="all tries, and the window in steps; the default")


def _add_model(group: Any) -> None:
    group.add_argument("-m", "--model", help="model name; without it, what is found running on this machine")
    group.add_argument("--provider", choices=PROVIDERS, metavar="NAME", help=", ".join(PROVIDERS))
    group.add_argument("--base-url", metavar="URL", help="address of the model server")
    group.add_argument("--num-ctx", type=int, metavar="N", help="size of the context window in tokens")
    group.add_argument("--dialect", choices=DIALECTS, metavar="NAME", help=", ".join(DIALECTS))
    group.add_argument("--tool-set", choices=TOOL_SETS, metavar="NAME", help=", ".join(TOOL_SETS))
    group.add_argument("--http-timeout-ms", type=int, metavar="MS", help="limit for one whole request")
    group.add_argument("--http-stream-idle-timeout-ms", type=int, metavar="MS", help="limit on silence in an answer")
    group.add_argument("--http-max-retries", type=int, metavar="N", help="0: never send a request again")
    group.add_argument("--demo", action="store_true", help="a scripted model in a throw-away repository")


def _add_abilities(group: Any) -> None:
    group.add_argument("--mode", choices=[mode.value for mode in Mode], help="how much happens without a question")
    group.add_argument("--allow-write", action="store_true", help="a run without a screen may change files")
    group.add_argument("--allow-shell", action="store_true", help="a run without a screen may run commands, sandboxed")
    group.add_argument("--allow-net", action="append", metavar="HOST", help="commands may reach this host; repeatable")
    group.add_argument("--add-dir", action="append", metavar="DIR", help="this folder is workspace too; repeatable")
    group.add_argument("--sandbox", choices=BACKENDS, metavar="NAME", help=", ".join(BACKENDS))
    group.add_argument("--trust", choices=["on", "off"], help="vouch for this folder, or take it back")


def _add_run(group: Any) -> None:
    group.add_argument("-p", "--print", "--batch", dest="batch", action="store_true", help="no screen")
    group.add_argument("--tui", action="store_true", help="the full-screen app, as without any of these")
    group.add_argument("--inline", action="store_true", help="the app below the terminal's own scrollback")
    group.add_argument("--plain", action="store_true", help="plain lines: for screen readers and simple terminals")
    group.add_argument("--prompt", metavar="TASK", help="the prompt, as an option")
    group.add_argument("--output", choices=["text", "json", "stream-json"], default="text", help="what batch prints")
    group.add_argument("--events", type=Path, metavar="FILE", help="write every event to a file, a JSON object a line")
    group.add_argument("--max-steps", type=int, metavar="N", help="model requests in one turn (default 40)")
    group.add_argument("--max-tokens", type=int, metavar="N", help="tokens written in one turn")
    group.add_argument("--max-time", type=float, metavar="S", help="seconds for one turn")


def _add_session(group: Any) -> None:
    group.add_argument("-C", dest="folder", type=Path, metavar="DIR", help="work in this folder")
    group.add_argument("--continue", dest="resume_last", action="store_true", help="go on with the latest session")
    group.add_argument("--resume", metavar="ID", help="go on with a session; the end of its id is enough")
    group.add_argument("--fork", metavar="ID[@SEQ]", help="go on with a copy of a session, up to an entry of it")
    group.add_argument("--no-session", action="store_true", help="store nothing")
    group.add_argument("--config", type=Path, metavar="FILE", help="read this file instead of the project's")
    group.add_argument("--theme", metavar="NAME", help="colours of the full-screen app")


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Parse a command line; `command`, `words` and `prompt` are sorted out. What follows `--` is words, never options.

    Raises:
        UsageError: it makes no sense.
    """
    given = list(arguments)
    end = given.index("--") if "--" in given else len(given)
    parser = make_parser()
    if not {"-h", "--help"}.isdisjoint(given[:end]):
        from trashclaw.cli.command_help import asked_of, command_help

        if command := asked_of(given[:end]):
            sys.stdout.write(command_help(parser, command))
            parser.exit()
    options = parser.parse_intermixed_args(given[:end])
    words: list[str] = options.words
    # Behind --batch it is the prompt that begins with such a word, unless the whole line does.
    is_command = bool(words) and words[0] in COMMANDS and (not options.batch or given[0] == words[0])
    options.command = words[0] if is_command else ""
    options.rest = (words[1:] if options.command else words) + given[end + 1 :]
    if options.command == "run":
        options.batch = True
    if options.batch and options.tui:
        raise UsageError("--tui is the screen, and a batch run has none.", "Leave one of them out.")
    if options.inline and (options.batch or options.plain):
        raise UsageError("--inline is a way to draw the app, which --batch and --plain do not.", "Leave one out.")
    if options.plain and (options.batch or options.tui):
        raise UsageError("--plain is a way of its own, beside --batch and --tui.", "Leave the others out.")
    if options.command in ("", "run", "chat"):
        options.prompt = _prompt(options.prompt, options.rest)
    for commands, names, told in _BELONGING:
        if options.command not in commands and any(getattr(options, name) not in (None, False) for name in names):
            raise UsageError(told, _WITH_VALUE_HINT)
    if options.quick and options.full:
        raise UsageError("--quick and --full exclude each other.", _WITH_VALUE_HINT)
    if sum(map(bool, (options.resume, options.resume_last, options.fork))) > 1:
        raise UsageError("--resume, --continue and --fork exclude each other.", _WITH_VALUE_HINT)
    return options


def _prompt(given: str | None, words: list[str]) -> str | None:
    if given is not None and words:
        raise UsageError("The prompt is given twice.", "Use --prompt, or write it as the last words.")
    return given if given is not None else " ".join(words) or None


def wanted_session(options: argparse.Namespace) -> str | ForkPoint | None:
    """Return the session to go on with: an id, a part of one, `last`, or a place at which one is forked.

    Raises:
        UsageError: nothing is stored.
    """
    wanted: str | ForkPoint | None = options.resume or ("last" if options.resume_last else None)
    if wanted and options.no_session:
        raise UsageError("--no-session stores nothing, so nothing can be resumed.", "Leave one of them out.")
    return wanted


def overrides(options: argparse.Namespace) -> dict[str, object]:
    """Return the settings that the options stand for, by dotted key; `None` where an option was not given."""
    return {
        "provider": options.provider,
        "model": options.model,
        "base_url": options.base_url,
        "mode": options.mode,
        "allow_write": options.allow_write or None,
        "allow_shell": options.allow_shell or None,
        "allow_net": options.allow_net,
        "add_dirs": _from_here(options.add_dir),
        "sandbox.backend": options.sandbox,
        "limits.steps": options.max_steps,
        "limits.tokens": options.max_tokens,
        "limits.time_s": options.max_time,
        "manner.dialect": options.dialect,
        "manner.tool_set": options.tool_set,
        "server.num_ctx": options.num_ctx,
        "server.request_timeout_s": _seconds(options.http_timeout_ms),
        "server.idle_timeout_s": _seconds(options.http_stream_idle_timeout_ms),
        "server.retries": options.http_max_retries,
        "ui.theme": options.theme,
    }


def _seconds(milliseconds: int | None) -> float | None:
    return None if milliseconds is None else milliseconds / 1000


def _from_here(folders: list[str] | None) -> list[str] | None:
    """Let a path typed in a shell begin where the shell is; in a file it would begin at the workspace."""
    return None if folders is None else [str(Path(folder).expanduser().absolute()) for folder in folders]
