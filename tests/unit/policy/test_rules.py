"""Rules: which of them speaks, about what, and how sure that is."""

from __future__ import annotations

from pathlib import Path

import pytest

from trashclaw.policy.command_rules import CommandPattern
from trashclaw.policy.host_patterns import HostPattern
from trashclaw.policy.path_patterns import PathPattern, Place
from trashclaw.policy.rules import Match, Rule, Rules, Subject
from trashclaw.policy.shell_lines import read_line
from trashclaw.protocol.approvals import Outcome

YES, MAYBE, NO = Match.YES, Match.MAYBE, Match.NO


@pytest.mark.parametrize(
    ("pattern", "line", "match"),
    [
        ("git push *", "git push", YES),
        ("git push *", "git push origin main", YES),
        ("git push", "git push origin", YES),
        ("git push *", "/usr/bin/git push", YES),
        ("git push *", "GIT push", YES),
        ("git push *", "git -C x -c a=b --no-pager push", YES),
        ("git push *", "ls && sudo git push", YES),
        ("git push *", "git pull", NO),
        ("git push *", "git commit -m push", NO),
        ("git push *", "echo git push", NO),
        ("git push *", "git $X", MAYBE),
        ("git push *", "$X push", MAYBE),
        ("git push *", "eval $X", MAYBE),
        ("git push *", "git pu*", MAYBE),
        ("git push *", "echo $X", NO),
        ("git push *", "git 'unclosed", MAYBE),
        ("git push --force *", "git push origin --force-with-lease", NO),
        ("git push --force *", "git push origin --force", YES),
        ("rm -rf *", "rm -r -f x", YES),
        ("rm -rf *", "rm -fvr x", YES),
        ("rm -rf *", "rm x", NO),
        ("* --force", "git push --force", YES),
        ("npm publish", "npm --prefix x publish", YES),
        ("pip* install *", "pip3 install x", YES),
    ],
)
def test_a_pattern_touches_what_would_run(pattern: str, line: str, match: Match) -> None:
    assert CommandPattern.read(pattern).touches(read_line(line)) is match


@pytest.mark.parametrize("text", ["", "  ", "ls | sh", "ls; rm", "a && b", "'unclosed"])
def test_a_pattern_is_one_command(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        CommandPattern.read(text)


@pytest.mark.parametrize(
    ("allowed", "line", "is_allowed"),
    [
        (["make test"], "make test", True),
        (["make test"], "make test deploy", False),
        (["make *"], "make test", True),
        (["make *"], "make CC=evil", False),
        (["make *"], "make -f x", False),
        (["make *"], "make ../x", False),
        (["pytest -p x"], "pytest -p x", True),
        (["ls *", "cat *"], "ls && cat a", True),
        (["ls *"], "ls && cat a", False),
        (["bash *", "ls *"], "bash -c ls", False),
        (["bash -c ls", "ls *"], "bash -c ls", True),
        (["bash -c ls"], "bash -c ls", False),
        (["echo *"], "echo $HOME", False),
        (["*"], "rm -rf x", False),
    ],
)
def test_a_line_is_allowed_only_if_every_part_is(allowed: list[str], line: str, is_allowed: bool) -> None:
    rules = Rules(tuple(Rule(Outcome.ALLOW, command=CommandPattern.read(text)) for text in allowed))
    used, why_not = rules.grant_command("bash", read_line(line), None)
    assert bool(used) is is_allowed
    assert bool(why_not) is not is_allowed


@pytest.mark.parametrize(
    ("rule", "wanted", "covers", "touches"),
    [
        ("api.example.com", "api.example.com", True, True),
        ("api.example.com", "API.example.com.", True, True),
        ("api.example.com", "example.com", False, False),
        ("*.example.com", "api.example.com", True, True),
        ("*.example.com", "*.api.example.com", True, True),
        ("*.example.com", "example.com", False, False),
        ("*.example.com", "evilexample.com", False, False),
        ("api.example.com", "*.example.com", False, True),
        ("api.example.com", "*", False, True),
        ("*", "api.example.com", True, True),
        ("api.example.com", "api.example.com:8443", False, False),
        ("api.example.com:*", "api.example.com:8443", True, True),
        ("api.example.com:443", "api.example.com", False, True),
        ("*", "not a host!", False, True),
    ],
)
def test_hosts_lie_within_each_other(rule: str, wanted: str, covers: bool, touches: bool) -> None:
    pattern, asked = HostPattern.read(rule), HostPattern.wanted(wanted)
    assert (pattern.covers(asked), pattern.touches(asked)) == (covers, touches)


@pytest.mark.parametrize(
    ("rule", "path", "covers", "touches"),
    [
        ("migrations/**", "migrations/001.sql", True, True),
        ("migrations/**", "src/../migrations/001.sql", True, True),
        ("migrations/**", "Migrations/001.sql", False, True),
        ("migrations/", "migrations/a/b.sql", True, True),
        ("migrations", "migrations/a/b.sql", True, True),
        ("*.lock", "a/b/poetry.lock", True, True),
        ("migrations/**", "src/a.py", False, False),
        ("migrations/**", "link/001.sql", False, True),
        ("link/**", "link/001.sql", False, True),
        ("/data", "/data/x", True, True),
        ("/data", "/srv/data/x", False, False),
        ("/data/secret/**", "/data/secret/x", True, True),
        ("**", "/data/x", False, False),
    ],
)
def test_paths_are_known_under_each_of_their_names(
    rule: str, path: str, covers: bool, touches: bool, tmp_path: Path
) -> None:
    (tmp_path / "migrations").mkdir()
    (tmp_path / "link").symlink_to("migrations")
    pattern, place = PathPattern.read(rule), Place.find(path, tmp_path)
    assert (pattern.covers(place), pattern.touches(place)) == (covers, touches)


def test_a_folder_is_touched_by_rules_about_what_is_in_it(tmp_path: Path) -> None:
    (tmp_path / "outside" / "secret").mkdir(parents=True)
    root = tmp_path / "root"
    root.mkdir()
    place = Place.find(str(tmp_path / "outside"), root)
    assert PathPattern.read(f"{tmp_path}/outside/secret/**").touches(place)
    assert PathPattern.read(f"{tmp_path}/**/*.pem").touches(place)
    assert not PathPattern.read(f"{tmp_path}/other/**").touches(place)


def test_deny_beats_ask_beats_allow_and_the_first_of_equals_speaks(tmp_path: Path) -> None:
    def rule(outcome: Outcome, path: str) -> Rule:
        return Rule(outcome, path=PathPattern.read(path))

    allow, ask, deny = rule(Outcome.ALLOW, "**"), rule(Outcome.ASK, "a/**"), rule(Outcome.DENY, "a/b/**")
    rules = Rules((allow, ask, deny, rule(Outcome.DENY, "a/b/c")))
    subject = Subject("edit", path=Place.find("a/b/c", tmp_path))
    assert rules.denial(subject) == (deny, YES)
    assert rules.question(subject) == (ask, YES)
    assert rules.grant(subject) == allow
    assert rules.denial(Subject("edit", path=Place.find("a/x", tmp_path))) is None


def test_a_rule_that_allows_must_name_what_it_allows(tmp_path: Path) -> None:
    by_tool = Rules((Rule(Outcome.ALLOW, tool="*"),))
    line = read_line("ls")
    assert by_tool.grant(Subject("bash", line, is_command=True)) is None
    assert by_tool.grant(Subject("bash", host=HostPattern.wanted("example.com"))) is None
    assert by_tool.grant(Subject("bash", path=Place.find("/etc", tmp_path))) is None
    assert by_tool.grant(Subject("edit", path=Place.find("a", tmp_path))) is not None
