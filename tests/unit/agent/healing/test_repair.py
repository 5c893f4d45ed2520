"""Repair is exact or refused: what models write, what it means, and what cannot be told."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.shells import make_shell
from trashclaw.agent.healing.bones import rebuild
from trashclaw.agent.healing.calls import DraftCall, HealedCall
from trashclaw.agent.healing.literals import Unclear
from trashclaw.agent.healing.repair import repair
from trashclaw.agent.healing.scanning import Scan
from trashclaw.agent.healing.toolbox import Toolbox
from trashclaw.tools.registry import make_tools
from trashclaw.workspace.git import Git
from trashclaw.workspace.root import Workspace

HERE = Workspace(Path())
BOX = Toolbox(make_tools(HERE, Git(HERE), make_shell(HERE.root)))


def heal(name: str, raw: str) -> HealedCall:
    return BOX.heal(DraftCall(name, "", [raw]))


@pytest.mark.parametrize(
    ("raw", "arguments"),
    [
        ("{'pattern': 'a'}", {"pattern": "a"}),
        ("{pattern: 'a', path: src/x.py, context: 3}", {"pattern": "a", "path": "src/x.py", "context": 3}),
        ('{pattern": "a"}', {"pattern": "a"}),
        ('{"pattern: "a"}', {"pattern": "a"}),
        ("{\N{LEFT DOUBLE QUOTATION MARK}pattern\N{RIGHT DOUBLE QUOTATION MARK}: `a`}", {"pattern": "a"}),
        ('{"pattern": "a",}', {"pattern": "a"}),
        ('{"pattern": "a" "path": "b"}', {"pattern": "a", "path": "b"}),
        ('{"pattern": "a",, "context": 600 "path": "b"}', {"pattern": "a", "context": 600, "path": "b"}),
        ('{"pattern": "a", // why\n "path": "b" # no\n /* x */}', {"pattern": "a", "path": "b"}),
        ('```json\n{"pattern": "a"}\n```', {"pattern": "a"}),
        ('Sure: {"pattern": "a"} Hope it helps!', {"pattern": "a"}),
        ("{'pattern': r'\\d+', 'ignore_case': True, 'path': None}", {"pattern": "\\d+", "ignore_case": True}),
        ('{"pattern": """a\n"b" c"""}', {"pattern": 'a\n"b" c'}),
        ('"{\\"pattern\\": \\"a\\"}"', {"pattern": "a"}),
        ('{\\"pattern\\": \\"a\\"}', {"pattern": "a"}),
        ('{"pattern": "a"', {"pattern": "a"}),
        ('{"pattern": "a", "ignore_case": true', {"pattern": "a", "ignore_case": True}),
        ('{"pattern": "a"}}', {"pattern": "a"}),
        ('{"name": "grep", "arguments": {"pattern": "a"}', {"pattern": "a"}),
        ('{"name": "grep", "arguments": "{\\"pattern\\": \\"a\\"}"}', {"pattern": "a"}),
        ('"pattern": "a", "context": 3}', {"pattern": "a", "context": 3}),
        ('{"pattern": "a"}{"pattern": "a"}', {"pattern": "a"}),
        ('\ufeff{"pattern"= "a"; "context": 3}', {"pattern": "a", "context": 3}),
        ('"just text"', {"pattern": "just text"}),
        ('{"pattern": "a\nb",}', {"pattern": "a\nb"}),
        ('{"pattern": "\\d+\\s"}', {"pattern": "\\d+\\s"}),
        ('{"pattern": "\\bfoo\\w\\b"}', {"pattern": "\\bfoo\\w\\b"}),
        ('{"pattern": "say "hi"", "context": 5}', {"pattern": 'say "hi"', "context": 5}),
        ("{'pattern': 'don't'}", {"pattern": "don't"}),
        ('{"pattern": "f = {"a": "b"}"}', {"pattern": 'f = {"a": "b"}'}),
        ('{"pattern": ""v":\\s*"\\d+""}', {"pattern": '"v":\\s*"\\d+"'}),
    ],
)
def test_what_can_mean_one_thing_only_is_that(raw: str, arguments: dict[str, Any]) -> None:
    healed = heal("grep", raw)
    assert healed.error is None
    assert healed.arguments == arguments
    assert json.loads(healed.call.arguments, strict=False)
    assert healed.mended


@pytest.mark.parametrize(
    "raw",
    [
        '{"pattern": "a", "context": 5',
        '{"pattern": "a',
        '{"pattern": "a",',
        '{"pattern": "a", "path":',
        '{"pattern": "a" // the rest }',
        '{"pattern": "\\d+\\n"}',
        '{"pattern": "\\bfoo\\b"}',
        '{"pattern": "C:\\new\\dir"}',
        '{"pattern": "it\\\'s"}',
        '{"pattern": "a\\_b"}',
        '{"pattern": "([\'\\"]).*\\1"}',
        '{"pattern": "echo "hi"", "path": "p"}',
        '{"pattern": "print("a\\n")"}',
        '{"pattern": "a"}{"pattern": "b"}',
        '{"pattern": "a", "pattern": "b"}',
        '{"pattern": "a", "pattern": "b",}',
        '{"pattern": "a", "context": NaN}',
        '{"pattern": "a", "context": 1_000}',
        '{"pattern": "a", "context": 007}',
        '{"pattern": "a", ...}',
        '{"pattern": "a", "colour": "b",}',
        '{"name": "glob", "arguments": {"pattern": "a"}}',
        '{"pattern": "a"} path: src',
        '{"pattern": ["a", "b"]}',
        '{"pattern": "a", "context": "1,000"}',
        '{"pattern": ("a")}',
        "{'pattern': f'{x}'}",
        'pattern = "a"',
        "just text",
    ],
)
def test_what_can_mean_two_things_is_refused(raw: str) -> None:
    healed = heal("grep", raw)
    assert healed.error is not None
    assert not healed.arguments
    assert healed.can_reask
    assert healed.error.hint.endswith('for example {"pattern": "def main", "path": "src", "glob": "*.py"}.')


def test_a_path_that_lost_its_backslashes_is_not_tried() -> None:
    healed = heal("grep", '{"pattern": "a", "path": "C:\\new"}')
    assert healed.error is not None
    assert "holds a control character" in healed.error.text
    assert healed.error.hint == "In JSON a backslash is written twice; in paths write / instead."


@pytest.mark.parametrize(
    "raw",
    [
        '{"path": "a", "old_text": "say "hi"", "new_text": "C:\\\\temp"}',
        '{"path": "a", "old_text": "\\d", "new_text": "one\\ntwo"}',
    ],
)
def test_a_call_that_escapes_here_and_there_tells_nothing_of_its_other_strings(raw: str) -> None:
    assert heal("edit_file", raw).error is not None


def test_a_bracket_that_can_stand_in_two_places_is_not_put() -> None:
    raw = '{"a": {"b": "1", "c": "2"}'
    inside = repair(raw, {}, lambda value: "c" in value["a"])
    assert inside.value == {"a": {"b": "1", "c": "2"}}
    with pytest.raises(Unclear, match="in two places"):
        repair(raw, {}, lambda value: True)


def test_a_bracket_that_can_stand_in_one_place_is_put() -> None:
    assert heal("bash", '{"command": "a", "hosts": ["b" "c"]}').error is not None
    plan = heal("update_plan", '{"entries": [{"text": "a", "status": "pending", {"text": "b", "status": "pending"}]')
    assert [entry["text"] for entry in plan.arguments["entries"]] == ["a", "b"]


@pytest.mark.parametrize(
    "bones",
    [
        '{ "s0" : [ { "s1" : "s2" } , "s3" : "s4" }',
        '{ "s0" : [ { } , ] }',
        '{ "s0" : "s1" "s2" }',
        '{ "s0" "s1" }',
        '{ "s0" : "s1" , "s2" : }',
    ],
)
def test_what_the_library_adds_or_drops_beside_brackets_is_refused(bones: str) -> None:
    tokens = bones.split()
    with pytest.raises(Unclear):
        rebuild(Scan(tokens, [f"v{at}" for at in range(5)]))


HOSTILE = {
    "brackets": "[" * 990_000,
    "quotes": '"' * 990_000,
    "open quotes": '{"' * 495_000,
    "commas": "{" + "," * 990_000,
    "blanks": '{"a":' + " " * 990_000,
    "comments": "{" + "/*" * 495_000,
    "line comments": "{#\n" * 330_000,
    "backslashes": '{"pattern": "' + "\\" * 980_000,
    "escapes": '{"pattern": "' + "\\d" * 490_000 + '"}',
    "word": '{"pattern": ' + "a" * 980_000,
    "words": "{" + '"a":1,' * 160_000,
    "bare words": '{"pattern": [' + "a," * 490_000,
    "ends": '{"pattern": "' + '"}' * 490_000,
    "names": '{"pattern": "' + '","a":' * 160_000,
    "blocks": '{"pattern": """' + '""x' * 320_000,
    "lines": '{"pattern": "x"' + "\n" * 980_000,
    "inner ends": '{"pattern": "' + ('"' + " " * 90) * 10_000 + '"}',
    "inside": '"' + '\\"{' * 320_000 + '"',
    "nested": '{"pattern":[' * 80_000,
    "equals": "{" + "=" * 990_000,
    "keys": "{" + "a:" * 490_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_of_a_megabyte_is_refused_at_once(name: str) -> None:
    began = time.process_time()
    healed = heal("edit_file", HOSTILE[name])
    assert healed.error is not None
    assert len(healed.error.text) < 1_000
    assert time.process_time() - began < 8, "about a hundred times what it takes"


def test_a_large_file_with_one_fault_is_healed() -> None:
    content = 'x = "y"; z()\n' * 15_000
    healed = heal("write_file", json.dumps({"path": "a", "content": content})[:-1] + ",}")
    assert healed.arguments == {"path": "a", "content": content}


TEXTS = st.text(alphabet=st.sampled_from(list("ab \"'\\{}[],:#/\n\tnd`é“”=;0")), max_size=24)
CALLS = st.fixed_dictionaries({"path": st.just("a.py"), "old_text": TEXTS, "new_text": TEXTS})


def _spoil(text: str, at: float, kind: int) -> str:
    place = int(at * len(text))
    made = [
        text[:place],
        text[:place] + text[place + 1 :],
        text[:place] + '"' + text[place:],
        text[:place] + "," + text[place:],
        text[:place] + "}" + text[place:],
        text if "'" in text or '\\"' in text else text.replace('"', "'"),
        text.replace('\\"', '"'),
        text.replace("\\\\", "\\"),
        text[:-1],
        f"```\n{text}\n```",
        "{"
        + " ".join(f'"{name}": {json.dumps(value, ensure_ascii=False)}' for name, value in json.loads(text).items())
        + "}",
        text + text,
        repr(json.loads(text)),
        json.dumps(text, ensure_ascii=False),
    ]
    return made[kind % len(made)]


@settings(max_examples=400, deadline=None)
@given(CALLS, st.floats(0, 0.999), st.integers(5, 13))
def test_a_spoilt_call_is_healed_exactly_or_refused(arguments: dict[str, str], at: float, kind: int) -> None:
    raw = _spoil(json.dumps(arguments, ensure_ascii=False), at, kind)
    try:
        is_json = isinstance(json.loads(raw, strict=False), dict)
    except ValueError:
        is_json = False
    healed = heal("edit_file", raw)
    assert is_json or healed.error is not None or healed.arguments == arguments


@settings(max_examples=400, deadline=None)
@given(CALLS, st.floats(0, 0.999), st.integers(0, 13))
def test_every_value_of_a_healed_call_stands_in_what_was_written(
    arguments: dict[str, str], at: float, kind: int
) -> None:
    raw = _spoil(json.dumps(arguments, ensure_ascii=False), at, kind)
    healed = heal("edit_file", raw)
    bare = raw.replace("\\", "")
    for value in () if healed.error else healed.arguments.values():
        pieces = [piece for piece in str(value).replace("\n", "\\").replace("\t", "\\").split("\\") if piece]
        assert all(piece in bare for piece in pieces)
