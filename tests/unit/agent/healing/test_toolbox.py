"""The toolbox: names and arguments as models write them, and what is stored of them."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.agents import EchoTool
from trashclaw.agent.healing.calls import DraftCall
from trashclaw.agent.healing.names import plain
from trashclaw.agent.healing.toolbox import Toolbox
from trashclaw.protocol.manners import Rung
from trashclaw.protocol.tools import ToolKind

BOX = Toolbox([EchoTool(), EchoTool("read_file"), EchoTool("write_file"), EchoTool("shell", has_effects=True)])


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ("read_file", "read_file"),
        ("ReadFile", "read_file"),
        ("functions.read_file", "read_file"),
        ("functions.read_file:0", "read_file"),
        ("default_api.read_file", "read_file"),
        ("tools/read_file", "read_file"),
        ("read_file()", "read_file"),
        ("<read_file>", "read_file"),
        ("`read_file`", "read_file"),
        ("Read-File", "read_file"),
        ("read file", "read_file"),
        ("read_files", "read_file"),
        ("raed_file", "read_file"),
        ("writ_file", "write_file"),
        ("parrot", "echo"),
        ("PARROT", "echo"),
    ],
)
def test_a_tool_is_found_under_the_names_that_models_use(asked: str, name: str) -> None:
    tool = BOX.find(asked)
    assert tool is not None
    assert tool.spec.name == name


@pytest.mark.parametrize(
    "asked", ["", "read", "file_read", "read_file2", ".", "functions.", "ecoh", "shel", "rite_fil", "x" * 100_000]
)
def test_nothing_is_guessed(asked: str) -> None:
    assert BOX.find(asked) is None


def test_a_slip_between_two_tools_is_not_decided() -> None:
    box = Toolbox([EchoTool("list_file"), EchoTool("lint_file")])
    assert box.find("lisnt_file") is None
    assert box.find("lixt_file") is None


def test_an_unknown_tool_is_answered_with_those_that_are_offered() -> None:
    box = Toolbox([EchoTool(), EchoTool("shell", has_effects=True)], {ToolKind.EXECUTE})
    assert [spec.name for spec in box.specs] == ["echo"]
    healed = box.heal(DraftCall("fly"))
    assert healed.error is not None
    assert healed.error.hint == "The tools are: echo."
    assert not healed.can_reask
    assert box.heal(DraftCall("shell")).tool is not None


def test_an_unknown_tool_is_answered_with_the_nearest_first() -> None:
    healed = BOX.heal(DraftCall("read_the_file", "", ["{}"]))
    assert healed.error is not None
    assert healed.error.hint == "Did you mean read_file? The tools are: echo, read_file, write_file, shell."


@pytest.mark.parametrize("name", ["", " \n"])
def test_a_call_without_a_name_has_one_in_the_history(name: str) -> None:
    healed = BOX.heal(DraftCall(name, "", ["{}"]))
    assert (healed.call.name, healed.call.asked_name, healed.tool) == ("unnamed", name, None)
    assert healed.error is not None


def test_arguments_are_kept_byte_for_byte_where_they_parse() -> None:
    raw = '{ "text":\t"a\\u00e4",  "n": 1.50 }'
    healed = BOX.heal(DraftCall("echo", "id-1", [raw[:5], raw[5:]]))
    assert (healed.call.arguments, healed.call.raw_arguments, healed.call.provider_id) == (raw, None, "id-1")
    assert healed.arguments == {"text": "aä", "n": 1.5}


def test_a_wrapper_that_parses_is_kept_byte_for_byte_too() -> None:
    raw = '{"name": "echo", "arguments": {"text": "a"}}'
    healed = BOX.heal(DraftCall("echo", "", [raw]))
    assert (healed.call.arguments, healed.call.raw_arguments) == (raw, None)
    assert healed.arguments == {"text": "a"}
    assert [note.rung for note in healed.mended] == [Rung.NAMED]


def test_what_was_repaired_is_stored_as_it_runs_beside_what_was_written() -> None:
    raw = "{'text': 'ä',}"
    healed = BOX.heal(DraftCall("echo", "", [raw]))
    assert (healed.call.arguments, healed.call.raw_arguments) == ('{"text": "ä"}', raw)
    assert healed.arguments == {"text": "ä"}
    assert [(note.rung, note.text) for note in healed.mended] == [
        (Rung.REPAIRED, "repaired the JSON: a comma too many, other quotes")
    ]


@pytest.mark.parametrize("written", ["{text: '\\ud800x'}", "{text: '\ud800x'}", '{"arguments": {"text": "\\ud800x"},}'])
def test_half_a_character_in_a_repaired_call_can_be_stored(written: str) -> None:
    healed = BOX.heal(DraftCall("echo", "", [written]))
    assert healed.error is None
    assert type(healed.call).model_validate_json(healed.call.model_dump_json()) == healed.call
    assert json.loads(healed.call.arguments) == healed.arguments


@pytest.mark.parametrize("raw", ["", "  \n"])
def test_no_arguments_are_an_empty_object_of_which_something_is_missing(raw: str) -> None:
    healed = BOX.heal(DraftCall("echo", "", [raw]))
    assert (healed.call.arguments, healed.call.raw_arguments, dict(healed.arguments)) == ("{}", None, {})
    assert healed.error is not None
    assert healed.error.hint == 'Expected {text: string}, for example {"text": "hi"}.'
    assert healed.can_reask


def test_a_cut_text_is_never_repaired_nor_asked_for_again() -> None:
    for raw in ("", '{"text": "a"', '{"text": "a', "{'text': 'a'}"):
        healed = BOX.heal(DraftCall("echo", "", [raw]), is_cut=True)
        assert healed.error is not None
        assert "its room was too small" in healed.error.text
        assert healed.is_cut
        assert not healed.can_reask
    whole = BOX.heal(DraftCall("echo", "", ['{"text": "a"}']), is_cut=True)
    assert (whole.error, dict(whole.arguments), whole.is_cut) == (None, {"text": "a"}, False)


@pytest.mark.parametrize("raw", ["[1]", "null", "x", "{", '{"a": 1} {"b": 2}', "[" * 100_000, "9" * 5000, "{'a': b c}"])
def test_what_is_no_object_is_quoted_and_bounded(raw: str) -> None:
    healed = BOX.heal(DraftCall("echo", "", [raw]))
    assert healed.error is not None
    assert healed.call.arguments == "{}"
    assert healed.call.raw_arguments == raw
    assert len(healed.error.text) < 800
    assert raw[:50] in healed.error.text
    assert healed.error.hint.endswith('Expected {text: string}, for example {"text": "hi"}.')
    assert healed.can_reask


@settings(max_examples=60, deadline=None)
@given(st.text(), st.text())
def test_whatever_a_model_writes_becomes_a_call_that_can_be_stored(name: str, raw: str) -> None:
    healed = BOX.heal(DraftCall(name, "", [raw]))
    assert healed.error is not None or healed.tool is not None
    json.loads(healed.call.model_dump_json())
    assert isinstance(json.loads(healed.call.arguments, strict=False), dict)


@given(st.text(alphabet="abcABC_-. /:0()`<>"))
def test_folding_a_name_never_fails_and_leaves_no_wrapper(name: str) -> None:
    assert not set(plain(name)) & set("_- ABC/.") or not plain(name)
