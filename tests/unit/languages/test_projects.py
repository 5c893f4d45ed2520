"""Formatter and linter are told by the project's own files, the nearest first, and only where the program is there."""

from __future__ import annotations

from pathlib import Path

import pytest

from trashclaw.languages.projects import TOOLS, Work, choose_tool


@pytest.fixture
def root(workspace_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project on a machine without any of the programs."""
    monkeypatch.setenv("PATH", str(workspace_folder / "nothing"))
    return workspace_folder


def put(root: Path, name: str, text: str = "") -> None:
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text(text)


def program(root: Path, name: str) -> str:
    put(root, name, "#!/bin/sh\n")
    (root / name).chmod(0o755)
    return str(root / name)


def line(root: Path, path: str, work: Work) -> str | None:
    chosen = choose_tool(root, path, work)
    return chosen.line if chosen else None


def test_ruff_is_told_by_its_section_alone(root: Path) -> None:
    found = program(root, ".venv/bin/ruff")
    put(root, "pyproject.toml", "[project]\nname = 'x'\n")
    assert line(root, "src/a b.py", Work.FORMAT) is None
    put(root, "pyproject.toml", "[tool.ruff]\n")
    assert line(root, "src/a b.py", Work.FORMAT) == (
        f"{found} format --quiet --force-exclude --stdin-filename 'src/a b.py' -"
    )
    assert line(root, "src/a.py", Work.LINT) == (
        f"{found} check --quiet --force-exclude --output-format concise -- src/a.py"
    )
    assert line(root, "src/a.js", Work.LINT) is None


def test_the_nearest_mark_counts_and_then_the_order_of_the_table(root: Path) -> None:
    outer, inner = program(root, "node_modules/.bin/prettier"), program(root, "web/node_modules/.bin/biome")
    put(root, ".prettierrc")
    put(root, "web/biome.json", "{}")
    assert str(line(root, "web/src/a.ts", Work.FORMAT)).startswith(inner)
    assert str(line(root, "a.ts", Work.FORMAT)).startswith(outer)
    assert line(root, "README.md", Work.FORMAT) == f"{outer} --stdin-filepath README.md"


def test_a_program_that_is_not_there_lets_the_next_one_have_its_turn(root: Path) -> None:
    put(root, "pyproject.toml", "[tool.ruff]\n[tool.black]\n")
    assert line(root, "a.py", Work.FORMAT) is None
    black = program(root, "venv/bin/black")
    assert str(line(root, "a.py", Work.FORMAT)).startswith(black)


def test_a_program_of_the_machine_is_taken_last(root: Path) -> None:
    put(root, "go.mod", "module x\n")
    machine = program(root, "nothing/gofmt")
    assert line(root, "x/a.go", Work.FORMAT) == machine
    program(root, "nothing/go")
    assert str(line(root, "x/a.go", Work.LINT)).endswith("go vet ./x 2>&1")
    assert str(line(root, "a.go", Work.LINT)).endswith("go vet ./. 2>&1")


@pytest.mark.parametrize(
    ("manifest", "edition"),
    [
        ("[package]\nedition = '2021'\n", "2021"),
        ("[workspace.package]\nedition = '2024'\n", "2024"),
        ("[package]\nname = 'x'\n", "2015"),
        ("[package]\nedition = '$(id)'\n", "2015"),
        ("not toml [", "2015"),
    ],
)
def test_rust_is_formatted_in_the_edition_of_its_crate(root: Path, manifest: str, edition: str) -> None:
    found = program(root, "nothing/rustfmt")
    put(root, "Cargo.toml", manifest)
    assert line(root, "src/lib.rs", Work.FORMAT) == f"{found} --quiet --edition {edition}"


def test_eslint_and_prettier_are_told_by_package_json_too(root: Path) -> None:
    program(root, "node_modules/.bin/eslint"), program(root, "node_modules/.bin/prettier")
    put(root, "package.json", '{"eslintConfig": {}, "prettier": {}}')
    assert "eslint" in str(line(root, "a.tsx", Work.LINT))
    assert "prettier" in str(line(root, "a.tsx", Work.FORMAT))
    put(root, "package.json", "{ broken" + "[" * 100_000)
    assert line(root, "a.tsx", Work.LINT) is None


@pytest.mark.parametrize("path", ["", "/etc/a.py", "../a.py", "a/../../b.py", "a\0.py"])
def test_nothing_outside_of_the_project_is_formatted(root: Path, path: str) -> None:
    put(root, "ruff.toml")
    program(root, ".venv/bin/ruff")
    assert line(root, path, Work.FORMAT) is None


def test_no_path_is_a_word_of_the_shell_or_an_option(root: Path) -> None:
    put(root, "ruff.toml")
    program(root, ".venv/bin/ruff")
    assert str(line(root, "$(touch x);'.py", Work.FORMAT)).endswith("--stdin-filename '$(touch x);'\"'\"'.py' -")
    assert str(line(root, "-x.py", Work.FORMAT)).endswith("--stdin-filename ./-x.py -")
    assert str(line(root, "{edition}.py", Work.FORMAT)).endswith("--stdin-filename '{edition}.py' -")


def test_a_folder_or_a_file_that_cannot_run_is_no_program(root: Path) -> None:
    put(root, "ruff.toml")
    put(root, ".venv/bin/ruff")
    assert line(root, "a.py", Work.FORMAT) is None
    put(root, "x/.venv/bin/ruff/y")
    assert line(root, "x/a.py", Work.FORMAT) is None


def test_every_line_of_the_table_can_be_filled_in() -> None:
    for tool in TOOLS:
        assert tool.arguments.format(path="p", folder="f", edition="e") is not None
        assert tool.suffixes and tool.marks
