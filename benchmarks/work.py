"""Scripts for the scripted model: a working session that looks around, reads, searches, plans and edits."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

Step = dict[str, Any]
PATTERN = "return total"


def working_steps(root: Path, paths: Sequence[str], count: int) -> list[Step]:
    """Return `count` steps of one call each, over files that are there; every fifth changes a file."""
    round_of_calls = _calls(root, paths)
    return [{"text": f"Step {number}.", "calls": [next(round_of_calls)]} for number in range(1, count + 1)]


def closing_step() -> Step:
    """Return the step that ends the turn."""
    return {"text": "Done: the totals are summed as asked."}


def write_script(file: Path, steps: Sequence[Step], **settings: Any) -> None:
    """Write a script file; JSON is YAML."""
    file.write_text(json.dumps({"limit_tokens": 1_000_000, **settings, "steps": list(steps)}), encoding="utf-8")


def _calls(root: Path, paths: Sequence[str]) -> Iterator[Step]:
    """Go round ten kinds of calls, each time on other files."""
    place = 0
    while True:
        first, second, third, fourth = (paths[(place + offset) % len(paths)] for offset in range(4))
        place += 4
        yield _call("list_files", path=str(Path(first).parent))
        yield _call("grep", pattern=f"MARK_{place}\\b", path="src")
        yield _call("read_file", path=first)
        yield _edit(root, first)
        yield _call("git_status")
        yield _call("glob", pattern=f"**/{Path(second).name[:4]}*.py")
        yield _call("read_file", path=second)
        entries = [{"text": f"sum {third}", "status": "in_progress"}, {"text": f"sum {fourth}", "status": "pending"}]
        yield _call("update_plan", entries=entries)
        yield _call("read_file", path=third)
        yield _call("write_file", path=f"notes/{place}.md", content=f"# Note {place}\n\n{third} was read.\n" * 10)


def _edit(root: Path, path: str) -> Step:
    """Change the first constant of a file."""
    text = (root / path).read_text(encoding="utf-8")
    found = re.search(r"    total = (\w+) \* (\d+)\n", text)
    assert found is not None
    name = re.findall(r"def (\w+)\(", text[: found.start()])[-1]
    before = text[text.index(f"def {name}(") : found.end()]
    return _call("edit_file", path=path, old_text=before, new_text=before.replace(found[2], str(int(found[2]) + 100)))


def _call(name: str, **arguments: Any) -> Step:
    return {"name": name, "arguments": arguments}
