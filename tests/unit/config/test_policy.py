"""`policy.yaml`: read whole or not at all, and added to without touching the rest."""

from __future__ import annotations

from pathlib import Path

import pytest

from trashclaw.config.new_rules import append_rules
from trashclaw.config.paths import config_folder, state_folder
from trashclaw.config.policy import load_rules, read_rules
from trashclaw.config.project_files import RULES_PATH, read_project
from trashclaw.config.trust import TrustStore
from trashclaw.protocol.errors import ConfigError

NEW = 'allow: {host: "new.example.com"}'


def test_the_persons_rules_come_before_those_of_the_project(tmp_path: Path) -> None:
    own = config_folder() / "policy.yaml"
    own.parent.mkdir(parents=True)
    own.write_text("rules:\n- deny: {command: 'git push *'}\n  reason: by hand\n", encoding="utf-8")
    (tmp_path / ".trashclaw").mkdir()
    (tmp_path / RULES_PATH).write_text("rules:\n- ask: {path: 'a/**'}\n", encoding="utf-8")
    rules = load_rules(read_project(tmp_path)).rules
    assert [rule.outcome.value for rule in rules] == ["deny", "ask"]
    assert rules[0].told == f'deny: {{command: "git push *"}} (by hand), {own}, line 2'
    assert rules[1].place == f"{RULES_PATH}, line 2"
    assert len(load_rules(None).rules) == 1


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("rule:\n- deny: {tool: bash}", "line 1: there is no key rule. Did you mean rules?"),
        ("rules:\n- dney: {tool: bash}", "line 2: there is no key dney. Did you mean deny?"),
        ("rules:\n- deny: {comand: ls}", "line 2: there is no key comand. Did you mean command?"),
        ("rules:\n- deny: {tool: a}\n  allow: {tool: b}", "exactly one of deny, ask and allow; it has deny and allow"),
        ("rules:\n- reason: x", "it says none of deny, ask, allow"),
        ("rules:\n- deny: {tool: a}\n- deny: bash", "line 3: deny: say what it is about"),
        ("rules:\n- deny:", "line 2: deny: say what it is about"),
        ("rules:\n- deny: {command: 'a | b'}", "line 2: command: a | b is not usable"),
        ("rules:\n- deny: {command: [a, b]}", "is no text"),
        ("rules:\n- deny: {host: 'a b'}", "line 2: host: a b is not usable"),
        ("rules:\n- deny: {path: '***************'}", "line 2: path:"),
        ("rules:\n- allow: {tool: '*'}", "this would allow everything"),
        ("rules: {deny: x}", "line 1: rules: a list is needed"),
        ("rules:\n- just words", "is no rule"),
        ("rules:\n- deny: {tool: bash}\n  reason: 3", "line 3: reason: 3 is no text"),
        ("rules:\n  - deny: {tool: bash", "broken YAML"),
    ],
)
def test_a_mistake_names_its_place_and_what_may_be_meant(text: str, told: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read_rules(text, "policy.yaml")
    assert "policy.yaml" in caught.value.text
    assert told in caught.value.text


def test_all_mistakes_are_told_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        read_rules("rules:\n- dney: {tool: a}\n- deny: {pth: b}\n", "policy.yaml")
    assert all(word in caught.value.text for word in ("dney", "pth"))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (None, f"# Rules of this project; `trashclaw policy show` prints those that hold.\nrules:\n  - {NEW}\n"),
        ("", f"rules:\n  - {NEW}\n"),
        ("# only a remark\n", f"# only a remark\nrules:\n  - {NEW}\n"),
        ("rules:\n", f"rules:\n  - {NEW}\n"),
        ("rules:\n- ask: {tool: a}", f"rules:\n- ask: {{tool: a}}\n- {NEW}\n"),
        (
            "# top\nrules:   # here\n    - ask: {tool: a}   # a\n      reason: x  # why\n\n# end\n",
            f"# top\nrules:   # here\n    - ask: {{tool: a}}   # a\n      reason: x  # why\n    - {NEW}\n\n# end\n",
        ),
        ("rules:\r\n- ask:\r\n    tool: a\r\n", f"rules:\r\n- ask:\r\n    tool: a\r\n- {NEW}\r\n"),
        (
            "rules:\n- ask: {tool: a}\n  reason: |\n    long\n    words\n# end\n",
            f"rules:\n- ask: {{tool: a}}\n  reason: |\n    long\n    words\n- {NEW}\n# end\n",
        ),
        (f"rules:\n- {NEW}\n", f"rules:\n- {NEW}\n"),
    ],
)
def test_a_rule_is_added_and_every_other_byte_stays(before: str | None, after: str, tmp_path: Path) -> None:
    file = tmp_path / RULES_PATH
    if before is not None:
        file.parent.mkdir()
        file.write_bytes(before.encode())
    trust = TrustStore(state_folder())
    trust.trust(read_project(tmp_path))
    append_rules(tmp_path, trust, [NEW])
    assert file.read_bytes() == after.encode()
    assert trust.is_trusted(tmp_path)
    assert [path.name for path in file.parent.iterdir()] == ["policy.yaml"]


@pytest.mark.parametrize("text", ["rules: [{ask: {tool: a}}]\n", "{rules: []}\n", "rules: []\n"])
def test_where_a_rule_has_no_place_the_file_stays_and_the_rule_is_told(text: str, tmp_path: Path) -> None:
    file = tmp_path / RULES_PATH
    file.parent.mkdir()
    file.write_text(text, encoding="utf-8")
    trust = TrustStore(state_folder())
    trust.trust(read_project(tmp_path))
    with pytest.raises(ConfigError) as caught:
        append_rules(tmp_path, trust, [NEW])
    assert NEW in caught.value.hint
    assert file.read_text(encoding="utf-8") == text


def test_a_folder_that_is_not_trusted_as_it_is_gets_no_rule(tmp_path: Path) -> None:
    trust = TrustStore(state_folder())
    with pytest.raises(ConfigError):
        append_rules(tmp_path, trust, [NEW])
    trust.trust(read_project(tmp_path))
    (tmp_path / ".trashclaw").mkdir()
    (tmp_path / RULES_PATH).write_text("rules:\n- allow: {host: evil.example.com}\n", encoding="utf-8")
    with pytest.raises(ConfigError):
        append_rules(tmp_path, trust, [NEW])
    assert "new.example.com" not in (tmp_path / RULES_PATH).read_text(encoding="utf-8")
