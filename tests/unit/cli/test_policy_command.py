"""`trashclaw policy`: what holds, what would be said, tests of the rules, and what was decided."""

from __future__ import annotations

from pathlib import Path

import pytest

from trashclaw.cli import main
from trashclaw.config.paths import state_folder, workspace_state
from trashclaw.config.project_files import RULES_PATH, read_project
from trashclaw.config.trust import TrustStore
from trashclaw.session.build import LOG_NAME
from trashclaw.store.audit import Audit, AuditRow

RULES = """rules:
  - deny: {tool: bash, command: "git push *"}
    reason: pushes are done by hand
  - ask: {path: "migrations/**"}
  - allow: {host: "api.example.com"}
  - allow: {command: "ls *"}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / ".trashclaw").mkdir()
    (tmp_path / RULES_PATH).write_text(RULES, encoding="utf-8")
    TrustStore(state_folder()).trust(read_project(tmp_path))
    return tmp_path


def test_show_prints_the_rules_with_their_places(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["-C", str(folder), "policy", "show"]) == 0
    told = capsys.readouterr().out
    assert "mode: review" in told
    assert f'deny: {{tool: "bash", command: "git push *"}} (pushes are done by hand), {RULES_PATH}, line 2' in told
    assert told.index("deny: {") < told.index("ask: {") < told.index("allow: {host")


def test_rules_of_an_untrusted_folder_are_not_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / ".trashclaw").mkdir()
    (tmp_path / RULES_PATH).write_text(RULES, encoding="utf-8")
    assert main(["-C", str(tmp_path), "policy"]) == 0
    told = capsys.readouterr().out
    assert "not trusted" in told
    assert "mode: plan" in told
    assert "rules: none" in told


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["git push"], 1, "deny: deny: {tool: "),
        (["sudo git -C x push -f"], 1, "pushes are done by hand"),
        (["git $X"], 4, "ask: it cannot be ruled out"),
        (["ls"], 0, "allow: it runs in the sandbox"),
        (["rm -rf x", "--sandbox", "ask-first"], 4, "deletes: rm"),
        (["ls -la", "--sandbox", "ask-first"], 0, 'allow: allow: {command: "ls *"}'),
        (["--path", "migrations/1.sql", "--mode", "auto"], 4, 'ask: migrations/1.sql: ask: {path: "migrations/**"}'),
        (["--path", "a.py", "--mode", "accept"], 0, "allow: mode accept: edits land"),
        (["make", "--path", "a.py", "--mode", "plan"], 1, "discarded"),
        (["curl x", "--host", "api.example.com"], 0, 'allow: allow: {host: "api.example.com"}'),
        (["curl x", "--host", "example.com"], 4, "ask: the network"),
        (["curl x", "--host", "example.com", "--allow-net", "example.com"], 0, "--allow-net example.com"),
        (["--path", "/srv/data"], 4, "ask: paths outside"),
        (["--tool", "read"], 0, "allow: it changes nothing"),
    ],
)
def test_check_prints_the_decision_and_the_rule(
    words: list[str], code: int, told: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["-C", str(folder), "policy", "check", *words]) == code
    assert told in capsys.readouterr().out


CASES = """cases:
  - {command: git push origin, expect: deny, rule: by hand}
  - {command: git pull, expect: allow}
  - path: migrations/1.sql
    mode: auto
    expect: ask
  - {command: ls -la, sandbox: false, expect: allow}
"""


def test_cases_that_hold_are_counted(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "cases.yaml").write_text(CASES, encoding="utf-8")
    assert main(["-C", str(folder), "policy", "test", str(folder / "cases.yaml")]) == 0
    assert "4 of 4 cases" in capsys.readouterr().out


def test_a_case_that_fails_is_told_with_its_line(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = CASES.replace("git pull, expect: allow", "git pull, expect: ask").replace("by hand", "nobody")
    (folder / "cases.yaml").write_text(wrong, encoding="utf-8")
    assert main(["-C", str(folder), "policy", "test", str(folder / "cases.yaml")]) == 1
    told = capsys.readouterr().out
    assert "cases.yaml, line 2: `git push origin`: expected a rule with 'nobody'" in told
    assert "cases.yaml, line 3: `git pull`: expected ask, got allow: it runs in the sandbox" in told
    assert "2 of 4 cases" in told


def test_cases_may_bring_their_own_rules(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "mine.yaml").write_text("rules:\n- deny: {command: make}\n", encoding="utf-8")
    text = "rules: mine.yaml\ncases:\n- {command: make, expect: deny}\n- {command: git push, expect: allow}\n"
    (folder / "cases.yaml").write_text(text, encoding="utf-8")
    assert main(["-C", str(folder), "policy", "test", str(folder / "cases.yaml")]) == 0


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("cases:\n- {comand: x, expect: deny}", "line 2: there is no key comand. Did you mean command?"),
        ("cases:\n- {command: x}", "line 2: expect is missing"),
        ("cases:\n- {expect: deny}", "line 2: a case needs"),
        ("cases:\n- {command: x, expect: no way}", "expect: no way is none of allow, ask, deny"),
        ("case: []", "there is no key case. Did you mean cases?"),
    ],
)
def test_a_mistake_in_the_cases_names_its_place(
    text: str, told: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "cases.yaml").write_text(text, encoding="utf-8")
    assert main(["-C", str(folder), "policy", "test", str(folder / "cases.yaml")]) == 2
    assert told in capsys.readouterr().err


@pytest.mark.parametrize("words", [["policy", "bogus"], ["policy", "check"], ["policy", "test"], ["--tool", "x"]])
def test_what_makes_no_sense_is_a_usage_error(words: list[str], folder: Path) -> None:
    assert main(["-C", str(folder), *words]) == 2


def test_a_check_of_nothing_says_what_can_be_checked(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["-C", str(folder), "policy", "check"]) == 2
    assert "What is to be checked? Write a command" in capsys.readouterr().err


def test_a_broken_rule_stops_everything_with_its_place(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / RULES_PATH).write_text("rules:\n- dney: {tool: a}\n", encoding="utf-8")
    TrustStore(state_folder()).trust(read_project(folder))
    assert main(["-C", str(folder), "policy", "check", "ls"]) == 2
    assert f"{RULES_PATH}, line 2: there is no key dney. Did you mean deny?" in capsys.readouterr().err


def test_the_audit_is_printed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["-C", str(folder), "policy", "audit"]) == 0
    assert "Nothing was decided" in capsys.readouterr().err
    audit = Audit(workspace_state(folder) / LOG_NAME)
    audit.append(
        AuditRow(1.0, "session", None, "bash", "$ \x1b[2J", "ask", "rule", "accepted", "session", "user", "ab")
    )
    audit.close()
    assert main(["-C", str(folder), "policy", "audit"]) == 0
    told = capsys.readouterr().out
    assert "ask   accepted by user (session)" in told
    assert "\x1b" not in told
