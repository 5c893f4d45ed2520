"""The examples in the pages work as they stand there."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys
import types
from pathlib import Path

import pytest

from tests.support.tree import ROOT
from trashclaw.agent.ports import Narrator
from trashclaw.config.load import load_settings
from trashclaw.directives.commands import load_commands
from trashclaw.protocol.plan import Plan
from trashclaw.providers.script import Script, ScriptedStep, load_script
from trashclaw.workspace.root import Workspace

DOCS = ROOT / "docs"
MODELS, BATCH = DOCS / "models.md", DOCS / "guides" / "batch.md"
PROGRAM = [sys.executable, "-m", "trashclaw"]


def blocks(page: Path, language: str) -> list[str]:
    found: list[str] = re.findall(rf"```{language}\n(.*?)```", page.read_text(encoding="utf-8"), re.S)
    return found


def run(arguments: list[str], folder: Path, given: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run([*PROGRAM, *arguments], cwd=folder, capture_output=True, text=True, timeout=60, input=given)


@pytest.fixture
def script(tmp_path: Path) -> Path:
    file = tmp_path / "script.yaml"
    file.write_text(blocks(MODELS, "yaml")[1])
    return file


@pytest.fixture
def hello(workspace_folder: Path) -> Path:
    (workspace_folder / "hello.py").write_text('def greet():\n    return "hello"\n')
    return workspace_folder


def test_the_settings_for_a_server_load(tmp_path: Path) -> None:
    file = tmp_path / "settings.yaml"
    file.write_text(blocks(MODELS, "yaml")[0])
    assert load_settings({}, environ={}, config_file=file).settings.provider == "openai"


def test_the_script_plays_and_changes_the_file(script: Path, hello: Path) -> None:
    done = run(["--batch", "--allow-write", "--provider", "scripted", "--model", str(script), "capitals"], hello)
    assert (done.returncode, done.stdout) == (0, "The greeting begins with a capital now.\n"), done.stderr
    assert "Hello" in (hello / "hello.py").read_text()


def test_every_key_of_a_script_is_explained(script: Path) -> None:
    load_script(script)
    page = MODELS.read_text(encoding="utf-8")
    assert not [key for key in {*ScriptedStep.model_fields, *Script.model_fields} - {"folder"} if key not in page]


@pytest.mark.parametrize("line", [line for block in blocks(BATCH, "sh") for line in block.splitlines()])
def test_a_batch_run_of_the_guide_ends_as_the_guide_says(
    line: str, script: Path, hello: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lines run as they stand, but for the model: the script takes its place, and it wants to change a file."""
    shutil.copytree(hello, hello.parent / "other")
    echoed, _, command = line.rpartition(" | ")
    program, *arguments = shlex.split(command)
    assert program == "trashclaw"
    monkeypatch.setenv("TRASHCLAW_PROVIDER", "scripted")
    monkeypatch.setenv("TRASHCLAW_MODEL", str(script))
    done = run(arguments, hello, shlex.split(echoed)[1] if echoed else "")
    may_write = {"--demo", "--allow-write"} & set(arguments)
    assert done.returncode == (0 if may_write else 4), done.stderr
    if "json" in arguments:
        told = json.loads(done.stdout)
        assert all(f"`{key}`" in BATCH.read_text(encoding="utf-8") for key in told)
        assert all(f"`{key}`" in BATCH.read_text(encoding="utf-8") for one in told["artifacts"] for key in one)


def test_the_example_of_a_command_loads(tmp_path: Path) -> None:
    (tmp_path / "errors.md").write_text(blocks(DOCS / "guides" / "themes-and-commands.md", "markdown")[0])
    loaded = load_commands([tmp_path])
    assert not loaded.problems
    text = loaded.commands["errors"].expand('src/db.py "the messages"')
    assert text.startswith("Read src/db.py and") and "badly. the messages\n" in text


class Silent(Narrator):
    """Says nothing and asks nobody."""

    def output(self, text: str) -> None:
        raise AssertionError(text)

    def plan(self, plan: Plan) -> None:
        raise AssertionError(plan)

    async def ask(self, question: str, options: tuple[str, ...]) -> str:
        raise AssertionError(question)


async def test_the_tool_of_the_guide_works(hello: Path) -> None:
    module = types.ModuleType("count_lines")
    sys.modules[module.__name__] = module
    try:
        exec(compile(blocks(DOCS / "guides" / "add-a-tool.md", "python")[0], "add-a-tool.md", "exec"), vars(module))
        tool = module.CountLines(Workspace(hello))
        proposal = await tool.prepare({"file": "hello.py"})
        outcome = await tool.execute(proposal, None, Silent())
    finally:
        del sys.modules[module.__name__]
    assert not proposal.has_effects
    assert outcome.text == "hello.py has 2 lines."
