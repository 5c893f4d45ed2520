"""Search and listing, by ripgrep and in plain Python, give the same answers."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.waiting import until
from trashclaw.protocol.errors import OutsideWorkspace, WorkspaceError
from trashclaw.workspace import search as search_module
from trashclaw.workspace.globs import Glob
from trashclaw.workspace.ripgrep import find_ripgrep
from trashclaw.workspace.root import Workspace
from trashclaw.workspace.search import Match, Search


@pytest.fixture
def root(workspace_folder: Path) -> Path:
    files = {
        "src/app.py": "import os\n\ndef main() -> None:\n    print('hi')\n",
        "src/deep/other.py": "def main2(): ...\r\n",
        "src/deep/.gitignore": "*.tmp\n!keep.tmp\n",
        "src/deep/a.tmp": "main",
        "src/deep/keep.tmp": "main",
        "README.md": "# Main\n",
        ".gitignore": "build/\n/only-root\n*.log\n",
        ".github/ci.yml": "main: 1\n",
        "build/out.py": "def main(): ...\n",
        "x.log": "main\n",
        "only-root": "main",
        "src/only-root": "main",
        "-option": "main\n",
        "with space é.txt": "main\n",
    }
    for name, text in files.items():
        (workspace_folder / name).parent.mkdir(parents=True, exist_ok=True)
        (workspace_folder / name).write_bytes(text.encode())
    (workspace_folder / "binary").write_bytes(b"main\0main")
    return workspace_folder


@pytest.fixture(params=["ripgrep", "plain"])
def search(request: pytest.FixtureRequest, root: Path, monkeypatch: pytest.MonkeyPatch) -> Search:
    if request.param == "plain":
        monkeypatch.setattr(search_module, "find_ripgrep", lambda: None)
    return Search(Workspace(root))


def test_the_program_that_was_installed_with_us_is_found() -> None:
    program = find_ripgrep()
    assert program is not None
    assert Path(program).parent == Path(sys.executable).parent


async def test_ignored_files_are_not_listed(search: Search) -> None:
    listing = await search.list_paths()
    assert listing.paths == (
        "-option",
        ".github/ci.yml",
        ".gitignore",
        "README.md",
        "binary",
        "src/app.py",
        "src/deep/.gitignore",
        "src/deep/keep.tmp",
        "src/deep/other.py",
        "src/only-root",
        "with space é.txt",
    )
    assert not listing.is_cut


async def test_one_folder_or_file_is_listed_with_the_same_names(search: Search) -> None:
    assert (await search.list_paths("src")).paths == (
        "src/app.py",
        "src/deep/.gitignore",
        "src/deep/keep.tmp",
        "src/deep/other.py",
        "src/only-root",
    )
    assert (await search.list_paths("src/app.py")).paths == ("src/app.py",)


async def test_lines_are_found_with_their_numbers(search: Search) -> None:
    found = await search.grep(r"def main\d?\(")
    assert found.matches == (
        Match("src/app.py", 3, "def main() -> None:"),
        Match("src/deep/other.py", 1, "def main2(): ..."),
    )
    assert (await search.grep("MAIN", "src", ignore_case=True, glob="*.py")).matches == found.matches
    assert (await search.grep("main", "src/app.py")).matches == found.matches[:1]
    assert (await search.grep("main", "-option")).matches == (Match("-option", 1, "main"),)
    assert (await search.grep("no such text")).matches == ()


async def test_a_pattern_that_is_no_expression_is_plain_text(search: Search) -> None:
    found = await search.grep("main(")
    assert found.is_literal
    assert [match.path for match in found.matches] == ["src/app.py"]


@pytest.mark.parametrize("pattern", ["--pre=touch pwned", "-f/etc/passwd", "--files"])
async def test_a_pattern_that_looks_like_an_option_is_a_pattern(search: Search, root: Path, pattern: str) -> None:
    assert (await search.grep(pattern)).matches == ()
    assert not (root / "pwned").exists()


async def test_a_search_is_bounded(search: Search, root: Path) -> None:
    (root / "many").write_text("needle\n" * 500)
    found = await search.grep("needle", limit=20)
    assert len(found.matches) == 20
    assert found.is_cut
    assert not (await search.grep("needle", limit=500)).is_cut
    assert (await search.list_paths(limit=3)).is_cut


async def test_a_long_line_is_cut(search: Search, root: Path) -> None:
    (root / "min.js").write_text("needle" + "x" * 1_000_000)
    (match,) = (await search.grep("needle")).matches
    assert len(match.text) < 400


async def test_context_lines_are_marked(root: Path) -> None:
    found = await Search(Workspace(root)).grep("def main", "src/app.py", context=1)
    assert [(match.line, match.is_context) for match in found.matches] == [(2, True), (3, False), (4, True)]


async def test_a_configuration_of_ripgrep_is_not_read(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "rc").write_text("--no-ignore\n")
    monkeypatch.setenv("RIPGREP_CONFIG_PATH", str(tmp_path / "rc"))
    assert "x.log" not in (await Search(Workspace(root)).list_paths()).paths


async def test_a_path_outside_is_refused(search: Search) -> None:
    with pytest.raises(OutsideWorkspace):
        await search.grep("x", "../..")
    with pytest.raises(WorkspaceError):
        await search.list_paths("nowhere")


async def test_the_git_folder_is_not_searched(search: Search, root: Path) -> None:
    subprocess.run(["git", "init", "-q"], cwd=root, check=True, timeout=30)
    assert not [path for path in (await search.list_paths()).paths if path.startswith(".git/")]
    assert not (await search.grep("repositoryformatversion", glob="**")).matches


async def test_a_link_to_a_folder_outside_is_not_followed(search: Search, root: Path, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret.txt").write_text("main\n")
    (root / "link").symlink_to(tmp_path / "outside")
    assert not [path for path in (await search.list_paths()).paths if "secret" in path]


async def test_a_glob_is_of_the_folder_that_it_is_looked_for_in(search: Search) -> None:
    assert (await search.glob("*.py")).paths == ("src/app.py", "src/deep/other.py")
    assert (await search.glob("deep/*.py", "src")).paths == ("src/deep/other.py",)
    assert (await search.glob("./src/*.{py,md}")).paths == ("src/app.py",)
    assert (await search.glob("*.log")).paths == ()


async def test_a_link_to_a_file_outside_is_not_followed(search: Search, root: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("main secret\n")
    (root / "link.txt").symlink_to(tmp_path / "secret.txt")
    assert not (await search.grep("main secret")).matches
    assert "link.txt" not in (await search.list_paths()).paths


@pytest.mark.parametrize("pattern", ["(a+)+b", "(a|a)*b", "(?:a{1,9}){9}b", "a*a*a*a*b"])
async def test_a_pattern_that_could_take_for_ever_ends(search: Search, root: Path, pattern: str) -> None:
    (root / "long").write_text("a" * 5_000)
    try:
        assert not (await search.grep(pattern, "long")).matches
    except WorkspaceError as error:
        assert "repeats too much" in error.text


async def test_without_ripgrep_the_beginning_of_a_line_is_searched(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_module, "find_ripgrep", lambda: None)
    (root / "long").write_text("a" * 5_000 + "zb\n")
    found = await Search(Workspace(root)).grep("z+b", "long")
    assert (found.matches, found.is_short) == ((), True)
    found = await Search(Workspace(root)).grep("zb", "long")
    assert (len(found.matches), found.is_short) == (1, False)


async def test_a_slow_search_ends_at_its_limit(root: Path, tmp_path: Path) -> None:
    program = tmp_path / "slow-rg"
    program.write_text("#!/bin/sh\nprintf 'README.md\\0001:# Main\\n'\nexec sleep 600\n")
    program.chmod(0o755)
    found = await Search(Workspace(root), str(program), timeout_s=0.5).grep("Main")
    assert found.is_late
    assert found.matches == (Match("README.md", 1, "# Main"),)


async def test_a_cancelled_search_leaves_no_process(root: Path, tmp_path: Path) -> None:
    program = tmp_path / "slow-rg"
    program.write_text(f"#!/bin/sh\necho $$ > '{tmp_path}/pid'\nexec sleep 600\n")
    program.chmod(0o755)
    task = asyncio.create_task(Search(Workspace(root), str(program)).list_paths())
    await until(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text().endswith("\n"))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


@pytest.mark.parametrize(
    ("pattern", "path", "is_match"),
    [
        ("*.py", "a/b/c.py", True),
        ("*.py", "a.pyc", False),
        ("src/*.py", "src/a.py", True),
        ("src/*.py", "src/b/a.py", False),
        ("src/**/*.py", "src/a.py", True),
        ("src/**/*.py", "src/b/c/a.py", True),
        ("**/test_*.py", "test_a.py", True),
        ("**", "a/b", True),
        ("src/", "src/a/b", True),
        ("/src/*.py", "src/a.py", True),
        ("a?c", "x/abc", True),
        ("[ab].c", "b.c", True),
        ("[!ab].c", "b.c", False),
        ("*.{ts,t{sx,x}}", "a/b.tsx", True),
        ("a+b(c).txt", "a+b(c).txt", True),
        ("{single}", "{single}", True),
        ("[", "[", True),
    ],
)
def test_a_glob_matches_as_people_expect(pattern: str, path: str, is_match: bool) -> None:
    assert Glob(pattern).matches(path) is is_match


@pytest.mark.parametrize("pattern", ["", "*" * 20, "{a,b}" * 8, "x" * 400])
def test_a_glob_that_is_too_wild_is_refused(pattern: str) -> None:
    with pytest.raises(WorkspaceError):
        Glob(pattern)


@pytest.mark.parametrize("pattern", ["[z-a]", "[a--&&[b]||~~]", "[^]", "[]]", "[!]a]", "[\\d]"])
def test_odd_brackets_in_a_glob_match_something_or_are_refused(pattern: str) -> None:
    try:
        Glob(pattern).matches("a")
    except WorkspaceError as error:
        assert "cannot be used" in error.text
