"""The gate on effects, needs, rules and taint: what is asked, how far an answer reaches, and what is kept on record."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from trashclaw.agent.ports import Proposal
from trashclaw.config.policy import read_rules
from trashclaw.policy.gate import Abilities, PolicyGate
from trashclaw.policy.records import GateRecord, digest_of
from trashclaw.policy.rules import Rules
from trashclaw.protocol.approvals import Approval, ApprovalRequest, Needs, Outcome, Scope, Verdict
from trashclaw.protocol.ids import CallId, ItemId
from trashclaw.protocol.modes import Mode
from trashclaw.protocol.patches import ChangeKind, FileChange, Patch
from trashclaw.protocol.tools import ToolCall

CALL = ToolCall(call_id=CallId("c"), name="bash", arguments='{"command": "make"}')
CONFINED = Proposal("run", command="make", is_confined=True)
HOST = Proposal("run", command="make", needs=Needs(hosts=("api.example.com",)), is_confined=True)
BARE = Proposal("run", command="make", needs=Needs(is_unsandboxed=True))
ALLOW, ASK, DENY = Outcome.ALLOW, Outcome.ASK, Outcome.DENY


def outcome(*paths: str, warning: str = "", **fields: Any) -> Proposal:
    changes = tuple(FileChange(path=path, kind=ChangeKind.MODIFIED, hunks=(), warning=warning) for path in paths)
    return Proposal("made", patch=Patch(changes=changes), command="make", is_outcome=True, **fields)


class Bench:
    """A gate, the person before it, and what they said."""

    def __init__(self, mode: Mode = Mode.REVIEW, text: str = "", *, is_alone: bool = False, **options: Any) -> None:
        self.asked: list[ApprovalRequest] = []
        self.records: list[GateRecord] = []
        self.kept: list[tuple[str, ...]] = []
        self.mode = mode
        self.scope = Scope.ONCE
        self.verdict = Verdict.ACCEPTED
        self.taint = ""
        abilities = options.pop("abilities", Abilities())
        rules = Rules(tuple(read_rules(text, "policy.yaml")))
        self.gate = PolicyGate(
            lambda: self.mode,
            abilities,
            None if is_alone else self.ask,
            rules=rules,
            tainted_by=lambda: self.taint,
            record=self.records.append,
            keep_rules=self.kept.append,
            **options,
        )

    async def ask(self, request: ApprovalRequest) -> Approval:
        self.asked.append(request)
        return Approval(verdict=self.verdict, scope=self.scope)

    async def review(self, proposal: Proposal, call: ToolCall = CALL) -> Approval:
        return await self.gate.review(ItemId("i"), call, proposal)

    def decide(self, proposal: Proposal) -> Outcome:
        return self.gate.decide(proposal, CALL).outcome


@pytest.mark.parametrize("mode", list(Mode))
def test_a_confined_command_runs_unasked_in_every_mode(mode: Mode) -> None:
    assert Bench(mode).decide(CONFINED) is ALLOW
    assert Bench(mode, is_alone=True).decide(CONFINED) is DENY
    assert Bench(mode, is_alone=True, abilities=Abilities(can_run=True)).decide(CONFINED) is ALLOW


@pytest.mark.parametrize(
    ("mode", "plain", "warned"),
    [(Mode.PLAN, DENY, DENY), (Mode.REVIEW, ASK, ASK), (Mode.ACCEPT, ALLOW, ASK), (Mode.AUTO, ALLOW, ASK)],
)
def test_effects_of_commands_are_decided_as_the_ladder_says(mode: Mode, plain: Outcome, warned: Outcome) -> None:
    bench = Bench(mode)
    assert bench.decide(outcome("a.py")) is plain
    assert bench.decide(outcome("a.py", warning="it is a git hook")) is warned


async def test_plan_says_that_what_a_command_changed_was_discarded() -> None:
    approval = await Bench(Mode.PLAN, is_alone=True, abilities=Abilities(can_run=True)).review(outcome("a"))
    assert "discarded" in approval.note


async def test_in_batch_effects_land_only_with_leave_to_write() -> None:
    bench = Bench(Mode.REVIEW, is_alone=True, abilities=Abilities(can_write=False, can_run=True))
    approval = await bench.review(outcome("a"))
    assert (approval.verdict, approval.by) == (Verdict.REJECTED, "policy")
    assert "--allow-write" in approval.note
    assert bench.decide(Proposal("x", command="make", is_outcome=True, also=("cache/a",))) is DENY


async def test_what_needs_a_look_is_shown_with_its_warning_and_refused_where_nobody_looks() -> None:
    bench = Bench(Mode.AUTO)
    await bench.review(outcome(".git/hooks/x", warning="it is a git hook"))
    assert "git hook" in bench.asked[0].warning
    alone = Bench(Mode.AUTO, is_alone=True, abilities=Abilities(can_run=True))
    assert (await alone.review(outcome("x", warning="lost"))).verdict is Verdict.REJECTED


@pytest.mark.parametrize(
    ("text", "proposal", "expected"),
    [
        ("rules:\n- deny: {path: 'src/**'}", outcome("src/a.py", "b.py"), DENY),
        ("rules:\n- ask: {path: 'src/**'}", outcome("src/a.py"), ASK),
        ("rules:\n- ask: {path: 'src/**'}", outcome("b.py"), ALLOW),
        ("rules:\n- deny: {path: 'cache/**'}", outcome("b.py", also=("cache/x",)), DENY),
        ("rules:\n- deny: {command: make}", CONFINED, DENY),
        ("rules:\n- ask: {command: make}", CONFINED, ASK),
        ("rules:\n- ask: {command: make}", outcome("a.py"), ALLOW),
        ("rules:\n- deny: {tool: bash}", CONFINED, DENY),
        ("rules:\n- deny: {tool: edit}", CONFINED, ALLOW),
        ("rules:\n- deny: {tool: bash, path: 'src/**'}", outcome("src/a.py"), DENY),
        ("rules:\n- deny: {tool: edit, path: 'src/**'}", outcome("src/a.py"), ALLOW),
        ("rules:\n- allow: {host: '*.example.com'}", HOST, ALLOW),
        ("rules:\n- allow: {host: '*.example.com'}\n- ask: {host: api.example.com}", HOST, ASK),
        ("rules:\n- allow: {host: '*.example.com'}\n- deny: {host: api.example.com}", HOST, DENY),
        ("rules:\n- allow: {host: api.example.com, command: make}", HOST, ALLOW),
        ("rules:\n- allow: {host: api.example.com, command: pytest}", HOST, ASK),
        ("rules:\n- allow: {tool: bash}\n- allow: {command: make}", BARE, ASK),
    ],
)
def test_rules_decide_in_the_most_lenient_mode(text: str, proposal: Proposal, expected: Outcome) -> None:
    assert Bench(Mode.AUTO, text).decide(proposal) is expected


def test_a_rule_lets_edits_land_in_review_but_never_in_plan() -> None:
    text = "rules:\n- allow: {path: 'docs/**'}"
    assert Bench(Mode.REVIEW, text).decide(outcome("docs/a.md")) is ALLOW
    assert Bench(Mode.REVIEW, text).decide(outcome("docs/a.md", "b.md")) is ASK
    assert Bench(Mode.PLAN, text).decide(outcome("docs/a.md")) is DENY


def test_reading_is_refused_by_rules_that_name_the_tool() -> None:
    call = ToolCall(call_id=CallId("c"), name="read", arguments='{"file_path": "keys/a.pem"}')
    bench = Bench(Mode.REVIEW, "rules:\n- deny: {tool: read, path: 'keys/**'}\n- deny: {path: 'src/**'}")
    assert bench.gate.decide(Proposal("read"), call).outcome is DENY
    other = call.model_copy(update={"arguments": '{"path": "src/a.py"}'})
    assert bench.gate.decide(Proposal("read"), other).outcome is ALLOW


async def test_each_need_is_a_question_of_its_own_and_the_first_no_ends_it() -> None:
    needs = Needs(hosts=("a.example.com", "b.example.com"), paths=("/data/x",))
    proposal = Proposal("run", command="make", needs=needs, is_confined=True)
    bench = Bench(abilities=Abilities(hosts=("a.example.com",)))
    assert (await bench.review(proposal)).verdict is Verdict.ACCEPTED
    assert [request.needs for request in bench.asked] == [Needs(hosts=("b.example.com",)), Needs(paths=("/data/x",))]
    bench.verdict = Verdict.REJECTED
    assert (await bench.review(proposal)).verdict is Verdict.REJECTED
    assert len(bench.asked) == 3


async def test_an_answer_for_the_session_holds_as_the_rule_that_was_shown() -> None:
    bench = Bench(Mode.AUTO)
    bench.scope = Scope.SESSION
    await bench.review(HOST)
    assert bench.asked[0].new_rule == 'allow: {host: "api.example.com"}'
    assert bench.decide(HOST) is ALLOW
    other = Proposal("run", command="other", needs=Needs(hosts=("api.example.com",)), is_confined=True)
    assert bench.decide(other) is ALLOW
    assert bench.gate.session_rules() == ('allow: {host: "api.example.com"}',)
    assert bench.kept == []


async def test_an_answer_for_the_project_writes_the_rule_that_was_shown() -> None:
    bench = Bench()
    bench.scope = Scope.PROJECT
    await bench.review(HOST)
    assert Scope.PROJECT in bench.asked[0].scopes
    assert bench.kept == [('allow: {host: "api.example.com"}',)]
    await bench.review(BARE)
    assert Scope.PROJECT not in bench.asked[1].scopes
    assert len(bench.kept) == 1
    assert bench.decide(BARE) is ASK


async def test_no_rule_is_offered_against_a_rule_that_asks() -> None:
    bench = Bench(text="rules:\n- ask: {host: api.example.com}")
    await bench.review(HOST)
    assert Scope.PROJECT not in bench.asked[0].scopes


async def test_running_without_a_sandbox_is_asked_about_for_this_very_command_only() -> None:
    bench = Bench(Mode.AUTO)
    bench.scope = Scope.SESSION
    await bench.review(BARE)
    assert bench.decide(BARE) is ALLOW
    for other in (
        Proposal("run", command="make all", needs=Needs(is_unsandboxed=True)),
        Proposal("run", command="make", needs=Needs(is_unsandboxed=True, hosts=("example.com",))),
    ):
        assert bench.decide(other) is ASK
    assert bench.decide(Proposal("run", command="make")) is ASK
    bench.mode = Mode.PLAN
    assert bench.decide(BARE) is DENY


async def test_changed_arguments_are_a_new_question() -> None:
    bench = Bench()
    await bench.review(HOST)
    await bench.review(HOST)
    await bench.review(HOST, CALL.model_copy(update={"arguments": "{}"}))
    first, again, changed = (request.arguments_sha256 for request in bench.asked)
    assert len(bench.asked) == 3
    assert first == again != changed
    parts = [CONFINED, HOST, BARE, outcome("a"), outcome("b"), outcome("a", also=("x",))]
    assert len({digest_of(CALL, part) for part in parts}) == len(parts)


async def test_while_foreign_text_is_in_the_window_what_leaves_the_machine_is_asked_about_all_the_same() -> None:
    bench = Bench(
        Mode.AUTO, "rules:\n- allow: {host: api.example.com}", abilities=Abilities(hosts=("api.example.com",))
    )
    bench.scope = Scope.SESSION
    await bench.review(BARE)
    bench.asked.clear()
    bench.taint = "text from example.com is in the window"
    await bench.review(HOST)
    await bench.review(BARE)
    assert len(bench.asked) == 2
    assert all("example.com is in the window" in request.warning for request in bench.asked)
    assert all(request.scopes == (Scope.ONCE,) for request in bench.asked)
    assert bench.decide(outcome("a.py")) is ALLOW
    bench.taint = ""
    assert bench.decide(HOST) is ALLOW


def test_the_list_of_hosts_of_mode_auto_counts_there_only() -> None:
    abilities = Abilities(auto_hosts=("*.example.com",))
    assert Bench(Mode.AUTO, abilities=abilities).decide(HOST) is ALLOW
    assert Bench(Mode.ACCEPT, abilities=abilities).decide(HOST) is ASK


async def test_a_refusal_names_the_option_that_would_have_allowed_it() -> None:
    bench = Bench(is_alone=True, abilities=Abilities(can_run=True))
    assert "--allow-net api.example.com" in (await bench.review(HOST)).note


async def test_every_decision_is_kept_on_record() -> None:
    bench = Bench(text="rules:\n- deny: {command: 'rm *'}\n  reason: not here")
    await bench.review(CONFINED)
    await bench.review(HOST)
    await bench.review(Proposal("rm", command="rm x", is_confined=True))
    told = [(record.decision, record.verdict, record.by) for record in bench.records]
    assert told == [("allow", "accepted", "policy"), ("ask", "accepted", "user"), ("deny", "rejected", "policy")]
    assert bench.records[1].hosts == ("api.example.com",)
    assert bench.records[1].arguments_sha256 == bench.asked[0].arguments_sha256
    assert "not here" in bench.records[2].rule


async def test_an_unconfined_command_is_asked_about_with_its_risks_unless_every_part_is_allowed(tmp_path: Path) -> None:
    bench = Bench(Mode.AUTO, "rules:\n- allow: {command: 'ls *'}", root=tmp_path)
    await bench.review(Proposal("run", command="ls && rm -rf x > y"))
    assert "deletes: rm" in bench.asked[0].warning
    assert "writes to: y" in bench.asked[0].warning
    assert bench.decide(Proposal("run", command="ls -la")) is ALLOW
    bench.mode = Mode.PLAN
    assert bench.decide(Proposal("run", command="ls -la")) is DENY


@pytest.mark.parametrize("host", ["localhost:11434", "127.0.0.1:*", "169.254.169.254", "10.0.0.7", "[::1]:80"])
def test_a_rule_for_every_host_grants_no_host_of_this_machine_or_its_networks(host: str) -> None:
    inner = Proposal("run", command="make", needs=Needs(hosts=(host,)), is_confined=True)
    for bench in (Bench(text='rules: [{allow: {host: "*:*"}}]'), Bench(abilities=Abilities(hosts=("*:*",)))):
        assert bench.gate.decide(inner, CALL).outcome is ASK
        assert bench.gate.decide(HOST, CALL).outcome is ALLOW
    denying = Bench(text='rules: [{allow: {host: "*:*"}}, {deny: {host: "*:*"}}]')
    assert denying.gate.decide(inner, CALL).outcome is DENY


def test_a_denied_loopback_is_denied_under_each_of_its_names() -> None:
    bench = Bench(text='rules: [{deny: {host: "localhost:*"}}]')
    for host in ("127.0.0.1", "127.9.9.9:80", "[::1]"):
        inner = Proposal("run", command="make", needs=Needs(hosts=(host,)), is_confined=True)
        assert bench.gate.decide(inner, CALL).outcome is DENY
