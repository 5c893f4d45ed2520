"""What kinds of failures there are, how they are recognised, and what a model is advised when one comes again."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from trashclaw.agent.ports import Outcome
from trashclaw.protocol.tools import ToolCall

_LOOKED_AT_CHARS = 6_000


class FailureKind(StrEnum):
    """What went wrong, as far as the text tells."""

    TIMEOUT = "timeout"
    MEMORY = "memory"
    NETWORK = "network"
    DENIED = "denied"
    MISSING_COMMAND = "missing_command"
    CONFLICT = "conflict"
    MISSING_IMPORT = "missing_import"
    SYNTAX = "syntax"
    TESTS = "tests"
    BUILD = "build"
    USAGE = "usage"
    MISSING_FILE = "missing_file"
    TOOL = "tool"
    """A tool of ours refused the call, and said why."""

    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Case:
    """A kind with the words by which it is known, and the advice for the first time and the second."""

    kind: FailureKind
    pattern: str
    first: str
    again: str


_CASES = (
    Case(
        FailureKind.TIMEOUT,
        r"timed out|timeout expired|time limit",
        "It took longer than it was given. Decide whether it hangs (input, a server, a loop) or is only slow.",
        "Do not run it the same way: give a larger timeout_s if it is slow, background=true if it is a server, or "
        "run a smaller part.",
    ),
    Case(
        FailureKind.MEMORY,
        r"out of memory|memoryerror|cannot allocate memory",
        "It was ended for the memory that it used. Run a smaller part, or with fewer processes.",
        "It will be ended again. Find out what needs the memory, and leave that out.",
    ),
    Case(
        FailureKind.NETWORK,
        r"could not resolve host|name or service not known|temporary failure in name resolution"
        r"|network is unreachable|failed to establish a new connection|\benotfound\b|getaddrinfo|no route to host",
        "There is no network in the sandbox. If the task needs a host, name it in hosts and the user is asked.",
        "Without the user's leave no host can be reached. Ask for it with hosts, or do without: look for what is "
        "installed already.",
    ),
    Case(
        FailureKind.DENIED,
        r"permission denied|operation not permitted|read-only file system|eacces\b|\beperm\b",
        "This is not allowed here. Stay inside the workspace; temporary files belong in $TMPDIR.",
        "It stays forbidden. Use a path in the workspace, or name what the task needs in outside_paths so that the "
        "user is asked.",
    ),
    Case(
        FailureKind.MISSING_COMMAND,
        r"command not found|: not found\b|is not recognized as",
        "That program is not installed. Look what is there (command -v NAME), or call it through its interpreter.",
        "It is still not there. Take a program that is installed, or tell the user what is missing.",
    ),
    Case(
        FailureKind.CONFLICT,
        r"conflict \(|merge conflict|fix conflicts|unmerged paths|patch does not apply|hunk #\d{1,6} failed",
        "Two changes do not fit together. Read the files named above at the places with conflict marks.",
        "The conflict is still there. Edit the marked places so that both sides are right, and say which you took.",
    ),
    Case(
        FailureKind.MISSING_IMPORT,
        r"modulenotfounderror|importerror|cannot find module|no module named|unresolved import|could not find crate",
        "Something that is imported is not there. Find out whether its name or path is wrong, or it is not installed.",
        "Look where it is defined (grep), at the folder in which you run, and at the project's own environment (venv, "
        "node_modules). Do not install what the task does not ask for.",
    ),
    Case(
        FailureKind.SYNTAX,
        r"syntaxerror|indentationerror|taberror|unexpected token|unexpected eof|unterminated"
        # What a database cannot parse is a value of the program's, and no text of a file.
        r"|^(?!.*(?:sql|near \")).*syntax error",
        "The text cannot be parsed. Read the line named above and the ones before it.",
        "Read the file around that line as it is now; not from memory. Mind quotes and brackets left open.",
    ),
    Case(
        FailureKind.USAGE,
        r"unrecognized arguments?|unknown option|invalid option|unrecognized option|unknown command|no such option"
        r"|^usage:|missing operand|unexpected argument",
        "The program does not know these arguments. Ask it with --help.",
        "Do not guess at options: read --help, or use the plainest form of the command.",
    ),
    Case(
        FailureKind.TESTS,
        r"assertionerror|^failed\b|--- fail|test result: failed|\btests? failed|\d{1,6} failed\b|failures?[:=]",
        "Tests fail. Read the first one that fails and the code that it names, before you change anything.",
        "The same tests fail in the same way: your change did not touch the cause. Read the assertion again, and what "
        "the code really gives, then change the code.",
    ),
    Case(
        FailureKind.BUILD,
        r"error\[e\d{1,6}\]|error ts\d{1,6}|undefined reference|cannot find symbol|: error: |compilation failed"
        r"|build failed|undeclared|could not compile",
        "It does not build. Begin with the first error: later ones often come of it.",
        "The same error is left. Read the line that it names and the declaration of what it names.",
    ),
    Case(
        FailureKind.MISSING_FILE,
        r"no such file or directory|enoent\b|filenotfounderror|cannot find the path|does not exist|cannot stat"
        r"|no tests ran|file or directory not found",
        "A path is wrong. Look what is there with list_files or glob, from the workspace folder.",
        "That path is still not there. Do not guess: find the file by a part of its name.",
    ),
)

_TOOL = Case(
    FailureKind.TOOL,
    "",
    "Do what it says before you call again.",
    "The same call will be refused again. Read what it asks for: look at the file or the schema, and change the call.",
)
_OTHER = Case(
    FailureKind.OTHER,
    "",
    "Say in one sentence what this means before you try again.",
    "It fails in the same way. Look at what is named in the message, and do not run it again unchanged.",
)
_THIRD = (
    "It has failed {times} times in the same way. Stop trying this: take another way and say which, or ask the user, "
    "with what you tried and what you know."
)
_SAY = "Say in one sentence what this means before you try again."


def recognise(call: ToolCall, outcome: Outcome) -> FailureKind:
    """Return what kind of failure it is, by what the sandbox says and then by the words."""
    metadata = outcome.metadata
    if metadata.get("is_timed_out") or metadata.get("limit") == "time":
        return FailureKind.TIMEOUT
    if metadata.get("limit") == "memory":
        return FailureKind.MEMORY
    denied = metadata.get("denied")
    if isinstance(denied, (list, tuple)) and denied:
        return FailureKind.NETWORK if str(denied[0]).startswith("host") else FailureKind.DENIED
    if outcome.exit_code is None and outcome.stderr is None:
        return FailureKind.TOOL
    if outcome.exit_code == 127:
        return FailureKind.MISSING_COMMAND
    text = "\n".join(_ends(part) for part in (outcome.stderr, outcome.stdout) if part).casefold()
    found = (case.kind for case in _CASES if re.search(case.pattern, text, re.MULTILINE))
    return next(found, FailureKind.OTHER)


def advice(kind: FailureKind, times: int) -> str:
    """Return what the model is advised when a failure comes for the first, the second and every later time."""
    case = next((case for case in (*_CASES, _TOOL) if case.kind is kind), _OTHER)
    if times > 2:
        return _THIRD.format(times=times)
    if times == 2:
        return case.again
    return case.first if kind in (FailureKind.OTHER, FailureKind.TOOL) else f"{case.first} {_SAY}"


def _ends(text: str) -> str:
    return text if len(text) <= 2 * _LOOKED_AT_CHARS else f"{text[:_LOOKED_AT_CHARS]}\n{text[-_LOOKED_AT_CHARS:]}"
