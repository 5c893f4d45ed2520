"""Rules: what a person wrote about tools, commands, paths and hosts, and which of them speaks about something."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

from trashclaw.protocol.approvals import Outcome

if TYPE_CHECKING:
    from trashclaw.policy.command_rules import CommandPattern
    from trashclaw.policy.host_patterns import HostPattern
    from trashclaw.policy.path_patterns import PathPattern, Place
    from trashclaw.policy.shell_lines import ShellLine


class Match(IntEnum):
    """Whether a rule is about something; what cannot be known does not count as no."""

    NO = 0
    MAYBE = 1
    YES = 2


@dataclass(frozen=True, slots=True)
class Subject:
    """One thing that a proposal is about: a command, a path, a host, or the mere use of a tool."""

    tool: str
    line: ShellLine | None = None
    """The command it belongs to, taken apart."""

    path: Place | None = None
    host: HostPattern | None = None
    is_command: bool = False
    """It is about running the command itself."""

    is_of_command: bool = False
    """It is about what a command did or needs: only rules that name a path or a host speak about it."""

    is_reading: bool = False
    """Nothing changes: only rules that name the tool speak about it."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A line of `policy.yaml`; all of its conditions must hold."""

    outcome: Outcome
    tool: str = ""
    """Glob on the tool's name; empty: any tool."""

    command: CommandPattern | None = None
    path: PathPattern | None = None
    host: HostPattern | None = None
    reason: str = ""
    place: str = ""
    """Where it stands, for a person: `.trashclaw/policy.yaml, line 3`."""

    def __str__(self) -> str:
        """Return the rule as it would be written, without its reason."""
        parts = [("tool", self.tool), ("command", self.command), ("path", self.path), ("host", self.host)]
        told = ", ".join(f"{name}: {quoted(str(value))}" for name, value in parts if value)
        return f"{self.outcome}: {{{told}}}"

    @property
    def told(self) -> str:
        """The rule with its reason and its place, in a line."""
        reason = f" ({self.reason})" if self.reason else ""
        return f"{self}{reason}, {self.place}" if self.place else f"{self}{reason}"

    def match(self, subject: Subject) -> Match:
        """Tell whether the rule is about a subject.

        A rule that allows must name what it allows, and cover all of it; one that denies or asks need only touch it.
        """
        if self.tool and not fnmatchcase(subject.tool, self.tool):
            return Match.NO
        if subject.is_reading and not self.tool:
            return Match.NO
        if subject.is_of_command and not (self.path or self.host):
            return Match.NO
        is_grant = self.outcome is Outcome.ALLOW
        found = [self._about_path(subject, is_grant), self._about_host(subject, is_grant)]
        if min(found) is not Match.NO:
            found.append(self._about_command(subject, is_grant))
        return min(found)

    def _about_path(self, subject: Subject, is_grant: bool) -> Match:
        if self.path is None:
            is_silent = is_grant and subject.path is not None and subject.path.is_outside
            return Match.NO if is_silent else Match.YES
        if subject.path is None:
            return Match.NO
        is_met = self.path.covers(subject.path) if is_grant else self.path.touches(subject.path)
        return Match.YES if is_met else Match.NO

    def _about_host(self, subject: Subject, is_grant: bool) -> Match:
        if self.host is None:
            return Match.NO if is_grant and subject.host is not None else Match.YES
        if subject.host is None:
            return Match.NO
        is_met = self.host.covers(subject.host) if is_grant else self.host.touches(subject.host)
        return Match.YES if is_met else Match.NO

    def _about_command(self, subject: Subject, is_grant: bool) -> Match:
        if self.command is None:
            return Match.NO if is_grant and subject.is_command else Match.YES
        if subject.line is None:
            return Match.NO
        if is_grant:
            # What runs is allowed part by part (see `Rules.grant_command`); here it narrows a path or a host.
            is_met = not subject.is_command and self.command.covers(subject.line)
            return Match.YES if is_met else Match.NO
        return self.command.touches(subject.line)


@dataclass(frozen=True, slots=True)
class Rules:
    """All rules that hold, in order; `deny` beats `ask` beats `allow`, and among equals the first speaks."""

    rules: tuple[Rule, ...] = ()

    def denial(self, subject: Subject) -> tuple[Rule, Match] | None:
        """Return the rule that denies something, and whether that is sure."""
        return self._first(Outcome.DENY, subject)

    def question(self, subject: Subject) -> tuple[Rule, Match] | None:
        """Return the rule that wants something asked about."""
        return self._first(Outcome.ASK, subject)

    def grant(self, subject: Subject) -> Rule | None:
        """Return the rule that allows something."""
        found = self._first(Outcome.ALLOW, subject)
        return found[0] if found is not None and found[1] is Match.YES else None

    def grant_command(self, tool: str, line: ShellLine, root: Path | None) -> tuple[tuple[Rule, ...], str]:
        """Return the rules that allow every part of a line between them, or none and why not."""
        if line.problem:
            return (), line.problem
        used: list[Rule] = []
        for command in line.commands:
            why = f"no rule allows `{command}`"
            for rule in self._granting(tool):
                assert rule.command is not None
                why = rule.command.refusal(command, root)
                if not why:
                    used.append(rule)
                    break
            if why:
                return (), why
        return tuple(dict.fromkeys(used)), "" if used else "it holds no command"

    def has_commands(self, tool: str) -> bool:
        """Whether any rule looks at the commands of a tool."""
        return any(rule.command is not None and fnmatchcase(tool, rule.tool or "*") for rule in self.rules)

    def with_more(self, rules: Iterable[Rule]) -> Rules:
        """Return these rules and some behind them."""
        return Rules((*self.rules, *rules))

    def _granting(self, tool: str) -> Iterable[Rule]:
        for rule in self.rules:
            is_grant = rule.outcome is Outcome.ALLOW and rule.command is not None
            if is_grant and not (rule.path or rule.host) and fnmatchcase(tool, rule.tool or "*"):
                yield rule

    def _first(self, outcome: Outcome, subject: Subject) -> tuple[Rule, Match] | None:
        unsure: tuple[Rule, Match] | None = None
        for rule in self.rules:
            if rule.outcome is not outcome:
                continue
            match = rule.match(subject)
            if match is Match.YES:
                return rule, match
            if match is Match.MAYBE and unsure is None:
                unsure = rule, match
        return unsure


NO_RULES = Rules()


def quoted(text: str) -> str:
    """Return a text as YAML takes it in double quotes."""
    import json

    return json.dumps(text, ensure_ascii=False)
