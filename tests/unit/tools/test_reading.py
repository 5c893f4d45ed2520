"""Reading, listing and searching: bounded text that says what was cut and how to get it."""

from __future__ import annotations

import pytest

from tests.unit.tools.conftest import Bench
from trashclaw.protocol.errors import OutsideWorkspace, ToolError, UnsuitableFile, WorkspaceError


async def test_a_file_comes_with_line_numbers(bench: Bench) -> None:
    outcome = await bench.call("read_file", path="src/app.py")
    assert outcome.text == '1\tdef greet(name: str) -> str:\n2\t    return f"Hello, {name}"'
    assert (await bench.prepare("read_file", path="src/app.py")).title == "read src/app.py"


async def test_a_part_says_where_the_rest_is(bench: Bench) -> None:
    (bench.root / "long").write_text("".join(f"line {at}\n" for at in range(1, 5_001)))
    outcome = await bench.call("read_file", path="long", offset=10, limit=2)
    assert (
        outcome.text == "10\tline 10\n11\tline 11\n[lines 10-11 of 5000; lines 12-5000 not shown, go on with offset=12]"
    )
    whole = await bench.call("read_file", path="long")
    last = whole.metadata["last"]
    assert len(whole.text) < 25_000
    assert whole.text.endswith(
        f"[lines 1-{last} of 5000; lines {last + 1}-5000 not shown, go on with offset={last + 1}]"
    )
    assert "past its end" in (await bench.call("read_file", path="long", offset=6_000)).text


@pytest.mark.parametrize(
    ("data", "note"),
    [
        (b"", "[the file is empty]"),
        (b"caf\xe9\n", "[encoding cp1252]"),
        (b"a\r\nb\r\n", "[line ends CRLF, kept on edits]"),
        (b"a", "[no newline at the end]"),
        (b"\xef\xbb\xbfa\n", "[encoding utf-8 with BOM]"),
    ],
)
async def test_what_is_unusual_about_a_file_is_said(bench: Bench, data: bytes, note: str) -> None:
    (bench.root / "f").write_bytes(data)
    assert (await bench.call("read_file", path="f")).text.endswith(note)


async def test_a_very_long_line_is_cut(bench: Bench) -> None:
    (bench.root / "min.js").write_text("x" * 1_000_000 + "\n")
    text = (await bench.call("read_file", path="min.js")).text
    assert len(text) < 2_200
    assert "998,000 more characters in this line" in text


async def test_what_cannot_be_read_is_refused_with_a_hint(bench: Bench) -> None:
    (bench.root / "binary").write_bytes(b"\0\1\2")
    with pytest.raises(UnsuitableFile, match="list_files"):
        await bench.prepare("read_file", path="src")
    with pytest.raises(OutsideWorkspace):
        await bench.prepare("read_file", path="../secret")
    with pytest.raises(UnsuitableFile, match="binary"):
        await bench.call("read_file", path="binary")
    with pytest.raises(UnsuitableFile, match="does not exist"):
        await bench.call("read_file", path="nothing.py")


async def test_files_are_listed_to_a_depth(bench: Bench) -> None:
    (bench.root / "a" / "b" / "c").mkdir(parents=True)
    (bench.root / "a" / "b" / "c" / "f").touch()
    (bench.root / "a" / "b" / "g").touch()
    assert (await bench.call("list_files")).text == "README.md\na/b/ (2 files)\nsrc/app.py"
    assert (await bench.call("list_files", path="a", depth=5)).text == "a/b/c/f\na/b/g"
    assert (await bench.call("list_files", depth=1)).text == "README.md\na/ (2 files)\nsrc/ (1 file)"


async def test_an_empty_folder_is_said_to_be_empty(bench: Bench) -> None:
    (bench.root / "empty").mkdir()
    assert (await bench.call("list_files", path="empty")).text == "[no files; ignored ones are not listed]"
    with pytest.raises(WorkspaceError):
        await bench.call("list_files", path="nowhere")


async def test_a_long_list_is_bounded(bench: Bench) -> None:
    for at in range(400):
        (bench.root / f"f{at:03}").touch()
    text = (await bench.call("list_files")).text
    assert text.endswith("[300 of 402 entries shown; list one of the folders]")
    text = (await bench.call("glob", pattern="f*")).text
    assert text.endswith("[200 of 400 files shown; narrow the pattern or the path]")


async def test_files_are_found_by_pattern(bench: Bench) -> None:
    assert (await bench.call("glob", pattern="**/*.py")).text == "src/app.py"
    assert (await bench.call("glob", pattern="*.rs")).text == "[no file matches *.rs]"
    with pytest.raises(WorkspaceError):
        await bench.prepare("glob", pattern="")


async def test_lines_are_found_by_expression(bench: Bench) -> None:
    outcome = await bench.call("grep", pattern=r"def \w+\(")
    assert outcome.text == "src/app.py\n1: def greet(name: str) -> str:"
    around = await bench.call("grep", pattern="return", context=1)
    assert around.text == 'src/app.py\n1- def greet(name: str) -> str:\n2:     return f"Hello, {name}"'
    nothing = await bench.call("grep", pattern="no such thing")
    assert nothing.text == "[no line matches no such thing; ignored and binary files are not searched]"
    literal = await bench.call("grep", pattern="greet(")
    assert literal.text.endswith("[the pattern is no regular expression; it was searched for as plain text]")
    with pytest.raises(ToolError):
        await bench.prepare("grep", pattern="")


async def test_many_matches_are_bounded(bench: Bench) -> None:
    (bench.root / "many").write_text("needle " * 20 + "\n" + "needle\n" * 1_000)
    text = (await bench.call("grep", pattern="needle")).text
    assert text.endswith("[more lines match than are shown; narrow the pattern, path or glob]")
    assert text.count("\n") < 210


async def test_git_is_told_in_words(bench: Bench) -> None:
    assert (await bench.call("git_status")).text == "branch main\nnothing changed since the last commit"
    assert (await bench.call("git_diff")).text == "[no unstaged changes; new files are in git_status]"
    (bench.root / "README.md").write_text("# Shop\n\nA large shop.\n")
    (bench.root / "new").touch()
    assert (await bench.call("git_status")).text == "branch main\nmodified README.md\nuntracked new"
    assert "+A large shop." in (await bench.call("git_diff", path="README.md")).text
    assert (await bench.call("git_diff", staged=True)).text == "[nothing is staged]"
    log = await bench.call("git_log")
    assert log.text.endswith("2026-01-01 Ada: Open the shop")
    assert log.metadata == {"commits": 1}


async def test_a_large_diff_is_bounded(bench: Bench) -> None:
    (bench.root / "README.md").write_text("line\n" * 100_000)
    text = (await bench.call("git_diff")).text
    assert len(text) < 21_000
    assert "more lines not shown; ask for one path" in text
