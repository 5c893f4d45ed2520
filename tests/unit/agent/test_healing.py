"""Healing: names and arguments as models write them."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.agents import EchoTool
from trashclaw.agent.healing.calls import DraftCall
from trashclaw.agent.healing.toolbox import Toolbox, parse_object, plain
from trashclaw.protocol.tools import ToolKind

BOX = Toolbox([EchoTool(), EchoTool("read_file"), EchoTool("shell", has_effects=True)])


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ("read_file", "read_file"),
        ("ReadFile", "read_file"),
        ("functions.read_file", "read_file"),
        ("Read-File", "read_file"),
        ("read file", "read_file"),
        ("parrot", "echo"),
        ("PARROT", "echo"),
    ],
)
def test_a_tool_is_found_under_the_names_that_models_use(asked: str, name: str) -> None:
    tool = BOX.find(asked)
    assert tool is not None
    assert tool.spec.name == name


@pytest.mark.parametrize("asked", ["", "read", "file_read", "read_file2", ".", "functions."])
def test_nothing_is_guessed(asked: str) -> None:
    assert BOX.find(asked) is None


def test_an_unknown_tool_is_answered_with_those_that_are_offered() -> None:
    box = Toolbox([EchoTool(), EchoTool("shell", has_effects=True)], {ToolKind.EXECUTE})
    assert [spec.name for spec in box.specs] == ["echo"]
    healed = box.heal(DraftCall("fly"))
    assert healed.error is not None
    assert healed.error.hint == "The tools are: echo."
    assert box.heal(DraftCall("shell")).tool is not None


def test_arguments_are_kept_byte_for_byte_where_they_parse() -> None:
    raw = '{ "text":\t"a\\u00e4",  "n": 1.50 }'
    healed = BOX.heal(DraftCall("echo", "id-1", [raw[:5], raw[5:]]))
    assert (healed.call.arguments, healed.call.raw_arguments, healed.call.provider_id) == (raw, None, "id-1")
    assert healed.arguments == {"text": "aä", "n": 1.5}


@pytest.mark.parametrize("raw", ["", "  \n"])
def test_no_arguments_are_an_empty_object(raw: str) -> None:
    healed = BOX.heal(DraftCall("echo", "", [raw]))
    assert (healed.call.arguments, dict(healed.arguments), healed.error) == ("{}", {}, None)


def test_a_line_feed_inside_a_text_is_let_through() -> None:
    assert parse_object('{"text": "a\nb"}') == ({"text": "a\nb"}, "")


@pytest.mark.parametrize("raw", ["[1]", "null", '"x"', "{", '{"a": 1} {"b": 2}', "[" * 100_000, "9" * 5000, "{'a': 1}"])
def test_what_is_no_object_is_quoted_and_bounded(raw: str) -> None:
    healed = BOX.heal(DraftCall("echo", "", [raw]))
    assert healed.error is not None
    assert healed.call.arguments == "{}"
    assert healed.call.raw_arguments == raw
    assert len(healed.error.text) < 800
    assert raw[:50] in healed.error.text


@settings(max_examples=60, deadline=None)
@given(st.text(), st.text())
def test_whatever_a_model_writes_becomes_a_call_that_can_be_stored(name: str, raw: str) -> None:
    healed = BOX.heal(DraftCall(name, "", [raw]))
    assert (healed.error is None) == (healed.tool is not None)
    json.loads(healed.call.model_dump_json())
    assert isinstance(json.loads(healed.call.arguments, strict=False), dict)


@given(st.text())
def test_folding_a_name_twice_changes_nothing(name: str) -> None:
    assert plain(plain(name)) == plain(name) or "." in name
