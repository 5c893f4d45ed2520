"""Whole exams of models that know everything, something, or nothing, and of servers that fail."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from tests.support.examined import PROFILE, ExaminedProvider, Reply, examined, has_tools, said, unless, wisely
from trashclaw.agent.messages import Request
from trashclaw.config.schema import MannerSettings
from trashclaw.exam.choice import choose_manner
from trashclaw.exam.edits import CHANGES, SAMPLE, formats
from trashclaw.exam.result import Depth, WindowVerdict
from trashclaw.exam.thinking import QUESTION
from trashclaw.protocol.errors import (
    ContextOverflow,
)
from trashclaw.protocol.manners import DialectName, EditFormat


async def test_a_model_that_knows_everything_gets_full_marks() -> None:
    provider = ExaminedProvider()
    result = await examined(provider, Depth.FULL)
    assert result.is_whole
    assert (result.provider, result.model, result.digest) == ("fake", "wise", "abc")
    assert result.calls and (result.calls.native, result.calls.tried) == (3, 3)
    assert result.parallel and result.parallel.right == 2
    assert result.json_schema and (result.json_schema.fitted, result.json_schema.tried) == (2, 2)
    assert result.edits and result.edits.way == "native"
    assert [one.edit_format for one in result.edits.formats] == list(EditFormat)
    assert all((one.landed, one.tried) == (3, 3) for one in result.edits.formats), result.edits.note
    assert result.window and result.window.verdict is WindowVerdict.HELD
    assert result.window.has_recalled and 14_000 < result.window.proven_tokens < 14_800
    assert result.speed and result.speed.read_tokens_per_s == 1000.0
    assert result.speed.write_tokens_per_s == 50.0 and not result.speed.is_by_clock
    assert result.thinking and not result.thinking.thinks
    assert not any(request.schema and request.tools for request in provider.requests)
    assert all(request.max_tokens and request.max_tokens <= 1024 for request in provider.requests)


async def test_nothing_at_the_head_of_a_long_prompt_comes_twice() -> None:
    provider = ExaminedProvider()
    await examined(provider, Depth.FULL)
    long = [request.messages[-1].text for request in provider.requests if len(request.messages[-1].text) > 400]
    heads = [text[100:400] for text in long if "secret word" in text]
    assert len(heads) == len(set(heads)) >= 5


async def test_a_model_without_tool_calls_is_examined_by_a_schema() -> None:
    provider = ExaminedProvider(unless(has_tools, Reply("I would read the file.")))
    result = await examined(provider, Depth.FULL)
    assert result.calls and (result.calls.native, result.calls.in_text) == (0, 0)
    assert "words in place of a call" in result.calls.note
    assert result.edits and result.edits.way == "schema"
    assert all(one.landed == 3 for one in result.edits.formats), result.edits.note
    assert choose_manner(result, PROFILE, MannerSettings()).dialect is DialectName.TYPED


async def test_a_server_that_takes_no_tools_is_sent_none() -> None:
    provider = ExaminedProvider(known=replace(PROFILE, has_tools=False))
    result = await examined(provider)
    assert not any(request.tools for request in provider.requests)
    assert result.calls and result.calls.tried == 0 and not result.calls.error
    assert result.edits and result.edits.formats[0].landed == 1


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (Reply(calls=(("delete_all", {"path": "src/cart.py"}),)), "'delete_all' where read_file was meant"),
        (Reply(calls=(("read_file", {"path": "src/other.py"}),)), "with other arguments"),
        (Reply(), "words in place of a call"),
    ],
)
async def test_what_came_in_place_of_a_call_is_told(reply: Reply, words: str) -> None:
    result = await examined(ExaminedProvider(unless(has_tools, reply)))
    assert result.calls and result.calls.native == 0
    assert words in result.calls.note
    assert result.parallel and result.parallel.right == 0


IN_TEXT = (
    '<tool_call>\n{"name": "%s", "arguments": %s}\n</tool_call>',
    '[TOOL_CALLS][{"name": "%s", "arguments": %s}]',
)


@pytest.mark.parametrize("form", IN_TEXT, ids=["tags", "mistral"])
async def test_a_call_in_the_text_is_told_apart_from_a_native_one(form: str) -> None:
    def writing(request: Request) -> Reply:
        reply = wisely(request)
        return Reply("".join(form % (name, json.dumps(dict(given))) for name, given in reply.calls) or reply.text)

    result = await examined(ExaminedProvider(writing))
    assert result.calls and (result.calls.native, result.calls.in_text, result.calls.tried) == (0, 3, 3)
    assert result.parallel and result.parallel.right == 2
    assert result.edits and result.edits.way == "native" and result.edits.formats[0].landed == 1
    choice = choose_manner(result, PROFILE, MannerSettings())
    assert choice.dialect is DialectName.TYPED and "3 more in the text" in choice.reasons["dialect"]


async def test_one_call_of_two_is_half_of_a_parallel_answer() -> None:
    reply = Reply(calls=(("read_file", {"path": "./src/first.py"}),))
    result = await examined(ExaminedProvider(unless(lambda request: "call the tool twice" in said(request), reply)))
    assert result.parallel and result.parallel.right == 1


@pytest.mark.parametrize(
    "text",
    [
        "The weather is fine.",
        '{"kind_0": "ferry"}',
        '{"kind_0": "bus", "is_final": true}',
        '{"kind_0": "ferry", "is_final": 1}',
        '{"kind_0": "ferry", "is_final": true, "more": 1}',
        "[" * 9_000,
        "{" * 9_000 + "}" * 9_000,
    ],
    ids=["words", "missing", "other", "number", "more", "nested", "braces"],
)
async def test_an_answer_that_breaks_its_schema_is_no_constrained_one(text: str) -> None:
    result = await examined(ExaminedProvider(unless(lambda request: request.schema is not None, Reply(text))))
    assert result.json_schema and (result.json_schema.fitted, result.json_schema.tried) == (0, 2)
    assert not choose_manner(result, PROFILE, MannerSettings()).can_constrain


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"path": "src/shop.py", "old_text": "nowhere", "new_text": "x"}, "not in the file"),
        ({"path": "src/shop.py", "old_text": "return", "new_text": "x"}, "replace: "),
        ({"path": "src/shop.py", "old_text": "RATE = 0.19", "new_text": "RATE = 1"}, "something else was changed"),
        ({"path": "src/shop.py", "old_text": "", "new_text": "x"}, "replace: "),
        ({"path": "src/other.py", "old_text": CHANGES[0].old, "new_text": CHANGES[0].new}, "another file was named"),
        ({"path": "src/shop.py"}, "no edit in the answer"),
    ],
    ids=["nowhere", "several", "other", "empty", "file", "missing"],
)
async def test_an_edit_counts_only_if_it_gives_what_was_wanted(arguments: dict[str, str], words: str) -> None:
    def is_edit(request: Request) -> bool:
        return [tool.name for tool in request.tools] == ["edit_file"]

    result = await examined(ExaminedProvider(unless(is_edit, Reply(calls=(("edit_file", arguments),)))))
    assert result.edits and words in result.edits.note
    landed = {one.edit_format: one.landed for one in result.edits.formats}
    assert landed[EditFormat.REPLACE] == 0 and landed[EditFormat.WHOLE] == 1
    assert choose_manner(result, PROFILE, MannerSettings()).edit_format is not EditFormat.REPLACE


@pytest.mark.parametrize("way", ["native", "schema"])
@pytest.mark.parametrize(
    ("patch", "is_right"),
    [
        ("*** Begin Patch\n*** Update File: src/shop.py\n@@\n-    return full + discount\n", True),
        ("--- a/src/shop.py\n+++ b/src/shop.py\n@@ -12,1 +12,1 @@\n-    return full + discount\n", True),
        ("*** Begin Patch\n*** Update File: src/other.py\n@@\n-    return full + discount\n", False),
        ("*** Begin Patch\n*** Update File: src/shop.py\n@@\n-    return nothing\n", False),
        ("I would change the last line.\n", False),
    ],
    ids=["envelope", "unified", "file", "nowhere", "words"],
)
async def test_a_patch_counts_only_if_it_gives_what_was_wanted(way: str, patch: str, is_right: bool) -> None:
    text = f"{patch}+    return full - discount\n"
    if "***" in patch:
        text += "*** End Patch\n"

    def answering(request: Request) -> Reply | Exception:
        if [tool.name for tool in request.tools] == ["apply_patch"]:
            return Reply(calls=(("apply_patch", {"patch": text}),))
        if "patch" in (request.schema or {}).get("properties", {}):
            return Reply(json.dumps({"patch": text}))
        return Reply("No.") if way == "schema" and request.tools else wisely(request)

    result = await examined(ExaminedProvider(answering))
    assert result.edits and result.edits.way == way
    landed = {one.edit_format: one.landed for one in result.edits.formats}
    assert landed[EditFormat.PATCH] == is_right, result.edits.note


def test_every_change_is_another_one_and_the_sample_holds_it_once() -> None:
    assert all(SAMPLE.count(change.old) == 1 and change.wanted != SAMPLE for change in CHANGES)
    assert [form.edit_format for form in formats()] == list(EditFormat)


async def test_a_head_that_was_cut_off_is_seen_in_the_counts() -> None:
    result = await examined(ExaminedProvider(read_limit_tokens=4_096), Depth.FULL)
    assert result.window and result.window.verdict is WindowVerdict.CUT
    assert 1_900 < result.window.proven_tokens <= 4_096
    assert result.window.failed_tokens == 4_096 or result.window.failed_tokens == 8_192
    assert "4096" in result.window.note
    assert choose_manner(result, PROFILE, MannerSettings()).limit_tokens == result.window.proven_tokens


@pytest.mark.parametrize("depth", Depth)
async def test_of_a_window_that_was_cut_what_the_server_reads_is_proven(depth: Depth) -> None:
    result = await examined(ExaminedProvider(read_limit_tokens=3_900), depth)
    assert result.window and result.window.verdict is WindowVerdict.CUT
    assert 3_400 < result.window.proven_tokens <= 3_900
    assert choose_manner(result, PROFILE, MannerSettings()).limit_tokens == result.window.proven_tokens


async def test_a_head_that_was_cut_off_is_seen_without_counts_too() -> None:
    result = await examined(ExaminedProvider(read_limit_tokens=4_096, counts=False), Depth.FULL)
    assert result.window and result.window.verdict is WindowVerdict.HELD
    assert 1_900 < result.window.proven_tokens < 4_600
    assert "does not say" in result.window.note
    assert result.speed and result.speed.is_by_clock


async def test_a_forgetful_model_is_no_cut_window() -> None:
    forgetful = unless(lambda request: "secret word is" in said(request), Reply("I do not know."))
    result = await examined(ExaminedProvider(forgetful), Depth.FULL)
    assert result.window and result.window.verdict is WindowVerdict.HELD
    assert not result.window.has_recalled and result.window.proven_tokens > 14_000


async def test_a_prompt_that_is_refused_within_the_claimed_window_is_told_with_the_real_one() -> None:
    def refusing(request: Request) -> Reply | Exception:
        if len(said(request)) > 4 * 5_000:
            return ContextOverflow("too long", prompt_tokens=8_100, limit=5_000)
        return wisely(request)

    result = await examined(ExaminedProvider(refusing), Depth.FULL)
    assert result.window and result.window.verdict is WindowVerdict.REFUSED
    assert (result.window.failed_tokens, result.window.error) == (8_100, "")
    assert 4_400 < result.window.proven_tokens < 4_600
    assert "5000" in result.window.note
    assert choose_manner(result, PROFILE, MannerSettings()).limit_tokens == result.window.proven_tokens


async def test_an_assumed_window_is_tried_beyond_what_is_assumed() -> None:
    known = replace(PROFILE, limit_tokens=8_192, is_limit_assumed=True)
    result = await examined(ExaminedProvider(known=known, read_tokens_per_s=100_000.0), Depth.FULL)
    assert result.window and result.window.proven_tokens > 100_000
    assert choose_manner(result, known, MannerSettings()).limit_tokens == result.window.proven_tokens


async def test_a_slow_reader_is_not_sent_what_takes_too_long() -> None:
    provider = ExaminedProvider(read_tokens_per_s=12.0)
    result = await examined(provider)
    assert max(len(said(request)) for request in provider.requests) / 4 < 12 * 60 * 1.2
    assert result.window and "take too long" in result.window.note
    assert 256 <= result.window.proven_tokens < 12 * 60 * 1.2
    assert result.window.verdict is WindowVerdict.HELD


async def test_a_very_slow_reader_is_sent_no_long_prompt_at_all() -> None:
    result = await examined(ExaminedProvider(read_tokens_per_s=2.0))
    assert result.window and (result.window.proven_tokens, result.window.verdict) == (0, WindowVerdict.UNKNOWN)
    assert "take too long" in result.window.note and not result.window.error


def thinking(request: Request) -> Reply:
    thought = "Hm. " * 200 if request.think is not False else ""
    return replace(wisely(request), thought=thought)


async def test_a_thinking_model_is_examined_without_thinking_where_that_can_be() -> None:
    provider = ExaminedProvider(thinking, write_tokens_per_s=5.0)
    result = await examined(provider)
    assert result.thinking and result.thinking.thinks and result.thinking.can_stop
    assert result.thinking.place == "field reasoning_content" and 150 < result.thinking.tokens < 250
    after = [request for request in provider.requests if request.tools or request.schema]
    assert after and all(request.think is False for request in after)
    assert choose_manner(result, PROFILE, MannerSettings()).think is False


async def test_a_model_that_cannot_stop_thinking_gets_room_for_it() -> None:
    provider = ExaminedProvider(lambda request: replace(wisely(request), thought="Hm. " * 500))
    result = await examined(provider)
    assert result.thinking and result.thinking.can_stop is False
    assert "even when asked not to" in result.thinking.note
    after = [request for request in provider.requests if request.tools]
    assert all(request.think is None and (request.max_tokens or 0) > 2_000 for request in after)
    assert choose_manner(result, PROFILE, MannerSettings()).think is None


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("<think>\nSeventeen.\n</think>\n42", "tag <think>"),
        ("Seventeen.\n</think>\n42", "tag </think>"),
        ("[THINK]Seventeen.[/THINK]42", "tag [THINK]"),
        ("<|channel|>analysis<|message|>Seventeen.", "tag <|channel|>analysis"),
    ],
)
async def test_thoughts_in_the_text_are_found_by_their_tag(text: str, place: str) -> None:
    result = await examined(ExaminedProvider(unless(lambda request: said(request) == QUESTION.lower(), Reply(text))))
    assert result.thinking and result.thinking.thinks and result.thinking.place == place
