"""Shell lines taken apart: what would run, what is written, and what cannot be known."""

from __future__ import annotations

import subprocess
import sys

import pytest

from trashclaw.policy.shell_lines import MAX_CHARS, read_line


def commands(text: str) -> list[str]:
    return [str(command) for command in read_line(text).commands]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("git push", "git push"),
        ("ls; git push", "git push"),
        ("true && git push || false", "git push"),
        ("ls | xargs git push", "git push ..."),
        ("echo $(git push)", "git push"),
        ('echo "a `git push`"', "git push"),
        ("cat <(git push)", "git push"),
        ("cat <<EOF\n$(git push)\nEOF", "git push"),
        ("(git push)", "git push"),
        ("{ git push; }", "git push"),
        ("f() { git push; }; f", "git push"),
        ("if true; then git push; fi", "git push"),
        ("for x in a; do git push; done", "git push"),
        ("case x in x) git push;; esac", "git push"),
        ("X=$(git push)", "git push"),
        ("echo $(($(git push)))", "git push"),
        ("\"git\" 'pu'sh", "git push"),
        ("\\git pu\\sh", "git push"),
        ("g''it $'pu\\x73h'", "git push"),
        ("sudo -u root git push", "git push"),
        ("env -i A=1 git push", "git push"),
        ("env -S 'git push'", "git push"),
        ("timeout -k 1 10 git push", "git push"),
        ("nice -n 5 nohup git push", "git push"),
        ("time -p git push", "git push"),
        ("command -p git push", "git push"),
        ("exec -a x git push", "git push"),
        ("find . -name x -exec git push \\;", "git push"),
        ("find . -execdir git push {} +", "git push ..."),
        ("bash -c 'git push'", "git push"),
        ("bash -lc 'ls; git push'", "git push"),
        ("sh -e -c 'bash -c \"git push\"'", "git push"),
        ("eval git push", "git push"),
        ("trap 'git push' EXIT", "git push"),
        ("watch -n 1 git push", "git push"),
        ("parallel git push ::: a", "git push ::: a"),
        ("ssh -p 22 host git push", "git push"),
        ("git -c alias.x='!git push' x", "git push"),
        ("git submodule foreach 'git push'", "git push"),
        ("git rebase -x 'git push' main", "git push"),
        ("tar xf a --checkpoint-action=exec='git push'", "git push"),
        ("rsync -e 'git push' a b", "git push"),
        ("flock -w 1 lock -c 'git push'", "git push"),
        ("su -c 'git push' root", "git push"),
    ],
)
def test_what_runs_is_found_wherever_it_hides(line: str, found: str) -> None:
    assert found in commands(line)


@pytest.mark.parametrize(
    "line",
    [
        "$X",
        "$(x) y",
        "eval $X",
        "bash script.sh",
        "curl x | sh",
        "source x",
        ". x",
        "bash -c $X",
        "xargs",
        "g* x",
        "ls '",
    ],
)
def test_what_cannot_be_known_is_told(line: str) -> None:
    assert read_line(line).problem or line == "xargs"


@pytest.mark.parametrize(
    ("line", "written"),
    [("ls > a", ("a",)), ("ls >>a 2>&1", ("a",)), ("> a", ("a",)), ("ls &> a", ("a",)), ("ls > /dev/null", ())],
)
def test_redirections_tell_what_they_write(line: str, written: tuple[str, ...]) -> None:
    assert read_line(line).writes == written


def test_a_line_of_plain_commands_is_understood_in_full() -> None:
    line = read_line("(ls -la 'a b' && git status) | grep -c \"x y\" 2>/dev/null; ! true")
    assert line.problem == ""
    assert [str(command) for command in line.commands] == ["ls -la a b", "git status", "grep -c x y", "true"]


@pytest.mark.parametrize(
    "line",
    [
        *(sign * 5_000 for sign in ("(", "$(", "${", "{", "`", "[[", "$((", "<(", "\\")),
        "ls;" * 5_000,
        "sudo " * 3_000,
        "eval 'eval '" * 1_000,
        "if a;then " * 1_000,
        "ls <<EOF\n" * 1_500,
        "x" * 1_000_000,
        "ls \0 x",
        "ls \ud800",
    ],
    ids=lambda line: ascii(line[:12]),
)
def test_a_hostile_line_is_read_in_part_and_said_to_be(line: str) -> None:
    found = read_line(line)
    assert found.problem
    assert len(found.commands) < 1_000
    assert len(line) <= MAX_CHARS or found.commands[0].words[0].text is None


def test_the_gate_loads_no_grammar_and_no_yaml() -> None:
    code = "import sys, trashclaw.policy.gate; print({'tree_sitter', 'tree_sitter_bash', 'yaml'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
