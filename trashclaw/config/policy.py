"""`policy.yaml`: the person's rules and those of a trusted folder, read; every mistake is told with its place."""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping, Sequence
from typing import Any

from trashclaw.config.paths import config_folder
from trashclaw.config.project_files import RULES_PATH, ProjectFiles
from trashclaw.directives.strict_yaml import Document, legible, read_mapping, read_source
from trashclaw.policy.command_rules import CommandPattern
from trashclaw.policy.host_patterns import HostPattern
from trashclaw.policy.path_patterns import PathPattern
from trashclaw.policy.rules import Rule, Rules
from trashclaw.protocol.approvals import Outcome
from trashclaw.protocol.errors import ConfigError, UsageError, WorkspaceError

RULES_NAME = "policy.yaml"
_OUTCOMES = tuple(outcome.value for outcome in Outcome)
_CONDITIONS = ("tool", "command", "path", "host")
_EXAMPLE = 'such as `- deny: {command: "git push *"}`'


def load_rules(project: ProjectFiles | None) -> Rules:
    """Return the rules that hold: the person's own, then those of the folder; `None` if that is not trusted.

    Raises:
        ConfigError: one or more mistakes, each with file, line, key and the nearest valid key. No rule is left out.
    """
    rules: list[Rule] = []
    problems: list[str] = []
    own = config_folder() / RULES_NAME
    texts: list[tuple[str, str]] = []
    try:
        if os.path.lexists(own):
            texts.append((read_source(own), str(own)))
        told = project.text(RULES_PATH) if project is not None else None
        if told is not None:
            texts.append((told, RULES_PATH))
    except ConfigError as error:
        problems.append(str(error))
    for text, source in texts:
        try:
            rules += read_rules(text, source)
        except ConfigError as error:
            problems.append(error.text)
    if problems:
        raise ConfigError("\n".join(problems), "No rule counts until this is put right, so nothing is started.")
    return Rules(tuple(rules))


def read_rules(text: str, source: str) -> list[Rule]:
    """Return the rules in a text, in order.

    Raises:
        ConfigError: one or more mistakes.
    """
    document = read_mapping(text, source)
    problems = [
        f"{document.place((key,))}: there is no key {legible(key)}.{_nearest(key, ('rules',))}"
        for key in document.values
        if key != "rules"
    ]
    entries = document.values.get("rules")
    rules: list[Rule] = []
    if entries is not None and not isinstance(entries, list):
        problems.append(f"{document.place(('rules',))}: rules: a list is needed, {_EXAMPLE}.")
    for number, entry in enumerate(entries if isinstance(entries, list) else ()):
        made = _read_rule(document, number, entry)
        if isinstance(made, Rule):
            rules.append(made)
        else:
            problems += made
    if problems:
        listed = problems[0] if len(problems) == 1 else "\n".join(f"- {problem}" for problem in problems)
        raise ConfigError(listed)
    return rules


def _read_rule(document: Document, number: int, entry: object) -> Rule | list[str]:
    here = ("rules", str(number))
    if not isinstance(entry, dict):
        return [f"{document.place(here)}: rule {number + 1}: {legible(entry)} is no rule, {_EXAMPLE}."]
    first = document.place((*here, next(iter(entry), "")))
    problems = [
        f"{document.place((*here, key))}: there is no key {legible(key)}.{_nearest(key, (*_OUTCOMES, 'reason'))}"
        for key in entry
        if key not in (*_OUTCOMES, "reason")
    ]
    named = [key for key in entry if key in _OUTCOMES]
    if len(named) != 1:
        which = f"it has {' and '.join(named)}" if named else "it says none of deny, ask, allow"
        return [*problems, f"{first}: a rule needs exactly one of deny, ask and allow; {which}."]
    reason = entry.get("reason", "")
    if not isinstance(reason, str):
        problems.append(f"{document.place((*here, 'reason'))}: reason: {legible(reason)} is no text; put it in quotes.")
    at = (*here, named[0])
    conditions, more = _read_conditions(document, at, entry[named[0]])
    if problems or more:
        return problems + more
    place = document.place(at)
    return Rule(outcome=Outcome(named[0]), reason=str(reason).strip(), place=place, **conditions)


def _read_conditions(document: Document, at: tuple[str, ...], given: object) -> tuple[Mapping[str, Any], list[str]]:
    if not isinstance(given, dict) or not given:
        needed = f"{document.place(at)}: {at[-1]}: say what it is about: {{tool, command, path or host: ...}}."
        return {}, [needed]
    values: dict[str, Any] = {}
    problems: list[str] = []
    for key, value in given.items():
        place = document.place((*at, key))
        if key not in _CONDITIONS:
            problems.append(f"{place}: there is no key {legible(key)}.{_nearest(key, _CONDITIONS)}")
        elif not isinstance(value, str) or not value.strip() or "\0" in value:
            problems.append(f"{place}: {key}: {legible(value)} is no text; put it in quotes.")
        else:
            try:
                values[key] = _condition(key, value)
            except (ValueError, UsageError, WorkspaceError) as error:
                problems.append(f"{place}: {key}: {legible(value)} is not usable: {str(error).rstrip('.')}.")
    if at[-1] == "allow" and not problems and values.keys() == {"tool"} and values["tool"] == "*":
        problems.append(
            f"{document.place(at)}: allow: this would allow everything; the mode auto does that (--mode auto)."
        )
    return values, problems


def _condition(key: str, value: str) -> object:
    match key:
        case "command":
            return CommandPattern.read(value)
        case "path":
            return PathPattern.read(value)
        case "host":
            return HostPattern.read(value)
        case _:
            return value


def _nearest(key: object, known: Sequence[str]) -> str:
    found = next(iter(difflib.get_close_matches(str(key), known, n=1, cutoff=0.5)), "")
    return f" Did you mean {found}?" if found else f" There is: {', '.join(known)}."
