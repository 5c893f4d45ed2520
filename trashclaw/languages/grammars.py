"""Which language a file is written in, and the grammar that reads it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Language

HEAD_CHARS = 4_000
"""How much of a text is looked at to tell its language."""


@dataclass(frozen=True, slots=True)
class Grammar:
    """A language that can be parsed."""

    name: str
    module: str
    suffixes: tuple[str, ...]
    file_names: tuple[str, ...] = ()
    programs: tuple[str, ...] = ()
    """Names of interpreters in a first line that begins with `#!`."""

    entry: str = "language"
    is_lenient: bool = False
    """The grammar takes valid files for faulty, often enough that only what an edit breaks counts."""

    has_templates: bool = False
    """Such files are often templates of another program, which no grammar reads."""


GRAMMARS = (
    Grammar("python", "tree_sitter_python", (".py", ".pyi", ".pyw"), (), ("python", "pypy")),
    Grammar("javascript", "tree_sitter_javascript", (".js", ".mjs", ".cjs", ".jsx"), (), ("node",)),
    Grammar("typescript", "tree_sitter_typescript", (".ts", ".mts", ".cts"), entry="language_typescript"),
    Grammar("tsx", "tree_sitter_typescript", (".tsx",), entry="language_tsx"),
    Grammar("go", "tree_sitter_go", (".go",)),
    Grammar("rust", "tree_sitter_rust", (".rs",)),
    Grammar("java", "tree_sitter_java", (".java",)),
    Grammar("c", "tree_sitter_c", (".c",), is_lenient=True),
    Grammar("cpp", "tree_sitter_cpp", (".h", ".cc", ".cpp", ".cxx", ".hh", ".hpp", ".hxx", ".ipp"), is_lenient=True),
    Grammar("css", "tree_sitter_css", (".css",), is_lenient=True, has_templates=True),
    Grammar("html", "tree_sitter_html", (".html", ".htm"), is_lenient=True, has_templates=True),
    Grammar("json", "tree_sitter_json", (".json", ".ipynb", ".webmanifest"), has_templates=True),
    Grammar(
        "toml", "tree_sitter_toml", (".toml",), ("Pipfile", "Cargo.lock", "poetry.lock", "uv.lock"), has_templates=True
    ),
    Grammar("yaml", "tree_sitter_yaml", (".yaml", ".yml"), (".clang-format",), is_lenient=True, has_templates=True),
    Grammar(
        "ruby", "tree_sitter_ruby", (".rb", ".rake", ".gemspec", ".ru"), ("Rakefile", "Gemfile", "Guardfile"), ("ruby",)
    ),
    Grammar(
        "bash",
        "tree_sitter_bash",
        (".sh", ".bash"),
        (".bashrc", ".bash_profile", ".profile"),
        ("bash", "sh", "dash"),
        is_lenient=True,
        has_templates=True,
    ),
)

_RELAXED_JSON = re.compile(
    r"(ts|js)config.*\.json|devcontainer\.json|\.(eslintrc|babelrc|swcrc|jshintrc)(\.json)?|(settings|launch|tasks|keybindings|"
    r"extensions|api-extractor|deno|nx|turbo|wrangler|language-configuration)\.json"
)
"""Files that are named as JSON, and whose programs take trailing commas all the same."""

_TEMPLATE = re.compile(r"\{\{|\{%|<%|<\?|\$\{\{|@@\w+@@|\bcookiecutter\.")
_TAG = re.compile(r"^[ \t]*\{%-?[ \t]*\w", re.MULTILINE)
"""A template's tag on a line of its own: no language here has that."""

_FLOW = re.compile(r"^\s*(?:/\*|//|\*)[^\n]{0,200}@flow\b", re.MULTILINE)


def language_of(path: str, text: str = "") -> Grammar | None:
    """Return the language of a file, by its name and then its first line; `None` where no grammar reads it for sure.

    `path` has forward slashes. A template, JSON with commas at ends, or JavaScript with types of Flow is read by none.
    """
    name = PurePosixPath(path).name
    found = _by_name(name) or _by_shebang(text)
    if found is None or "{{" in path or (found.name == "json" and _RELAXED_JSON.fullmatch(name)):
        return None
    head = text[:HEAD_CHARS]
    if _TAG.search(text) or (found.has_templates and _TEMPLATE.search(text)):
        return None
    if found.name == "javascript" and _FLOW.search(head):
        return None
    return None if found.name == "typescript" and head.lstrip("\ufeff \r\n\t").startswith("<?xml") else found


@lru_cache(maxsize=len(GRAMMARS))
def load(grammar: Grammar) -> Language | None:
    """Return the parser's tables of a language; `None` where they are not installed or do not fit the parser."""
    from importlib import import_module

    from tree_sitter import Language

    try:
        return Language(getattr(import_module(grammar.module), grammar.entry)())
    except (ImportError, AttributeError, ValueError):
        return None


def _by_name(name: str) -> Grammar | None:
    for grammar in GRAMMARS:
        if name in grammar.file_names:
            return grammar
    suffix = PurePosixPath(name).suffix.lower()
    return next((grammar for grammar in GRAMMARS if suffix in grammar.suffixes), None)


def _by_shebang(text: str) -> Grammar | None:
    first = text[:200].split("\n", 1)[0]
    words = first[2:].split() if first.startswith("#!") else []
    names = [word.rpartition("/")[2] for word in words]
    if names[:1] == ["env"]:
        names = [name for name in names[1:] if not name.startswith("-") and "=" not in name]
    program = names[0].rstrip("0123456789.") if names else ""
    return next((grammar for grammar in GRAMMARS if program in grammar.programs), None)
