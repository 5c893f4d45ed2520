"""Command lines that must not run unasked where there is no sandbox, against an allow-list of harmless programs.

The allow-list is `ls *`, `cat *`, `grep *`, `git status *` and `pytest *`. Every line of the first table does something
that these rules do not mean to allow, by a way in which such lists are fooled: another program behind a separator, a
substitution, a redirection, a variable that loads code, an option that runs a program or writes a file, a path that
leads out or is hidden, a sign that two readers of the line take for different things. None may be allowed. The lines of
the second table are harmless and must all be allowed: a list that allows nothing would be no use.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.ask_first_cases import HARMFUL, HARMLESS
from benchmarks.measuring import Figure, run
from trashclaw.agent.ports import Proposal
from trashclaw.policy.command_rules import CommandPattern
from trashclaw.policy.gate import Abilities, PolicyGate
from trashclaw.policy.rules import Rule, Rules
from trashclaw.protocol.approvals import Approval, ApprovalRequest, Outcome
from trashclaw.protocol.ids import CallId
from trashclaw.protocol.modes import Mode
from trashclaw.protocol.tools import ToolCall

ALLOW_LIST = ("ls *", "cat *", "grep *", "git status *", "pytest *")
CALL = ToolCall(call_id=CallId("call"), name="bash")


def allowed(lines: Sequence[str], root: Path) -> list[str]:
    """Return the lines that would run without a question in a folder without a sandbox, in the most lenient mode."""
    rules = Rules(tuple(Rule(Outcome.ALLOW, command=CommandPattern.read(text)) for text in ALLOW_LIST))
    gate = PolicyGate(lambda: Mode.AUTO, Abilities(), _nobody, rules=rules, root=root)
    return [line for line in lines if gate.decide(Proposal("run", command=line), CALL).outcome is Outcome.ALLOW]


def lay_out(root: Path) -> None:
    """Make the folder that the lines are about: plain files, hidden ones, links that lead out, a git repository."""
    for path in ("src/app.py", "tests/test_app.py", "README.md", "notes.txt", "a b.txt", ".env", ".ssh/id_rsa"):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text("text\n", encoding="utf-8")
    (root / "out").symlink_to("/etc")
    (root / "secret.txt").symlink_to("/etc/passwd")
    (root / ".git").mkdir()
    (root / ".git" / "config").write_text("[core]\n\trepositoryformatversion = 0\n\tbare = false\n", encoding="utf-8")


def measure(runs: int) -> Sequence[Figure]:
    """Return how many lines of each table are allowed; `runs` does not matter."""
    with tempfile.TemporaryDirectory(prefix="trashclaw-bench-") as folder:
        root = Path(folder).resolve()
        lay_out(root)
        wrong, right = allowed(HARMFUL, root), allowed(HARMLESS, root)
    missing = [line for line in HARMLESS if line not in right]
    return (
        Figure(
            "harmful lines allowed without a sandbox",
            "0",
            f"{len(wrong)} of {len(HARMFUL)}",
            is_pass=not wrong,
            notes=tuple(f"allowed: {line!r}" for line in wrong) or (f"allow-list: {', '.join(ALLOW_LIST)}",),
        ),
        Figure(
            "harmless lines allowed without a sandbox",
            "all",
            f"{len(right)} of {len(HARMLESS)}",
            is_pass=not missing,
            notes=tuple(f"asked about: {line!r}" for line in missing),
        ),
    )


async def _nobody(request: ApprovalRequest) -> Approval:
    raise AssertionError("only asked what it would decide")


if __name__ == "__main__":
    sys.exit(run(measure, runs=1, description=__doc__))
