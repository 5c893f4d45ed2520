"""The wait for a prompt is foretold from the waits before it."""

from __future__ import annotations

from pathlib import Path

import pytest

from trashclaw.agent.messages import EndPart, EndReason, Message, ProgressPart, Request, Role
from trashclaw.protocol.events import Phase
from trashclaw.protocol.usage import Timings, Usage
from trashclaw.providers.pace_memory import Pace, PaceMemory
from trashclaw.providers.prompt_pace import PromptPace

FIRST = Request((Message(Role.SYSTEM, "s" * 4000),))
OTHER = Request((Message(Role.SYSTEM, "x" * 4000),))
ANSWER = Message(Role.ASSISTANT, "a" * 1000)


def end(prompt_tokens: int, cached_tokens: int | None, prefill_s: float) -> EndPart:
    usage = Usage(prompt_tokens=prompt_tokens, cached_tokens=cached_tokens)
    return EndPart(EndReason.STOP, usage, Timings(prefill_s=prefill_s))


class Clock:
    """A clock that stands until it is told the time."""

    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        return self.at


def told(pace: PromptPace, request: Request) -> tuple[int | None, int | None, float | None]:
    part = pace.foretell(request).now()
    assert part.phase is Phase.PREFILL
    return part.done, part.total, part.eta_s


def held(**fields: object) -> PromptPace:
    return PromptPace(monotonic=Clock(), **fields)  # type: ignore[arg-type]


def test_nothing_is_foretold_before_something_was_measured() -> None:
    pace = held()
    assert pace.foretell(FIRST).now() == ProgressPart(Phase.PREFILL)
    pace.learn(FIRST, EndPart(EndReason.STOP))
    assert pace.foretell(FIRST).now() == ProgressPart(Phase.PREFILL)
    assert not pace.foretell(FIRST).has_figures


def test_only_what_is_new_is_waited_for_and_the_models_own_words_are_not_new() -> None:
    pace = held()
    pace.learn(FIRST, end(1000, 0, 10.0))
    longer = Request((*FIRST.messages, ANSWER, Message(Role.TOOL, "t" * 2000)))
    assert told(pace, longer) == (1250, 1750, 5.0)
    assert pace.foretell(longer).now().is_estimate


def test_a_changed_head_is_read_anew() -> None:
    pace = held()
    pace.learn(FIRST, end(1000, None, 10.0))
    assert told(pace, OTHER) == (0, 1000, 10.0)


def test_a_cached_prompt_says_nothing_of_the_speed() -> None:
    pace = held()
    pace.learn(FIRST, end(1000, 0, 10.0))
    pace.learn(FIRST, end(1000, 999, 0.5))
    assert told(pace, OTHER)[2] == 10.0


def test_what_is_foretold_moves_never_goes_back_and_never_claims_the_end() -> None:
    clock = Clock()
    pace = PromptPace(monotonic=clock)
    pace.learn(FIRST, end(1000, 0, 10.0))
    foretold = pace.foretell(OTHER)
    parts = []
    for clock.at in (100.0, 100.5, 105.0, 109.9, 110.0, 117.0, 117.5, 300.0):
        parts.append(foretold.now())
    assert [part.done for part in parts] == [0, 50, 500, 980, 980, 980, 980, 980]
    assert [part.eta_s is None for part in parts] == [False] * 4 + [True] * 4
    assert [part.text for part in parts] == [""] * 6 + ["longer than usual"] * 2


def test_where_the_server_does_not_tell_the_time_to_the_first_token_is_taken() -> None:
    pace = held()
    usage = Usage(prompt_tokens=1000, cached_tokens=0)
    pace.learn(FIRST, EndPart(EndReason.STOP, usage, Timings(first_token_s=5.0)))
    assert pace.tokens_per_s == 200
    few = Usage(prompt_tokens=1000, cached_tokens=900)
    pace.learn(FIRST, EndPart(EndReason.STOP, few, Timings(first_token_s=5.0)))
    assert pace.tokens_per_s == 200


def test_one_slow_answer_does_not_change_all_and_a_short_prompt_hardly_anything() -> None:
    pace = held()
    pace.learn(FIRST, end(1000, 0, 10.0))
    pace.learn(FIRST, end(1000, 0, 20.0))
    assert pace.tokens_per_s == 75
    pace.learn(FIRST, end(100, 0, 0.1))
    assert 75 < (pace.tokens_per_s or 0) < 160


async def test_the_next_session_knows_what_was_measured_and_another_model_is_another(tmp_path: Path) -> None:
    file = tmp_path / "state" / "reading_pace.json"
    first = held(file=file)
    await first.recall("ollama qwen3:8b")
    first.learn(FIRST, end(1000, 0, 10.0))
    await first.keep()
    assert [path.name for path in file.parent.iterdir()] == [file.name]
    second = held(file=file)
    await second.recall("ollama qwen3:8b")
    assert told(second, FIRST) == (0, 1000, 10.0)
    other = held(file=file)
    await other.recall("ollama gemma3:4b")
    assert other.tokens_per_s is None


async def test_a_session_that_measured_nothing_writes_nothing(tmp_path: Path) -> None:
    pace = held(file=tmp_path / "pace.json")
    await pace.recall("ollama qwen3:8b")
    await pace.keep()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "damaged",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[1]",
        b'{"m": 1}',
        b'{"m": [0, 1]}',
        b'{"m": [-5, 0.25]}',
        b'{"m": [NaN, 0.25]}',
        b'{"m": [1e400, 0.25]}',
        b'{"m": ["9", 0.25]}',
        b'{"m": [9, 0.25, 1]}',
        b"[" * 50_000,
        b'{"m": [9, 0.25], "x": "' + b"x" * 70_000 + b'"}',
        b'{"m": [1' + b"0" * 5000 + b", 0.25]}",
        b'{"m": [1' + b"0" * 400 + b", 0.25]}",
    ],
)
async def test_a_damaged_file_is_nothing_known_and_is_written_anew(tmp_path: Path, damaged: bytes) -> None:
    file = tmp_path / "pace.json"
    file.write_bytes(damaged)
    pace = held(file=file)
    await pace.recall("m")
    assert pace.tokens_per_s is None
    pace.learn(FIRST, end(1000, 0, 10.0))
    await pace.keep()
    assert PaceMemory(file).read("m") == Pace(100.0, 0.25)


def test_the_file_keeps_the_latest_models_and_stays_small(tmp_path: Path) -> None:
    memory = PaceMemory(tmp_path / "pace.json")
    for number in range(120):
        memory.write(f"{number} " + "n" * 1000, Pace(100.0, 0.25))
    assert (tmp_path / "pace.json").stat().st_size < 64_000
    assert memory.read("0 " + "n" * 1000) is None
    assert memory.read("119 " + "n" * 1000) == Pace(100.0, 0.25)


def test_a_disk_that_refuses_costs_nothing_but_the_memory(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    memory = PaceMemory(tmp_path / "file" / "pace.json")
    memory.write("m", Pace(100.0, 0.25))
    assert memory.read("m") is None
