"""Requests for approval of every shape that a change or a command can have, for screens to show."""

from __future__ import annotations

from trashclaw.protocol.approvals import ApprovalRequest, Needs, Scope
from trashclaw.protocol.ids import ApprovalId, CallId, HunkId, ItemId
from trashclaw.protocol.patches import ChangeKind, FileChange, Hunk, HunkPart, Patch

COMMIT = """commit f131199 on main: bind the values
branch main moved from 8ac2f01
the index holds 2 more files"""


def lines(number: int, at: int, *body: str) -> Hunk:
    """A hunk of lines, each with its mark, at a line of the old and the new file."""
    is_new = all(line.startswith("+") for line in body)
    made = tuple(f"{line}\n" for line in body)
    return Hunk(hunk_id=HunkId(str(number)), before=at, after=at + is_new, lines=made)


def part(number: int, kind: HunkPart, what: str) -> Hunk:
    """A hunk without lines."""
    return Hunk(hunk_id=HunkId(str(number)), before=0, after=0, lines=(), part=kind, what=what)


def request(patch: Patch | None = None, **facts: object) -> ApprovalRequest:
    """A request for a patch, or for what `facts` say."""
    usual: dict[str, object] = {
        "approval_id": ApprovalId("approval_1"),
        "item_id": ItemId("run_4"),
        "call_id": CallId("call_4"),
        "tool": "bash",
        "title": "$ make release",
        "rule": "mode review: what a command changed is asked about",
        "patch": patch,
    }
    return ApprovalRequest.model_validate(usual | facts)


def every_kind() -> Patch:
    """A patch with every kind of change, some of them with a warning."""
    hook = lines(9, 0, "+#!/bin/sh", "+exec make check")
    mode = part(6, HunkPart.MODE, "mode 644 -> 755")
    image = part(7, HunkPart.WHOLE, "binary file, 3 kB -> 4 kB")
    return Patch(
        changes=(
            *_changes_of_lines(),
            FileChange(path="scripts/build.sh", kind=ChangeKind.MODIFIED, hunks=(mode,)),
            FileChange(path="docs/logo.png", kind=ChangeKind.MODIFIED, hunks=(image,)),
            FileChange(path=".git", kind=ChangeKind.MODIFIED, hunks=(part(8, HunkPart.WHOLE, COMMIT),)),
            FileChange(
                path=".githooks/pre-commit",
                kind=ChangeKind.ADDED,
                hunks=(hook,),
                warning="This is a git hook: git would run it without the sandbox.",
            ),
        )
    )


def _changes_of_lines() -> tuple[FileChange, ...]:
    query = lines(
        1,
        10,
        " def find_user(cur, user_id):",
        "     cur.execute(",
        '-        f"SELECT id, name FROM users WHERE id={user_id}"',
        '+        "SELECT id, name FROM users WHERE id=?", (user_id,)',
        "     )",
        "     return cur.fetchone()",
    )
    delete = lines(
        2,
        21,
        " def delete_user(cur, name):",
        "-    cur.execute(\"DELETE FROM users WHERE name='%s'\" % name)",
        '+    cur.execute("DELETE FROM users WHERE name=?", (name,))',
    )
    test = lines(3, 0, "+def test_a_quote_is_only_a_quote(cur):", '+    assert find_user(cur, "\' OR 1=1") is None')
    old = lines(5, 1, "-print('hello')")
    renamed = part(4, HunkPart.WHOLE, "the file gets another name")
    return (
        FileChange(path="src/shop/db.py", kind=ChangeKind.MODIFIED, hunks=(query, delete)),
        FileChange(path="tests/test_db.py", kind=ChangeKind.ADDED, hunks=(test,)),
        FileChange(path="scripts/release.sh", kind=ChangeKind.RENAMED, from_path="release.sh", hunks=(renamed,)),
        FileChange(path="scratch.py", kind=ChangeKind.DELETED, hunks=(old,)),
    )


def effects() -> ApprovalRequest:
    """What a command did."""
    return request(every_kind(), command="make release", title="$ make release")


def needs() -> ApprovalRequest:
    """A command that wants more than its sandbox gives."""
    return request(
        title="$ curl -sS https://api.example.com/v1/users -o /srv/data/users.json",
        command="curl -sS https://api.example.com/v1/users -o /srv/data/users.json",
        needs=Needs(hosts=("api.example.com:443",), paths=("/srv/data",)),
        rule="commands have no network and write only to the workspace",
        warning="The conversation holds text from the network: it may have been told to do this.",
        scopes=(Scope.ONCE, Scope.SESSION, Scope.PROJECT),
        new_rule="allow bash 'curl *' host api.example.com:443 path /srv/data",
    )


def many(files: int, hunks: int) -> Patch:
    """A patch of so many files with so many hunks each, of ten lines."""
    changes, count = [], 0
    for file in range(files):
        made = []
        for place in range(hunks):
            count += 1
            at = 1 + 40 * place
            body = [f"     value_{line} = compute({line}, name)" for line in range(3)]
            gone = [f"-    total = total + item_{place} * {line}" for line in range(2)]
            new = [f"+    total += item_{place} * {line + 1}" for line in range(2)]
            made.append(lines(count, at, *body, *gone, *new, *body))
        changes.append(
            FileChange(path=f"src/pkg_{file % 40}/mod_{file}.py", kind=ChangeKind.MODIFIED, hunks=tuple(made))
        )
    return Patch(changes=tuple(changes))
