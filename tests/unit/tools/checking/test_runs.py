"""Checks run in the sandbox, read what they are given, and leave nothing."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.support.checking import Checked
from tests.support.waiting import until
from trashclaw.sandbox.ask_first import AskFirstSandbox, OnOutput
from trashclaw.sandbox.commands import Commands, Grants
from trashclaw.sandbox.ports import Confinement, RunningCommand
from trashclaw.tools.checking.runs import CheckRunner


async def test_inputs_are_read_outputs_come_back_and_nothing_stays(any_box: Checked) -> None:
    any_box.write({"a.txt": "old"})
    line = 'cat "$one" > "$copy"; printf changed > a.txt; touch made; cat "$two"; exit 3'
    inputs = {"one": "first ä\n" * 50_000, "two": "second"}
    done = await any_box.runner.run(line, "a title", inputs, ("copy", "none"))
    assert done is not None and not done.is_stopped
    assert (done.result.exit_code, done.result.stdout) == (3, "second")
    assert done.outputs == {"copy": inputs["one"]}
    assert any_box.files == ["a.txt"] and (any_box.root / "a.txt").read_text() == "old"
    assert any_box.heard == ["a title", ""]


async def test_an_input_cannot_be_written(any_box: Checked) -> None:
    done = await any_box.runner.run('echo x >> "$one" || cat "$one"', "t", {"one": "kept"})
    assert done is not None and done.result.stdout == "kept"


async def test_an_output_that_is_no_text_or_too_large_is_none(box: Checked) -> None:
    line = (
        'head -c 20000000 /dev/zero > "$large"; printf "\\377" > "$bytes"; ln -s /etc/passwd "$link"; mkdir "$folder"'
    )
    done = await box.runner.run(line, "t", {}, ("large", "bytes", "link", "folder"))
    assert done is not None
    assert set(done.outputs) <= {"large", "link"}
    assert len(done.outputs.get("large", "")) <= 16_000_000
    assert done.outputs.get("link", "/etc/passwd") == "/etc/passwd"  # The link's own text, not what it leads to.


async def test_a_check_that_takes_too_long_is_stopped(box: Checked) -> None:
    box.runner._time_s = 0.5
    done = await box.runner.run("echo begun; sleep 600", "t")
    assert done is not None and done.is_stopped and done.result.stdout == "begun\n"


async def test_a_cancelled_check_leaves_nothing(box: Checked) -> None:
    task = asyncio.create_task(box.runner.run("sleep 600", "t", {"one": "x"}))
    await until(lambda: box.heard == ["t"])
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert box.heard == ["t", ""]


async def test_without_a_sandbox_nothing_runs_and_that_is_said_once(open_box: Checked) -> None:
    assert not await open_box.runner.can_run()
    assert await open_box.runner.run("touch made", "t") is None
    assert open_box.files == [] and open_box.heard == []
    assert open_box.unable == ["unable"]


async def test_a_line_that_cannot_be_started_is_no_run(box: Checked) -> None:
    assert await box.runner.run("echo \0", "t", {"one": "x"}) is None


async def test_a_check_reaches_no_host_that_commands_reach(tmp_path: Path) -> None:
    asked: list[Confinement] = []

    class Watched(AskFirstSandbox):
        @property
        def is_isolating(self) -> bool:
            return True

        async def start(
            self, command: str, confinement: Confinement, on_output: OnOutput | None = None
        ) -> RunningCommand:
            asked.append(confinement)
            return await super().start(command, confinement, on_output)

    sandbox = Watched(tmp_path)
    commands = Commands(lambda: sandbox, sandbox, None, Grants(hosts=lambda: ("api.example.com",)))
    await (await commands.start("true")).wait()
    await CheckRunner(commands, tmp_path, 10.0, lambda line: None, lambda: None).run("true", "true")
    assert [confinement.hosts for confinement in asked] == [("api.example.com",), ()]
    await commands.aclose()
