"""The real llama.cpp server with a model that is told what to say: nothing of its prompt changes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.tinymodel.engine import Engine
from tests.support.tinymodel.hybrid import ranked_vocabulary, write_worded
from tests.support.tinymodel.repertoire import load_tools
from tests.support.tinymodel.speaker import Exchange, Json, Kind, Speaker, call_text, grammar_of
from trashclaw.agent.dialects.native import Native
from trashclaw.agent.messages import CallPart, EndPart, Message, Part, Request, Role
from trashclaw.protocol.ids import CallId
from trashclaw.protocol.tools import ToolCall, ToolSpec
from trashclaw.providers.openai_compat import OpenAICompatProvider
from trashclaw.providers.server_traits import LLAMACPP

TOOLS = tuple(ToolSpec(**tool["function"]) for tool in load_tools())
SYSTEM = Message(Role.SYSTEM, "\n".join(f"Rule {number}: be brief, and say what you do." for number in range(100)))
USER = Message(Role.USER, "Mend the sums.")
CALL = call_text("I look.", "read_file", {"path": "calc.py"})


class Twice:
    """Calls once, then is done."""

    def __init__(self) -> None:
        self.answers = [CALL, "Done."]

    def hear(self, body: Json) -> tuple[Kind, str]:
        return Kind.MAIN, self.answers[0]

    def was_heard(self, exchange: Exchange) -> None:
        self.answers.pop(0)


@pytest.fixture(scope="module", params=["plain", "hybrid"])
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    model = write_worded(tmp_path_factory.mktemp("model") / "tiny.gguf", is_hybrid=request.param == "hybrid")
    with Engine(model, n_ctx=8192) as running:
        yield running


async def ask(provider: OpenAICompatProvider, *messages: Message) -> list[Part]:
    dialect, request = Native(), Request(messages, TOOLS, max_tokens=200)
    reading, parts = dialect.read(request), list[Part]()
    async for part in provider.stream(dialect.render(request)):
        parts += reading.finish(part) if isinstance(part, EndPart) else reading.feed(part)
    return parts


async def test_a_call_goes_back_as_it_was_generated_and_the_server_has_all_of_it(engine: Engine) -> None:
    with Speaker(engine, Twice()) as speaker:
        provider = OpenAICompatProvider(speaker.url, "tiny", LLAMACPP)
        parts = await ask(provider, SYSTEM, USER)
        (call,) = (part for part in parts if isinstance(part, CallPart))
        made = ToolCall(call_id=CallId("c1"), name=call.name, arguments=call.arguments)
        said = Message(Role.ASSISTANT, "I look.", calls=(made,))
        result = Message(Role.TOOL, "1\tdef add(a, b):\n", call_id="c1", tool_name="read_file")
        await ask(provider, SYSTEM, USER, said, result)
        await provider.aclose()
    first, second = speaker.exchanges
    assert (call.name, call.arguments) == ("read_file", '{"path": "calc.py"}')
    rendered = [str(engine.post("/apply-template", exchange.body)["prompt"]) for exchange in (first, second)]
    assert '"name": "edit_file"' in rendered[0]
    assert rendered[1].startswith(rendered[0] + CALL)
    assert first.evaluated == len(engine.tokens(rendered[0]))
    assert second.cached == len(engine.tokens(rendered[0] + CALL))
    assert second.cached + second.evaluated == len(engine.tokens(rendered[1]))


def test_a_text_of_all_sorts_of_characters_is_said_to_the_letter(engine: Engine) -> None:
    text = 'näive 鯨 "\\n" 🦝 e\u0301: done.'
    body = {"messages": [{"role": "user", "content": "Say it."}]}
    told = engine.post("/v1/chat/completions", body | grammar_of(engine, body, text))
    assert told["choices"][0]["message"]["content"] == text


def test_the_words_are_a_vocabulary_of_their_own() -> None:
    vocabulary = ranked_vocabulary(2_000)
    assert len(set(vocabulary.tokens)) == len(vocabulary.tokens)
    known = set(vocabulary.tokens)
    assert all(set(merge.split(" ")) <= known and merge.replace(" ", "") in known for merge in vocabulary.merges)


def test_a_hybrid_goes_back_no_further_than_to_a_checkpoint(tmp_path: Path) -> None:
    cached = {}
    for is_hybrid in (False, True):
        with Engine(write_worded(tmp_path / "tiny.gguf", is_hybrid=is_hybrid), n_ctx=8192) as running:
            for words in ("Mend the sums.", "Tell me of the sums."):
                messages = [{"role": "system", "content": SYSTEM.text}, {"role": "user", "content": f"{words} Now."}]
                told = running.post("/v1/chat/completions", {"messages": messages, "max_tokens": 1})
            cached[is_hybrid] = told["timings"]["cache_n"]
    assert cached[False] > cached[True] > 0
