"""The real llama.cpp server with one slot and no second cache: what another program costs is told, and nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.support.sessions import Driven
from tests.support.tinymodel.engine import Engine
from tests.support.tinymodel.hybrid import write_worded
from tests.support.tinymodel.speaker import Exchange, Json, Kind, Speaker, call_text
from trashclaw.agent.messages import EndPart, Message, Request, Role
from trashclaw.config.schema import Settings
from trashclaw.protocol import events as ev
from trashclaw.protocol import ops
from trashclaw.protocol.items import Compaction
from trashclaw.providers.openai_compat import OpenAICompatProvider
from trashclaw.providers.server_traits import LLAMACPP
from trashclaw.session.build import Opening, open_session

OTHERS = [{"role": "user", "content": "Another program has much to say of other things. " * 120}]
SETTINGS = Settings.model_validate({"context": {"read_ahead": False, "kept_results": 1}})


class Reader:
    """Reads one file after the other, and says a word when it was asked for no more."""

    def __init__(self) -> None:
        self.answers = [call_text("I look.", "read_file", {"path": f"m{number}.py"}) for number in range(3)]
        self.answers += ["Read.", "Yes.", "Still.", "Well."]

    def hear(self, body: Json) -> tuple[Kind, str]:
        return Kind.MAIN, self.answers[0]

    def was_heard(self, exchange: Exchange) -> None:
        self.answers.pop(0)


@pytest.fixture(scope="module", params=["plain", "hybrid"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def engine(kind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    model = write_worded(tmp_path_factory.mktemp("model") / "tiny.gguf", is_hybrid=kind == "hybrid")
    with Engine(model, n_ctx=16384, cache_ram_mib=0) as running:
        yield running


@asynccontextmanager
async def opened(engine: Engine, root: Path) -> AsyncIterator[tuple[Driven, Speaker]]:
    for number in range(3):
        (root / f"m{number}.py").write_text("".join(f"value_{line} = {line}\n" for line in range(60)))
    with Speaker(engine, Reader()) as speaker:
        provider = OpenAICompatProvider(speaker.url, "tiny", LLAMACPP)
        opening = Opening(root=root, settings=SETTINGS, provider=provider, state=root.parent / "state")
        driven = Driven(await open_session(opening), provider, root.parent / "state")  # type: ignore[arg-type]
        try:
            await driven.turn("Read them.")
            yield driven, speaker
        finally:
            await driven.session.aclose()


def told(driven: Driven) -> list[ev.Notice]:
    return [notice for notice in driven.notices if notice.code in {"cache_lost", "ledger_break"}]


def measured(driven: Driven) -> ev.ContextMeasured:
    return [event for event in driven.events if isinstance(event, ev.ContextMeasured)][-1]


async def test_a_session_that_is_alone_reads_nothing_twice(engine: Engine, repository: Path) -> None:
    async with opened(engine, repository) as (driven, speaker):
        await driven.turn("And now?")
        assert told(driven) == []
        assert measured(driven).reread_tokens == 0
        new = speaker.exchanges[-1].evaluated
        assert new < 40
        report = driven.session.context()
        assert (report.reread_tokens, report.breaks, report.is_estimate) == (0, (), False)
        assert report.read_tokens_per_s is not None
        assert sum(row.tokens for row in report.rows) == report.used_tokens


async def test_another_program_on_the_only_slot_is_told_once_with_what_it_cost(
    engine: Engine, repository: Path
) -> None:
    async with opened(engine, repository) as (driven, speaker):
        for words in ("And now?", "And again?"):
            await asyncio.to_thread(
                engine.post, "/v1/chat/completions", {"model": "other", "messages": OTHERS, "max_tokens": 1}
            )
            await driven.turn(words)
        (notice,) = told(driven)
        lost = speaker.exchanges[4].evaluated
        tokens = int(notice.text.partition("(")[2].partition(" ")[0].replace(",", ""))
        assert lost - 60 <= tokens <= lost
        assert "another program used the server in between" in notice.text
        assert "--parallel 2" in notice.hint
        both = lost + speaker.exchanges[5].evaluated
        assert both - 120 <= measured(driven).reread_tokens <= both
        assert measured(driven).reread_s > 0
        assert len(driven.session.context().breaks) == 2


async def test_a_compaction_is_a_cost_and_no_loss(engine: Engine, repository: Path) -> None:
    async with opened(engine, repository) as (driven, speaker):
        await driven.do(ops.ContextCompact())
        assert any(isinstance(item, Compaction) for item in driven.items)
        await driven.turn("And now?")
        assert told(driven) == []
        # What stands behind the first stub and was there before: the newest result, the words around it.
        assert 200 < measured(driven).reread_tokens < speaker.exchanges[-1].evaluated


async def test_a_prompt_behind_one_that_got_no_answer_costs_little(engine: Engine, kind: str) -> None:
    provider = OpenAICompatProvider(engine.url, "tiny", LLAMACPP)
    system = Message(Role.SYSTEM, "You help. " * 50)
    asked = Message(Role.USER, "Mend the parser, please. " * 40)
    ends = []
    for messages in ((system, asked), (system, asked, Message(Role.USER, "Are you there?"))):
        [*_, end] = [part async for part in provider.stream(Request(messages, max_tokens=1))]
        assert isinstance(end, EndPart)
        assert end.usage is not None
        ends.append(end.usage)
    await provider.aclose()
    assert ends[1].cached_tokens is not None
    # What was joined to the message stands before the mark of its end and the beginning of an answer: those go. A
    # recurrent state cannot be cut back that far, so that all of that message goes.
    lost = 12 if kind == "plain" else len(engine.tokens(asked.text)) + 24
    assert ends[1].cached_tokens >= ends[0].prompt_tokens - lost
