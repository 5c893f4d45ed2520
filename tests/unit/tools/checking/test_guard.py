"""The project's formatter makes the proposal, its linter speaks of what is new; real programs in the real sandbox."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.support.checking import Checked, has_program
from trashclaw.languages.projects import Report
from trashclaw.protocol.errors import ToolError
from trashclaw.tools.checking.diagnostics import LINE_CHARS, SHOWN_LINES, Diagnostic, Linter, read_report
from trashclaw.tools.checking.formatting import Formatter
from trashclaw.tools.checking.guard import ProjectGuard
from trashclaw.tools.checking.syntax_guard import SyntaxGuard

FORMATTED = 'def f():\n    return "a"\n'
UGLY = "def f( ):\n  return  'a'\n"


def guard(box: Checked) -> ProjectGuard:
    return ProjectGuard(SyntaxGuard(), Formatter(box.runner), Linter(box.runner))


async def land(box: Checked, one: ProjectGuard, name: str, before: str | None, after: str) -> str:
    """Check an edit, write what it proposes, and return what is said then."""
    box.write({name: await one.check(name, before, after)})
    return await one.after([name])


async def test_an_edit_of_a_formatted_file_is_proposed_formatted(any_box: Checked) -> None:
    any_box.use_ruff()
    one = guard(any_box)
    proposed = await one.check("src/a.py", FORMATTED, FORMATTED + "x = {  'b':1 }\n")
    assert proposed == FORMATTED + '\n\nx = {"b": 1}\n'
    any_box.write({"src/a.py": proposed})
    assert await one.after(["src/a.py"]) == (
        "Note: src/a.py was formatted with ruff: read it again before you copy text from it."
    )
    assert not [name for name in any_box.files if "cache" in name or "check" in name]


async def test_a_new_file_is_formatted(box: Checked) -> None:
    box.use_ruff()
    assert await guard(box).check("a.py", None, UGLY) == FORMATTED
    assert await guard(box).check("a.py", "", UGLY) == FORMATTED


async def test_a_file_that_was_not_formatted_before_is_left_as_it_is(box: Checked) -> None:
    box.use_ruff()
    assert await guard(box).check("a.py", UGLY, UGLY + "x  = 1\n") == UGLY + "x  = 1\n"


async def test_without_a_formatter_of_the_project_nothing_is_formatted(box: Checked) -> None:
    box.use_ruff()
    box.write({"pyproject.toml": "[project]\n"})
    assert await guard(box).check("a.py", None, UGLY) == UGLY
    assert box.heard == []


async def test_a_program_of_the_project_may_be_its_formatter(box: Checked) -> None:
    box.write({"ruff.toml": ""})
    box.script(".venv/bin/ruff", "#!/bin/sh\ncat > /dev/null; echo 'x = 1'\n")
    assert await guard(box).check("a.py", "x = 1\n", UGLY) == "x = 1\n"
    assert await guard(box).check("a.py", "x = 2\n", UGLY) == UGLY


@pytest.mark.parametrize(
    "end", ["echo 'x = 3'; exit 1", "sleep 600", "printf ''", "printf 'def f('", "printf '\\377'", "kill -9 $$"]
)
async def test_a_formatter_that_fails_changes_nothing(box: Checked, end: str) -> None:
    box.runner._time_s = 1.0
    box.write({"ruff.toml": ""})
    box.script(".venv/bin/ruff", f'#!/bin/sh\nx=$(cat)\n[ "$x" = known ] && echo known && exit 0\n{end}\n')
    assert await guard(box).check("a.py", "known\n", UGLY) == UGLY


@pytest.mark.parametrize(
    "said",
    [
        r"printf 'x = \"a\000b\"\n'",
        r"printf 'x = \"\033[2J\"\n'",
        r"printf 'abc\377'",
        "awk 'BEGIN { for (i = 0; i < 1100; i++) print \"x = 10000\" }'",
    ],
)
async def test_what_is_no_text_of_the_file_is_not_taken_from_a_formatter(box: Checked, said: str) -> None:
    box.write({"ruff.toml": "", "notes.txt": ""})
    box.script(".venv/bin/ruff", f'#!/bin/sh\nx=$(cat)\n[ "$x" = known ] && echo known && exit 0\n{said}\n')
    assert await guard(box).check("a.py", "known\n", UGLY) == UGLY
    assert await guard(box).check("a.py", None, UGLY) == UGLY


async def test_a_formatter_may_keep_what_was_there_and_make_a_text_longer(box: Checked) -> None:
    box.write({"ruff.toml": ""})
    box.script(".venv/bin/ruff", "#!/bin/sh\ncat; awk 'BEGIN { for (i = 0; i < 900; i++) print \"x = 10000\" }'\n")
    text = 'y = "\x1b[0m"\n\x0c\n'
    assert await guard(box).check("a.py", None, text) == text + "x = 10000\n" * 900


async def test_a_formatter_of_a_hostile_project_cannot_change_the_workspace(box: Checked) -> None:
    box.write({"ruff.toml": "", "a.py": "kept = 1\n"})
    box.script(".venv/bin/ruff", "#!/bin/sh\necho evil > a.py; touch made; cat\n")
    assert await guard(box).check("a.py", "kept = 1\n", "kept = 2\n") == "kept = 2\n"
    assert (box.root / "a.py").read_text() == "kept = 1\n" and "made" not in box.files


async def test_an_edit_with_a_fault_that_is_insisted_on_lands_as_it_is_and_says_so(box: Checked) -> None:
    box.use_ruff()
    one = guard(box)
    with pytest.raises(ToolError, match="error of syntax"):
        await one.check("a.py", FORMATTED, "def f(:\n")
    assert await one.after(["a.py"]) == ""
    assert await one.check("a.py", FORMATTED, "def f(:\n") == "def f(:\n"
    assert (await one.after(["a.py"])).startswith("Note: a.py has a fault of syntax at line 1, and was taken")


async def test_only_what_the_linter_says_newly_is_told(any_box: Checked) -> None:
    any_box.use_ruff()
    before = "import os\n\n\ndef f():\n    return undefined_a\n"
    one = guard(any_box)
    any_box.write({"src/a.py": before})
    after = before.replace("import os\n", "import os\nimport sys\n") + "\n\ndef g():\n    return undefined_b\n"
    assert await land(any_box, one, "src/a.py", before, after) == (
        "ruff says of src/a.py, new with this edit:\n"
        "2: F401 [*] `sys` imported but unused\n"
        "10: F821 Undefined name `undefined_b`"
    )
    assert (any_box.root / "src/a.py").read_text() == after


async def test_a_new_file_is_linted_whole_and_what_is_told_is_bounded(box: Checked) -> None:
    box.use_ruff("F")
    text = "".join(f"x{n} = undefined_{n}\n" for n in range(50))
    said = (await land(box, guard(box), "a b.py", None, text)).split("\n")
    assert said[0] == "ruff says of a b.py, new with this edit:"
    assert (len(said), said[-1]) == (SHOWN_LINES + 2, "[20 of 50 shown]")


async def test_without_a_sandbox_no_program_of_the_project_runs(open_box: Checked) -> None:
    open_box.use_ruff()
    one = guard(open_box)
    assert await land(open_box, one, "a.py", None, UGLY + "y = undefined\n") == ""
    assert await land(open_box, one, "b.py", None, UGLY) == ""
    assert open_box.heard == [] and open_box.unable == ["unable"]
    with pytest.raises(ToolError, match="error of syntax"):
        await one.check("a.py", None, "def f(:\n")


async def test_files_that_were_not_checked_are_not_spoken_of(box: Checked) -> None:
    box.use_ruff()
    box.write({"a.py": "import os\n"})
    assert await guard(box).after(["a.py", "none.py"]) == ""


@pytest.mark.skipif(not has_program("rustfmt"), reason="rustfmt is not installed")
async def test_rust_is_formatted_with_its_own_formatter(
    box: Checked, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUSTUP_HOME", str(Path(shutil.which("rustfmt") or "").parents[2] / ".rustup"))
    box.write({"Cargo.toml": "[package]\nname = 'x'\nedition = '2021'\n"})
    text = "async fn f( ) ->u8{1}\n"
    found = await guard(box).check("src/lib.rs", None, text)
    if found == text:
        pytest.skip("rustfmt has no toolchain here")
    assert found == "async fn f() -> u8 {\n    1\n}\n"


def test_reports_of_linters_are_read_and_foreign_lines_left_out() -> None:
    root = Path("/w")
    text = (
        "src/a.py:3:1: E501 too long\n./src/a.py:4: x\n/w/src/a.py:5:2: y\x1b[31m\nsrc/b.py:1:1: z\nFound 3 errors.\n"
    )
    assert list(read_report(Report.LINES, text, root, "src/a.py")) == [
        Diagnostic(3, "E501 too long"),
        Diagnostic(4, "x"),
        Diagnostic(5, "y [31m"),
    ]
    vet = "# x\nvet: ./m.go:5:2: undefined: y\n"
    assert list(read_report(Report.LINES, vet, root, "m.go")) == [Diagnostic(5, "undefined: y")]
    eslint = [
        {"filePath": "/w/a.ts", "messages": [{"line": 2, "message": "no", "ruleId": "semi"}, {"message": 1}, 7]},
        {"filePath": "/w/b.ts", "messages": [{"line": 2, "message": "other"}]},
    ]
    assert list(read_report(Report.ESLINT, json.dumps(eslint), root, "a.ts")) == [
        Diagnostic(2, "no (semi)"),
        Diagnostic(1, "1"),
    ]


@pytest.mark.parametrize(
    "text", ["", "[", "{}", "null", "[1]", '[{"messages": 1}]', "[" * 100_000, "a:" * 500_000, "a.py:1:" + "x" * 10**6]
)
def test_hostile_reports_are_read_in_bounded_time(text: str) -> None:
    for report in Report:
        for one in read_report(report, text, Path("/w"), "a.py"):
            assert len(one.text) < LINE_CHARS + 100
