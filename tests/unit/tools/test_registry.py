"""The tools that a model is offered: plain schemas, the same bytes every time, few tokens."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pydantic import JsonValue

from tests.support.shells import make_shell
from trashclaw.agent.encoding import load_counter
from trashclaw.agent.healing.toolbox import Toolbox
from trashclaw.agent.ports import Tool
from trashclaw.tools.registry import make_tools
from trashclaw.workspace.git import Git
from trashclaw.workspace.root import Workspace

HERE = Workspace(Path())
NAMES = [
    "read_file",
    "list_files",
    "glob",
    "grep",
    "edit_file",
    "apply_patch",
    "write_file",
    "bash",
    "background",
    "git_status",
    "git_diff",
    "git_log",
    "think",
    "update_plan",
    "ask_user",
    "recall",
]
WORDS = {"type", "description", "enum", "items", "required", "properties"}


def tools() -> tuple[Tool, ...]:
    return make_tools(HERE, Git(HERE), make_shell(HERE.root))


def rendered() -> str:
    """The tools as a server is sent them."""
    return json.dumps(
        [
            {
                "type": "function",
                "function": {
                    "name": tool.spec.name,
                    "description": tool.spec.description,
                    "parameters": tool.spec.parameters,
                },
            }
            for tool in tools()
        ]
    )


def test_the_order_is_fixed_and_the_bytes_are_the_same() -> None:
    assert [tool.spec.name for tool in tools()] == NAMES
    assert rendered() == rendered()


def test_the_question_to_the_person_can_be_left_out() -> None:
    kept = [tool.spec.name for tool in make_tools(HERE, Git(HERE), make_shell(HERE.root), allow_questions=False)]
    assert kept == [name for name in NAMES if name != "ask_user"]


def test_names_and_other_names_are_unique() -> None:
    names = [name for tool in tools() for name in (tool.spec.name, *tool.aliases)]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    "name", ["kill_shell", "KillShell", "kill_process", "stop_process", "stop_job", "kill_job", "kill", "stop"]
)
def test_a_name_that_asks_for_an_end_is_taken_for_no_tool_that_would_do_something_else(name: str) -> None:
    assert Toolbox(tools()).find(name) is None


def words_of(schema: JsonValue) -> set[str]:
    if not isinstance(schema, dict):
        return set()
    found = set(schema)
    properties = schema.get("properties")
    for part in properties.values() if isinstance(properties, dict) else ():
        found |= words_of(part)
    return found | words_of(schema.get("items"))


@pytest.mark.parametrize("tool", tools(), ids=NAMES)
def test_a_schema_is_a_flat_object_of_plain_words_with_required_first(tool: Tool) -> None:
    schema = tool.spec.parameters
    assert schema["type"] == "object"
    assert words_of(schema) <= WORDS
    properties, required = schema["properties"], schema.get("required", [])
    assert isinstance(properties, dict)
    assert isinstance(required, list)
    assert list(properties)[: len(required)] == required


@pytest.mark.parametrize("tool", tools(), ids=NAMES)
async def test_the_example_that_a_complaint_shows_is_right(tool: Tool) -> None:
    example = json.loads(getattr(tool, "example", "{}"))
    mended, notes = tool.mend(example)
    assert (mended, notes) == (example, ())


def test_all_schemas_together_cost_few_tokens() -> None:
    assert load_counter()(rendered()) < 1_900
