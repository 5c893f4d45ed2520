"""Tool sets: what each offers, and what it costs."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.prompt_size import LIMITS, sizes
from tests.support.shells import make_shell
from trashclaw.agent.ports import Tool
from trashclaw.protocol.manners import EditFormat, ToolSetName
from trashclaw.protocol.tools import ToolSpec
from trashclaw.tools.registry import make_tools
from trashclaw.tools.tool_sets import offered
from trashclaw.workspace.git import Git
from trashclaw.workspace.root import Workspace


@pytest.fixture(scope="module")
def tools(tmp_path_factory: pytest.TempPathFactory) -> tuple[Tool, ...]:
    root = tmp_path_factory.mktemp("work")
    workspace = Workspace(root)
    return make_tools(workspace, Git(workspace), make_shell(root))


def specs(tools: tuple[Tool, ...], tool_set: ToolSetName, edit_format: EditFormat) -> dict[str, ToolSpec]:
    return {spec.name: spec for spec in offered([tool.spec for tool in tools], tool_set, edit_format)}


def test_every_set_keeps_within_its_tokens(tmp_path: Path) -> None:
    for tool_set, (prompt, schemas) in sizes(tmp_path).items():
        assert prompt + schemas <= LIMITS[tool_set]


def test_the_full_set_is_all_there_is(tools: tuple[Tool, ...]) -> None:
    assert tuple(specs(tools, ToolSetName.FULL, EditFormat.REPLACE).values()) == tuple(tool.spec for tool in tools)


@pytest.mark.parametrize("tool_set", [ToolSetName.LEAN, ToolSetName.NANO])
@pytest.mark.parametrize(
    ("edit_format", "names"),
    [
        (EditFormat.REPLACE, {"edit_file", "write_file"}),
        (EditFormat.PATCH, {"apply_patch", "write_file"}),
        (EditFormat.WHOLE, {"write_file"}),
    ],
)
def test_a_smaller_set_offers_the_edit_format_alone(
    tools: tuple[Tool, ...], tool_set: ToolSetName, edit_format: EditFormat, names: set[str]
) -> None:
    found = specs(tools, tool_set, edit_format)
    assert set(found) & {"edit_file", "apply_patch", "write_file"} == names
    assert {"read_file", "grep", "bash"} <= set(found)


@pytest.mark.parametrize("tool_set", list(ToolSetName))
def test_what_is_told_of_a_tool_is_what_it_takes(tools: tuple[Tool, ...], tool_set: ToolSetName) -> None:
    whole = {tool.spec.name: tool.spec.parameters for tool in tools}
    for name, spec in specs(tools, tool_set, EditFormat.REPLACE).items():
        told, taken = spec.parameters["properties"], whole[name]["properties"]
        assert isinstance(told, dict)
        assert isinstance(taken, dict)
        assert set(told) <= set(taken)
        assert spec.parameters.get("required", []) == whole[name].get("required", [])
