"""What the tests of the tools share: a workspace with files, its tools, and a narrator that keeps what it was told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.support.shells import make_shell
from trashclaw.agent.ports import Outcome, Proposal, Reviewed, Tool
from trashclaw.protocol.approvals import Approval, Verdict
from trashclaw.protocol.ids import ItemId
from trashclaw.protocol.plan import Plan
from trashclaw.tools.registry import make_tools
from trashclaw.workspace.git import Git
from trashclaw.workspace.root import Workspace

RUN = ItemId("item-1")


@dataclass
class KeepingNarrator:
    """Keeps what a tool says, and gives one answer to every question."""

    answer: str = "yes"
    item_id: ItemId = RUN
    outputs: list[str] = field(default_factory=list)
    plans: list[Plan] = field(default_factory=list)
    reviewed: list[Proposal] = field(default_factory=list)
    questions: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)

    async def review(self, proposal: Proposal) -> Reviewed:
        self.reviewed.append(proposal)
        return Reviewed(Approval(verdict=Verdict.ACCEPTED), proposal.patch)

    def output(self, text: str) -> None:
        self.outputs.append(text)

    def plan(self, plan: Plan) -> None:
        self.plans.append(plan)

    async def ask(self, question: str, options: tuple[str, ...]) -> str:
        self.questions.append((question, options))
        return self.answer


@dataclass
class Bench:
    """The tools of a repository, ready to be called by name."""

    root: Path
    tools: Mapping[str, Tool]
    narrator: KeepingNarrator

    async def prepare(self, name: str, **arguments: Any) -> Proposal:
        return await self.tools[name].prepare(arguments)

    async def call(self, name: str, **arguments: Any) -> Outcome:
        """Prepare and execute with everything accepted."""
        proposal = await self.prepare(name, **arguments)
        return await self.tools[name].execute(proposal, proposal.patch, self.narrator)


@pytest.fixture
def bench(repository: Path) -> Bench:
    workspace = Workspace(repository)
    tools = {tool.spec.name: tool for tool in make_tools(workspace, Git(workspace), make_shell(repository))}
    return Bench(repository, tools, KeepingNarrator())
