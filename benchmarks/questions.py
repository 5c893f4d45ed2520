"""Questions asked in a scripted session of 40 steps of ordinary work in mode `review`, all of it through the real gate.

The work: ls, grep, cat, git log, git diff, git status, pytest, ruff, python -c and so on as shell commands, and four
edits. Every question is accepted; each edit is one, and nothing else may be.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from benchmarks.measuring import Figure, run, scratch
from benchmarks.places import commit_all
from trashclaw.config.schema import Settings
from trashclaw.protocol.approvals import Approval, Verdict
from trashclaw.protocol.events import ApprovalRequested, ItemCompleted, StopReason, TurnCompleted
from trashclaw.protocol.items import ToolRun
from trashclaw.protocol.modes import Mode
from trashclaw.protocol.ops import ApprovalAnswer, TurnStart
from trashclaw.protocol.tools import ToolStatus
from trashclaw.providers.script import Script, ScriptedStep
from trashclaw.providers.scripted import ScriptedProvider
from trashclaw.session.build import Opening, open_session
from trashclaw.session.session import Session

EDITS = 4
STEPS = 40

_BASKET = '''"""The basket."""


def total(prices: list[int]) -> int:
    """Add up."""
    return sum(prices)
'''
_TAX = '''"""Tax."""

RATE = 19


def tax(price: int) -> int:
    """Of a price."""
    return price * RATE // 100
'''
_FILES = {
    "shop/__init__.py": "",
    "shop/basket.py": _BASKET,
    "shop/tax.py": _TAX,
    "tests/test_basket.py": "from shop.basket import total\n\n\ndef test_total():\n    assert total([1, 2]) == 3\n",
    "tests/test_tax.py": "from shop.tax import tax\n\n\ndef test_tax():\n    assert tax(100) == 19\n",
    "pyproject.toml": '[tool.pytest.ini_options]\npythonpath = ["."]\n',
    "README.md": "# Shop\n\nSells things.\n",
    ".gitignore": "__pycache__/\n.pytest_cache/\n.ruff_cache/\n",
}

_COMMANDS = (
    "ls -la",
    "grep -rn total shop tests",
    "cat shop/basket.py",
    "git log --oneline | head -5",
    "git diff",
    "git status --short",
    "python -m pytest -q",
    "python -m ruff check shop tests",
    "python -c 'from shop.tax import tax; print(tax(200))'",
    "find . -name '*.py' | xargs wc -l",
    "sed -n '1,5p' shop/tax.py && head -3 README.md",
    "git show --stat HEAD",
)


def measure(runs: int) -> list[Figure]:
    """Play the session and count; `runs` is how often."""
    counts = [_play() for _ in range(runs)]
    questions = max(count["questions"] for count in counts)
    failed = sum(count["failed"] for count in counts)
    asked = "; ".join(sorted({name for count in counts for name in count if name.startswith("asked: ")}))
    return [
        Figure(
            name=f"questions in a session of {STEPS} steps in mode review ({STEPS - EDITS} commands, {EDITS} edits)",
            target=f"{EDITS}: the edits only",
            measured=str(questions),
            is_pass=questions == EDITS and not failed,
            notes=(
                asked,
                f"{failed} commands failed",
                f"sandbox: {', '.join(sorted({_backend(one) for one in counts}))}",
            ),
        )
    ]


def _backend(count: Counter[str]) -> str:
    return next((name.removeprefix("backend: ") for name in count if name.startswith("backend: ")), "unknown")


def _steps() -> list[ScriptedStep]:
    edits = (
        ("shop/tax.py", "Of a price.", "Return the tax of a price."),
        ("tests/test_tax.py", "tax(100) == 19", "tax(200) == 38"),
        ("shop/basket.py", '"""Add up."""', '"""Add up all prices."""'),
        ("README.md", "Sells things.", "Sells things, with tax."),
    )
    steps: list[dict[str, Any]] = []
    for place in range(STEPS):
        if place % (STEPS // EDITS) == 3:
            path, old, new = edits[place // (STEPS // EDITS)]
            arguments: dict[str, Any] = {"path": path, "old_text": old, "new_text": new}
            steps.append({"calls": [{"name": "edit_file", "arguments": arguments}]})
        else:
            command = _COMMANDS[place % len(_COMMANDS)]
            steps.append({"calls": [{"name": "bash", "arguments": {"command": command}}]})
    return [ScriptedStep.model_validate(step) for step in (*steps, {"text": "Done."})]


def _play() -> Counter[str]:
    with scratch() as folder:
        root = folder / "shop"
        for path, text in _FILES.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text, encoding="utf-8")
        commit_all(root)
        return asyncio.run(_session(root, folder / "state"))


async def _session(root: Path, state: Path) -> Counter[str]:
    before = os.environ["PATH"]
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{before}"
    provider = ScriptedProvider(Script(limit_tokens=1_000_000, steps=tuple(_steps())))
    settings = Settings.model_validate({"mode": Mode.REVIEW, "limits": {"steps": STEPS + 1}})
    try:
        session = await open_session(Opening(root, settings, provider=provider, state=state))
        try:
            return await _answer_all(session)
        finally:
            await session.aclose()
    finally:
        os.environ["PATH"] = before


async def _answer_all(session: Session) -> Counter[str]:
    counts: Counter[str] = Counter()
    subscription = session.subscribe()
    session.submit(TurnStart(text="Work on the shop."))
    async for envelope in subscription:
        match envelope.event:
            case ApprovalRequested(request=request):
                counts["questions"] += 1
                counts[f"asked: {request.title}"] += 1
                approval = Approval(verdict=Verdict.ACCEPTED)
                session.submit(ApprovalAnswer(approval_id=request.approval_id, approval=approval))
            case ItemCompleted(item=ToolRun(result=result) as done) if result is not None:
                is_bad = done.status is not ToolStatus.DONE or result.exit_code not in (None, 0)
                counts["failed"] += is_bad
                if is_bad:
                    print(f"{done.title}: {result.text}", file=sys.stderr)
                if "sandbox" in result.metadata:
                    counts[f"backend: {result.metadata['sandbox']}"] += 1
            case TurnCompleted(stop_reason=reason, error=error):
                if reason is not StopReason.END_TURN:
                    raise RuntimeError(f"The turn ended by {reason}: {error}")
                return counts
            case _:
                pass
    return counts


if __name__ == "__main__":
    sys.exit(run(measure, runs=3, description=__doc__))
