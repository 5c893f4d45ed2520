"""Tokens of the system prompt and of the tool schemas, as they are sent, for each tool set.

Counted in `cl100k_base`, with the edit format that costs most, and every tool that a session before a person has.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from benchmarks.measuring import Figure, run
from tests.support.shells import make_shell
from trashclaw.agent.encoding import load_counter
from trashclaw.agent.prompt import render_system
from trashclaw.protocol.manners import EditFormat, ToolSetName
from trashclaw.providers.openai_request import tool_json
from trashclaw.session.manners import SessionManners
from trashclaw.tools.registry import make_tools
from trashclaw.workspace.git import Git
from trashclaw.workspace.root import Workspace

LIMITS = {ToolSetName.FULL: 2_500, ToolSetName.LEAN: 1_200, ToolSetName.NANO: 600}


def sizes(root: Path) -> dict[ToolSetName, tuple[int, int]]:
    """Return the tokens of prompt and schemas of each set, in the edit format in which they are most."""
    count = load_counter()
    workspace = Workspace(root)
    manners = SessionManners(make_tools(workspace, Git(workspace), make_shell(root)), ())
    found = {}
    for tool_set in ToolSetName:
        options = []
        for edit_format in EditFormat:
            system = render_system("project", is_repository=True, tool_set=tool_set, edit_format=edit_format)
            listed = json.dumps([tool_json(spec) for spec in manners.tools(tool_set, edit_format)])
            options.append((count(system), count(listed)))
        found[tool_set] = max(options, key=sum)
    return found


def measure(runs: int) -> list[Figure]:
    """Count each set; once is enough."""
    with tempfile.TemporaryDirectory() as folder:
        found = sizes(Path(folder))
    return [
        Figure(
            name=f"system prompt and tool schemas, {tool_set}",
            target=f"{LIMITS[tool_set]:,} tokens or fewer",
            measured=f"{prompt + tools:,} tokens",
            is_pass=prompt + tools <= LIMITS[tool_set],
            notes=(f"prompt {prompt}, schemas {tools}",),
        )
        for tool_set, (prompt, tools) in found.items()
    ]


if __name__ == "__main__":
    sys.exit(run(measure, runs=1, description=__doc__))
