"""A whole agent over a scripted model, with tools that say what they do, in memory but for the log."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support.recording import RecordingProvider
from trashclaw.agent.agent import Agent
from trashclaw.agent.compaction import Marks
from trashclaw.agent.dispatch import Dispatcher
from trashclaw.agent.failures import Failures
from trashclaw.agent.healing.toolbox import Toolbox
from trashclaw.agent.history import History
from trashclaw.agent.inbox import Inbox
from trashclaw.agent.ladder import LadderLimits
from trashclaw.agent.ledger import Ledger
from trashclaw.agent.limits import Limits
from trashclaw.agent.loop import run_turn
from trashclaw.agent.messages import ModelProfile
from trashclaw.agent.ports import Narrator, Outcome, Proposal
from trashclaw.agent.tokens import TokenMeter
from trashclaw.agent.window import ContextWindow
from trashclaw.policy.gate import Abilities, PolicyGate
from trashclaw.protocol.envelope import Envelope
from trashclaw.protocol.errors import ToolError
from trashclaw.protocol.events import Event, ItemCompleted, TurnCompleted
from trashclaw.protocol.ids import ItemId, OpId, SessionId, TurnId, new_id
from trashclaw.protocol.items import Item, Mending, ToolRun, UserMessage
from trashclaw.protocol.modes import Mode
from trashclaw.protocol.patches import Patch
from trashclaw.protocol.tools import ToolKind, ToolSpec
from trashclaw.providers.script import Script, ScriptedStep
from trashclaw.session.approvals import Approvals
from trashclaw.session.clock import SystemClock
from trashclaw.session.journal import Journal, within
from trashclaw.session.manners import SessionManners
from trashclaw.store.log import Log

_PATIENT = LadderLimits(repeats=1000, idle_steps=1000)
"""Saying the same again and again is what most tests of the loop do."""


class EchoTool:
    """Answers with its argument; with `command`, it proposes a command and so has to pass the gate."""

    def __init__(self, name: str = "echo", *, has_effects: bool = False, kind: ToolKind | None = None) -> None:
        self._spec = ToolSpec(
            name=name,
            description="Say it again.",
            parameters={"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]},
            kind=kind or (ToolKind.EXECUTE if has_effects else ToolKind.READ),
        )
        self._has_effects = has_effects
        self.heard: list[str] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.began = asyncio.Event()

    @property
    def spec(self) -> ToolSpec:
        return self._spec

    @property
    def aliases(self) -> tuple[str, ...]:
        return ("parrot",) if self._spec.name == "echo" else ()

    def mend(self, arguments: Mapping[str, Any]) -> tuple[Mapping[str, Any], tuple[Mending, ...]]:
        return arguments, ()

    def validate(self, arguments: Mapping[str, Any]) -> None:
        if not isinstance(arguments.get("text"), str):
            raise ToolError(f"{self._spec.name}: text is missing or no string.", self.lesson)

    @property
    def lesson(self) -> str:
        return 'Expected {text: string}, for example {"text": "hi"}.'

    async def prepare(self, arguments: Mapping[str, Any]) -> Proposal:
        text = str(arguments["text"])
        return Proposal(title=f"echo {text}", command=text if self._has_effects else None, payload=text)

    async def execute(self, proposal: Proposal, accepted: Patch | None, narrator: Narrator) -> Outcome:
        self.began.set()
        narrator.output(f"{proposal.payload}\n")
        await self.gate.wait()
        self.heard.append(proposal.payload)
        return Outcome(f"heard {proposal.payload}")


@dataclass
class Bench:
    """An agent on a workbench, with everything that it emitted."""

    agent: Agent
    journal: Journal
    approvals: Approvals
    echo: EchoTool
    shell: EchoTool
    provider: RecordingProvider
    envelopes: list[Envelope] = field(default_factory=list)
    mode: list[Mode] = field(default_factory=lambda: [Mode.REVIEW])

    async def turn(self, text: str = "go", attached: str = "") -> TurnCompleted:
        """Run one turn."""
        prompt = UserMessage(item_id=ItemId(new_id("item")), text=text, attached=attached)
        with within(cause=OpId(new_id("op")), turn_id=TurnId(new_id("turn"))):
            return await run_turn(self.agent, prompt)

    @property
    def events(self) -> list[Event]:
        """Everything emitted so far."""
        self.envelopes += self._subscription.take_waiting()
        return [envelope.event for envelope in self.envelopes]

    @property
    def items(self) -> list[Item]:
        """The completed items."""
        return [event.item for event in self.events if isinstance(event, ItemCompleted)]

    @property
    def runs(self) -> list[ToolRun]:
        """The completed tool runs."""
        return [item for item in self.items if isinstance(item, ToolRun)]

    def __post_init__(self) -> None:
        self._subscription = self.journal.bus.subscribe()


def make_bench(
    steps: Sequence[Mapping[str, Any]],
    *,
    folder: Path | None = None,
    limit_tokens: int = 32768,
    gates: Mapping[str, asyncio.Event] | None = None,
    marks: Marks | None = None,
    traits: Mapping[str, Any] | None = None,
    **fields: Any,
) -> Bench:
    """Return an agent whose model plays `steps`; its log is kept in `folder`, if there is one.

    `traits` are further fields of the script, such as `can_continue`; `fields` are those of the agent.
    """
    played = tuple(ScriptedStep.model_validate(step) for step in steps)
    script = Script(limit_tokens=limit_tokens, steps=played, **(traits or {}))
    log = Log(folder / "log.sqlite3") if folder else None
    journal = Journal(SessionId("test"), log, History("You are a test."), SystemClock())
    approvals = Approvals(journal.emit)
    mode = [Mode.REVIEW]
    gate = PolicyGate(lambda: mode[0], Abilities(), approvals.ask)
    echo, shell = EchoTool(), EchoTool("shell", has_effects=True)
    provider = RecordingProvider(script, gates)
    window = ContextWindow(limit_tokens, TokenMeter(), journal.emit, marks)
    agent = _agent(provider, script, journal, gate, approvals, (echo, shell), window, **fields)
    return Bench(agent, journal, approvals, echo, shell, provider, mode=mode)


def _agent(
    provider: RecordingProvider,
    script: Script,
    journal: Journal,
    gate: PolicyGate,
    approvals: Approvals,
    tools: tuple[EchoTool, EchoTool],
    window: ContextWindow,
    **fields: Any,
) -> Agent:
    async def nothing(paths: Collection[str]) -> None:
        return None

    clock, failures, manners = SystemClock(), Failures(), SessionManners(tools, ())
    made: dict[str, Any] = {
        "manner": manners.manner(_profile(script)),
        "dispatcher": Dispatcher(gate, journal.emit, clock, approvals.ask_question, nothing, failures=failures),
        "failures": failures,
        "ladder_limits": _PATIENT,
        "limits": Limits(),
    }
    return Agent(
        provider=provider,
        manners=manners,
        toolbox=Toolbox(tools),
        history=journal.history,
        window=window,
        ledger=Ledger(),
        inbox=Inbox(journal.emit),
        emit=journal.emit,
        clock=clock,
        plan=lambda: journal.transcript.plan,
        **{**made, **fields},
    )


def _profile(script: Script) -> ModelProfile:
    return ModelProfile(
        "scripted",
        script.model,
        script.limit_tokens,
        has_tools=script.has_tools,
        has_thinking=bool(script.has_thinking),
        can_constrain=script.can_constrain,
        can_continue=script.can_continue,
    )
