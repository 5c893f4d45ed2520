"""The judge: what mode, rules and abilities say about every part of a proposal. It asks nobody and changes nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from trashclaw.agent.ports import Proposal
from trashclaw.policy.host_patterns import HostPattern
from trashclaw.policy.judgements import Abilities, Grants, Judgement
from trashclaw.policy.path_patterns import PathPattern, Place
from trashclaw.policy.rules import Match, Rule, Rules, Subject
from trashclaw.policy.shell_lines import ShellLine, read_line
from trashclaw.protocol.approvals import Needs, Outcome, Scope
from trashclaw.protocol.errors import WorkspaceError
from trashclaw.protocol.modes import Mode
from trashclaw.protocol.patches import Patch

ALLOW, ASK, DENY = Outcome.ALLOW, Outcome.ASK, Outcome.DENY
_FOR_LONGER = (Scope.ONCE, Scope.SESSION)
_EVER = (Scope.ONCE, Scope.SESSION, Scope.PROJECT)
_ARGUMENT_CHARS = 4_096
_ARGUMENTS = 50


@dataclass(slots=True)
class Judge:
    """Judges proposals in one session."""

    mode: Callable[[], Mode]
    abilities: Abilities
    rules: Rules
    grants: Grants
    root: Path | None = None
    can_ask: bool = True
    tainted_by: Callable[[], str] = str

    def judge(self, tool: str, arguments: str, proposal: Proposal) -> tuple[Judgement, ...]:
        """Return what is said about each part, at least one."""
        line = self._line(tool, proposal)
        parts: list[Judgement] = []
        if proposal.command is not None and not proposal.is_outcome:
            parts.append(self._command(tool, proposal, line))
        if proposal.patch is not None or proposal.also:
            parts.append(self._changes(tool, proposal, line))
        needs = proposal.needs
        if not proposal.is_outcome:
            if needs.hosts:
                parts.append(self._hosts(tool, needs.hosts, line))
            if needs.paths:
                parts.append(self._outside(tool, needs.paths, line))
            if needs.is_unsandboxed:
                parts.append(self._unsandboxed(tool, proposal))
        return tuple(parts) or (self._reading(tool, arguments),)

    def _line(self, tool: str, proposal: Proposal) -> ShellLine | None:
        if proposal.command is None:
            return None
        runs_free = not (proposal.is_confined or proposal.is_outcome)
        return read_line(proposal.command) if runs_free or self.rules.has_commands(tool) else None

    def _reading(self, tool: str, arguments: str) -> Judgement:
        subjects = [Subject(tool, is_reading=True)]
        if any(rule.tool and rule.path for rule in self.rules.rules):
            subjects += [
                Subject(tool, path=Place.find(text, self.root), is_reading=True) for text in _texts_of(arguments)
            ]
        for judgement in self._restrictions(subjects):
            return judgement
        return Judgement(ALLOW, "it changes nothing")

    def _command(self, tool: str, proposal: Proposal, line: ShellLine | None) -> Judgement:
        if not proposal.is_confined and self.mode() is Mode.PLAN:
            flag = "--mode review" if self.abilities.can_run else "--allow-shell"
            rule = "mode plan: no commands are run outside a sandbox. Say what you would run instead."
            return Judgement(DENY, rule, self._hint(flag))
        if not self.can_ask and not self.abilities.can_run:
            return Judgement(DENY, "running commands is switched off here.", "--allow-shell")
        subject = Subject(tool, line=line, is_command=True)
        restricted = next(self._restrictions([subject]), None)
        if restricted is not None and restricted.outcome is DENY:
            return restricted
        if self.grants.has(tool, proposal):
            return Judgement(ALLOW, "you allowed this command for the session")
        if restricted is not None:
            return replace(
                restricted, scopes=_FOR_LONGER, warning=line.risk if line and not proposal.is_confined else ""
            )
        if proposal.needs.is_unsandboxed:
            return Judgement(ALLOW, "no rule speaks against this command")
        if proposal.is_confined:
            return Judgement(ALLOW, "it runs in the sandbox; what it does is a question of its own")
        return self._unconfined(tool, line)

    def _unconfined(self, tool: str, line: ShellLine | None) -> Judgement:
        assert line is not None
        used, why_not = self.rules.grant_command(tool, line, self.root)
        if used:
            return Judgement(ALLOW, "; ".join(rule.told for rule in used))
        rule = "commands run outside a sandbox here, so each one is asked about"
        if any(rule.outcome is ALLOW and rule.command for rule in self.rules.rules):
            rule += f"; not allowed by a rule: {why_not}"
        return Judgement(ASK, rule, warning=line.risk, scopes=_FOR_LONGER)

    def _changes(self, tool: str, proposal: Proposal, line: ShellLine | None) -> Judgement:
        mode, what = self.mode(), "what commands change" if proposal.is_outcome else "edits"
        if mode is Mode.PLAN:
            rule = "mode plan: nothing is changed. Say what you would change instead."
            if proposal.is_outcome:
                rule = "mode plan: what the command changed was discarded. Say what you would change instead."
            flag = "--mode accept" if self.abilities.can_write else "--allow-write"
            return Judgement(DENY, rule, self._hint(flag))
        if not self.abilities.can_write:
            return Judgement(DENY, "writing is switched off here.", "--allow-write")
        subjects = [Subject(tool, line=line, is_of_command=proposal.is_outcome)]
        if not proposal.is_outcome or any(rule.path for rule in self.rules.rules):
            subjects += self._places(tool, _changed(proposal), line, is_of_command=proposal.is_outcome)
        restricted = next(self._restrictions(subjects), None)
        if restricted is not None and restricted.outcome is DENY:
            return restricted
        changes = (proposal.patch or Patch()).changes
        warning = "\n".join(dict.fromkeys(f"{change.path}: {change.warning}" for change in changes if change.warning))
        if restricted is not None:
            return replace(restricted, warning=warning)
        if warning:
            return Judgement(ASK, "this is asked about in every mode", warning=warning)
        if mode is not Mode.REVIEW or (proposal.is_outcome and not changes):
            return Judgement(ALLOW, f"mode {mode}: {what} land{'s' if proposal.is_outcome else ''}")
        granted = [self.rules.grant(subject) for subject in subjects[1:]]
        if granted and all(granted):
            return Judgement(ALLOW, "; ".join(dict.fromkeys(rule.told for rule in granted if rule)))
        asked = "is asked about" if proposal.is_outcome else "are asked about"
        return Judgement(ASK, f"mode review: {what} {asked}", "--allow-write")

    def _hosts(self, tool: str, hosts: Sequence[str], line: ShellLine | None) -> Judgement:
        subjects = {host: Subject(tool, line, host=HostPattern.wanted(host), is_of_command=True) for host in hosts}
        flags = [f"--allow-net {host}" for host in hosts]
        allowed = {host: self._host_grant(subject) for host, subject in subjects.items()}
        return self._wanted(
            subjects,
            allowed,
            make=lambda names: Needs(hosts=tuple(names)),
            new_rules=lambda names: [Rule(ALLOW, host=HostPattern.wanted(name), reason="") for name in names],
            what="the network is asked about, host by host",
            hint=" ".join(flags),
            taint=self.tainted_by(),
        )

    def _host_grant(self, subject: Subject) -> str:
        assert subject.host is not None
        for text in self.abilities.hosts:
            if HostPattern.wanted(text).covers(subject.host):
                return f"--allow-net {text}"
        for text in self.abilities.auto_hosts if self.mode() is Mode.AUTO else ():
            if HostPattern.wanted(text).covers(subject.host):
                return f"mode auto: {text} is on its list of hosts"
        granted = self.rules.grant(subject)
        return granted.told if granted else ""

    def _outside(self, tool: str, paths: Sequence[str], line: ShellLine | None) -> Judgement:
        needs = Needs(paths=tuple(paths))
        if self.mode() is Mode.PLAN:
            rule = "mode plan: nothing outside the workspace is opened to commands."
            return Judgement(DENY, rule, self._hint("--mode review"), needs=needs)
        subjects = {path: next(self._places(tool, [path], line, is_of_command=True)) for path in paths}
        grants = {path: self.rules.grant(subject) for path, subject in subjects.items()}
        return self._wanted(
            subjects,
            {path: rule.told if rule else "" for path, rule in grants.items()},
            make=lambda names: Needs(paths=tuple(names)),
            new_rules=lambda names: _path_rules(tool, names),
            what="paths outside the workspace are asked about",
            hint="",
            taint="",
        )

    def _wanted(
        self,
        subjects: dict[str, Subject],
        allowed: dict[str, str],
        *,
        make: Callable[[Iterable[str]], Needs],
        new_rules: Callable[[list[str]], list[Rule]],
        what: str,
        hint: str,
        taint: str,
    ) -> Judgement:
        """Judge several things of one kind that a command asks for; only what is still open is asked about."""
        restrictions = {name: next(self._restrictions([subject]), None) for name, subject in subjects.items()}
        for name, restricted in restrictions.items():
            if restricted is not None and restricted.outcome is DENY:
                return replace(restricted, needs=make([name]), rule=f"{name}: {restricted.rule}")
        session = {name for name, subject in subjects.items() if self.grants.rules.grant(subject)}
        open_ = [
            name
            for name, restricted in restrictions.items()
            if taint or (name not in session and (restricted is not None or not allowed[name]))
        ]
        if not open_:
            told = [allowed[name] or "you allowed it for the session" for name in subjects]
            return Judgement(ALLOW, "; ".join(dict.fromkeys(told)), needs=make(subjects))
        asked = [(name, restrictions[name]) for name in open_]
        rule = "; ".join(dict.fromkeys(found.rule for _, found in asked if found)) or what
        can_stay = not taint and not any(found for _, found in asked)
        made = new_rules(open_)
        scopes: tuple[Scope, ...] = _EVER if can_stay else _FOR_LONGER
        if taint or len(made) != len(open_):
            scopes, made = (Scope.ONCE,), []
        warning = f"Asked about although a rule may allow it: {taint}" if taint else ""
        return Judgement(ASK, rule, hint, make(open_), warning, scopes, tuple(made))

    def _unsandboxed(self, tool: str, proposal: Proposal) -> Judgement:
        needs = Needs(is_unsandboxed=True)
        if self.mode() is Mode.PLAN:
            rule = "mode plan: no commands are run outside a sandbox. Say what you would run instead."
            return Judgement(DENY, rule, self._hint("--mode review"), needs=needs)
        taint = self.tainted_by()
        if self.grants.has(tool, proposal, needs) and not taint:
            return Judgement(ALLOW, "you allowed this command for the session, without a sandbox", needs=needs)
        warning = read_line(proposal.command or "").risk
        if taint:
            warning = f"Asked about although you allowed it before: {taint}\n{warning}".strip()
        rule = "running without a sandbox is always asked about"
        return Judgement(ASK, rule, "", needs, warning, (Scope.ONCE,) if taint else _FOR_LONGER)

    def _places(
        self, tool: str, paths: Iterable[str], line: ShellLine | None, *, is_of_command: bool
    ) -> Iterator[Subject]:
        for path in paths:
            yield Subject(tool, line, Place.find(path, self.root), is_of_command=is_of_command)

    def _restrictions(self, subjects: Sequence[Subject]) -> Iterator[Judgement]:
        """Yield what rules deny or want asked about: first what is denied, then the rest."""
        asked = []
        for subject in subjects:
            name = f"{subject.path.told}: " if subject.path else ""
            denied = self.rules.denial(subject)
            if denied and denied[1] is Match.YES:
                yield Judgement(DENY, f"{name}{denied[0].told}")
            elif denied:
                asked.append(
                    Judgement(ASK, f"{name}it cannot be ruled out that this is what a rule denies: {denied[0].told}")
                )
            elif found := self.rules.question(subject):
                unsure = "" if found[1] is Match.YES else "it may be what this rule is about: "
                asked.append(Judgement(ASK, f"{name}{unsure}{found[0].told}"))
        yield from asked

    def _hint(self, flag: str) -> str:
        return "/mode" if self.can_ask else flag


def _changed(proposal: Proposal) -> Iterator[str]:
    for change in (proposal.patch or Patch()).changes:
        yield change.path
        if change.from_path is not None:
            yield change.from_path
    yield from proposal.also


def _path_rules(tool: str, paths: Sequence[str]) -> list[Rule]:
    """Return rules for paths; none for those in which a sign would mean something else than itself."""
    rules = []
    for path in paths:
        try:
            if path.startswith("/") and not set("*?[]{}\\~") & set(path):
                rules.append(Rule(ALLOW, tool=tool, path=PathPattern.read(path)))
        except WorkspaceError:
            continue
    return rules


def _texts_of(arguments: str) -> list[str]:
    """Return the texts among a call's arguments, each of which may be a path."""
    try:
        found: list[Any] = [json.loads(arguments)]
    except (ValueError, RecursionError):
        return []
    texts: list[str] = []
    while found and len(texts) < _ARGUMENTS:
        value = found.pop()
        if isinstance(value, dict):
            found += value.values()
        elif isinstance(value, list):
            found += value
        elif isinstance(value, str) and value and "\0" not in value and len(value) <= _ARGUMENT_CHARS:
            texts.append(value)
    return texts
