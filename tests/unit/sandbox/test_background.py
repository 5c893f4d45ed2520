"""Commands in the background: read piece by piece, stopped whole, settled once."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from tests.support.shells import make_shell
from tests.support.waiting import until
from trashclaw.protocol.errors import ToolError
from trashclaw.sandbox.background import COUNT_LIMIT, KEPT_CHARS, BackgroundCommands
from trashclaw.tools.command_report import report_run

pytestmark = pytest.mark.skipif(os.name == "nt", reason="a shell of POSIX")


@pytest.fixture
def background(tmp_path: Path) -> BackgroundCommands:
    return make_shell(tmp_path).background


async def test_output_is_read_once_and_the_end_is_seen(background: BackgroundCommands, tmp_path: Path) -> None:
    started = await background.start("echo one; while [ ! -e go ]; do sleep 0.02; done; echo two")
    heard: list[str] = []
    while "one\n" not in heard:
        heard.append(started.read())
        await asyncio.sleep(0.01)
    assert started.read() == ""
    assert started.is_running
    (tmp_path / "go").touch()
    assert await started.wait(30)
    assert started.read() == "two\n"
    run = await started.take()
    assert run.result.exit_code == 0
    with pytest.raises(ToolError, match="settled already"):
        await started.take()


async def test_stopping_ends_it_and_keeps_what_it_wrote(background: BackgroundCommands, tmp_path: Path) -> None:
    started = await background.start("echo up; touch begun; sleep 600")
    await until((tmp_path / "begun").exists)
    await started.stop()
    run = await started.take()
    assert run.result.output == "up\n"
    assert background.running == ()
    report = report_run(run, None, started.backend)
    assert report.lines[0] == "up"


async def test_an_unknown_id_names_those_that_are_known(background: BackgroundCommands) -> None:
    with pytest.raises(ToolError, match="no background command 'bg7'") as caught:
        background.find("bg7")
    assert caught.value.hint == "Started so far: none."
    await (await background.start("true")).wait(30)
    assert background.find(" bg1 ").command == "true"


async def test_there_is_a_limit_on_how_many_run(background: BackgroundCommands) -> None:
    for _ in range(COUNT_LIMIT):
        await background.start("sleep 600")
    with pytest.raises(ToolError, match="in the background already: bg1, bg2"):
        await background.start("true")
    await background.aclose()
    assert background.running == ()


async def test_output_that_nobody_reads_is_bounded(background: BackgroundCommands) -> None:
    started = await background.start("true")
    for number in range(30):
        started.hear(f"{number:02}" * (KEPT_CHARS // 20))
    text = started.read()
    assert len(text) <= KEPT_CHARS + 100
    assert text.startswith("[earlier output was not kept]")
    assert text.endswith("29")
    await background.aclose()


async def test_one_that_is_given_up_at_once_ends(background: BackgroundCommands) -> None:
    await background.start("sleep 600")
    await background.aclose()
    assert background.running == ()
    assert not {"plain command", "background bg1"} & {task.get_name() for task in asyncio.all_tasks()}
