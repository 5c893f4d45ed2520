"""`trashclaw policy`: the rules that hold here, what they say of something, their tests, and what was decided."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from trashclaw.cli import place as places
from trashclaw.cli.policy_cases import Ground, Question, failures, judge, read_cases
from trashclaw.config.paths import config_folder, workspace_state
from trashclaw.config.policy import RULES_NAME, load_rules
from trashclaw.config.project_files import RULES_PATH
from trashclaw.faces.batch.exit_codes import ExitCode
from trashclaw.faces.visible import visible_line
from trashclaw.policy.judgements import Abilities, strictest
from trashclaw.protocol.approvals import Outcome
from trashclaw.protocol.errors import UsageError
from trashclaw.protocol.modes import Mode
from trashclaw.session.build import LOG_NAME
from trashclaw.session.modes import first_mode
from trashclaw.store.audit import Audit

_CODES = {Outcome.ALLOW: ExitCode.DONE, Outcome.ASK: ExitCode.APPROVAL_NEEDED, Outcome.DENY: ExitCode.FAILED}
_USAGE = "There is: policy show, policy check 'COMMAND', policy test FILE, policy audit"


def answer_policy(options: argparse.Namespace) -> int:
    """Carry out `policy show`, `check`, `test` or `audit`."""
    words: list[str] = options.rest
    asked = options.about_tool or options.about_host or options.about_path
    if asked and words[:1] != ["check"]:
        raise UsageError("--tool, --host and --path belong to `trashclaw policy check`.", _USAGE)
    match words:
        case [] | ["show"]:
            return _show(options)
        case ["check", *rest] if len(rest) <= 1 and (rest or asked):
            return _check(options, "".join(rest))
        case ["check"]:
            hint = "Write a command behind `trashclaw policy check`, or name a --tool, a --host or a --path."
            raise UsageError("What is to be checked?", hint)
        case ["test", file]:
            return _test(options, Path(file))
        case ["audit"]:
            return _audit(options)
        case _:
            raise UsageError(f"`trashclaw policy {' '.join(words)}` is not known.", _USAGE)


def _show(options: argparse.Namespace) -> int:
    place = places.find_place(options)
    settings = place.loaded.settings
    rules = load_rules(place.project)
    trust = "trusted" if place.is_trusted else "not trusted: its own rules are not read (--trust on)"
    _say(f"folder: {place.root} ({trust})")
    _say(f"mode: {_mode(options, place)}")
    _say(f"sandbox: {settings.sandbox.backend}")
    _say(f"hosts allowed by setting or option: {', '.join(settings.allow_net) or 'none'}")
    _say(f"files: {config_folder() / RULES_NAME}, {place.root / RULES_PATH}")
    _say("rules (deny beats ask beats allow):" if rules.rules else "rules: none")
    for rule in rules.rules:
        _say(f"  {rule.told}")
    _say("What was allowed for one session only is shown in that session.")
    return ExitCode.DONE


def _check(options: argparse.Namespace, command: str) -> int:
    place = places.find_place(options)
    question = Question(
        command=command,
        path=options.about_path or "",
        host=options.about_host or "",
        tool=options.about_tool or "",
        mode=_mode(options, place),
        is_sandboxed=place.loaded.settings.sandbox.backend != "ask-first",
    )
    parts = judge(question, _ground(place))
    worst = strictest(parts)
    _say(f"{worst.outcome}: {worst.rule}")
    for part in parts:
        if part is not worst and part.outcome is worst.outcome:
            _say(f"{part.outcome}: {part.rule}")
    for line in (line for part in parts for line in part.warning.splitlines()):
        _say(f"  {line}")
    return _CODES[worst.outcome]


def _test(options: argparse.Namespace, file: Path) -> int:
    place = places.find_place(options)
    ground = _ground(place)
    cases, rules = read_cases(file, Mode(options.mode or Mode.REVIEW))
    if rules is not None:
        ground = Ground(ground.root, rules, ground.abilities)
    wrong = list(failures(cases, ground))
    for line in wrong:
        _say(line)
    _say(f"{len(cases) - len(wrong)} of {len(cases)} cases are as expected.")
    return ExitCode.FAILED if wrong else ExitCode.DONE


def _audit(options: argparse.Namespace) -> int:
    place = places.find_place(options)
    path = workspace_state(place.root) / LOG_NAME
    rows = []
    if path.exists():
        audit = Audit(path)
        rows = audit.read()
        audit.close()
    for row in rows:
        at = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(row.at))
        scope = f" ({row.scope})" if row.scope != "once" else ""
        reached = "".join(f" {name}" for name in row.hosts)
        digest = row.arguments_sha256[:12]
        told = f"{row.tool} {row.title}{reached}  [{row.rule}]"
        _say(f"{at}  {row.session_id[-8:]}  {row.decision:<5} {row.verdict} by {row.by}{scope}  {digest}  {told}")
    if not rows:
        sys.stderr.write(f"Nothing was decided in {place.root} yet.\n")
    return ExitCode.DONE


def _ground(place: places.Place) -> Ground:
    settings = place.loaded.settings
    return Ground(
        place.root,
        load_rules(place.project),
        Abilities(hosts=tuple(settings.allow_net), auto_hosts=tuple(settings.sandbox.hosts)),
    )


def _mode(options: argparse.Namespace, place: places.Place) -> Mode:
    """Return the mode that a session on the screen would begin in; a mode that is named is what is asked about."""
    if options.mode is not None:
        return Mode(options.mode)
    return first_mode(place.loaded.settings, can_ask=True) if place.is_trusted else Mode.PLAN


def _say(text: str) -> None:
    sys.stdout.write(visible_line(text) + "\n")
