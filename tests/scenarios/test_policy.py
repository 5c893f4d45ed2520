"""Rules, answers for longer and the audit in whole sessions, with a real log and a real trusted folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from trashclaw.agent.history import History
from trashclaw.agent.ports import Proposal
from trashclaw.config.paths import state_folder
from trashclaw.config.project_files import RULES_PATH, read_project
from trashclaw.config.trust import TrustStore
from trashclaw.policy.gate import Abilities
from trashclaw.policy.secrets import Secrets
from trashclaw.protocol.approvals import Approval, ApprovalRequest, Needs, Outcome, Scope, Verdict
from trashclaw.protocol.errors import ConfigError
from trashclaw.protocol.ids import CallId, ItemId, SessionId, TurnId
from trashclaw.protocol.modes import Mode
from trashclaw.protocol.tools import ToolCall
from trashclaw.session.clock import SystemClock
from trashclaw.session.journal import Journal, within
from trashclaw.session.policing import make_gate
from trashclaw.store.log import Log

CALL = ToolCall(call_id=CallId("c"), name="bash")
HOST = Proposal("run", command="make", needs=Needs(hosts=("api.example.com",)), is_confined=True)


def for_the_project(request: ApprovalRequest) -> Approval:
    return Approval(verdict=Verdict.ACCEPTED, scope=Scope.PROJECT)


@pytest.mark.made_up_log
async def test_an_answer_for_the_project_is_a_rule_of_the_next_session_and_stands_in_the_audit(tmp_path: Path) -> None:
    root = tmp_path / "project"
    root.mkdir()
    trust = TrustStore(state_folder())
    trust.trust(read_project(root))
    log = Log(tmp_path / "log.sqlite3")
    clock = SystemClock()
    journal = Journal(SessionId("s"), log, History("x"), clock, Secrets())

    async def ask(request: ApprovalRequest) -> Approval:
        return for_the_project(request)

    gate = make_gate(root, read_project(root), lambda: Mode.REVIEW, Abilities(), ask, journal, log, clock)
    with within(turn_id=TurnId("turn")):
        await gate.review(ItemId("i"), CALL, HOST)
    assert trust.is_trusted(root)
    assert 'allow: {host: "api.example.com"}' in (root / RULES_PATH).read_text(encoding="utf-8")
    later = make_gate(root, read_project(root), lambda: Mode.REVIEW, Abilities(), ask, journal, log, clock)
    assert later.decide(HOST, CALL).outcome is Outcome.ALLOW
    (row,) = log.audit().read()
    assert (row.session_id, row.turn_id, row.decision, row.verdict, row.scope) == (
        "s",
        "turn",
        "ask",
        "accepted",
        "project",
    )
    log.close()


@pytest.mark.made_up_log
async def test_a_rule_that_cannot_be_written_is_told_and_holds_for_the_session(tmp_path: Path) -> None:
    root = tmp_path / "project"
    root.mkdir()
    journal = Journal(SessionId("s"), None, History("x"), SystemClock())
    seen = journal.bus.subscribe()

    async def ask(request: ApprovalRequest) -> Approval:
        return for_the_project(request)

    gate = make_gate(root, read_project(root), lambda: Mode.AUTO, Abilities(), ask, journal, None, SystemClock())
    assert (await gate.review(ItemId("i"), CALL, HOST)).verdict is Verdict.ACCEPTED
    (told,) = [envelope.event for envelope in seen.take_waiting()]
    assert "for this session only" in getattr(told, "text", "")
    assert gate.decide(HOST, CALL).outcome is Outcome.ALLOW
    assert not (root / RULES_PATH).exists()


def test_no_session_begins_with_a_rule_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / ".trashclaw").mkdir()
    (tmp_path / RULES_PATH).write_text("rules:\n- dney: {tool: a}\n", encoding="utf-8")
    journal = Journal(SessionId("s"), None, History("x"), SystemClock())
    with pytest.raises(ConfigError, match="dney"):
        make_gate(tmp_path, read_project(tmp_path), lambda: Mode.AUTO, Abilities(), None, journal, None, SystemClock())
