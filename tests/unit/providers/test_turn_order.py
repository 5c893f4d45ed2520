"""The order of roles on the wire."""

from __future__ import annotations

from trashclaw.agent.messages import Message, Request, Role
from trashclaw.providers.ollama_request import OllamaSettings, ollama_body
from trashclaw.providers.openai_request import chat_body
from trashclaw.providers.server_traits import LLAMACPP
from trashclaw.providers.turn_order import join_users

TALK = (
    Message(Role.SYSTEM, "You help."),
    Message(Role.USER, "I ran `ls`."),
    Message(Role.USER, "Now fix it."),
    Message(Role.ASSISTANT, "Done."),
    Message(Role.USER, "Thanks."),
)


def test_neighbouring_messages_of_the_user_become_one() -> None:
    joined = join_users(TALK)
    assert [message.role for message in joined] == [Role.SYSTEM, Role.USER, Role.ASSISTANT, Role.USER]
    assert joined[1].text == "I ran `ls`.\n\nNow fix it."


def test_nothing_else_is_touched() -> None:
    assert join_users(TALK[3:]) == list(TALK[3:])


def test_both_wire_forms_alternate() -> None:
    request = Request(TALK)
    for body in (chat_body(request, "m", LLAMACPP), ollama_body(request, OllamaSettings("m", 4096))):
        roles = [message["role"] for message in body["messages"]]
        assert roles == ["system", "user", "assistant", "user"]
