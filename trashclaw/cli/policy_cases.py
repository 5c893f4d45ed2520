"""Questions to the policy without a session: one from the command line, or many from a file of cases."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from trashclaw.agent.ports import Proposal
from trashclaw.config.policy import read_rules
from trashclaw.directives.strict_yaml import Document, legible, read_mapping, read_source
from trashclaw.policy.judge import Judge
from trashclaw.policy.judgements import Abilities, Grants, Judgement, strictest
from trashclaw.policy.path_patterns import Place
from trashclaw.policy.rules import Rules
from trashclaw.protocol.approvals import Needs, Outcome
from trashclaw.protocol.errors import ConfigError
from trashclaw.protocol.modes import Mode
from trashclaw.protocol.patches import ChangeKind, FileChange, Patch

_TEXTS = ("command", "path", "host", "tool", "rule")
_CHOICES = {"mode": [mode.value for mode in Mode], "expect": [outcome.value for outcome in Outcome]}
_KEYS = (*_TEXTS, *_CHOICES, "sandbox")


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked about, and under which circumstances."""

    command: str = ""
    path: str = ""
    host: str = ""
    tool: str = ""
    mode: Mode = Mode.REVIEW
    is_sandboxed: bool = True

    def __str__(self) -> str:
        """Return it in a line for a person."""
        parts = [self.tool, f"`{self.command}`" if self.command else "", self.host, self.path]
        return " ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class Case:
    """A question with the answer that is expected."""

    question: Question
    expect: Outcome
    rule: str = ""
    """What the rule's words must contain."""

    place: str = ""


@dataclass(frozen=True, slots=True)
class Ground:
    """What holds where the questions are asked."""

    root: Path
    rules: Rules
    abilities: Abilities = field(default_factory=Abilities)


def judge(question: Question, ground: Ground) -> tuple[Judgement, ...]:
    """Return what is said about each part of what is asked, as a person on the screen would meet it."""
    where = Place.find(question.path, ground.root) if question.path else None
    is_outside = where is not None and where.is_outside
    needs = Needs(
        hosts=(question.host,) if question.host else (),
        paths=(question.path,) if is_outside else (),
    )
    has_command = bool(question.command or question.host or is_outside)
    command = question.command or (":" if has_command else None)
    patch = None
    if question.path and not is_outside:
        path = where.names[0] if where is not None else question.path
        patch = Patch(changes=(FileChange(path=path, kind=ChangeKind.MODIFIED, hunks=()),))
    proposal = Proposal(
        str(question),
        patch,
        command,
        needs,
        is_confined=question.is_sandboxed,
        is_outcome=patch is not None and has_command,
    )
    tool = question.tool or ("bash" if has_command else "edit" if patch else "read")
    asked = Judge(lambda: question.mode, ground.abilities, ground.rules, Grants(), ground.root)
    parts = asked.judge(tool, "{}", proposal)
    if proposal.is_outcome:
        # First the command itself is judged, then what it did.
        parts = (*asked.judge(tool, "{}", replace(proposal, patch=None, is_outcome=False)), *parts)
    return parts


def failures(cases: list[Case], ground: Ground) -> Iterator[str]:
    """Yield a line for each case that is answered otherwise than expected."""
    for case in cases:
        found = strictest(judge(case.question, ground))
        if found.outcome is not case.expect:
            yield f"{case.place}: {case.question}: expected {case.expect}, got {found.outcome}: {found.rule}"
        elif case.rule and case.rule not in found.rule:
            yield f"{case.place}: {case.question}: expected a rule with {case.rule!r}, got: {found.rule}"


def read_cases(path: Path, mode: Mode) -> tuple[list[Case], Rules | None]:
    """Return the cases of a file, and the rules that it names in place of those in force.

    Raises:
        ConfigError: it cannot be read, or one or more mistakes, each with line, key and the nearest valid key.
    """
    document = read_mapping(read_source(path), str(path))
    problems = [
        _unknown(document, (key,), ("cases", "rules")) for key in document.values if key not in ("cases", "rules")
    ]
    entries = document.values.get("cases")
    if not isinstance(entries, list) or not entries:
        problems.append(
            f"{document.place(('cases',))}: cases: a list is needed, such as `- {{command: ls, expect: allow}}`."
        )
        entries = []
    cases = []
    for number, entry in enumerate(entries):
        made = _read_case(document, ("cases", str(number)), entry, mode)
        if isinstance(made, Case):
            cases.append(made)
        else:
            problems += made
    rules = document.values.get("rules")
    if rules is not None and not isinstance(rules, str):
        problems.append(f"{document.place(('rules',))}: rules: the path of a file is needed.")
    if problems:
        raise ConfigError("\n".join(problems))
    if not isinstance(rules, str):
        return cases, None
    file = path.parent / rules
    return cases, Rules(tuple(read_rules(read_source(file), str(file))))


def _read_case(document: Document, at: tuple[str, ...], entry: object, mode: Mode) -> Case | list[str]:
    if not isinstance(entry, dict):
        return [f"{document.place(at)}: {legible(entry)} is no case, such as `- {{command: ls, expect: allow}}`."]
    problems = []
    for key, value in entry.items():
        if key not in _KEYS:
            problems.append(_unknown(document, (*at, key), _KEYS))
        elif key in _CHOICES and value not in _CHOICES[key]:
            known = ", ".join(_CHOICES[key])
            problems.append(f"{document.place((*at, key))}: {key}: {legible(value)} is none of {known}.")
        elif key == "sandbox" and not isinstance(value, bool):
            problems.append(f"{document.place((*at, key))}: sandbox: true or false is needed.")
        elif key in _TEXTS and (not isinstance(value, str) or not value):
            problems.append(f"{document.place((*at, key))}: {key}: {legible(value)} is no text; put it in quotes.")
    first = (*at, next(iter(entry), ""))
    if "expect" not in entry:
        problems.append(f"{document.place(first)}: expect is missing: allow, ask or deny.")
    if not any(key in entry for key in ("command", "path", "host", "tool")):
        problems.append(f"{document.place(first)}: a case needs a command, a path, a host or a tool.")
    return problems or _case(entry, document.place(first), mode)


def _case(entry: Mapping[str, Any], place: str, mode: Mode) -> Case:
    texts = {key: entry[key] for key in ("command", "path", "host", "tool") if key in entry}
    question = Question(**texts, mode=Mode(entry.get("mode", mode)), is_sandboxed=entry.get("sandbox", True))
    return Case(question, Outcome(entry["expect"]), entry.get("rule", ""), place)


def _unknown(document: Document, at: tuple[str, ...], known: tuple[str, ...]) -> str:
    found = get_close_matches(at[-1], known, n=1, cutoff=0.5)
    told = f"Did you mean {found[0]}?" if found else f"There is: {', '.join(known)}."
    return f"{document.place(at)}: there is no key {legible(at[-1])}. {told}"
