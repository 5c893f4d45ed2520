"""One more question: what is asked, what is taken of the answer, and when nothing is asked."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.agents import EchoTool
from tests.support.shells import make_shell
from trashclaw.agent.healing.calls import DraftCall, HealedCall
from trashclaw.agent.healing.reask import QUOTED_CHARS, answer_schema, reask
from trashclaw.agent.healing.toolbox import Toolbox
from trashclaw.agent.messages import Message, Request, Role
from trashclaw.protocol.errors import StreamBroken
from trashclaw.protocol.manners import Rung
from trashclaw.tools.registry import make_tools
from trashclaw.workspace.git import Git
from trashclaw.workspace.root import Workspace

BOX = Toolbox([EchoTool(), EchoTool("shell", has_effects=True)])
SENT = Request((Message(Role.SYSTEM, "S"), Message(Role.USER, "go")), tools=BOX.specs, max_tokens=500, think=True)
BROKEN = '{"text": "hi'


class Model:
    """Answers once, and keeps what it was asked."""

    def __init__(self, answer: str | None) -> None:
        self.answer = answer
        self.asked: list[Request] = []

    async def __call__(self, request: Request) -> str:
        self.asked.append(request)
        if self.answer is None:
            raise StreamBroken("gone")
        return self.answer


def broken(raw: str = BROKEN, name: str = "echo", *, is_cut: bool = False) -> HealedCall:
    healed = BOX.heal(DraftCall(name, "id-1", [raw]), is_cut=is_cut)
    assert healed.error is not None
    return healed


async def test_the_question_is_a_suffix_of_what_was_sent_and_is_held_to_the_schema() -> None:
    model = Model('{"text": "hi"}')
    await reask(broken(name="functions.echo"), SENT, "I greet.\n", model, BOX)
    (request,) = model.asked
    assert request.messages[:2] == SENT.messages
    assert request.tools is SENT.tools
    assert (request.max_tokens, request.think, request.is_continued) == (500, False, False)
    said, note = request.messages[2:]
    assert (said.role, said.text) == (Role.ASSISTANT, f"I greet.\n\n[call of functions.echo] {BROKEN}")
    assert not said.calls
    assert note.role is Role.USER
    assert "it ends inside a string" in note.text
    assert '"required":["text"]' in note.text
    assert request.schema == {
        "type": "object",
        "properties": {"text": {"type": "string", "maxLength": 64}},
        "required": ["text"],
        "additionalProperties": False,
    }


async def test_the_answer_is_what_runs_and_the_call_keeps_what_was_written() -> None:
    before = broken()
    healed = await reask(before, SENT, "", Model(' {"text": "hi"}\n'), BOX)
    assert (healed.error, dict(healed.arguments)) == (None, {"text": "hi"})
    assert healed.call.call_id == before.call.call_id
    assert (healed.call.name, healed.call.provider_id) == ("echo", "id-1")
    assert (json.loads(healed.call.arguments), healed.call.raw_arguments) == ({"text": "hi"}, BROKEN)
    assert [note.rung for note in healed.mended] == [Rung.REASKED]
    assert not healed.can_reask


async def test_a_server_that_ignores_the_schema_is_read_like_any_other() -> None:
    healed = await reask(broken(), SENT, "", Model("Sure:\n```json\n{'text': 'hi'}\n```"), BOX)
    assert healed.arguments == {"text": "hi"}
    assert [note.rung for note in healed.mended] == [Rung.REASKED, Rung.REPAIRED]


@pytest.mark.parametrize(
    "answer", ["", "no", '{"text": 5', '{"name": "shell", "arguments": {"text": "rm"}}', "{}", None]
)
async def test_a_wrong_answer_is_an_error_and_there_is_no_second_question(answer: str | None) -> None:
    before, model = broken(), Model(answer)
    healed = await reask(before, SENT, "", model, BOX)
    assert healed.error is not None
    assert before.error is not None
    assert healed.error.hint == before.error.hint
    assert healed.error.text.startswith(before.error.text)
    assert healed.call == before.call
    assert not healed.can_reask
    assert await reask(healed, SENT, "", model, BOX) is healed
    assert len(model.asked) == 1


async def test_nothing_is_asked_where_it_cannot_help() -> None:
    model = Model('{"text": "hi"}')
    right = BOX.heal(DraftCall("echo", "", ['{"text": "hi"}']))
    unknown = BOX.heal(DraftCall("fly", "", [BROKEN]))
    long = broken('{"text": "' + "a" * QUOTED_CHARS)
    for call in (right, unknown, long, broken(is_cut=True)):
        assert await reask(call, SENT, "", model, BOX) is call
    assert (await reask(broken(), SENT, "", model, BOX, can_constrain=False)).error is not None
    assert not model.asked


async def test_an_answer_that_is_wider_than_the_call_is_refused() -> None:
    here = Workspace(Path())
    box = Toolbox(make_tools(here, Git(here), make_shell(here.root)))
    before = box.heal(DraftCall("bash", "", ['{"command": "ls "-l" \\n"}']))
    healed = await reask(before, SENT, "", Model('{"command": "ls", "unsandboxed": true}'), box)
    assert healed.error is not None
    assert (await reask(before, SENT, "", Model('{"command": "ls"}'), box)).arguments == {"command": "ls"}


def test_the_answer_cannot_be_wider_than_the_call() -> None:
    here = Workspace(Path())
    tools = {tool.spec.name: tool for tool in make_tools(here, Git(here), make_shell(here.root))}
    whole = answer_schema(tools["bash"], '{"cmd": "ls "-l"", "timeout": 5}')
    assert set(whole["properties"]) == {"command", "timeout_s"}
    early = answer_schema(tools["bash"], '{"cmd": "ls')
    assert {"hosts", "outside_paths"}.isdisjoint(early["properties"])
    plan = answer_schema(tools["update_plan"], '{"entries": [{"text": "a" "b"}, {"text": "c"}]}')
    assert plan["properties"]["entries"]["maxItems"] == 2
    assert plan["properties"]["entries"]["items"]["additionalProperties"] is False
