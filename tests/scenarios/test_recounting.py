"""A resumed session knows what the server counted before it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.support.sessions import Driven, open_driven, read
from trashclaw.agent.messages import Request
from trashclaw.agent.tokens import TokenMeter

TEXT = "".join(f"value_{number} = table.get('key_{number}', {number})\n" for number in range(60))
FINE = 2.5
"""Tokens of this model for each of the known tokenizer's."""


@pytest.fixture
def files(repository: Path) -> Path:
    for number in range(6):
        (repository / f"m{number}.py").write_text(TEXT * (1 + number % 2))
    return repository


def meter_of(driven: Driven) -> TokenMeter:
    return driven.session._parts.turns.agent.window.meter


def request_of(driven: Driven) -> Request:
    agent = driven.session._parts.turns.agent
    return agent.manner.dialect.render(Request(agent.history.messages, agent.manner.tools))


async def counted_steps(files: Path) -> list[dict[str, Any]]:
    """Return steps whose figures are those of a model with a fine tokenizer: played once to see what is sent."""
    steps: list[dict[str, Any]] = [*({"calls": [read(f"m{number}.py")]} for number in range(5)), {"text": "Done."}]
    async with open_driven(files, steps, state=files.parent / "trial") as trial:
        await trial.turn()
        meter = TokenMeter()
        sizes = [meter.estimate(request) * FINE for request in trial.provider.requests]
    usages = [{"prompt_tokens": round(size), "completion_tokens": 40} for size in sizes]
    return [{**step, "usage": usage} for step, usage in zip(steps, usages, strict=True)]


async def test_a_resumed_session_estimates_as_the_one_before_it(files: Path) -> None:
    state, steps = files.parent / "state", await counted_steps(files)
    async with open_driven(files, steps, state=state) as first:
        await first.turn()
        session_id, known = first.session.session_id, meter_of(first).estimate(request_of(first))
    assert known > 1.5 * TokenMeter().estimate(request_of(first))
    async with open_driven(files, [], state=state, resume=session_id) as again:
        assert meter_of(again).estimate(request_of(again)) == pytest.approx(known, rel=0.02)
        assert meter_of(again).count(TEXT) == pytest.approx(meter_of(first).count(TEXT), rel=0.05)


async def test_what_another_model_counted_says_nothing(files: Path) -> None:
    state, steps = files.parent / "state", await counted_steps(files)
    async with open_driven(files, steps, state=state) as first:
        await first.turn()
        session_id, known = first.session.session_id, meter_of(first).estimate(request_of(first))
    async with open_driven(files, [], state=state, resume=session_id, traits={"model": "other"}) as again:
        assert not meter_of(again).has_counted
        assert meter_of(again).estimate(request_of(again)) < 0.7 * known


async def test_a_step_in_which_the_model_was_asked_twice_is_left_out(files: Path) -> None:
    state, steps = files.parent / "state", await counted_steps(files)
    usage = steps[0]["usage"]
    steps[0] = {**steps[0], "usage": {**usage, "prompt_tokens": 3 * usage["prompt_tokens"]}}
    async with open_driven(files, steps, state=state) as first:
        await first.turn()
        session_id = first.session.session_id
    async with open_driven(files, [], state=state, resume=session_id) as again:
        true = steps[-1]["usage"]["prompt_tokens"]
        assert meter_of(again).estimate(request_of(again)) == pytest.approx(true, rel=0.05)
