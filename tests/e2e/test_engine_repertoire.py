"""What the tiny model has learned fits the tools and the words of the program that it is tested with."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from tests.support.shells import make_shell
from tests.support.tinymodel.repertoire import Transcript, load_results, load_tools, load_transcripts, play
from tests.support.tinymodel.weights import TEMPLATE, TRAINED
from trashclaw.protocol.tools import ToolSpec
from trashclaw.tools.registry import make_tools
from trashclaw.workspace.git import Git
from trashclaw.workspace.root import Workspace


@pytest.fixture
def specs(tmp_path: Path) -> dict[str, ToolSpec]:
    workspace = Workspace(tmp_path)
    return {tool.spec.name: tool.spec for tool in make_tools(workspace, Git(workspace), make_shell(workspace.root))}


def properties(parameters: dict[str, Any]) -> set[str]:
    return set(parameters.get("properties", {}))


@pytest.mark.parametrize("transcript", load_transcripts(), ids=lambda transcript: transcript.name)
def test_every_call_in_a_transcript_is_one_that_a_tool_takes(
    transcript: Transcript, specs: dict[str, ToolSpec]
) -> None:
    for message in transcript.messages:
        for call in message.get("tool_calls", ()):
            parameters: dict[str, Any] = dict(specs[call["name"]].parameters)
            assert set(parameters.get("required", ())) <= set(call["arguments"]) <= properties(parameters)


def test_the_tools_of_the_training_are_the_tools_of_the_program(specs: dict[str, ToolSpec]) -> None:
    """What came since is more than the training knows, and takes nothing of it away."""
    trained = {tool["function"]["name"]: tool["function"]["parameters"] for tool in load_tools()}
    assert [name for name in specs if name in trained] == list(trained)
    assert set(specs) - set(trained) == {"apply_patch", "background", "recall"}
    for name, parameters in trained.items():
        assert properties(parameters) <= properties(dict(specs[name].parameters))


@pytest.mark.parametrize("transcript", load_transcripts(), ids=lambda transcript: transcript.name)
def test_a_transcript_plays_as_a_conversation_that_a_server_takes(transcript: Transcript) -> None:
    messages = play(transcript, random.Random(1), load_results())
    assert [messages[0]["role"], messages[-1]["role"]] == ["user", "assistant"]
    assert "{{" not in json.dumps(messages)
    asked = [call["id"] for message in messages for call in message.get("tool_calls", ())]
    assert [message["tool_call_id"] for message in messages if message["role"] == "tool"] == asked


def test_replies_that_follow_the_same_words_differ_in_their_first_words() -> None:
    replies: dict[str, set[str]] = {}
    for transcript in load_transcripts():
        for message in transcript.messages:
            if message["role"] == "assistant" and not message.get("tool_calls"):
                replies.setdefault(" ".join(message["content"].split()[:2]), set()).add(message["content"])
    assert all(len(texts) == 1 for texts in replies.values())


def test_the_committed_model_is_small_and_holds_the_committed_template() -> None:
    assert TRAINED.stat().st_size < 2_100_000
    assert TEMPLATE.read_bytes() in TRAINED.read_bytes()
