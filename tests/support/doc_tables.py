"""The tables in README.md and docs/ that are made from the code.

`python -m tests.support.doc_tables` writes them into the pages.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.support.protocol_tables import errors_table, events_table, ops_table, values_text
from tests.support.tree import ROOT

Maker = Callable[[], str]
README, DOCS = ROOT / "README.md", ROOT / "docs"


def table(head: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> str:
    """Return a Markdown table."""
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def keys_table() -> str:
    """Return every key with what it does."""
    from trashclaw.faces.tui.keymap import ACTIONS, shown_keys

    rows = ((action.group.value, f"`{shown_keys(action)}`", action.label) for action in ACTIONS)
    return table(("where", "keys", "what"), rows)


def commands_table() -> str:
    """Return every slash command: the screen's own, then those that files bring."""
    from trashclaw.config.resources import resource_folder
    from trashclaw.directives.commands import load_commands
    from trashclaw.faces.tui.slash import BUILTINS

    own = [(one.name, one.argument_hint, one.description) for one in BUILTINS]
    files = load_commands([resource_folder("commands")]).commands.values()
    brought = [(one.name, one.argument_hint, one.description) for one in files]
    rows = ((f"`/{name} {hint}".rstrip() + "`", words) for name, hint, words in own + brought)
    return table(("command", "what"), rows)


def exit_codes_table() -> str:
    """Return every exit code with its meaning."""
    from trashclaw.faces.batch.exit_codes import MEANINGS

    return table(("code", "meaning"), ((str(code.value), meaning) for code, meaning in MEANINGS.items()))


def tools_table() -> str:
    """Return every tool with its kind, its arguments and what the model is told of it."""
    from tests.support.shells import make_shell
    from trashclaw.tools.registry import make_tools
    from trashclaw.workspace.git import Git
    from trashclaw.workspace.root import Workspace

    workspace = Workspace(ROOT)
    specs = (tool.spec for tool in make_tools(workspace, Git(workspace), make_shell(ROOT)))
    rows = ((f"`{spec.name}`", spec.kind.value, _arguments(spec.parameters), spec.description) for spec in specs)
    return table(("tool", "kind", "arguments", "what the model reads"), rows)


def _arguments(schema: object) -> str:
    assert isinstance(schema, dict)
    required = schema.get("required", [])
    return ", ".join(f"`{name}{'' if name in required else '?'}`" for name in schema["properties"])


def gate_table() -> str:
    """Return what the gate decides, by asking it."""
    from tests.support.gate_answers import gate_rows

    return table(("where", "mode", "edits", "commands", "what they change", "a host"), gate_rows())


def servers_table() -> str:
    """Return every provider with where it is looked for."""
    from trashclaw.cli.options import PROVIDERS
    from trashclaw.providers.catalog import DEFAULT_PLACES
    from trashclaw.providers.server_traits import TRAITS

    places = {
        name: ", ".join(f"`{place.base_url}`" for place in DEFAULT_PLACES if place.provider == name)
        for name in PROVIDERS
    }
    titles = {
        "ollama": "Ollama",
        "openai": "any server that speaks the OpenAI API",
        "embedded": "llama.cpp, started by us",
    }
    titles = {**{name: traits.title for name, traits in TRAITS.items()}, **titles, "scripted": "a script, no model"}
    return table(("`--provider`", "what", "looked for at"), ((f"`{n}`", titles[n], places[n] or "-") for n in places))


def exam_table() -> str:
    """Return the table of a made-up exam."""
    from tests.support.examined import made_up_exam
    from trashclaw.cli.exams import told

    return "\n".join(["```text", *told(made_up_exam()), "```"])


SECTIONS: dict[str, tuple[Path, Maker]] = {
    "keys": (DOCS / "interface.md", keys_table),
    "slash commands": (DOCS / "interface.md", commands_table),
    "exit codes": (README, exit_codes_table),
    "servers": (DOCS / "models.md", servers_table),
    "exam": (DOCS / "models.md", exam_table),
    "tools": (DOCS / "architecture.md", tools_table),
    "gate": (DOCS / "trust.md", gate_table),
    "ops": (DOCS / "protocol.md", ops_table),
    "events": (DOCS / "protocol.md", events_table),
    "values": (DOCS / "protocol.md", values_text),
    "errors": (DOCS / "protocol.md", errors_table),
}


def section(name: str) -> re.Pattern[str]:
    """Return the pattern of a section: its two marks and what stands between them."""
    return re.compile(rf"(<!-- {name}: made by tests/support/doc_tables\.py -->\n)(.*?)(<!-- end of {name} -->)", re.S)


def page_with(name: str) -> str:
    """Return the page of a section with the section as the code has it.

    Raises:
        ValueError: the page does not hold the section exactly once.
    """
    page, make = SECTIONS[name]
    text, count = section(name).subn(lambda found: f"{found[1]}{make()}\n{found[3]}", page.read_text(encoding="utf-8"))
    if count != 1:
        raise ValueError(f"{page} holds the section {name!r} {count} times")
    return text


if __name__ == "__main__":
    for name, (page, _) in SECTIONS.items():
        page.write_text(page_with(name), encoding="utf-8")
