"""Files that are secret by their name: not read, not searched, not shown, but listed."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.support.sessions import Driven, edit, open_driven, read, write
from trashclaw.protocol.errors import UnsuitableFile, WorkspaceError
from trashclaw.protocol.tools import ToolStatus
from trashclaw.session.mentions import attach_files
from trashclaw.workspace.root import Workspace
from trashclaw.workspace.search import Search
from trashclaw.workspace.secret_names import is_secret_name

VALUE = "correct-horse-battery"


@pytest.fixture
def root(repository: Path) -> Path:
    (repository / ".env").write_text(f"PLAIN={VALUE}\n")
    (repository / "deploy").mkdir()
    (repository / "deploy" / ".env.production").write_text(f"PLAIN={VALUE}\n")
    (repository / ".env.example").write_text(f"PLAIN=fill-in {VALUE}\n")
    return repository


@pytest.mark.parametrize("name", [".env", ".ENV", ".env.local", ".env.production", ".envrc", ".env.", ".env::$DATA"])
def test_secret_names(name: str) -> None:
    assert is_secret_name(name)


@pytest.mark.parametrize(
    "name", [".env.example", ".env.sample", ".env.template", ".env.dist", "env", "a.env", ".environ"]
)
def test_names_that_are_no_secrets(name: str) -> None:
    assert not is_secret_name(name)


@pytest.mark.parametrize("path", [".env", "./deploy/../.env", "deploy/.env.production", "link", ".env.linked"])
def test_a_hidden_file_is_not_resolved_for_reading(root: Path, path: str) -> None:
    (root / "link").symlink_to(".env")
    (root / ".env.linked").symlink_to("README.md")
    with pytest.raises(UnsuitableFile, match="hidden as a secret") as raised:
        Workspace(root).resolve(path)
    assert "sandbox.readable" in raised.value.hint


def test_a_file_with_a_secret_name_may_be_created_and_removed(root: Path) -> None:
    assert Workspace(root).resolve(".env", for_write=True) == root / ".env"
    assert Workspace(root).resolve("new/.env", for_write=True) == root / "new" / ".env"


def test_a_virtual_environment_is_no_secret(root: Path) -> None:
    (root / "deploy" / ".env").mkdir()
    (root / "deploy" / ".env" / "pyvenv.cfg").write_text("home = /usr\n")
    assert Workspace(root).resolve("deploy/.env").is_dir()
    assert Workspace(root).resolve("deploy/.env/pyvenv.cfg").is_file()


def test_what_is_allowed_is_readable(root: Path) -> None:
    workspace = Workspace(root, readable=("deploy/.env.*",))
    assert workspace.resolve("deploy/.env.production").is_file()
    with pytest.raises(WorkspaceError):
        workspace.resolve(".env")


@pytest.mark.parametrize("program", [None, "/nowhere/rg"])
async def test_a_search_leaves_them_out_and_a_listing_names_them(
    root: Path, program: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    from trashclaw.workspace import search as search_module

    if program is not None:
        monkeypatch.setattr(search_module, "find_ripgrep", lambda: None)
    search = Search(Workspace(root, readable=("deploy/*",)))
    found = await search.grep(VALUE)
    assert {match.path for match in found.matches} == {".env.example", "deploy/.env.production"}
    assert ".env" in (await search.list_paths()).paths


def test_a_mention_says_why_there_is_nothing(root: Path) -> None:
    attached = attach_files(Workspace(root), "look at @.env and @.env.example")
    assert "hidden as a secret" in attached
    assert attached.count(VALUE) == 1


async def test_no_tool_shows_their_content(root: Path) -> None:
    subprocess.run(["git", "add", "--force", ".env"], cwd=root, check=True, timeout=30)
    diff = {"name": "git_diff", "arguments": {"staged": True}}
    calls = [read(".env"), edit(".env", "PLAIN", "OTHER"), write(".env", "OTHER=1\n"), diff]
    async with open_driven(root, [{"calls": calls}, {"text": "No."}]) as driven:
        await driven.turn()
        statuses = [run.status for run in driven.runs]
        assert statuses == [ToolStatus.FAILED, ToolStatus.FAILED, ToolStatus.FAILED, ToolStatus.DONE]
        assert ".env is hidden as a secret" in _text(driven, 3)
        assert VALUE not in "".join(envelope.model_dump_json() for envelope in driven.stored())


def _text(driven: Driven, place: int) -> str:
    result = driven.runs[place].result
    assert result is not None
    return result.text
