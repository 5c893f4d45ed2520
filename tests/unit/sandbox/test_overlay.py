"""The overlay backend: everyday commands do what they always do, and the real folder does not change."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.confined import Confined, confined, folder_outside, picture
from trashclaw.protocol.errors import WorkspaceError
from trashclaw.sandbox.overlay.probe import probe
from trashclaw.sandbox.ports import Backend, Confinement, EntryKind, Sandbox

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Linux namespaces")


@pytest.fixture
async def box(repository: Path, tmp_path: Path) -> AsyncIterator[Confined]:
    """A sandbox on the repository; afterwards not one byte of it has changed."""
    if reason := await probe(tmp_path / "state"):
        pytest.skip(reason)
    before = picture(repository)
    async with confined(repository, tmp_path / "state") as one:
        yield one
    assert picture(repository) == before


async def test_it_is_the_isolating_backend(box: Confined) -> None:
    sandbox: Sandbox = box.sandbox
    assert sandbox.backend is Backend.OVERLAY
    assert sandbox.is_isolating


async def test_both_streams_and_the_exit_code_come_back(box: Confined) -> None:
    await box.run("echo out; echo err >&2; exit 3")
    assert box.last is not None
    result = box.last.result
    assert (result.stdout, result.stderr, result.exit_code) == ("out\n", "err\n", 3)
    assert not result.has_left_processes
    assert box.last.limit is None


async def test_a_command_without_an_effect_has_no_changes(box: Confined) -> None:
    await box.run("ls -la; cat README.md; git status; git log; find . ; grep -r greet .; touch README.md")
    assert box.exit_code == 0
    assert {path for path in box.changes() if path != ".git/index"} == set()


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("echo new > new.txt", {"new.txt": "+"}),
        ("echo more >> README.md", {"README.md": "~"}),
        ("rm README.md", {"README.md": "-"}),
        ("mkdir d && mv README.md d/", {"README.md": "-", "d": "+", "d/README.md": "+"}),
        ("mkdir d && cp README.md d/", {"d": "+", "d/README.md": "+"}),
        ("mv src other", {"src": "-", "src/app.py": "-", "other": "+", "other/app.py": "+"}),
        ("rm -r src", {"src": "-", "src/app.py": "-"}),
        ("rm -r src && echo x > src", {"src": "~", "src/app.py": "-"}),
        ("rm -r src && mkdir src && echo x > src/b", {"src/app.py": "-", "src/b": "+"}),
        ("rm README.md && mkdir README.md", {"README.md": "~"}),
        ("chmod +x README.md", {"README.md": "~"}),
        ("chmod 700 src", {"src": "~"}),
        ("ln -s README.md link", {"link": "+"}),
        ("ln README.md hard && echo x >> hard", {"README.md": "~", "hard": "+"}),
        ("mkfifo pipe", {"pipe": "+"}),
        ("sed -i s/shop/store/ README.md", {"README.md": "~"}),
        ("tar cf a.tar src && rm -r src && tar xf a.tar && rm a.tar", {}),
        ("mkdir -p a/b/c && cd a/b/c && pwd > here", {"a": "+", "a/b": "+", "a/b/c": "+", "a/b/c/here": "+"}),
        ("cp README.md x && rm README.md && mv x README.md", {}),
        ("echo a > a; rm a", {}),
        ("truncate -s 0 README.md", {"README.md": "~"}),
    ],
)
async def test_changes_are_listed_exactly(box: Confined, command: str, expected: dict[str, str]) -> None:
    output = await box.run(command)
    assert (box.exit_code, output) == (0, "")
    assert box.changes() == expected
    assert list(box.changes()) == sorted(expected)


async def test_new_bytes_links_and_modes_can_be_read(box: Confined) -> None:
    await box.run("printf 'a\\0b' > bin; ln -s 'no where' link; echo x > locked; chmod 0 locked")
    assert box.read("bin") == b"a\0b"
    assert box.read("link") == b"no where"
    assert box.read("locked") == b"x\n"
    assert box.last is not None
    after = {change.path: change.after for change in box.last.branches[0].changes()}
    assert (after["link"] and after["link"].kind, after["locked"] and after["locked"].mode) == (EntryKind.LINK, 0)


@pytest.mark.parametrize("path", ["../README.md", "/etc/passwd", "link/hosts", "README.md", "", "fifo", "src/.."])
async def test_only_files_that_were_left_can_be_read(box: Confined, path: str) -> None:
    await box.run("ln -s /etc link; mkfifo fifo; touch src/new")
    with pytest.raises(WorkspaceError):
        box.read(path)


async def test_odd_names_come_back_as_they_are(box: Confined) -> None:
    await box.run("touch 'a b' $'new\\nline' $'\\xff\\xfe' 'ü' 'a,b:c\\d' -- '-x'")
    assert set(box.changes()) == {"a b", "new\nline", "\udcff\udcfe", "ü", "a,b:c\\d", "-x"}


@pytest.mark.parametrize("name", ["a b", "a,b:c\\d=e", "new\nline", "\udcff", "[*]", "lowerdir=x"])
async def test_a_workspace_may_have_any_name(tmp_path: Path, name: str) -> None:
    root = tmp_path / name / "inner"
    root.mkdir(parents=True)
    (root / "old").write_text("old")
    if reason := await probe(tmp_path / "probe"):
        pytest.skip(reason)
    async with confined(root, tmp_path / name / "state") as one:
        output = await one.run("cat old; echo x > old; pwd")
        assert output == f"old{os.fsencode(root).decode('utf-8', 'replace')}\n"
        assert one.changes() == {"old": "~"}
    assert (root / "old").read_text() == "old"


async def test_git_works_and_the_repository_stays(box: Confined) -> None:
    output = await box.run(
        "echo more >> README.md && git commit -q -am More && git log --format=%s && git checkout -q -b side && "
        "echo x > src/app.py && git stash -q && git stash pop -q && git status --short"
    )
    assert output.splitlines() == ["More", "Open the shop", " M src/app.py"]
    assert {"README.md", ".git/refs/heads/side", "src/app.py"} <= set(box.changes())


async def test_a_repository_can_be_made(box: Confined) -> None:
    output = await box.run(
        "mkdir sub && cd sub && git init -q . && echo x > x && git add x && git commit -q -m x && git log -1"
    )
    assert "    x" in output
    assert "sub/.git/HEAD" in box.changes()


async def test_a_linked_worktree_commits_into_a_branch_of_its_own(repository: Path, tmp_path: Path) -> None:
    if reason := await probe(tmp_path / "state"):
        pytest.skip(reason)
    tree = tmp_path / "tree"
    subprocess.run(["git", "worktree", "add", "-q", str(tree)], cwd=repository, check=True)
    before = picture(repository)
    async with confined(tree, tmp_path / "state") as one:
        await one.run("echo x > x && git add x && git commit -q -m x")
        assert one.exit_code == 0
        assert one.changes() == {"x": "+"}
        assert "refs/heads/tree" in one.changes(1)
        assert one.last is not None
        assert one.last.branches[1].root == repository / ".git"
    assert picture(repository) == before


async def test_python_and_pytest_run(box: Confined) -> None:
    await box.run(
        f'mkdir tests && echo \'def test_it(tmp_path): (tmp_path / "x").write_text("x")\' > tests/test_it.py && '
        f"{sys.executable} -m pytest -q -p no:cacheprovider tests --rootdir=. && {sys.executable} -c 'import asyncio; "
        "asyncio.run(asyncio.sleep(0)); import multiprocessing as m; m.Lock()'"
    )
    assert box.last is not None
    assert box.exit_code == 0, box.last.result.output
    assert "tests/test_it.py" in box.changes()


async def test_devices_and_streams_are_there(box: Confined) -> None:
    output = await box.run(
        "echo x > /dev/null; echo out > /dev/stdout; echo err > /dev/stderr; head -c 4 /dev/urandom | wc -c; "
        "cat <(echo substituted); read line; echo \"[$line]\"; python3 -c 'import pty; pty.openpty()' || true"
    )
    assert {"out", "err", "4", "substituted", "[]"} <= set(output.splitlines())


async def test_temporary_files_are_private_and_gone(box: Confined) -> None:
    await box.run("touch /tmp/seen-once /var/tmp/seen-once; mktemp")
    assert "seen-once" not in await box.run("ls /tmp /var/tmp")
    assert not Path("/tmp/seen-once").exists()


async def test_an_extra_folder_is_held_back_too(repository: Path, tmp_path: Path) -> None:
    if reason := await probe(tmp_path / "state"):
        pytest.skip(reason)
    extra = tmp_path / "extra"
    extra.mkdir()
    (extra / "old").write_text("old")
    async with confined(repository, tmp_path / "state", extra=[extra]) as one:
        await one.run(f"echo new > {extra}/old; echo x > x")
        assert (one.changes(0), one.changes(1)) == ({"x": "+"}, {"old": "~"})
    assert (extra / "old").read_text() == "old"


async def test_outside_is_read_only_but_for_what_is_named(repository: Path) -> None:
    with folder_outside() as outside:
        if reason := await probe(outside / "state"):
            pytest.skip(reason)
        (outside / "open").mkdir()
        (outside / "file").write_text("old")
        async with confined(repository, outside / "state") as one:
            assert "Read-only file system" in await one.run(f"echo x > {outside}/file")
            named = Confinement(writable=(outside / "open",))
            assert await one.run(f"echo x > {outside}/open/x; cat {outside}/file", named) == "old"
            assert "Read-only" in await one.run(f"echo x > {outside}/file", named)
            with pytest.raises(WorkspaceError, match="not there"):
                await one.run("true", Confinement(writable=(outside / "none",)))
        assert ((outside / "open" / "x").read_text(), (outside / "file").read_text()) == ("x\n", "old")


async def test_caches_can_be_written_and_are_thrown_away(repository: Path) -> None:
    with folder_outside() as home:
        if reason := await probe(home / "state"):
            pytest.skip(reason)
        (home / ".npm").mkdir()
        (home / ".npm" / "old").write_text("old")
        async with confined(repository, home / "state", home=home) as one:
            assert await one.run(f"cd {home}/.npm; echo new > new; cat old new") == "oldnew\n"
            assert "Read-only" in await one.run(f"touch {home}/.bashrc")
        assert [entry.name for entry in (home / ".npm").iterdir()] == ["old"]
