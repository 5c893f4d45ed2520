"""Where benchmarks work: a repository of some hundred files, and a home of our own for the app's state."""

from __future__ import annotations

import os
import random
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_FOREIGN = ("TRASHCLAW_", "OLLAMA_", "OPENAI_", "GIT_", "XDG_", "PYTHON")
_IDENTITY = {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "Bench"), ("EMAIL", "bench@example.invalid"))
}
_WORDS = (
    "order",
    "customer",
    "price",
    "stock",
    "basket",
    "invoice",
    "refund",
    "parcel",
    "label",
    "route",
    "token",
    "audit",
)


@contextmanager
def clean_state(home: Path) -> Iterator[None]:
    """Hide the person's own settings and git configuration; state of the app goes below `home`.

    So does bytecode: with PYTHONDONTWRITEBYTECODE in the environment, every start would compile every module again,
    of ours and of what we compare with. As after an installation, it is there from the second run on.
    """
    before = dict(os.environ)
    for name in [name for name in os.environ if name.startswith(_FOREIGN)]:
        del os.environ[name]
    os.environ |= {
        "TRASHCLAW_HOME": str(home / "state"),
        "PYTHONPYCACHEPREFIX": str(home / "bytecode"),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
    }
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def make_repository(root: Path, files: int = 400, seed: int = 7) -> list[str]:
    """Make a git repository of Python modules of 20 to 300 lines with one commit; return their paths."""
    source = random.Random(seed)
    paths = []
    for number in range(files):
        path = f"src/{source.choice(_WORDS)}/{source.choice(_WORDS)}_{number}.py"
        place = root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(_module(source, number), encoding="utf-8")
        paths.append(path)
    (root / ".gitignore").write_text("__pycache__/\nbuild/\n", encoding="utf-8")
    (root / "README.md").write_text("# Shop\n\nMade by a benchmark.\n", encoding="utf-8")
    commit_all(root)
    return paths


def commit_all(root: Path) -> None:
    """Make a git repository with one commit of everything."""
    for arguments in (["init", "-q", "-b", "main"], ["add", "."], ["commit", "-q", "-m", "Open the shop"]):
        subprocess.run(["git", *arguments], cwd=root, env=os.environ | _IDENTITY, check=True, timeout=60)


def _module(source: random.Random, number: int) -> str:
    lines = [f'"""Module {number} of the shop."""', "", f"MARK_{number} = {number}", ""]
    for place in range(source.randint(3, 45)):
        name, other = source.choice(_WORDS), source.choice(_WORDS)
        lines += [
            f"def {name}_{place}({other}: int) -> int:",
            f'    """Return the {name} of an {other}."""',
            f"    total = {other} * {source.randint(2, 99)}",
            f"    for step in range({source.randint(2, 9)}):",
            f"        total += step + MARK_{number}",
            "    return total",
            "",
        ]
    return "\n".join(lines) + "\n"
