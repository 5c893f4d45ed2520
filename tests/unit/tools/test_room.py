"""How much one result may take of a window."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.sessions import bash, open_driven, read, unconfined
from trashclaw.protocol import events as ev
from trashclaw.protocol import ops
from trashclaw.session.mentions import attach_files
from trashclaw.tools.room import result_chars, unbounded
from trashclaw.workspace.root import Workspace

LINES = "".join(f"line {number} of a long file\n" for number in range(1, 2_001))


@pytest.mark.parametrize(
    ("limit_tokens", "chars"), [(0, 2_400), (4_096, 2_400), (8_192, 4_505), (32_768, 18_022), (200_000, 24_000)]
)
def test_a_result_takes_about_a_sixth_of_a_small_window(limit_tokens: int, chars: int) -> None:
    assert result_chars(limit_tokens, 24_000) == chars
    assert unbounded(24_000) == 24_000


def calls(path: Path) -> list[dict[str, object]]:
    many = {"name": "grep", "arguments": {"pattern": "line", "path": path.name}}
    return [read(path.name), many, bash(f"cat {path.name}"), {"name": "glob", "arguments": {"pattern": "many/*"}}]


@pytest.mark.parametrize(("limit_tokens", "most_chars"), [(8_192, 4_800), (200_000, 24_500)])
async def test_every_tool_keeps_to_it_and_says_how_to_go_on(
    repository: Path, limit_tokens: int, most_chars: int
) -> None:
    path = repository / "long.txt"
    path.write_text(LINES)
    (repository / "many").mkdir()
    for number in range(300):
        (repository / "many" / f"a_file_with_a_long_name_{number}.txt").touch()
    steps = [*({"calls": [call]} for call in calls(path)), {"text": "Done."}]
    async with open_driven(repository, steps, settings=unconfined(), limit_tokens=limit_tokens) as driven:
        driven.submit(ops.TurnStart(text="look"))
        await driven.answer()
        await driven.until(ev.TurnCompleted)
        for run in driven.runs:
            assert run.result is not None
            assert 1_500 < len(run.result.text) < most_chars, run.title
            assert "[" in run.result.text.splitlines()[-1] or run.call.name == "bash"
        assert "go on with offset=" in (driven.runs[0].result.text if driven.runs[0].result else "")


def test_files_that_a_prompt_mentions_keep_to_it_too(repository: Path) -> None:
    (repository / "long.txt").write_text(LINES)
    attached = attach_files(Workspace(repository), "look at @long.txt", limit_chars=2_400)
    assert len(attached) < 2_600
    assert "read_file with offset=" in attached
