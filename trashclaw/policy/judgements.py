"""What is said about each part of a proposal, and what was granted for the session."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from trashclaw.agent.ports import Proposal
from trashclaw.policy.rules import NO_RULES, Rule, Rules
from trashclaw.protocol.approvals import NOTHING, Decision, Needs, Outcome, Scope

_STRICTNESS = {Outcome.ALLOW: 0, Outcome.ASK: 1, Outcome.DENY: 2}


@dataclass(frozen=True, slots=True)
class Abilities:
    """What was switched on by name."""

    can_write: bool = True
    can_run: bool = False
    """Where nobody can be asked, commands run all the same: in the sandbox, or where a rule allows them without one."""

    hosts: tuple[str, ...] = ()
    """Hosts that commands may reach without a question: `--allow-net`."""

    auto_hosts: tuple[str, ...] = ()
    """The same in mode `auto` only."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """Allow, ask or deny one part of a proposal: the thing itself, its hosts, its outside paths, or no sandbox."""

    outcome: Outcome
    rule: str
    hint: str = ""
    """The option, or the key, that would have allowed it."""

    needs: Needs = NOTHING
    """The needs that this part is about."""

    warning: str = ""
    scopes: tuple[Scope, ...] = (Scope.ONCE,)
    new_rules: tuple[Rule, ...] = ()
    """What an answer for more than once writes; empty: it holds for this very command."""

    @property
    def decision(self) -> Decision:
        """The same in the words of the protocol."""
        return Decision(outcome=self.outcome, rule=self.rule, hint=self.hint)


def strictest(parts: Sequence[Judgement]) -> Judgement:
    """Return the part that decides about the whole, the first of several."""
    return max(parts, key=lambda part: _STRICTNESS[part.outcome])


@dataclass(slots=True)
class Grants:
    """What a person allowed for the rest of the session."""

    commands: dict[tuple[str, str, str, bool], str] = field(default_factory=dict)
    """The exact commands, each with what it may do, as it is told."""

    rules: Rules = NO_RULES

    def add(self, tool: str, proposal: Proposal, part: Judgement) -> None:
        """Note an answer for the session."""
        if part.new_rules:
            new = [rule for rule in part.new_rules if rule not in self.rules.rules]
            self.rules = self.rules.with_more(new)
        elif proposal.command is not None:
            told = " without a sandbox" if part.needs.is_unsandboxed else ""
            self.commands[_key(tool, proposal, part.needs)] = f"`{proposal.command}`{told}"

    def has(self, tool: str, proposal: Proposal, needs: Needs = NOTHING) -> bool:
        """Tell whether this very command, with these very needs, was allowed."""
        return _key(tool, proposal, needs) in self.commands

    def told(self) -> tuple[str, ...]:
        """Return a line for each."""
        return (*(f"allow: {command}" for command in self.commands.values()), *map(str, self.rules.rules))


def _key(tool: str, proposal: Proposal, needs: Needs) -> tuple[str, str, str, bool]:
    return tool, proposal.command or "", f"{proposal.needs!r} {needs!r}", proposal.is_confined
