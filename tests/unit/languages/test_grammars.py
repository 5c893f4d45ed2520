"""Languages are told by names and first lines; where that is not sure, nothing is said."""

from __future__ import annotations

import pytest

from trashclaw.languages.grammars import GRAMMARS, language_of, load

NAMED = {
    "src/app.py": "python",
    "a/b.PY": "python",
    "a.pyi": "python",
    "x.jsx": "javascript",
    "x.mts": "typescript",
    "x.tsx": "tsx",
    "main.go": "go",
    "lib.rs": "rust",
    "A.java": "java",
    "x.c": "c",
    "x.h": "cpp",
    "x.css": "css",
    "x.html": "html",
    "package.json": "json",
    "notes.ipynb": "json",
    "Cargo.toml": "toml",
    "Cargo.lock": "toml",
    "ci.yml": "yaml",
    "Rakefile": "ruby",
    "run.sh": "bash",
}


@pytest.mark.parametrize(("path", "language"), NAMED.items())
def test_a_name_tells_the_language(path: str, language: str) -> None:
    found = language_of(path)
    assert found is not None and found.name == language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("#!/usr/bin/env python3\n", "python"),
        ("#!/usr/bin/python3.12 -u\n", "python"),
        ("#! /bin/sh -e\n", "bash"),
        ("#!/usr/bin/env -S node --harmony\n", "javascript"),
        ("#!/usr/bin/perl\n", None),
        ("plain words\n", None),
        ("#!" + "/" * 100_000, None),
    ],
)
def test_a_first_line_tells_the_language_of_a_file_without_a_suffix(text: str, language: str | None) -> None:
    found = language_of("bin/run", text)
    assert (found.name if found else None) == language


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("App.vue", "<template>"),
        ("README.md", "# a"),
        ("tsconfig.json", "{}"),
        ("tsconfig.build.json", "{}"),
        (".vscode/settings.json", "{}"),
        ("a.jsonc", "{}"),
        ("a.jsonl", "{}\n{}"),
        ("chart/values.yaml", "name: {{ .Values.name }}\n"),
        ("page.html", "{% block body %}<p>{% endblock %}"),
        ("page.html", "<?php echo 1 ?>"),
        ("{{cookiecutter.name}}/setup.py", "x = 1"),
        ("setup.py", "{% if cookiecutter.a %}\nx = 1\n{% endif %}\n"),
        ("old.js", "// @flow\nexport type A = ?string;\n"),
        ("german.ts", '<?xml version="1.0"?>\n<TS></TS>'),
    ],
)
def test_templates_and_relaxed_forms_are_read_by_no_grammar(path: str, text: str) -> None:
    assert language_of(path, text) is None


@pytest.mark.parametrize("grammar", GRAMMARS, ids=lambda grammar: grammar.name)
def test_every_grammar_is_installed(grammar: object) -> None:
    assert load(grammar) is not None  # type: ignore[arg-type]
